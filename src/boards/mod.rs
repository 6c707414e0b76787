//! What stands on the boards: asking monday, and what its answers show. The boards are only read; what is learnt of
//! them is kept in the store.

pub(crate) mod candidates;
pub(crate) mod catalog;
pub(crate) mod closed;
pub(crate) mod compare;
pub(crate) mod drift;
pub(crate) mod identity;
pub(crate) mod items;
pub(crate) mod session;

use crate::clock::Clock;
use crate::config::{Config, KindConfig, Target};
use crate::entity::Kind;
use crate::http::Stop;
use crate::monday::Client;
use crate::plan::derive::DerivationRules;
use crate::progress::Progress;
use jiff::Timestamp;
use std::time::{Duration, Instant};

/// Setup of all that asks monday: handed down, and the same for the whole run.
#[derive(Clone, Copy)]
pub(crate) struct Setup<'a> {
    /// The configuration.
    pub(crate) config: &'a Config,
    /// What follows from it per kind.
    pub(crate) derivation: &'a DerivationRules,
    /// monday.
    pub(crate) client: &'a Client<'a>,
    /// What ends the work early.
    pub(crate) stop: &'a Stop,
    /// Where progress is shown.
    pub(crate) progress: &'a dyn Progress,
    /// Most calls spent in this run.
    pub(crate) max_calls: Option<u64>,
    /// How long a board's columns and groups are trusted to be as they were read; `None`: they are read in every run that has
    /// work.
    pub(crate) trust_boards: Option<Duration>,
}

impl<'a> Setup<'a> {
    /// The settings of a kind.
    pub(crate) fn kind(&self, kind: Kind) -> &'a KindConfig {
        self.config.kind(kind)
    }

    /// The clock of the run.
    pub(crate) fn clock(&self) -> &'a Clock {
        self.stop.clock()
    }

    /// The time now.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock().now()
    }

    /// The steady time after so long.
    pub(crate) fn after(&self, pause: Duration) -> Instant {
        self.clock().instant() + pause
    }

    /// The pause before attempt number `attempt`; the first repetition is 1.
    pub(crate) fn backoff(&self, attempt: u32) -> Duration {
        self.client.http().backoff(attempt)
    }

    /// How long a run waits at most for one thing.
    pub(crate) fn max_wait(&self) -> Duration {
        self.config.network.max_wait
    }

    /// Where the items of these kinds stand, as far as they are pushed.
    pub(crate) fn targets(&self, kinds: impl IntoIterator<Item = Kind>) -> impl Iterator<Item = Target<'a>> {
        let setup = *self;
        kinds.into_iter().filter_map(move |kind| setup.kind(kind).target())
    }

    /// The kinds whose board this is, in the order in which they are pushed.
    pub(crate) fn kinds_pushed_to(&self, board: &str) -> Vec<Kind> {
        self.targets(Kind::all()).filter(|target| target.board == board).map(|target| target.kind).collect()
    }
}
