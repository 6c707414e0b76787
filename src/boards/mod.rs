//! What stands on the boards: asking monday, and what its answers show. Reads only.

pub mod candidates;
pub mod catalog;
pub mod closed;
pub mod compare;
pub mod drift;
pub mod items;
pub mod session;

use crate::clock::Clock;
use crate::config::{Config, KindConfig};
use crate::entity::Kind;
use crate::http::Stop;
use crate::monday::Client;
use crate::plan::derive::DerivationRules;
use crate::progress::Progress;
use std::time::Duration;

/// Setup of all that asks monday: handed down, and the same for the whole run.
#[derive(Clone, Copy)]
pub struct Setup<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// What follows from it per kind.
    pub derivation: &'a DerivationRules,
    /// monday.
    pub client: &'a Client<'a>,
    /// What ends the work early.
    pub stop: &'a Stop,
    /// Where somebody watches.
    pub progress: &'a dyn Progress,
    /// Most calls spent in this run.
    pub max_calls: Option<u64>,
    /// How long a board's columns and groups are trusted to be as they were read; zero: they are read in every run that has
    /// work.
    pub trust_boards: Duration,
}

impl<'a> Setup<'a> {
    /// The settings of a kind.
    pub fn kind(&self, kind: Kind) -> &'a KindConfig {
        self.config.kind(kind)
    }

    /// The clock of the run.
    pub fn clock(&self) -> &'a Clock {
        self.stop.clock()
    }

    /// The pause before attempt number `attempt`; the first repetition is 1.
    pub fn backoff(&self, attempt: u32) -> Duration {
        self.client.http().backoff(attempt)
    }

    /// How long a run waits at most for one thing.
    pub fn max_wait(&self) -> Duration {
        self.config.network.max_wait
    }

    /// The kinds whose board this is, in the order in which they are pushed.
    pub fn kinds_pushed_to(&self, board: &str) -> Vec<Kind> {
        Kind::all().filter(|kind| self.kind(*kind).pushed_board() == Some(board)).collect()
    }
}
