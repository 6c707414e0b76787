//! monday.com: what a column wants, what a document says, how a call is sent.

pub mod column;
