//! Both sides of a kind: HApi's properties, and the columns of its board.

use super::table::{Cell, Table};
use super::{Screen, Style, Tone};
use crate::entity::Kind;
use crate::message::{DoctorText, grouped};
use crate::text::harmless;
use serde::Serialize;

/// Both sides of a kind.
#[derive(Debug)]
pub(crate) struct Columns {
    /// The kind.
    pub(crate) kind: Kind,
    /// Its entity set.
    pub(crate) set: String,
    /// How many records were examined.
    pub(crate) records: u64,
    /// HApi's properties.
    pub(crate) properties: Vec<PropertyRow>,
    /// The board, where there is one that is known.
    pub(crate) board: Option<BoardPart>,
}

/// Property of HApi's.
#[derive(Debug, Serialize)]
pub(crate) struct PropertyRow {
    /// Its name.
    pub(crate) name: String,
    /// Its types.
    pub(crate) types: Vec<&'static str>,
    /// How many of the records have a value; `None`: none was read.
    pub(crate) filled: Option<u64>,
    /// The columns and settings that use it.
    pub(crate) used_by: Vec<String>,
}

/// Board of the kind.
#[derive(Debug, Serialize)]
pub(crate) struct BoardPart {
    /// Its id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: Option<String>,
    /// Its columns.
    pub(crate) columns: Vec<ColumnRow>,
}

/// Column of the board.
#[derive(Debug, Serialize)]
pub(crate) struct ColumnRow {
    /// Its id.
    pub(crate) id: String,
    /// What people see above it.
    pub(crate) title: String,
    /// Its type.
    #[serde(rename = "type")]
    pub(crate) column_type: String,
    /// What goes into it; `None`: it is not mapped.
    pub(crate) filled_from: Option<String>,
}

#[derive(Serialize)]
struct ColumnsDocument<'a> {
    kind: &'static str,
    set: &'a str,
    records: u64,
    properties: &'a [PropertyRow],
    board: Option<&'a BoardPart>,
}

impl Screen for Columns {
    fn document(&self) -> impl Serialize {
        let Columns { kind, set, records, properties, board } = self;
        ColumnsDocument { kind: kind.name(), set, records: *records, properties, board: board.as_ref() }
    }

    fn text(&self, style: Style<'_>) -> String {
        let mut text = self.properties(style).render(style.out);
        if let Some(board) = &self.board {
            text.push('\n');
            text.push_str(&board.table(style).render(style.out));
        }
        text
    }
}

impl Columns {
    fn properties(&self, style: Style<'_>) -> Table {
        let title = format!("HApi {}", harmless(&self.set));
        let header =
            [Cell::new(title), Cell::new("type"), Cell::number("%"), Cell::new(style.text(DoctorText::UsedBy {}))];
        let mut table = Table::with_header(header.map(|cell| cell.tone(Tone::Strong)).to_vec());
        for property in &self.properties {
            let share = property.filled.map(|filled| grouped(filled * 100 / self.records.max(1), style.lang));
            table.row(vec![
                mapped(&property.name, !property.used_by.is_empty()),
                Cell::new(property.types.join(" | ")),
                Cell::number(share.unwrap_or_else(|| "–".to_owned())),
                Cell::new(property.used_by.join(", ")),
            ]);
        }
        table
    }
}

impl BoardPart {
    fn table(&self, style: Style<'_>) -> Table {
        let title = format!("monday {}", harmless(self.name.as_deref().unwrap_or(&self.id)));
        let header = [
            Cell::new(title),
            Cell::new("type"),
            Cell::new(style.text(DoctorText::Title {})),
            Cell::new(style.text(DoctorText::FilledFrom {})),
        ];
        let mut table = Table::with_header(header.map(|cell| cell.tone(Tone::Strong)).to_vec());
        for column in &self.columns {
            table.row(vec![
                mapped(&column.id, column.filled_from.is_some()),
                Cell::new(harmless(&column.column_type)),
                Cell::new(harmless(&column.title)),
                Cell::new(harmless(column.filled_from.as_deref().unwrap_or_default())),
            ]);
        }
        table
    }
}

/// A name with a dot that is full where it is mapped.
fn mapped(name: &str, is_mapped: bool) -> Cell {
    let (mark, tone) = if is_mapped { ("●", Tone::Good) } else { ("○", Tone::Plain) };
    Cell::new(format!("{mark} {}", harmless(name))).tone(tone)
}
