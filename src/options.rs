//! Options that several commands take.

use crate::entity::Kind;
use crate::pull::Scope;
use crate::pull::guard::Allowed;
use crate::run::ownership::{Consent, Stages};

/// Options that let things through which are refused otherwise: of `pull`, `push` and `sync`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct ConsentOptions {
    /// Lift the guard against many deletes, for the kinds named
    #[arg(long)]
    allow_deletes: bool,
    /// Give each entity its new key after `key` was changed; items and links stay
    #[arg(long)]
    rekey: bool,
    /// Go on with another HApi, or another board, than the store belongs to
    #[arg(long)]
    accept_new_source: bool,
}

impl ConsentOptions {
    /// The kinds whose deletes are let through: those named, or all where none is named.
    pub(crate) fn allowed(&self, names_any: bool, kinds: &[Kind]) -> Allowed {
        match self.allow_deletes {
            false => Allowed::Guarded,
            true if names_any => Allowed::These(kinds.iter().copied().collect()),
            true => Allowed::All,
        }
    }

    /// What is agreed to, for these stages.
    pub(crate) fn of(&self, stages: Stages) -> Consent {
        Consent { stages, rekey: self.rekey, accepts_new_source: self.accept_new_source }
    }
}

/// Options of `pull` and `sync`.
#[derive(Debug, clap::Args)]
pub(crate) struct PullOptions {
    /// Read everything even where events would do
    #[arg(long)]
    full: bool,
}

impl PullOptions {
    /// What is read: all, or where webhooks come in what they named. `receiver_is_alive`: whether they are received now.
    pub(crate) fn scope(&self, receiver_is_alive: bool) -> Scope {
        if self.full { Scope::Whole { receiver_is_alive } } else { Scope::Due { receiver_is_alive } }
    }
}

/// Options of `push` and `sync`.
#[derive(Debug, clap::Args)]
pub(crate) struct PushOptions {
    /// Push at most N entities
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u64>,
    /// Spend at most N calls to monday
    #[arg(long, value_name = "N")]
    pub(crate) max_calls: Option<u64>,
}
