//! The configuration as the program uses it: every setting has its value, defaults included. How it comes from flags,
//! environment, credentials and file begins in `load.rs`; every key and every variable stands in `known.rs`.

mod check;
mod columns;
mod document;
mod duration;
mod forms;
mod kinds;
mod known;
mod language;
mod layers;
mod load;
mod mapping;
mod notify;
mod paths;
mod relations;
mod request;
mod secret;
mod sections;
#[cfg(test)]
pub(crate) mod testing;
mod threshold;
mod value;

pub(crate) use check::Checked;
pub(crate) use duration::parse_duration;
pub(crate) use language::language;
pub use load::Loaded;
pub(crate) use load::unreadable;
pub(crate) use notify::{Notify, NotifyFormat, NotifyLevel};
pub use request::Request;
pub(crate) use sections::{is_safe_address, listen_address};
pub(crate) use threshold::{MAX_AGE, MAX_ERRORS, MAX_PENDING, Threshold};

use crate::entity::{Kind, Relation, Template};
use crate::message::Lang;
use crate::monday::column::{Blanks, ColumnType};
use crate::{hapi, http, monday, receiver, store};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// Everything that can be set.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file it was read from.
    pub(crate) file: PathBuf,
    /// `language`.
    pub(crate) language: Option<Lang>,
    /// `[hapi]`.
    pub hapi: hapi::Settings,
    /// `[monday]`.
    pub(crate) monday: monday::Settings,
    /// `[sync]`.
    pub(crate) sync: Sync,
    /// `[store]`.
    pub(crate) store: store::Settings,
    /// `[listen]`.
    pub(crate) listen: receiver::Settings,
    /// `[notify]`.
    pub(crate) notify: Notify,
    /// `[network]`.
    pub network: http::Settings,
    /// `[entities.*]`, in the order of [`Kind::all`].
    pub(crate) kinds: Vec<KindConfig>,
}

impl Config {
    /// The settings of a kind.
    pub(crate) fn kind(&self, kind: Kind) -> &KindConfig {
        &self.kinds[kind.index()]
    }
}

/// Settings of `[sync]`.
#[derive(Debug, Clone)]
pub(crate) struct Sync {
    /// What becomes of the item of an entity that is gone.
    pub(crate) on_delete: OnDelete,
    /// What to do about an item that is no longer on its board.
    pub(crate) on_missing: OnMissing,
    /// How items that are there before the first push are taken over.
    pub(crate) adopt: Adopt,
    /// How often each board is read to find hand edits; `None`: never.
    pub(crate) verify_every: Option<Duration>,
    /// Most deletes per kind within 24 hours.
    pub(crate) max_deletes: MaxDeletes,
    /// What becomes of a column whose value cannot be sent.
    pub(crate) on_refused: OnRefused,
    /// The values that mean nothing.
    pub(crate) blank: Blanks,
    /// With webhooks: how often everything is read again anyway.
    pub(crate) full_every: Duration,
    /// How long a deleted entity's data stay in the store.
    pub(crate) keep_deleted: Duration,
    /// Asked at the start and the end of a sync.
    pub(crate) ping_url: Option<String>,
}

/// Setting `[sync] on_delete`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnDelete {
    /// The item is archived.
    Archive,
    /// The item is deleted.
    Delete,
    /// The item is left alone.
    Keep,
}

/// Setting `[sync] on_missing`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnMissing {
    /// The entity turns red.
    Report,
    /// A new item is made.
    Recreate,
    /// The entity is dissociated.
    Unlink,
}

/// Setting `[sync] on_refused`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnRefused {
    /// It is cleared, so that no former value stands as if it were true.
    Clear,
    /// It keeps what it shows.
    Keep,
}

/// Setting `[sync] adopt`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Adopt {
    /// By the key column.
    Key,
    /// By the key column, then by the identity columns.
    Identity,
    /// Not at all.
    Off,
}

/// Setting `[sync] max_deletes`: `"10%"` or a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum MaxDeletes {
    /// A share of the kind's entities, 0 to 1.
    Share(f64),
    /// A number of entities.
    Number(u64),
}

/// Settings of a kind: `[entities.KIND]`.
#[derive(Debug, Clone)]
pub(crate) struct KindConfig {
    /// The kind.
    pub(crate) kind: Kind,
    /// Whether it is pulled and pushed at all.
    pub(crate) enabled: bool,
    /// Whether it is pushed.
    pub(crate) push: bool,
    /// Its HApi entity set.
    pub(crate) endpoint: String,
    /// Whether `endpoint` was set by the user: only then a 404 is a failure.
    pub(crate) endpoint_is_configured: bool,
    /// Its name in webhooks.
    pub(crate) event: String,
    /// The properties of its key.
    pub(crate) key: Vec<String>,
    /// Passed on as `$filter`.
    pub(crate) filter: Option<String>,
    /// Pushed only if each of these properties has one of these values (compared as trimmed text).
    pub(crate) only: BTreeMap<String, Vec<String>>,
    /// Which properties are asked for.
    pub(crate) select: Select,
    /// The board's id.
    pub(crate) board: Option<String>,
    /// The group that new items go to.
    pub(crate) group: Option<String>,
    /// The text column that holds `unit:1472`.
    pub(crate) key_column: Option<String>,
    /// The item name.
    pub(crate) name: Template,
    /// Columns that together name an item.
    pub(crate) identity: Vec<String>,
    /// What goes into each column.
    pub(crate) columns: BTreeMap<String, Column>,
    /// How each parent is found.
    pub(crate) relations: BTreeMap<Kind, Relation>,
}

impl KindConfig {
    /// The board, where this kind is pushed.
    pub(crate) fn pushed_board(&self) -> Option<&str> {
        if self.enabled && self.push { self.board.as_deref() } else { None }
    }

    /// Where its items stand, where this kind is pushed.
    pub(crate) fn target(&self) -> Option<Target<'_>> {
        let (board, key_column) = (self.pushed_board()?, self.key_column.as_deref()?);
        Some(Target { kind: self.kind, board, key_column, group: self.group.as_deref() })
    }
}

/// Target of a kind that is pushed: where its items stand, and what names them there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Target<'c> {
    /// The kind.
    pub(crate) kind: Kind,
    /// The board's id.
    pub(crate) board: &'c str,
    /// The text column that holds `unit:1472`.
    pub(crate) key_column: &'c str,
    /// The group that new items go to.
    pub(crate) group: Option<&'c str>,
}

/// Setting `[entities.KIND] select`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Select {
    /// What mapping, key and relations need.
    Mapped,
    /// Everything.
    All,
    /// These, and what mapping, key and relations need.
    These(Vec<String>),
}

/// Setting of one column in `[entities.KIND.columns]`: what goes into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    /// Where the value comes from.
    pub(crate) source: Source,
    /// Whose properties the source reads: a parent, or the entity itself.
    pub(crate) of: Option<Kind>,
    /// The column's type, where it is not left to the board.
    pub(crate) column_type: Option<ColumnType>,
    /// What stands for each raw value (compared as trimmed text).
    pub(crate) values: BTreeMap<String, String>,
    /// What stands for the values that `values` does not list.
    pub(crate) default: Option<String>,
    /// For phones: the country of numbers without a prefix, two capitals.
    pub(crate) country: Option<String>,
    /// For dates: whether the time is sent too.
    pub(crate) time: bool,
    /// What a hand edit on monday is worth.
    pub(crate) on_edit: OnEdit,
}

/// Source of a column's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// One property.
    Field(String),
    /// Several, in a text.
    Template(Template),
    /// The item of the parent of this kind.
    Relation(Kind),
}

/// Policy for hand edits on monday: what they are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnEdit {
    /// It is overwritten at the next verification or change.
    Overwrite,
    /// It stays.
    Keep,
}
