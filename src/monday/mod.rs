//! monday.com: what a column wants, what a document says, how a call is sent. Knows neither the store nor HApi.

mod allowance;
mod answer;
mod client;
pub(crate) mod column;
pub(crate) mod diagnosis;
pub mod document;
pub mod documents;
mod error;
pub(crate) mod import;
mod judge;
mod limit;
mod outcome;
mod read;
mod settings;
pub(crate) mod structure;
#[cfg(test)]
mod testing;

pub(crate) use allowance::Room;
pub use answer::{Answer, ItemResult, NotDone};
pub(crate) use client::{Client, Sent};
pub use error::{GraphqlError, Proof};
pub use judge::judge;
pub use limit::Limit;
pub use outcome::Outcome;
pub use read::{Board, Item, boards, columns_from_json, item_states, items_by_id, items_page};
pub(crate) use read::{ItemState, ItemsPage, NotWhole, PlacedItem};
pub(crate) use settings::{Route, Settings};
