//! Reading the boards for `status --drift` and `status --duplicates`, and for `link`: through a copy of the store, so that
//! nothing is blocked and nothing written, but the calls that it spent are counted.

use super::Context;
use super::selector::{Gone, Resolved, Selector};
use crate::boards::drift::{self, Looked};
use crate::entity::Kind;
use crate::failure::{Exit, Failure};
use crate::message::{RunText, ScreenText};
use crate::plan::derive::Shapes;
use crate::pull::guard::Allowed;
use crate::push::run::{Push, Selection};
use crate::report::{Drift, Duplicates, bars};
use crate::store::{Side, Store};

/// Tells where the boards differ from what was sent (`is_drift`), or which keys stand on several items.
pub(super) fn show(context: &Context, store: &Store, selectors: &[Selector], is_drift: bool) -> anyhow::Result<Exit> {
    let resolved = Resolved::of(selectors, store, Gone::LeftOut)?;
    let selection = match selectors.is_empty() {
        true => Selection::everything(),
        false => resolved.selection(),
    };
    for selector in resolved.missing_names() {
        context.report.warn(&RunText::NoStoreEntry { selector }.into());
    }
    let exit = match is_drift {
        true => {
            let looked = read(context, store, selection, drift::drift)?;
            let exit = finish(context, &looked);
            context.report.show(&Drift(&looked.found))?;
            exit
        }
        false => {
            let whole = Selection { kinds: selection.touched_kinds(), entities: Default::default() };
            let mut looked = read(context, store, whole, drift::duplicates)?;
            looked.found.retain(|duplicate| is_wanted(&selection, &duplicate.entity));
            let exit = finish(context, &looked);
            context.report.show(&Duplicates(&looked.found))?;
            exit
        }
    };
    Ok(resolved.exit().and(exit))
}

fn is_wanted(selection: &Selection, entity: &str) -> bool {
    let kind_and_key = entity.split_once(':').and_then(|(kind, key)| Some((Kind::parse(kind)?, key)));
    kind_and_key.is_some_and(|(kind, key)| selection.holds(kind, key))
}

/// Runs a look at the boards on a copy of the store, and counts the calls in the store itself. What ended it is an error.
pub(super) fn read<T>(
    context: &Context,
    store: &Store,
    selection: Selection,
    look: impl FnOnce(&Push<'_>, &mut Store) -> anyhow::Result<Looked<T>>,
) -> anyhow::Result<Looked<T>> {
    let kinds: Vec<Kind> = selection.touched_kinds().into_iter().collect();
    let client = context.monday(&kinds)?;
    let Some(client) = client else {
        let failure = Failure::usage(ScreenText::NoBoard {});
        return Err(failure.into());
    };
    let shapes = Shapes::known(&context.config, store)?;
    let progress = bars::watcher(&context.report, context.clock());
    let push = Push {
        config: &context.config,
        shapes: &shapes,
        client: &client,
        stop: &context.stop,
        progress: progress.as_ref(),
        run: None,
        selection,
        allowed: &Allowed::Guarded,
        limit: None,
        max_calls: None,
        trust_boards: std::time::Duration::ZERO,
        ends_at_waits: false,
    };
    let mut looked = look(&push, &mut store.copy_in_memory()?)?;
    if looked.calls > 0 {
        context.store()?.write(|tx| tx.count_calls(Side::Monday, looked.calls, context.now()))?;
    }
    match looked.error.take() {
        Some(error) => Err(error),
        None if looked.is_whole => Ok(looked),
        // A part of the boards is no answer: the budget is used up, or a signal came.
        None => {
            let why = looked.notes.pop().unwrap_or_else(|| RunText::StoppedBySignal {}.into());
            Err(Failure::new(looked.exit, why).into())
        }
    }
}

/// Says what went wrong beside the answer, and how the command ends.
pub(super) fn finish<T>(context: &Context, looked: &Looked<T>) -> Exit {
    for note in &looked.notes {
        context.report.warn(note);
    }
    for failure in &looked.failures {
        let (entity, error) = (failure.subject.to_string(), failure.error.text(context.lang()));
        context.report.warn(&ScreenText::OfEntity { entity, text: error }.into());
    }
    looked.exit
}
