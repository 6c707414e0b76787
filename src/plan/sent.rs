//! What the store knows of a column in place of what was sent: that its item was observed to show something else, or that somebody
//! asks for it to be sent again.

use crate::monday::column::{ColumnContent, value_text};
use crate::store::{SentColumn, SentColumns, Tx};
use crate::text::{nfc, trimmed};
use std::collections::BTreeMap;

/// Content of a column that an item was observed to show.
pub(crate) fn observed(content: &ColumnContent) -> SentColumn {
    SentColumn::Observed(text(content))
}

/// Contents of all the columns in which an item shows something.
pub(crate) fn all_observed(content: &BTreeMap<String, ColumnContent>) -> SentColumns {
    let columns = content.iter().map(|(column, content)| (column.clone(), observed(content)));
    columns.filter(|(_, content)| *content != SentColumn::Observed(None)).collect()
}

/// What a column was last known to show, as people read it.
pub(crate) fn text_of(content: &SentColumn) -> Option<String> {
    match content {
        SentColumn::Sent(value) => value_text(value),
        SentColumn::Observed(text) | SentColumn::Resend(text) => text.clone(),
    }
}

/// What a column shows, as people read it.
pub(crate) fn text(content: &ColumnContent) -> Option<String> {
    let linked = || content.linked_item_ids.as_ref().map(|ids| ids.join(", "));
    let value = || value_text(&serde_json::from_str(content.value.as_deref()?).ok()?);
    let text = content.text.clone().or_else(linked).or_else(value).filter(|text| !trimmed(text).is_empty());
    text.map(|text| nfc(&text).into_owned())
}

/// Asks for one column of an entity to be sent again, whatever is believed to stand there.
///
/// # Errors
/// Where the store cannot be read or written.
pub(crate) fn send_again(tx: &Tx<'_>, entity: i64, column: &str) -> anyhow::Result<()> {
    let mut sent = tx.sent(entity)?.unwrap_or_default();
    if let Some(content) = sent.get(column) {
        let text = text_of(content);
        sent.set(column, SentColumn::Resend(text));
        tx.set_sent(entity, &sent)?;
    }
    tx.clear_failure(entity, Some(column))?;
    tx.clear_failure(entity, None)?;
    tx.mark_due(entity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_observed_reads_as_people_see_it() {
        let shown = ColumnContent { text: Some("Lou\u{e9}".to_owned()), ..ColumnContent::default() };
        assert_eq!(text_of(&observed(&shown)).as_deref(), Some("Lou\u{e9}"));
        assert_eq!(text_of(&SentColumn::Sent(json!({"label": "Lou\u{e9}"}))).as_deref(), Some("Lou\u{e9}"));
        let linked = ColumnContent { linked_item_ids: Some(vec!["5".into(), "7".into()]), ..ColumnContent::default() };
        let blank = ("b".to_owned(), ColumnContent::default());
        let all = all_observed(&[("a".to_owned(), linked), blank].into_iter().collect());
        assert_eq!(all, [("a".to_owned(), SentColumn::Observed(Some("5, 7".to_owned())))].into_iter().collect());
    }
}
