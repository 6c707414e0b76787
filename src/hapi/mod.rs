//! HApi: login, requests, pages of records. Knows neither the store nor monday.

mod client;
mod odata;
mod pages;
mod reader;
mod subscriptions;
mod token;
mod walk;
pub mod webhook;

pub use client::{Body, Client, NotDecoded, Patience, ReadError, Tally};
pub use odata::{Query, literal};
pub use pages::{Page, Row};
pub use reader::{Note, SetRead, SetReader, Undeliverable};
pub use subscriptions::{Purpose, Route, Subscriptions};
pub use token::TokenFile;
pub use walk::Paging;
