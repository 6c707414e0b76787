//! The guard: how many entities, and how many items, of a kind may go within 24 hours. Every removal of an item passes here,
//! whatever made it go: absent from a read, named by a webhook, gone when asked for, out of `filter`, out of `only`, or a changed
//! configuration. Only what a person unlinked, or sends away by name, does not.
//!
//! Where the guard refuses, none of the kind goes: the reads leave its entities as they are, and the pushes leave its items
//! where they are, in this run and in later ones, until fewer would go or `--allow-deletes` lets them through.

use crate::config::{Config, MaxDeletes, OnDelete};
use crate::entity::Kind;
use crate::failure::{FailureCause, FailureDetail};
use crate::message::{Message, RunText};
use crate::store::{Store, Tx};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// So many of a kind may always go: small kinds would otherwise never pass a share.
const ALWAYS_ALLOWED: u64 = 5;
/// For how long what has gone counts.
const WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// Kinds for which `--allow-deletes` lifts the guard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// None.
    Guarded,
    /// These.
    These(BTreeSet<Kind>),
    /// All.
    All,
}

impl Allowed {
    /// Whether the guard is lifted for a kind.
    pub(crate) fn holds(&self, kind: Kind) -> bool {
        match self {
            Allowed::Guarded => false,
            Allowed::These(kinds) => kinds.contains(&kind),
            Allowed::All => true,
        }
    }
}

/// Tally of entities or items: how many there are, and how many went within the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tally {
    there: u64,
    gone: u64,
}

impl Tally {
    /// Whether so many more are too many: more than `most`, or all there ever were.
    fn refuses(self, more: u64, most: MaxDeletes) -> bool {
        let all = self.gone + more;
        more > 0 && (all >= self.total() || all > allowance(most, self.total()))
    }

    fn total(self) -> u64 {
        self.there + self.gone
    }
}

/// Loss: what would go, entities from the store, and items from their board.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Loss {
    /// Entities.
    pub(crate) entities: u64,
    /// Items.
    pub(crate) items: u64,
}

/// Guard of a kind: how many of it may still go.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    kind: Kind,
    is_lifted: bool,
    entities: Tally,
    items: Tally,
    most: MaxDeletes,
}

/// Losing side of a refusal: what would go, of which there is too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Losing {
    Entities,
    Items,
}

impl Guard {
    /// The guard of a kind as it stands now.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn of(
        store: &Store,
        config: &Config,
        kind: Kind,
        allowed: &Allowed,
        now: Timestamp,
    ) -> anyhow::Result<Guard> {
        let since = now.checked_sub(WINDOW).unwrap_or(Timestamp::MIN);
        let there = match losing_board(config, kind) {
            Some(board) => store.count_items(kind, board)?,
            None => 0,
        };
        Ok(Guard {
            kind,
            is_lifted: allowed.holds(kind),
            entities: Tally { there: store.count(kind)?, gone: store.deletes_since(kind, since)? },
            items: Tally { there, gone: store.departures_since(kind, since)? },
            most: config.sync.max_deletes,
        })
    }

    /// Whether `--allow-deletes` lets everything of the kind through.
    pub(crate) fn is_lifted(&self) -> bool {
        self.is_lifted
    }

    /// Why these must not go; `None`: they may.
    pub(crate) fn refusal(&self, loss: Loss) -> Option<FailureDetail> {
        if self.is_lifted {
            return None;
        }
        let kind = self.kind;
        if self.entities.refuses(loss.entities, self.most) {
            return Some(
                self.detail(loss.entities, self.entities, Losing::Entities).hint(RunText::DeletesHint { kind }),
            );
        }
        if self.items.refuses(loss.items, self.most) {
            let hint: Message = match loss.entities {
                0 => RunText::DeparturesHint { kind }.into(),
                _ => RunText::DeletesHint { kind }.into(),
            };
            return Some(self.detail(loss.items, self.items, Losing::Items).hint(hint));
        }
        None
    }

    fn detail(&self, loss: u64, tally: Tally, losing: Losing) -> FailureDetail {
        let (kind, gone, already, total) = (self.kind, loss, tally.gone, tally.total());
        let limit = match self.most {
            MaxDeletes::Share(share) => format!("{}%", (share * 1_000.0).round() / 10.0),
            MaxDeletes::Number(number) => number.to_string(),
        };
        let error = match (losing, already) {
            (Losing::Entities, 0) => RunText::TooManyDeletes { kind, gone, total, limit },
            (Losing::Entities, _) => RunText::TooManyMoreDeletes { kind, gone, already, total, limit },
            (Losing::Items, 0) => RunText::TooManyDepartures { kind, gone, total, limit },
            (Losing::Items, _) => RunText::TooManyMoreDepartures { kind, gone, already, total, limit },
        };
        FailureDetail::new(FailureCause::Guarded, error)
    }
}

/// The board from which items of a kind go with their entities; `None` where they stay: the kind is not pushed, or items are kept.
pub(crate) fn losing_board(config: &Config, kind: Kind) -> Option<&str> {
    config.kind(kind).pushed_board().filter(|_| config.sync.on_delete != OnDelete::Keep)
}

/// Lets the items of a kind go whose entities are gone or outside `only`: all that are chosen by their keys, or, where the guard
/// refuses, none of them. Returns why none goes.
///
/// # Errors
/// Where the store cannot be read or written.
pub(crate) fn release(
    tx: &Tx<'_>,
    config: &Config,
    kind: Kind,
    allowed: &Allowed,
    now: Timestamp,
    is_chosen: impl Fn(&str) -> bool,
) -> anyhow::Result<Option<FailureDetail>> {
    let Some(board) = losing_board(config, kind) else { return Ok(None) };
    let mut leaving = tx.leaving(kind, now)?;
    leaving.retain(|leaving| is_chosen(&leaving.key));
    if leaving.is_empty() {
        return Ok(None);
    }
    // Items on a board that is no longer configured are left there.
    let (here, elsewhere): (Vec<_>, Vec<_>) =
        leaving.into_iter().partition(|leaving| leaving.board.as_deref() == Some(board));
    let guard = Guard::of(tx, config, kind, allowed, now)?;
    let refusal = guard.refusal(Loss { entities: 0, items: here.len() as u64 });
    for leaving in &elsewhere {
        tx.release_uncounted(leaving.id, now)?;
    }
    for leaving in here.iter().filter(|_| refusal.is_none()) {
        tx.release(leaving.id, guard.is_lifted(), now)?;
    }
    Ok(refusal)
}

/// How many of a kind, of which there were `total`, may go within the window.
fn allowance(most: MaxDeletes, total: u64) -> u64 {
    let most = match most {
        // A share of a count of entities fits a float without loss.
        MaxDeletes::Share(share) => (share * total as f64).floor() as u64,
        MaxDeletes::Number(number) => number,
    };
    most.max(ALWAYS_ALLOWED)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENTH: MaxDeletes = MaxDeletes::Share(0.1);

    #[test]
    fn five_are_always_allowed_and_a_share_beyond() {
        assert_eq!(allowance(TENTH, 20), 5);
        assert_eq!(allowance(TENTH, 6_480), 648);
        assert_eq!(allowance(MaxDeletes::Share(0.0), 6_480), 5);
        assert_eq!(allowance(MaxDeletes::Number(50), 10), 50);
    }

    #[test]
    fn all_of_them_is_never_allowed() {
        let refuses = |there, gone, more| Tally { there, gone }.refuses(more, TENTH);
        assert!(refuses(3, 0, 3));
        assert!(!refuses(3, 0, 2));
        assert!(refuses(1, 0, 1));
        assert!(refuses(6_480, 0, 6_480));
        assert!(refuses(96, 4, 7));
        assert!(!refuses(96, 4, 6));
        assert!(refuses(2, 2, 2), "those of this day count among all of them");
        assert!(!refuses(0, 4, 0), "nothing is never too much");
        assert!(Tally { there: 100, gone: 0 }.refuses(100, MaxDeletes::Number(5_000)));
    }

    fn guard(entities: Tally, items: Tally) -> Guard {
        Guard { kind: Kind::UNIT, is_lifted: false, entities, items, most: TENTH }
    }

    #[test]
    fn entities_and_items_each_have_to_pass() {
        let many = guard(Tally { there: 1_000, gone: 0 }, Tally { there: 20, gone: 0 });
        let refused = |loss: Loss| many.refusal(loss).map(|detail| detail.error.to_string());
        assert_eq!(refused(Loss { entities: 90, items: 0 }), None);
        assert_eq!(refused(Loss { entities: 6, items: 5 }), None);
        let message = refused(Loss { entities: 90, items: 20 }).expect("a share of the entities, but every item");
        assert!(message.contains("20 of 20 items"), "{message}");
        let message = refused(Loss { entities: 101, items: 0 }).expect("too many entities");
        assert!(message.contains("101 of 1,000 entities"), "{message}");
        let lifted = Guard { is_lifted: true, ..many };
        assert_eq!(lifted.refusal(Loss { entities: 1_000, items: 20 }), None);
    }

    #[test]
    fn what_went_within_the_day_is_counted_and_reported() {
        let guard = guard(Tally { there: 100, gone: 0 }, Tally { there: 96, gone: 4 });
        assert_eq!(guard.refusal(Loss { entities: 0, items: 6 }), None);
        let detail = guard.refusal(Loss { entities: 0, items: 7 }).expect("eleven of a hundred");
        assert_eq!(detail.cause, FailureCause::Guarded);
        let message = detail.error.to_string();
        assert!(message.contains("7 more") && message.contains("4 have gone"), "{message}");
        let hint = detail.hint.expect("a hint").to_string();
        assert!(hint.contains("hopem-sync push unit --allow-deletes"), "{hint}");
    }
}
