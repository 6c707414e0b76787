//! What a complete read did not show: is it gone, or only out of `filter`? And how many may go at once.

use super::pull::{Pull, guard_text};
use super::shape::mark_dependants;
use crate::config::MaxDeletes;
use crate::entity::{Kind, Record};
use crate::failure::{Exit, FailureCause, FailureDetail};
use crate::hapi::{ReadError, Row, SetReader, Tally, literal};
use crate::message::RunText;
use crate::store::{Absorbed, Store, Stored};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeSet, HashSet};

/// Most keys in one `or` chain. ASP.NET refuses filters of more than a hundred nodes, some twenty comparisons.
pub(crate) const KEYS_PER_REQUEST: usize = 15;
/// So many deletes of a kind are always allowed: small kinds would otherwise never pass a share.
const ALWAYS_ALLOWED: u64 = 5;
/// Beyond so many absent ones the guard does not wait for each to be asked for.
const MOST_ASKED_BEFORE_GUARD: usize = 200;

/// The kinds for which `--allow-deletes` lifts the guard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowed {
    /// None.
    Guarded,
    /// These.
    These(BTreeSet<Kind>),
    /// All.
    All,
}

impl Allowed {
    fn holds(&self, kind: Kind) -> bool {
        match self {
            Allowed::Guarded => false,
            Allowed::These(kinds) => kinds.contains(&kind),
            Allowed::All => true,
        }
    }
}

/// What became of the absent ones of a kind.
#[derive(Debug, Default)]
pub struct Settled {
    /// Deleted.
    pub deleted: u64,
    /// Found when asked for.
    pub found: Found,
    /// Why nothing was deleted.
    pub held_back: Option<(FailureDetail, Exit)>,
}

/// What became of records that were asked for by their keys.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// They had been deleted.
    pub new: u64,
    /// Their content differs.
    pub changed: u64,
    /// They are as they were.
    pub unchanged: u64,
}

impl Found {
    /// All of them.
    pub fn total(self) -> u64 {
        self.new + self.changed + self.unchanged
    }
}

/// What asking for one absent key brought.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    Gone,
    Filtered,
    There(String),
    /// HApi takes no such key.
    NoKey,
}

/// An entity that is asked for by its key.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// The key.
    pub(super) key: String,
    /// What is known of it.
    pub(super) stored: Option<Stored>,
    /// `Id eq 1472`; `None` where a stored record has no key.
    condition: Option<String>,
}

impl Wanted {
    /// One that is known: it is asked for in the spelling of its record.
    pub(crate) fn known(stored: Stored, properties: &[String]) -> Wanted {
        let condition = Record::parse(&stored.record).ok().and_then(|record| condition(&record, properties));
        Wanted { key: stored.key.clone(), stored: Some(stored), condition }
    }

    /// Whether HApi may have no such key at all.
    fn is_doubtful(&self) -> bool {
        self.stored.is_none() && crate::entity::decimal::shortest(&self.key).is_none()
    }

    /// One of which only the key is known, the value of `property`.
    pub(super) fn named(key: &str, property: &str) -> Wanted {
        let value = match crate::entity::decimal::shortest(key) {
            Some(number) => number,
            None => format!("'{}'", key.replace("%2D", "-").replace("%25", "%").replace('\'', "''")),
        };
        Wanted { key: key.to_owned(), stored: None, condition: Some(format!("{property} eq {value}")) }
    }
}

/// Deletes what is absent from a complete read, after asking for each, and within the guard.
pub(super) fn settle(
    pull: &Pull<'_>,
    store: &mut Store,
    reader: &SetReader<'_>,
    seen: &HashSet<i64>,
    tally: &mut Tally,
) -> anyhow::Result<Settled> {
    let kind = reader.kind;
    let absent = store.absent(kind, seen)?;
    if absent.is_empty() {
        return Ok(Settled::default());
    }
    let now = Timestamp::now();
    let guard = Guard::of(pull, store, kind, now)?;
    if absent.len() > MOST_ASKED_BEFORE_GUARD && guard.refuses(absent.len() as u64) {
        return Ok(guard.held_back(absent.len() as u64));
    }
    let absent: Vec<Option<Stored>> = absent.into_iter().map(|id| store.get(id)).collect::<anyhow::Result<_>>()?;
    let absent: Vec<Wanted> = absent.into_iter().flatten().map(|stored| Wanted::known(stored, reader.key)).collect();
    let verdicts = match ask_all(pull, reader, &absent, seen.len(), tally) {
        Ok(verdicts) => verdicts,
        Err(_) => {
            let text = RunText::AbsentUnconfirmed { kind, count: absent.len() as u64 };
            let detail = FailureDetail::new(FailureCause::AbsentUnconfirmed, text);
            return Ok(Settled { held_back: Some((detail, Exit::Partial)), ..Settled::default() });
        }
    };
    take_in(pull, store, kind, &absent, &verdicts, &guard)
}

/// Reads these entities again. One that is gone, or out of `filter`, is deleted, within the guard.
pub(super) fn look_again(
    pull: &Pull<'_>,
    store: &mut Store,
    reader: &SetReader<'_>,
    wanted: &[Wanted],
    tally: &mut Tally,
) -> anyhow::Result<Result<Settled, ReadError>> {
    // Nothing but what was asked for may come: the set as a whole was not read.
    let verdicts = match ask_all(pull, reader, wanted, usize::MAX, tally) {
        Ok(verdicts) => verdicts,
        Err(error) => return Ok(Err(error)),
    };
    let guard = Guard::of(pull, store, reader.kind, Timestamp::now())?;
    take_in(pull, store, reader.kind, wanted, &verdicts, &guard).map(Ok)
}

/// Takes in what was found, and deletes what was not, unless the guard holds that back.
fn take_in(
    pull: &Pull<'_>,
    store: &mut Store,
    kind: Kind,
    entities: &[Wanted],
    verdicts: &[Verdict],
    guard: &Guard,
) -> anyhow::Result<Settled> {
    let now = Timestamp::now();
    let mut settled = Settled::default();
    store.begin()?;
    for (wanted, verdict) in entities.iter().zip(verdicts) {
        if let Verdict::There(json) = verdict {
            match pull.absorb(store, kind, &wanted.key, json, true, now)? {
                Absorbed::New(_) => settled.found.new += 1,
                Absorbed::Changed(..) => settled.found.changed += 1,
                Absorbed::Unchanged(_) => settled.found.unchanged += 1,
            }
        }
    }
    let is_leaving = |(wanted, verdict): &(&Wanted, &Verdict)| {
        matches!(verdict, Verdict::Gone | Verdict::Filtered)
            && wanted.stored.as_ref().is_some_and(|stored| !stored.is_deleted)
    };
    let leaving = entities.iter().zip(verdicts).filter(is_leaving).count() as u64;
    if guard.refuses(leaving) {
        settled.held_back = guard.held_back(leaving).held_back;
        store.commit()?;
        return Ok(settled);
    }
    for (wanted, verdict) in entities.iter().zip(verdicts).filter(is_leaving) {
        let Some(entity) = &wanted.stored else { continue };
        let why = if *verdict == Verdict::Filtered { "filtered" } else { "gone" };
        store.delete(entity.id, why, guard.is_lifted, now)?;
        mark_dependants(store, pull.shapes, kind, &entity.record)?;
        settled.deleted += 1;
    }
    store.commit()?;
    Ok(settled)
}

/// How many deletes of a kind are left within 24 hours.
struct Guard {
    kind: Kind,
    is_lifted: bool,
    total: u64,
    already: u64,
    most: MaxDeletes,
}

impl Guard {
    fn of(pull: &Pull<'_>, store: &Store, kind: Kind, now: Timestamp) -> anyhow::Result<Guard> {
        let day_ago = now - SignedDuration::from_hours(24);
        let already = store.deletes_since(kind, day_ago)?;
        Ok(Guard {
            kind,
            is_lifted: pull.allowed.holds(kind),
            total: store.count(kind)? + already,
            already,
            most: pull.config.sync.max_deletes,
        })
    }

    fn refuses(&self, more: u64) -> bool {
        if self.is_lifted || more == 0 {
            return false;
        }
        let all = self.already + more;
        all >= self.total || all > allowance(self.most, self.total)
    }

    fn held_back(&self, gone: u64) -> Settled {
        let limit = match self.most {
            MaxDeletes::Share(share) => format!("{}%", (share * 1_000.0).round() / 10.0),
            MaxDeletes::Number(number) => number.to_string(),
        };
        let detail = guard_text(self.kind, gone, self.total, limit);
        Settled { held_back: Some((detail, Exit::Guard)), ..Settled::default() }
    }
}

/// How many deletes of a kind with `total` entities are allowed within 24 hours.
fn allowance(most: MaxDeletes, total: u64) -> u64 {
    let most = match most {
        // A share of a count of entities fits a float without loss.
        MaxDeletes::Share(share) => (share * total as f64).floor() as u64,
        MaxDeletes::Number(number) => number,
    };
    most.max(ALWAYS_ALLOWED)
}

/// Asks for each absent entity by its key: first within `filter`, then without it. `present`: how many entities were seen.
fn ask_all(
    pull: &Pull<'_>,
    reader: &SetReader<'_>,
    absent: &[Wanted],
    present: usize,
    tally: &mut Tally,
) -> Result<Vec<Verdict>, ReadError> {
    let mut verdicts = Vec::with_capacity(absent.len());
    let mut rest = absent;
    while !rest.is_empty() {
        let (chunk, others) = rest.split_at(fitting(reader, rest));
        verdicts.extend(ask(pull, reader, chunk, present, tally)?);
        rest = others;
    }
    Ok(verdicts)
}

/// How many of these can be asked for at once: keys of one property in a chain that is neither too deep nor too long.
pub(crate) fn fitting(reader: &SetReader<'_>, entities: &[Wanted]) -> usize {
    let most = if reader.key.len() == 1 { KEYS_PER_REQUEST.min(entities.len()) } else { 1 };
    let fits = |count: &usize| {
        let condition = entities.get(..*count).and_then(any_of).unwrap_or_default();
        reader.can_ask(reader.filter.map(str::to_owned).into_iter().chain([condition]).collect())
    };
    (2..=most).rev().find(fits).unwrap_or(1)
}

fn ask(
    pull: &Pull<'_>,
    reader: &SetReader<'_>,
    chunk: &[Wanted],
    present: usize,
    tally: &mut Tally,
) -> Result<Vec<Verdict>, ReadError> {
    // A stored record without its key cannot be asked for; what cannot be asked for is not deleted.
    let Some(condition) = any_of(chunk) else {
        return Err(ReadError::Refused { status: 0, answer: String::new() });
    };
    let mut verdicts = vec![Verdict::Gone; chunk.len()];
    let filters = match reader.filter {
        Some(filter) => vec![vec![filter.to_owned(), condition.clone()], vec![condition]],
        None => vec![vec![condition]],
    };
    let first_is_filtered = filters.len() == 2;
    for (round, filter) in filters.into_iter().enumerate() {
        let page = match reader.ask(pull.client, tally, filter) {
            // A long chain may be more than the server allows: ask one by one.
            Err(ReadError::Refused { status: 400, .. }) if chunk.len() > 1 => {
                return chunk
                    .iter()
                    .map(|one| Ok(ask(pull, reader, std::slice::from_ref(one), present, tally)?.remove(0)))
                    .collect();
            }
            // What an event names may be no key at all, where keys are numbers.
            Err(ReadError::Refused { status: 400, .. }) if chunk.iter().all(Wanted::is_doubtful) => {
                return Ok(vec![Verdict::NoKey; chunk.len()]);
            }
            page => page?,
        };
        let is_asked_for = |row: &Row| chunk.iter().any(|entity| row.key.as_ref() == Ok(&entity.key));
        if page.rows.len() < present && !page.rows.iter().all(is_asked_for) {
            // The condition was ignored, and this is not the whole set: what is not in it may well be there.
            return Err(ReadError::Refused { status: 200, answer: String::new() });
        }
        for row in &page.rows {
            let position = chunk.iter().position(|entity| row.key.as_ref() == Ok(&entity.key));
            let Some(verdict) = position.and_then(|position| verdicts.get_mut(position)) else { continue };
            if *verdict == Verdict::Gone {
                let is_inside = round == 0 || !first_is_filtered;
                *verdict = if is_inside { Verdict::There(page.json(row).to_owned()) } else { Verdict::Filtered };
            }
        }
        if !verdicts.contains(&Verdict::Gone) {
            break;
        }
    }
    Ok(verdicts)
}

/// `Id eq 1 or Id eq 2`; `None` where one of them cannot be asked for.
pub(crate) fn any_of(chunk: &[Wanted]) -> Option<String> {
    let each: Option<Vec<&str>> = chunk.iter().map(|wanted| wanted.condition.as_deref()).collect();
    Some(each?.join(" or "))
}

/// `Id eq 1`, or `CompanyNo eq 3 and DivisionNo eq 1`, in the spelling of the record.
fn condition(record: &Record<'_>, key: &[String]) -> Option<String> {
    let parts: Option<Vec<String>> =
        key.iter().map(|property| Some(format!("{property} eq {}", literal(record.raw(property)?)?))).collect();
    Some(parts?.join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_deletes_are_always_allowed_and_a_share_beyond() {
        assert_eq!(allowance(MaxDeletes::Share(0.1), 20), 5);
        assert_eq!(allowance(MaxDeletes::Share(0.1), 6_480), 648);
        assert_eq!(allowance(MaxDeletes::Share(0.0), 6_480), 5);
        assert_eq!(allowance(MaxDeletes::Number(50), 10), 50);
    }

    fn guard(total: u64, already: u64) -> Guard {
        Guard { kind: Kind::Unit, is_lifted: false, total, already, most: MaxDeletes::Share(0.1) }
    }

    #[test]
    fn what_an_event_names_is_asked_for_as_a_number_or_as_text_that_cannot_break_out() {
        let asked = |key| Wanted::named(key, "Id").condition.unwrap_or_default();
        assert_eq!(asked("1472"), "Id eq 1472");
        assert_eq!(asked("a%2Db%25"), "Id eq 'a-b%'");
        assert_eq!(asked("x' or 1 eq 1"), "Id eq 'x'' or 1 eq 1'");
    }

    #[test]
    fn all_of_them_is_never_allowed() {
        assert!(guard(3, 0).refuses(3));
        assert!(!guard(3, 0).refuses(2));
        assert!(guard(1, 0).refuses(1));
        assert!(guard(6_480, 0).refuses(6_480));
        assert!(guard(100, 4).refuses(7));
        assert!(!guard(100, 4).refuses(6));
        assert!(!Guard { is_lifted: true, ..guard(3, 0) }.refuses(3));
    }
}
