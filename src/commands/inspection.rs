//! Reading the boards, for `status --drift`, `status --duplicates` and `link`: through a copy of the store, so that nothing is
//! blocked and nothing written, but the calls that it spent are counted.

use super::context::Context;
use crate::boards::Setup;
use crate::boards::drift::BoardCheck;
use crate::entity::Kind;
use crate::failure::{Exit, Failure, render};
use crate::message::{RunText, ScreenText};
use crate::plan::derive::DerivationRules;
use crate::plan::selection::Selection;
use crate::report::bars;
use crate::store::{Side, Store};

/// Reads boards on a copy of the store, and counts the calls in the store itself.
///
/// # Errors
/// What ended it before all was read, or where no kind has a board.
pub(super) fn read<T>(
    context: &Context,
    store: &Store,
    selection: Selection,
    check: impl FnOnce(Setup<'_>, &mut Store, &Selection) -> anyhow::Result<BoardCheck<T>>,
) -> anyhow::Result<BoardCheck<T>> {
    let kinds: Vec<Kind> = selection.touched_kinds().into_iter().collect();
    let client = context.monday(&kinds)?;
    let Some(client) = client else {
        let failure = Failure::usage(ScreenText::NoBoard {});
        return Err(failure.into());
    };
    let derivation = DerivationRules::known(&context.config, store)?;
    let progress = bars::watcher(&context.report, context.clock());
    let setup = Setup {
        config: &context.config,
        derivation: &derivation,
        client: &client,
        stop: &context.stop,
        progress: progress.as_ref(),
        max_calls: None,
        trust_boards: None,
    };
    let mut checked = check(setup, &mut store.copy_in_memory()?, &selection)?;
    if checked.calls > 0 {
        context.store()?.write(|tx| tx.count_calls(Side::Monday, checked.calls, context.now()))?;
    }
    match checked.error.take() {
        Some(error) => Err(error),
        None if checked.is_whole => Ok(checked),
        // A part of the boards is no answer: the budget is used up, or a signal came.
        None => {
            let why = checked.notes.pop().unwrap_or_else(|| RunText::StoppedBySignal {}.into());
            Err(Failure::new(checked.exit, why).into())
        }
    }
}

/// Counts calls that were spent on reading boards, where there is a store that this account may write to.
pub(super) fn count(context: &Context, side: Side, calls: u64) {
    if calls > 0 && context.access.exists() {
        let counted =
            context.store().and_then(|mut store| store.write(|tx| tx.count_calls(side, calls, context.now())));
        if let Err(error) = counted {
            let error = render(&error, context.lang());
            context.report.verbose(ScreenText::CallsNotCounted { why: error.message.into() });
        }
    }
}

/// Says what went wrong beside the answer, and how the command ends.
pub(super) fn finish<T>(context: &Context, checked: &BoardCheck<T>) -> Exit {
    for note in &checked.notes {
        context.report.warn(note);
    }
    for failure in &checked.failures {
        let (entity, error) = (failure.subject.to_string(), failure.error.text(context.lang()));
        context.report.warn(&ScreenText::OfEntity { entity, text: error }.into());
    }
    checked.exit
}
