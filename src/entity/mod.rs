//! What an entity is: its kind, its key, its record as received. Knows nobody else.

mod builtin;
pub(crate) mod decimal;
mod handle;
mod key;
mod kind;
mod kind_spec;
mod kinds;
mod record;
mod relation;
mod template;
mod webhook_event;

pub use handle::Kind;
pub(crate) use key::EntityKey;
pub use kind_spec::KindSpec;
pub use kinds::Kinds;
pub(crate) use record::WEBHOOK_SUBJECT;
pub use record::{BadRecord, BadValue, Record, same_content};
pub(crate) use relation::Relation;
pub(crate) use template::{BadTemplate, Separators, Template};
pub use webhook_event::{ChangeType, WebhookEvent};
