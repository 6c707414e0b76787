//! `status --drift` and `status --duplicates`: the boards as they are, read now.

use crate::boards::drift;
use crate::commands::context::Context;
use crate::commands::inspection::{finish, read};
use crate::commands::selector::{Gone, Resolved, Selector};
use crate::entity::EntityKey;
use crate::failure::Exit;
use crate::message::RunText;
use crate::plan::selection::Selection;
use crate::report::{Drift, Duplicates};
use crate::store::Store;

/// Writes where the boards differ from what was sent (`is_drift`), or which keys stand on several items.
///
/// # Errors
/// Where the selectors name nothing, or the boards could not be read.
pub(super) fn show(context: &Context, store: &Store, selectors: &[Selector], is_drift: bool) -> anyhow::Result<Exit> {
    let resolved = Resolved::of(selectors, store, Gone::LeftOut, context.clock())?;
    let selection = match selectors.is_empty() {
        true => Selection::everything(),
        false => resolved.selection(),
    };
    for selector in resolved.missing_names() {
        context.report.warn(&RunText::NoStoreEntry { selector }.into());
    }
    let exit = match is_drift {
        true => {
            let inspected = read(context, store, selection, drift::drift)?;
            let exit = finish(context, &inspected);
            context.report.show(&Drift(&inspected.found))?;
            exit
        }
        false => {
            let whole = Selection { kinds: selection.touched_kinds(), entities: Default::default() };
            let mut inspected = read(context, store, whole, drift::duplicates)?;
            inspected.found.retain(|duplicate| is_wanted(&selection, &duplicate.entity));
            let exit = finish(context, &inspected);
            context.report.show(&Duplicates(&inspected.found))?;
            exit
        }
    };
    Ok(resolved.exit().and(exit))
}

fn is_wanted(selection: &Selection, entity: &str) -> bool {
    entity.parse().is_ok_and(|EntityKey { kind, key }| selection.holds(kind, &key))
}
