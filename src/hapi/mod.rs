//! HApi: login, requests, pages of records. Knows neither the store nor monday.

mod client;
mod odata;
mod pages;
mod subscriptions;
mod token;
pub mod webhook;

pub use client::{Client, ReadError, Tally};
pub use odata::{Query, literal};
pub use pages::{Note, Page, Paging, Row, SetReader};
pub use subscriptions::{Purpose, Route, Subscriptions};
pub use token::TokenFile;
