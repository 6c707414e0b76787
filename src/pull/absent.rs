//! What a complete read did not show: is it gone, or only out of `filter`? How many may go at once the guard says.

use crate::entity::{EntityKey, Kind};
use crate::failure::{Exit, FailureCause, FailureDetail, Reported, Stage};
use crate::hapi::{EntitySet, ReadError, Traffic};
use crate::message::{HapiText, RunText};
use crate::pull::Pull;
use crate::pull::findings::{ByKeyResult, Findings};
use crate::pull::guard::{Guard, Loss};
use crate::pull::questions::{KeyLookup, KeyQuestions, MOST_COMPARED, NoVerdict, Verdict};
use crate::store::{Store, Tx};
use std::collections::HashSet;

/// An entity that whole reads do not show, and about whose key HApi takes no question, is gone after so many of them.
const MOST_READS_WITHOUT: u64 = 3;
/// Beyond so many absent ones the guard does not wait for each to be asked for.
const MOST_ASKED_BEFORE_GUARD: usize = 200;

/// Deletes what is absent from a complete read, after asking for each, and within the guard. `present`: what the read showed. An
/// error that concerns all of HApi is returned as it came: it says nothing of the kind.
///
/// # Errors
/// Where the store cannot be read or written.
pub(super) fn confirm(
    pull: &Pull<'_>,
    store: &mut Store,
    set: &EntitySet<'_>,
    present: &HashSet<i64>,
    absent: Vec<i64>,
    traffic: &mut Traffic,
) -> anyhow::Result<Result<ByKeyResult, ReadError>> {
    let kind = set.kind;
    store.write(|tx| tx.forget_unaskable(kind, &absent))?;
    if absent.is_empty() {
        return Ok(Ok(ByKeyResult::default()));
    }
    let guard = Guard::of(store, pull.config, kind, pull.allowed, pull.now())?;
    if absent.len() > MOST_ASKED_BEFORE_GUARD
        && let Some(refusal) = guard.refusal(Loss { entities: absent.len() as u64, items: 0 })
    {
        return Ok(Ok(ByKeyResult::held_back(refusal, Exit::Guard)));
    }
    let absent = wanted(store, set, absent)?;
    let others = wanted(store, set, smallest(present))?;
    let mut questions =
        KeyQuestions { client: pull.client, set, present: Some(present.len()), others: &others, traffic };
    let verdicts = match questions.ask_all(&absent) {
        Ok(verdicts) => verdicts,
        Err(NoVerdict::Error(error)) if error.concerns_all() => return Ok(Err(error)),
        Err(_) => {
            let text = RunText::AbsentUnconfirmed { kind, count: absent.len() as u64 };
            let detail = FailureDetail::new(FailureCause::AbsentUnconfirmed, text);
            return Ok(Ok(ByKeyResult::held_back(detail, Exit::Partial)));
        }
    };
    let (verdicts, failures) = store.write(|tx| count_unaskable(tx, kind, &absent, verdicts))?;
    let mut result = Findings::of(absent.iter().zip(&verdicts)).apply(pull, store, kind, &guard)?;
    result.failures.extend(failures);
    Ok(Ok(result))
}

fn wanted(
    store: &Store,
    set: &EntitySet<'_>,
    entities: impl IntoIterator<Item = i64>,
) -> anyhow::Result<Vec<KeyLookup>> {
    let mut wanted = Vec::new();
    for id in entities {
        wanted.extend(store.get(id)?.map(|stored| KeyLookup::known(stored, set.key)));
    }
    Ok(wanted)
}

/// Some of those that the read showed.
fn smallest(present: &HashSet<i64>) -> Vec<i64> {
    let first = present.iter().min().copied();
    let next = |id: &i64| present.iter().filter(|other| *other > id).min().copied();
    std::iter::successors(first, next).take(MOST_COMPARED).collect()
}

/// Counts the whole reads without an entity that cannot be asked for: after a few it is gone. Returns the verdicts, and what is to
/// be reported.
fn count_unaskable(
    tx: &Tx<'_>,
    kind: Kind,
    absent: &[KeyLookup],
    verdicts: Vec<Verdict>,
) -> anyhow::Result<(Vec<Verdict>, Vec<Reported>)> {
    let (mut counted, mut failures) = (Vec::with_capacity(verdicts.len()), Vec::new());
    for (wanted, verdict) in absent.iter().zip(verdicts) {
        let Some(stored) = wanted.stored.as_ref().filter(|_| verdict == Verdict::Unaskable) else {
            counted.push(verdict);
            continue;
        };
        let reads = tx.count_unaskable(stored.row.id)?;
        counted.push(if reads >= MOST_READS_WITHOUT { Verdict::Gone } else { Verdict::Unaskable });
        if reads == 1 {
            let detail = FailureDetail::new(FailureCause::AbsentUnconfirmed, HapiText::CannotAskFor {});
            failures.push(Reported::of_entity(EntityKey::new(kind, stored.row.key.clone()), Stage::Pull, None, detail));
        }
    }
    Ok((counted, failures))
}
