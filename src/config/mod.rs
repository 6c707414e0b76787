//! The configuration as the program uses it: every setting has its value, defaults included. How it comes from flags,
//! environment, credentials and file begins in `load.rs`; every key and every variable stands in `known.rs`.

mod check;
mod column;
mod columns;
mod document;
mod duration;
mod forms;
mod kind_config;
mod kinds;
mod known;
mod language;
mod layers;
mod load;
mod mapping;
mod notify;
mod paths;
mod relations;
mod request;
mod sample;
mod secret;
mod sections;
mod settings;
#[cfg(test)]
pub(crate) mod testing;
mod threshold;
mod value;

pub(crate) use check::Checked;
pub(crate) use column::{Column, OnEdit, Source};
pub(crate) use duration::parse_duration;
pub(crate) use kind_config::{KindConfig, Select, Target};
pub(crate) use language::language;
pub use load::Loaded;
pub(crate) use load::unreadable;
pub(crate) use notify::{Notify, NotifyFormat, NotifyLevel};
pub(crate) use paths::SYSTEM_DIRECTORY;
pub use request::Request;
pub(crate) use sample::SAMPLE;
pub(crate) use sections::{is_safe_address, listen_address};
pub use settings::Config;
pub(crate) use settings::{Adopt, MaxDeletes, OnDelete, OnMissing, OnRefused, Sync};
pub(crate) use threshold::{MAX_AGE, MAX_ERRORS, MAX_PENDING, Threshold};
