//! Receives HApi's webhooks into the store. A delivery is answered 200 only once it is durable; what it reports is processed
//! elsewhere. Knows the store and the shape of a payload, and neither boards nor the rest of HApi.

mod alive;
mod connections;
mod counter;
mod inbox;
mod options;
mod server;
mod service;
mod settings;
mod stdin;

pub(crate) use alive::is_alive;
pub(crate) use options::{Log, Notification, Options, Summary};
pub(crate) use service::Receiver;
pub(crate) use settings::Settings;
pub(crate) use stdin::Taken;
pub use stdin::{Source, begin_stdin};
