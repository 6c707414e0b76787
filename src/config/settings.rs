//! The settings, each with its value: all of them, and those of `[sync]`.

use super::kind_config::KindConfig;
use super::notify::Notify;
use crate::entity::Kind;
use crate::message::Lang;
use crate::monday::column::Blanks;
use crate::{hapi, http, monday, receiver, store};
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
