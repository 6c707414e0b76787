//! monday.com: what a column wants, what a document says, how a call is sent.

mod client;
pub mod column;

pub use client::Client;
