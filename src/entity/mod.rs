//! What an entity is: its kind, its key, its record as received. Knows nobody else.

pub mod decimal;
mod key;
mod kind;
mod notice;
mod record;
mod template;

pub use key::{EntityKey, NotAnEntityKey};
pub use kind::{DefaultRelation, Kind};
pub use notice::{Happened, Notice};
pub use record::{BadRecord, BadValue, Record, same_content};
pub use template::{BadTemplate, Template};
