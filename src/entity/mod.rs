//! What an entity is: its kind, its key, its record as received. Knows nobody else.

pub mod decimal;
mod kind;
mod notice;
mod record;
mod template;

pub use kind::{DefaultRelation, Kind};
pub use notice::{Happened, Notice};
pub use record::{BadRecord, BadValue, Record, same_content};
pub use template::{BadTemplate, Template};
