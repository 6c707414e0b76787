//! Checks of monday: the token, the version of the API that answers, what the account allows, and each board.

use super::board::{Judged, judge};
use super::checks::{Checks, Problem, name};
use super::hapi::skewed;
use crate::commands::context::Context;
use crate::entity::Kind;
use crate::message::{DoctorText, MondayText, ScreenText};
use crate::monday::diagnosis::{Account, AccountToo, BoardDiagnosis, account, board_diagnosis, diagnosis};
use crate::monday::{Client, Outcome, Route};
use crate::store::{Side, Store};
use std::collections::BTreeMap;
use std::num::NonZeroU64;

/// Inspection of monday: what it showed.
#[derive(Debug, Default)]
pub(super) struct MondayInspection {
    /// The account.
    pub(super) account: Account,
    /// The board of each kind that has one; `None`: monday shows none of that number.
    pub(super) boards: BTreeMap<Kind, Option<BoardDiagnosis>>,
}

/// Asks monday.
///
/// # Errors
/// Where the store cannot be read.
pub(super) fn check(context: &Context, store: Option<&Store>, checks: &mut Checks) -> anyhow::Result<MondayInspection> {
    let settings = &context.config.monday;
    let mut inspection = MondayInspection::default();
    let kinds: Vec<Kind> = Kind::all().filter(|&kind| context.is_pushed(kind)).collect();
    checks.note(
        name::BOARD,
        "monday",
        kinds.is_empty().then(|| Problem::warning(ScreenText::NoBoard {}).hint(DoctorText::GiveBoard {})),
    );
    let wait = store.map(|store| store.wait(Side::Monday, context.now())).transpose()?.flatten();
    if let Some(wait) = wait {
        checks.note(name::MONDAY, settings.url.clone(), [Problem::warning(wait.why).hint(MondayText::MondayLater {})]);
        return Ok(inspection);
    }
    let http = context.http.without_retries();
    // A token that cannot be read is reported where secrets are checked.
    let Ok(client) = Client::new(&http, settings) else { return Ok(inspection) };
    let is_answered = match kinds.first() {
        None => ask(context, &client, None, checks, &mut inspection)?,
        Some(_) => ask_all(context, &client, &kinds, checks, &mut inspection)?,
    };
    checks.note(name::CLOCK, settings.url.clone(), skewed(client.skew()));
    if is_answered {
        checks.note(
            name::VERSION,
            settings.api_version.clone(),
            other_version(&inspection.account, &settings.api_version),
        );
        checks.note(name::ALLOWANCE, settings.url.clone(), small_allowance(&inspection.account, settings.daily_calls));
    }
    checks.note(name::BULK, settings.api_version.clone(), no_imports(context, store)?);
    for (&kind, board) in &inspection.boards {
        let judged = judge(&context.config, kind, board.as_ref(), &inspection.boards, new_items(store, context, kind)?);
        judged.into_iter().for_each(|Judged { check, subject, problems }| checks.note(check, subject, problems));
    }
    Ok(inspection)
}

/// That monday refuses imports, where they are wanted: new items go by mutations, which take more calls.
fn no_imports(context: &Context, store: Option<&Store>) -> anyhow::Result<Option<Problem>> {
    let settings = &context.config.monday;
    let Some(store) = store.filter(|_| settings.route != Route::Mutations) else { return Ok(None) };
    let refusal = store.import_refusal(&settings.api_version, context.now())?;
    Ok(refusal.map(|refusal| {
        let (why, at) = (refusal.why, format!("{:.0}", refusal.at));
        Problem::warning(DoctorText::NoImports { why, at }).hint(DoctorText::SetRoute {})
    }))
}

/// How many items are to be made.
fn new_items(store: Option<&Store>, context: &Context, kind: Kind) -> anyhow::Result<u64> {
    match (store, context.config.kind(kind).pushed_board()) {
        (Some(store), Some(board)) => store.count_new_entities(kind, board),
        _ => Ok(0),
    }
}

/// Asks about each board in turn. Returns whether monday answered at all.
fn ask_all(
    context: &Context,
    client: &Client<'_>,
    kinds: &[Kind],
    checks: &mut Checks,
    inspection: &mut MondayInspection,
) -> anyhow::Result<bool> {
    for &kind in kinds {
        if !ask(context, client, Some(kind), checks, inspection)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Asks one question: about the board of a kind, the first time about the account too. Returns whether to go on.
fn ask(
    context: &Context,
    client: &Client<'_>,
    kind: Option<Kind>,
    checks: &mut Checks,
    inspection: &mut MondayInspection,
) -> anyhow::Result<bool> {
    let is_first = inspection.boards.is_empty();
    let account_too = if is_first { AccountToo::Yes } else { AccountToo::No };
    let entity = kind.map(|kind| context.config.kind(kind));
    let board = entity.and_then(|entity| Some((entity.pushed_board()?, entity.key_column.as_deref()?)));
    let outcome = match client.ask(&diagnosis(board, account_too)) {
        Ok(outcome) => outcome,
        // That it cannot be asked is a finding too, and no reason to leave the rest unchecked.
        Err(error) => {
            checks.note(name::MONDAY, context.config.monday.url.clone(), [Problem::of_error(&error)]);
            return Ok(false);
        }
    };
    let answer = match &outcome {
        // What the token may not see is null, with an error beside it; without any data nothing was answered.
        Outcome::Answered(answer) if !answer.data.is_empty() => answer,
        outcome => {
            let subject =
                entity.map_or_else(|| context.config.monday.url.clone(), |entity| entity.kind.name().to_owned());
            let check = match is_first {
                _ if outcome.is_refused_document() => name::VERSION,
                true => name::MONDAY,
                false => name::BOARD,
            };
            checks.note(check, subject, [of_outcome(outcome)]);
            return Ok(matches!(
                outcome,
                Outcome::Answered(_) | Outcome::Refused(..) | Outcome::TooLarge(_) | Outcome::Fault(_)
            ));
        }
    };
    if is_first {
        checks.note(name::MONDAY, context.config.monday.url.clone(), None);
        inspection.account = account(&answer.data);
    }
    if let Some(kind) = kind {
        inspection.boards.insert(kind, board_diagnosis(&answer.data));
    }
    Ok(true)
}

fn of_outcome(outcome: &Outcome) -> Problem {
    Problem::error(outcome.message()).hint(outcome.remedy())
}

/// A version that is retired is answered by a later one, without a word.
fn other_version(account: &Account, wanted: &str) -> Option<Problem> {
    let given = account.version.clone().filter(|given| given != wanted)?;
    let what = DoctorText::OtherVersion { wanted: wanted.to_owned(), given };
    Some(Problem::warning(what).hint(DoctorText::SetVersion {}))
}

fn small_allowance(account: &Account, wanted: Option<NonZeroU64>) -> Option<Problem> {
    let allowed = account.daily_calls?;
    let plan = account.plan.clone().unwrap_or_else(|| "?".to_owned());
    wanted.is_none_or(|wanted| allowed < wanted.get()).then(|| {
        let wanted = wanted.map_or(0, NonZeroU64::get);
        Problem::warning(DoctorText::SmallAllowance { plan, allowed, wanted })
            .hint(DoctorText::LowerDailyCalls { allowed })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_version_and_an_allowance_below_the_setting_are_reported() {
        let account = Account { version: Some("2027-01".to_owned()), daily_calls: Some(200), plan: None };
        assert!(other_version(&account, "2026-10").is_some() && other_version(&account, "2027-01").is_none());
        let [none, small, fitting] = [0, 500, 200].map(NonZeroU64::new);
        assert!(small_allowance(&account, small).is_some() && small_allowance(&account, none).is_some());
        assert_eq!(small_allowance(&account, fitting), None);
        let unknown = Account::default();
        assert_eq!((other_version(&unknown, "2026-10"), small_allowance(&unknown, small)), (None, None));
    }
}
