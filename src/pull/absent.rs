//! What a complete read did not show: is it gone, or only out of `filter`? How many may go at once the guard says.

use crate::entity::{EntityKey, Kind, Record};
use crate::failure::Reported;
use crate::failure::{Exit, FailureCause, FailureDetail};
use crate::hapi::{EntitySet, ReadError, Row, Traffic, literal};
use crate::message::{HapiText, RunText};
use crate::plan::derive::mark_dependants;
use crate::pull::guard::{Going, Guard, losing_board};
use crate::pull::whole::Pull;
use crate::store::{Absorbed, Store, Stored, Tx};
use std::collections::HashSet;

/// Most keys in one `or` chain. ASP.NET refuses filters of more than a hundred nodes, some twenty comparisons.
pub(crate) const KEYS_PER_REQUEST: usize = 15;
/// An entity that whole reads do not show, and about whose key HApi takes no question, is gone after so many of them.
const MOST_READS_WITHOUT: u64 = 3;
/// Beyond so many absent ones the guard does not wait for each to be asked for.
const MOST_ASKED_BEFORE_GUARD: usize = 200;

/// What became of the absent ones of a kind.
#[derive(Debug, Default)]
pub struct Settled {
    /// Deleted.
    pub deleted: u64,
    /// Found when asked for.
    pub found: Found,
    /// What could not be read, or asked for.
    pub failures: Vec<Reported>,
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
    /// HApi takes no question about a key that it gave itself once.
    Unaskable,
    /// It is there, and HApi cannot deliver it.
    Undeliverable(HapiText),
}

/// An entity that is asked for by its key.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// The key.
    pub(crate) key: String,
    /// What is known of it.
    pub(crate) stored: Option<Stored>,
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
    pub(crate) fn named(key: &str, property: &str) -> Wanted {
        let value = match crate::entity::decimal::shortest(key) {
            Some(number) => number,
            None => format!("'{}'", key.replace("%2D", "-").replace("%25", "%").replace('\'', "''")),
        };
        Wanted { key: key.to_owned(), stored: None, condition: Some(format!("{property} eq {value}")) }
    }
}

/// Deletes what is absent from a complete read, after asking for each, and within the guard.
pub(crate) fn settle(
    pull: &Pull<'_>,
    store: &mut Store,
    reader: &EntitySet<'_>,
    seen: &HashSet<i64>,
    traffic: &mut Traffic,
) -> anyhow::Result<Settled> {
    let kind = reader.kind;
    let absent = store.absent(kind, seen)?;
    store.write(|tx| tx.forget_unaskable(kind, &absent))?;
    if absent.is_empty() {
        return Ok(Settled::default());
    }
    let guard = Guard::of(store, pull.config, kind, pull.allowed, pull.now())?;
    if absent.len() > MOST_ASKED_BEFORE_GUARD
        && let Some(refusal) = guard.refusal(Going { entities: absent.len() as u64, items: 0 })
    {
        return Ok(Settled { held_back: Some((refusal, Exit::Guard)), ..Settled::default() });
    }
    let absent: Vec<Option<Stored>> = absent.into_iter().map(|id| store.get(id)).collect::<anyhow::Result<_>>()?;
    let absent: Vec<Wanted> = absent.into_iter().flatten().map(|stored| Wanted::known(stored, reader.key)).collect();
    let control = match seen.iter().min() {
        Some(id) => store.get(*id)?.map(|stored| Wanted::known(stored, reader.key)),
        None => None,
    };
    let verdicts = ask_all(pull, reader, &absent, seen.len(), traffic)
        .and_then(|verdicts| believe(pull, reader, verdicts, control.as_ref(), traffic));
    let verdicts = match verdicts {
        Ok(verdicts) => verdicts,
        Err(_) => {
            let text = RunText::AbsentUnconfirmed { kind, count: absent.len() as u64 };
            let detail = FailureDetail::new(FailureCause::AbsentUnconfirmed, text);
            return Ok(Settled { held_back: Some((detail, Exit::Partial)), ..Settled::default() });
        }
    };
    let mut failures = Vec::new();
    let verdicts = store.write(|tx| count_unaskable(tx, &absent, verdicts, &mut failures))?;
    let mut settled = take_in(pull, store, kind, &absent, &verdicts, &guard)?;
    settled.failures.extend(failures);
    Ok(settled)
}

/// Tells once of an absent entity that cannot be asked for; after a few whole reads without it, it is gone.
fn count_unaskable(
    tx: &Tx<'_>,
    absent: &[Wanted],
    verdicts: Vec<Verdict>,
    failures: &mut Vec<Reported>,
) -> anyhow::Result<Vec<Verdict>> {
    let mut settled = Vec::with_capacity(verdicts.len());
    for (wanted, verdict) in absent.iter().zip(verdicts) {
        let stored = wanted.stored.as_ref().filter(|_| verdict == Verdict::Unaskable);
        settled.push(match stored {
            None => verdict,
            Some(stored) => match tx.count_unaskable(stored.id)? {
                1 => {
                    let key = EntityKey::new(stored.kind, stored.key.clone());
                    let detail = FailureDetail::new(FailureCause::AbsentUnconfirmed, HapiText::CannotAskFor {});
                    failures.push(Reported::of_entity(key, "pull", None, detail));
                    Verdict::Unaskable
                }
                reads if reads >= MOST_READS_WITHOUT => Verdict::Gone,
                _ => Verdict::Unaskable,
            },
        });
    }
    Ok(settled)
}

/// Reads these entities again. One that is gone, or out of `filter`, is deleted, within the guard.
pub(crate) fn look_again(
    pull: &Pull<'_>,
    store: &mut Store,
    reader: &EntitySet<'_>,
    wanted: &[Wanted],
    traffic: &mut Traffic,
) -> anyhow::Result<Result<Settled, ReadError>> {
    // Nothing but what was asked for may come: the set as a whole was not read.
    let verdicts = match ask_all(pull, reader, wanted, usize::MAX, traffic) {
        Ok(verdicts) => verdicts,
        Err(error) => return Ok(Err(error)),
    };
    let guard = Guard::of(store, pull.config, reader.kind, pull.allowed, pull.now())?;
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
    let now = pull.now();
    let mut settled = Settled::default();
    let tx = store.transaction()?;
    for (wanted, verdict) in entities.iter().zip(verdicts) {
        if let Verdict::Undeliverable(why) = verdict {
            let error = HapiText::RecordUndeliverable { why: why.text(crate::message::Lang::En) };
            let detail = FailureDetail::new(FailureCause::RecordUndeliverable, error);
            let key = EntityKey::new(kind, wanted.key.clone());
            settled.failures.push(Reported::of_entity(key, "pull", None, detail.hint(HapiText::MendOrAskVendor {})));
        }
        if let Verdict::There(json) = verdict {
            match pull.absorb(&tx, kind, &wanted.key, json, true, now)? {
                Absorbed::New(_) => settled.found.new += 1,
                Absorbed::Changed(..) => settled.found.changed += 1,
                Absorbed::Unchanged(_) => settled.found.unchanged += 1,
            }
        }
    }
    delete_leaving(pull, &tx, kind, entities.iter().zip(verdicts), guard, &mut settled)?;
    tx.commit()?;
    Ok(settled)
}

/// Deletes those that are gone or out of `filter`, and lets their items go; none of them where the guard refuses.
fn delete_leaving<'w>(
    pull: &Pull<'_>,
    tx: &Tx<'_>,
    kind: Kind,
    asked: impl Iterator<Item = (&'w Wanted, &'w Verdict)>,
    guard: &Guard,
    settled: &mut Settled,
) -> anyhow::Result<()> {
    let now = pull.now();
    let board = losing_board(pull.config, kind);
    let mut leaving = Vec::new();
    let mut going = Going::default();
    for (wanted, verdict) in asked.filter(|(_, verdict)| matches!(verdict, Verdict::Gone | Verdict::Filtered)) {
        let Some(entity) = wanted.stored.as_ref().filter(|stored| !stored.is_deleted) else { continue };
        let loses_item = board.is_some_and(|_| entity.item_id.is_some())
            && tx.has_item_to_lose(entity.id, board.unwrap_or_default())?;
        going.entities += 1;
        going.items += u64::from(loses_item);
        leaving.push((entity, if *verdict == Verdict::Filtered { "filtered" } else { "gone" }, loses_item));
    }
    if let Some(refusal) = guard.refusal(going) {
        settled.held_back = Some((refusal, Exit::Guard));
        return Ok(());
    }
    for (entity, why, loses_item) in leaving {
        tx.delete(entity.id, why, guard.is_lifted(), now)?;
        if loses_item {
            tx.release(entity.id, guard.is_lifted(), now)?;
        }
        mark_dependants(tx, pull.shapes, kind, &entity.record)?;
        settled.deleted += 1;
    }
    Ok(())
}

/// Asks for each absent entity by its key: first within `filter`, then without it. `present`: how many entities were seen.
fn ask_all(
    pull: &Pull<'_>,
    reader: &EntitySet<'_>,
    absent: &[Wanted],
    present: usize,
    traffic: &mut Traffic,
) -> Result<Vec<Verdict>, ReadError> {
    let mut verdicts = Vec::with_capacity(absent.len());
    let mut rest = absent;
    while !rest.is_empty() {
        let (chunk, others) = rest.split_at(fitting(reader, rest));
        verdicts.extend(ask(pull, reader, chunk, present, traffic)?);
        rest = others;
    }
    Ok(verdicts)
}

/// How many of these can be asked for at once: keys of one property in a chain that is neither too deep nor too long.
pub(crate) fn fitting(reader: &EntitySet<'_>, entities: &[Wanted]) -> usize {
    let most = if reader.key.len() == 1 { KEYS_PER_REQUEST.min(entities.len()) } else { 1 };
    let fits = |count: &usize| {
        let condition = entities.get(..*count).and_then(any_of).unwrap_or_default();
        reader.can_ask(reader.filter.map(str::to_owned).into_iter().chain([condition]).collect())
    };
    (2..=most).rev().find(fits).unwrap_or(1)
}

fn ask(
    pull: &Pull<'_>,
    reader: &EntitySet<'_>,
    chunk: &[Wanted],
    present: usize,
    traffic: &mut Traffic,
) -> Result<Vec<Verdict>, ReadError> {
    let Some(condition) = any_of(chunk) else {
        // A stored record without its key cannot be asked for; the others can.
        let alone = |one| match chunk.len() {
            1 => Ok(Verdict::Unaskable),
            _ => Ok(ask(pull, reader, std::slice::from_ref(one), present, traffic)?.remove(0)),
        };
        return chunk.iter().map(alone).collect();
    };
    let mut verdicts = vec![Verdict::Gone; chunk.len()];
    let filters = match reader.filter {
        Some(filter) => vec![vec![filter.to_owned(), condition.clone()], vec![condition]],
        None => vec![vec![condition]],
    };
    let first_is_filtered = filters.len() == 2;
    for (round, filter) in filters.into_iter().enumerate() {
        let page = match reader.ask(pull.client, traffic, filter) {
            // A long chain may be more than the server allows, or hold one key that it does not take: ask one by one.
            Err(ReadError::Refused { status: 400 | 500, .. } | ReadError::BadPage(_)) if chunk.len() > 1 => {
                return chunk
                    .iter()
                    .map(|one| Ok(ask(pull, reader, std::slice::from_ref(one), present, traffic)?.remove(0)))
                    .collect();
            }
            // What an event names may be no key at all, where keys are numbers.
            Err(ReadError::Refused { status: 400, .. }) if chunk.iter().all(Wanted::is_doubtful) => {
                return Ok(vec![Verdict::NoKey; chunk.len()]);
            }
            // Others of the kind tell whether it is the key.
            Err(ReadError::Refused { status: 400 | 500, .. }) => return Ok(vec![Verdict::Unaskable; chunk.len()]),
            Err(ReadError::BadPage(why)) => return Ok(vec![Verdict::Undeliverable(why); chunk.len()]),
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

/// That some keys were refused says something of them only where the same question about another key is answered.
fn believe(
    pull: &Pull<'_>,
    reader: &EntitySet<'_>,
    verdicts: Vec<Verdict>,
    control: Option<&Wanted>,
    traffic: &mut Traffic,
) -> Result<Vec<Verdict>, ReadError> {
    let is_answer = |verdict: &Verdict| matches!(verdict, Verdict::Gone | Verdict::Filtered | Verdict::There(_));
    if !verdicts.contains(&Verdict::Unaskable) || verdicts.iter().any(is_answer) {
        return Ok(verdicts);
    }
    let condition = control.and_then(|control| any_of(std::slice::from_ref(control)));
    let condition = condition.ok_or_else(|| ReadError::Refused { status: 0, answer: String::new() })?;
    reader.ask(pull.client, traffic, vec![condition]).map(|_| verdicts)
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
    fn what_an_event_names_is_asked_for_as_a_number_or_as_text_that_cannot_break_out() {
        let asked = |key| Wanted::named(key, "Id").condition.unwrap_or_default();
        assert_eq!(asked("1472"), "Id eq 1472");
        assert_eq!(asked("a%2Db%25"), "Id eq 'a-b%'");
        assert_eq!(asked("x' or 1 eq 1"), "Id eq 'x'' or 1 eq 1'");
    }
}
