//! monday.com: what a column wants, what a document says, how a call is sent. Knows neither the store nor HApi.

mod client;
pub mod column;
pub mod document;
mod outcome;
mod read;
mod settings;

pub use client::{Client, Sent};
pub use outcome::{Answer, GraphqlError, ItemResult, Limit, NotDone, Outcome, Proof, told, why};
pub use read::{
    Board, Item, ItemState, ItemsPage, NotWhole, PlacedItem, boards, columns_from_json, item_states, items_by_id,
    items_page,
};
pub use settings::{Route, Settings};
