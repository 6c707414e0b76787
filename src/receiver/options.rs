//! What a receiver is given, and what it gives back.

use crate::http::Stop;
use crate::secret::Secret;
use std::path::PathBuf;
use std::sync::Arc;

/// The largest body, or line, that is taken whole. HApi's are some hundred bytes.
pub(crate) const LARGEST_BODY: usize = 256 * 1024;

/// Notification of a receiver while it works. It never repeats what somebody sent.
#[derive(Debug)]
pub(crate) enum Notification<'a> {
    /// The store cannot be written; deliveries are answered 503.
    CannotStore(&'a anyhow::Error),
    /// So many deliveries with the right secret were turned away: too large, too slow, broken off, or too many at once.
    TurnedAway {
        /// How many.
        turned_away: u64,
    },
    /// It can be written again; so many deliveries were turned away meanwhile.
    Recovered {
        /// How many.
        turned_away: u64,
    },
}

/// Log that the receiver writes to.
pub(crate) type Log = Arc<dyn Fn(Notification<'_>) + Send + Sync>;

/// Options of a receiver.
pub(crate) struct Options {
    /// The store's file.
    pub(crate) store: PathBuf,
    /// Address and port; port 0 takes a free one.
    pub(crate) address: String,
    /// The header that brings the secret.
    pub(crate) header: String,
    /// The secrets it may bring.
    pub(crate) secrets: Vec<Secret>,
    /// What ends it.
    pub(crate) stop: Arc<Stop>,
    /// Where it reports what people should know.
    pub(crate) log: Log,
}

/// Summary of what a receiver took in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Summary {
    /// Events stored.
    pub(crate) received: u64,
    /// Those of them that could not be read.
    pub(crate) unreadable: u64,
    /// Deliveries without the right secret.
    pub(crate) refused: u64,
    /// Deliveries with it that could not be stored.
    pub(crate) turned_away: u64,
}
