//! What is known of an entity that is explained, and what holds for all its columns.

use crate::config::{Config, KindConfig};
use crate::entity::{Kind, Record};
use crate::message::{InspectText, ScreenText};
use crate::plan::derive::DerivationRules;
use crate::plan::map::Rules;
use crate::plan::parents::Parents;
use crate::plan::relations::parents_of;
use crate::plan::verdict::{Reason, Verdict};
use crate::store::{FailureRow, Parent, Pause, PushStatus, Store};
use jiff::Timestamp;

/// Explainer of one entity: what is known of it.
pub(super) struct Explainer<'a> {
    pub(super) store: &'a Store,
    pub(super) config: &'a Config,
    pub(super) derivation: &'a DerivationRules,
    pub(super) entity: &'a KindConfig,
    pub(super) standing: &'a PushStatus,
    pub(super) record: &'a Record<'a>,
    pub(super) now: Timestamp,
    pub(super) time: &'a dyn Fn(Timestamp) -> String,
}

impl Explainer<'_> {
    pub(super) fn rules(&self) -> Rules<'_> {
        Rules::of(self.config)
    }

    pub(super) fn parents(&self) -> anyhow::Result<Parents> {
        parents_of(self.store, self.config, self.derivation, self.entity.kind, self.record)
    }

    pub(super) fn selector(&self) -> String {
        self.standing.due.row.entity_key().to_string()
    }

    /// Why nothing of the entity is sent, whatever it holds.
    pub(super) fn end(&self, is_deleted: bool) -> Option<Reason> {
        let kind = self.entity.kind;
        if is_deleted {
            return Some(Reason::new(Verdict::Deleted, InspectText::WhyDeleted {}));
        }
        let off = match self.entity {
            entity if !entity.enabled => Some(InspectText::WhyDisabled { kind }),
            entity if !entity.push => Some(InspectText::WhyNotPushed { kind }),
            entity if entity.board.is_none() => Some(InspectText::WhyNoBoard { kind }),
            _ if self.standing.is_off => Some(InspectText::WhyOutsideOnly { kind }),
            _ => None,
        };
        if let Some(why) = off {
            return Some(Reason::new(Verdict::Off, why));
        }
        let entity = self.selector();
        self.standing.is_unlinked.then(|| {
            let why = ScreenText::IsUnlinked { entity: entity.clone() };
            Reason::new(Verdict::Unlinked, why).hint(ScreenText::UseRelink { entity })
        })
    }

    /// Why what is to be sent of the entity waits.
    pub(super) fn hold(&self, is_unavailable: bool, failures: &[FailureRow]) -> anyhow::Result<Option<Reason>> {
        let due = &self.standing.due;
        if let Some(pause) = self.store.pause_of(due.row.kind, &due.row.key, self.now)? {
            return Ok(Some(self.paused(&pause)));
        }
        if is_unavailable {
            return Ok(Some(Reason::new(Verdict::Unavailable, InspectText::WhyUnavailable { kind: due.row.kind })));
        }
        if self.standing.is_under_way {
            return Ok(Some(Reason::new(Verdict::UnderWay, InspectText::WhyUnderWay {})));
        }
        let parked =
            |failure: &&FailureRow| failure.is_of_entity() && !failure.is_unread() && !failure.is_retry_due(self.now);
        Ok(failures.iter().find(parked).map(|failure| self.held(failure)))
    }

    fn paused(&self, pause: &Pause) -> Reason {
        let since = (self.time)(pause.paused_at);
        let why = match pause.until {
            Some(until) => InspectText::WhyPausedUntil { since, until: (self.time)(until) },
            None => InspectText::WhyPaused { since },
        };
        let entity = if pause.is_whole_kind { self.entity.kind.to_string() } else { self.selector() };
        Reason::new(Verdict::Paused, why).hint(InspectText::UseResume { entity })
    }

    pub(super) fn held(&self, failure: &FailureRow) -> Reason {
        let until = match failure.next_try_at {
            Some(at) => InspectText::WhyNotBefore { at: (self.time)(at) },
            None => InspectText::WhyParked {},
        };
        let why = vec![failure.message.clone(), until.into()];
        Reason { verdict: Verdict::Held, why, hint: failure.hint.clone() }
    }

    /// The own properties by which a parent is named; none where it is found through another kind.
    pub(super) fn properties_naming(&self, parent: Kind) -> Vec<String> {
        self.derivation.get(self.entity.kind).parent_rule(parent).map(|rule| rule.own.clone()).unwrap_or_default()
    }

    /// What is to be explained of the parent that a column is about.
    pub(super) fn about_parent(&self, kind: Kind, parent: &Parent, is_relation: bool) -> Option<Reason> {
        match parent {
            Parent::Missing => Some(Reason::new(Verdict::ParentMissing, InspectText::WhyParentMissing { kind })),
            Parent::Ambiguous => Some(Reason::new(Verdict::ParentAmbiguous, InspectText::WhyParentAmbiguous { kind })),
            Parent::One(parent) if is_relation && parent.row.item_id.is_none() => {
                let is_pushed = self.config.kind(kind).pushed_board().is_some();
                let parent = parent.row.entity_key().to_string();
                Some(Reason::new(
                    Verdict::Waiting,
                    if is_pushed {
                        InspectText::WhyWaiting { parent }
                    } else {
                        InspectText::WhyParentOff { parent, kind }
                    },
                ))
            }
            // One that it does not name is blank like any other value.
            Parent::One(_) | Parent::Unnamed => None,
        }
    }
}
