//! HApi: login, requests, pages of records. Knows neither the store nor monday.

mod client;
mod describing;
mod error;
mod in_flight;
mod login;
mod odata;
mod pages;
mod question;
mod reading;
mod readings;
mod sample;
mod set;
mod settings;
mod subscriptions;
mod swagger;
mod token;
mod walk;
pub mod webhook;

pub use client::Client;
pub use error::ReadError;
pub(crate) use odata::literal;
pub use pages::{Page, Row};
pub use question::Body;
pub(crate) use question::Traffic;
pub(crate) use reading::{SetRead, Undeliverable};
pub use readings::{Readings, SetEvent};
pub(crate) use sample::{PropertyName, PropertyShape, Sample};
pub use set::EntitySet;
pub use settings::{ApiKeyOn, PageSize, Settings};
pub(crate) use subscriptions::{Purpose, Route, Subscriptions};
pub use swagger::{Description, PropertyDescription, PropertyType, SetDescription};
pub use token::TokenFile;
