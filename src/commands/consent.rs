//! What `pull`, `push` and `sync` do only when told to: each flag lets one thing through that is refused otherwise.

use crate::entity::Kind;
use crate::pull::guard::Allowed;
use crate::run::ownership::{Consent, Stages};

/// The flags that let refused things through.
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
