//! `status --html`: how things are, as a page.

use super::View;
use crate::commands::html;
use crate::entity::EntityKey;
use crate::report::html::{MOST_TROUBLES, StatusPage};
use crate::report::status::EntityEntry;
use std::path::Path;

/// Writes the page of how things are.
///
/// # Errors
/// Where the store cannot be read, or the file not be written.
pub(super) fn write(view: &View<'_>, file: &Path, shows_names: bool) -> anyhow::Result<()> {
    let context = view.context;
    let snapshot = view.store.snapshot()?;
    let view = View { context, store: &snapshot, now: view.now };
    let (mut troubles, entity_count) = view.troubles_of_all()?;
    let trouble_count = entity_count + troubles.iter().filter(|entry| entry.key.is_none()).count() as u64;
    troubles.truncate(MOST_TROUBLES);
    let named: Vec<EntityKey> = troubles.iter().filter_map(EntityEntry::entity_key).collect();
    let page = StatusPage {
        document: view.document()?,
        troubles,
        trouble_count,
        days: view.store.days(30, view.now)?,
        names: html::names(context, view.store, named, shows_names)?,
        now: view.now,
    };
    html::write(context, file, &page.html(context.lang(), &context.report.zone))
}
