//! What monday was sent of each entity, column by column, and where that does not count any more.

use super::connection::Store;
use super::read::unknown_word;
use super::scrub::Scrubber;
use super::tx::Tx;
use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Content of a column of an item, as far as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SentColumn {
    /// monday took this value.
    Sent(Value),
    /// The item was observed to show this text, or nothing, in place of what was sent.
    Observed(Option<String>),
    /// Somebody asks for it to be sent again, whatever is believed. What was sent last, as people read it.
    Resend(Option<String>),
}

impl SentColumn {
    /// Its value, or the text in place of one.
    pub(super) fn to_json(&self) -> Value {
        match self {
            SentColumn::Sent(value) => value.clone(),
            SentColumn::Observed(text) | SentColumn::Resend(text) => Value::from(text.clone()),
        }
    }
}

/// Columns of an item with their contents, by their ids; the item name is `name`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SentColumns(BTreeMap<String, SentColumn>);

impl SentColumns {
    /// The content of a column; `None`: nothing is known of it.
    pub(crate) fn get(&self, column: &str) -> Option<&SentColumn> {
        self.0.get(column)
    }

    /// The value that monday took of a column, if it counts.
    pub(crate) fn value(&self, column: &str) -> Option<&Value> {
        match self.0.get(column) {
            Some(SentColumn::Sent(value)) => Some(value),
            _ => None,
        }
    }

    /// Whether the item was observed to show something else in a column than what was sent.
    pub(crate) fn is_observed(&self, column: &str) -> bool {
        matches!(self.0.get(column), Some(SentColumn::Observed(_)))
    }

    /// The values that monday took and that count.
    pub(crate) fn values(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.0.iter().filter_map(|(column, content)| match content {
            SentColumn::Sent(value) => Some((column, value)),
            SentColumn::Observed(_) | SentColumn::Resend(_) => None,
        })
    }

    /// The same as a JSON object.
    pub(crate) fn to_values(&self) -> Map<String, Value> {
        self.values().map(|(column, value)| (column.clone(), value.clone())).collect()
    }

    /// Replaces what is known of a column.
    pub(crate) fn set(&mut self, column: impl Into<String>, content: SentColumn) {
        self.0.insert(column.into(), content);
    }

    /// Notes values that monday took.
    pub(crate) fn extend(&mut self, values: Map<String, Value>) {
        self.0.extend(values.into_iter().map(|(column, value)| (column, SentColumn::Sent(value))));
    }

    /// Forgets the columns for which `is_kept` does not hold.
    pub(crate) fn retain(&mut self, is_kept: impl Fn(&str, &SentColumn) -> bool) {
        self.0.retain(|column, content| is_kept(column, content));
    }

    /// The texts of one sort of contents, as they are stored; `None` where there are none.
    fn texts(&self, text: impl Fn(&SentColumn) -> Option<&Option<String>>) -> anyhow::Result<Option<String>> {
        let texts: Texts =
            self.0.iter().filter_map(|(column, content)| Some((column.clone(), text(content)?.clone()))).collect();
        json_of(&texts)
    }
}

impl From<Map<String, Value>> for SentColumns {
    fn from(values: Map<String, Value>) -> SentColumns {
        let mut columns = SentColumns::default();
        columns.extend(values);
        columns
    }
}

impl FromIterator<(String, SentColumn)> for SentColumns {
    fn from_iter<I: IntoIterator<Item = (String, SentColumn)>>(columns: I) -> SentColumns {
        SentColumns(columns.into_iter().collect())
    }
}

type Texts = BTreeMap<String, Option<String>>;

fn json_of(texts: &Texts) -> anyhow::Result<Option<String>> {
    Ok(if texts.is_empty() { None } else { Some(serde_json::to_string(texts)?) })
}

/// Columns of the table, as [`sent_at`] reads them.
pub(super) const SENT: &str = "s.columns, s.observed, s.resend";

/// Reads what was sent out of three columns, the first of which is `index`; `None` where no row is joined.
pub(super) fn sent_at(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<SentColumns>> {
    let Some(values) = json_at::<Map<String, Value>>(row, index)? else { return Ok(None) };
    let mut columns = SentColumns::from(values);
    let observed: Texts = json_at(row, index + 1)?.unwrap_or_default();
    let resend: Texts = json_at(row, index + 2)?.unwrap_or_default();
    columns.0.extend(observed.into_iter().map(|(column, text)| (column, SentColumn::Observed(text))));
    columns.0.extend(resend.into_iter().map(|(column, text)| (column, SentColumn::Resend(text))));
    Ok(Some(columns))
}

/// Reads JSON that the store keeps; NULL is `None`.
pub(super) fn json_at<T: DeserializeOwned>(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<T>> {
    let Some(json) = row.get_ref(index)?.as_str_or_null()? else { return Ok(None) };
    serde_json::from_str(json).map(Some).map_err(|_| unknown_word(index, "JSON", json))
}

/// Reads JSON that is always there.
pub(super) fn required_json_at<T: DeserializeOwned>(row: &Row<'_>, index: usize) -> rusqlite::Result<T> {
    let json = row.get_ref(index)?.as_str()?;
    serde_json::from_str(json).map_err(|_| unknown_word(index, "JSON", json))
}

impl Store {
    /// What was sent of an entity; `None`: nothing was.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn sent(&self, entity: i64) -> anyhow::Result<Option<SentColumns>> {
        let query = format!("SELECT {SENT} FROM sent s WHERE s.entity = ?1");
        let sent = self.connection.prepare_cached(&query)?.query_row([entity], |row| sent_at(row, 0)).optional()?;
        Ok(sent.flatten())
    }
}

impl Tx<'_> {
    /// Replaces what was sent of an entity.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_sent(&self, entity: i64, sent: &SentColumns) -> anyhow::Result<()> {
        let observed = sent.texts(|content| match content {
            SentColumn::Observed(text) => Some(text),
            SentColumn::Sent(_) | SentColumn::Resend(_) => None,
        })?;
        let resend = sent.texts(|content| match content {
            SentColumn::Resend(text) => Some(text),
            SentColumn::Sent(_) | SentColumn::Observed(_) => None,
        })?;
        self.connection
            .prepare_cached(
                "INSERT INTO sent (entity, columns, observed, resend) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (entity) DO UPDATE SET columns = excluded.columns, observed = excluded.observed,
                    resend = excluded.resend",
            )?
            .execute(params![entity, json_text(&sent.values().collect::<BTreeMap<_, _>>())?, observed, resend])?;
        Ok(())
    }

    /// Forgets what was sent of an entity.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(super) fn forget_sent(&self, entity: i64) -> anyhow::Result<()> {
        self.connection.prepare_cached("DELETE FROM sent WHERE entity = ?1")?.execute([entity])?;
        Ok(())
    }

    /// What others were sent of the removed is forgotten, and these columns of them sent again: their boards may still show it.
    pub(super) fn scrub_sent(&self, scrubber: &Scrubber) -> anyhow::Result<()> {
        for (entity, mut sent) in self.sent_that_may_hold(scrubber)? {
            let holding =
                |(column, content): (&String, &SentColumn)| scrubber.is_in(&content.to_json()).then(|| column.clone());
            let columns: Vec<String> = sent.0.iter().filter_map(holding).collect();
            if columns.is_empty() {
                continue;
            }
            for column in &columns {
                sent.set(column, SentColumn::Resend(None));
            }
            self.set_sent(entity, &sent)?;
            self.mark_due_if_there(entity)?;
        }
        Ok(())
    }

    fn sent_that_may_hold(&self, scrubber: &Scrubber) -> anyhow::Result<Vec<(i64, SentColumns)>> {
        let mut statement = self.connection.prepare(&format!("SELECT s.entity, {SENT} FROM sent s"))?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let texts = [
                row.get_ref(1)?.as_str_or_null()?,
                row.get_ref(2)?.as_str_or_null()?,
                row.get_ref(3)?.as_str_or_null()?,
            ];
            if texts.into_iter().flatten().any(|text| scrubber.may_be_in(text)) {
                found.push((row.get(0)?, sent_at(row, 1)?.unwrap_or_default()));
            }
        }
        Ok(found)
    }
}

fn json_text(value: &impl Serialize) -> anyhow::Result<String> {
    Ok(serde_json::to_string(value)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::Kind;
    use crate::failure::{Exit, exit_of};
    use crate::store::Derived;
    use jiff::Timestamp;
    use serde_json::json;

    fn store_with_an_entity() -> (Store, i64) {
        let mut store = Store::in_memory().expect("a store");
        let add = |tx: &Tx<'_>| tx.add(Kind::UNIT, "1", "{}", Timestamp::UNIX_EPOCH, &Derived::default());
        let id = store.write(add).expect("an entity");
        (store, id)
    }

    #[test]
    fn each_content_comes_back_as_it_was_stored() {
        let (mut store, id) = store_with_an_entity();
        assert_eq!(store.sent(id).expect("read"), None);
        let columns: SentColumns = [
            ("name".to_owned(), SentColumn::Sent(json!("unit:1"))),
            ("a".to_owned(), SentColumn::Sent(Value::Null)),
            // No value looks like a mark, whatever its members.
            ("b".to_owned(), SentColumn::Sent(json!({"text": "x", "seen": true}))),
            ("c".to_owned(), SentColumn::Observed(Some("by hand".to_owned()))),
            ("d".to_owned(), SentColumn::Observed(None)),
            ("e".to_owned(), SentColumn::Resend(Some("before".to_owned()))),
        ]
        .into_iter()
        .collect();
        store.write(|tx| tx.set_sent(id, &columns)).expect("kept");
        assert_eq!(store.sent(id).expect("read"), Some(columns.clone()));
        assert_eq!(columns.to_values().keys().collect::<Vec<_>>(), ["a", "b", "name"]);
        assert!(columns.is_observed("d") && columns.value("c").is_none() && columns.value("a").is_some());
    }

    #[test]
    fn what_cannot_be_read_is_an_error_of_the_store() {
        let (store, id) = store_with_an_entity();
        let insert = "INSERT INTO sent (entity, columns, observed) VALUES (?1, '{}', '[7]')";
        store.connection.execute(insert, [id]).expect("a row");
        let error = store.sent(id).expect_err("no columns");
        assert_eq!(exit_of(&error), Exit::Store);
    }
}
