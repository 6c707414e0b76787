//! A kind's inventory, written piece by piece: JSON, a record a line, or rows for a spreadsheet.

use super::{Report, csv};
use crate::entity::EntityKey;
use crate::entity::Record;
use crate::store::State;
use crate::text::without_effect;
use crate::word::Word;
use serde::Serialize;
use serde_json::{Map, Value};
use std::io::Write;

/// By this mark Excel knows that a file of rows is UTF-8.
const BOM: &str = "\u{feff}";

/// Format of an inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// One array
    Json,
    /// One record a line
    Ndjson,
    /// Rows with a header
    Csv,
}

impl Format {
    /// The word on the command line.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Ndjson => "ndjson",
            Format::Csv => "csv",
        }
    }
}

/// Entity as its board should show it.
#[derive(Debug, Serialize)]
pub(crate) struct MappedEntry {
    pub(crate) entity: EntityKey,
    pub(crate) name: String,
    pub(crate) state: State,
    /// The plain text of each column; null where it is blank, was not received or is refused.
    pub(crate) columns: Map<String, Value>,
    /// The columns whose value monday would refuse.
    pub(crate) refused: Vec<String>,
}

/// Writer of an inventory.
pub(crate) struct Inventory<W: Write> {
    out: W,
    format: Format,
    is_terminal: bool,
    count: u64,
}

impl Report {
    /// Writes an inventory: `work` hands it over, the same each time. First it goes nowhere, so that not a byte is written of
    /// one that cannot be read to its end: who reads rows could not distinguish half of them from all.
    ///
    /// # Errors
    /// Where `work` fails, or the output cannot be written.
    pub(crate) fn inventory(
        &self,
        format: Format,
        has_bom: bool,
        work: impl Fn(&mut Inventory<&mut dyn Write>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let write = |out: &mut dyn Write| {
            let mut inventory = Inventory { out, format, is_terminal: self.out.is_terminal, count: 0 };
            if has_bom && format == Format::Csv {
                inventory.out.write_all(BOM.as_bytes())?;
            }
            work(&mut inventory).and_then(|()| inventory.end())
        };
        write(&mut std::io::sink())?;
        self.stream(write)
    }
}

impl<W: Write> Inventory<W> {
    /// The header of rows; other formats have none.
    ///
    /// # Errors
    /// Where its output cannot be written.
    pub(crate) fn header(&mut self, columns: &[String]) -> anyhow::Result<()> {
        match self.format {
            Format::Csv if !columns.is_empty() => self.row(columns.iter().map(String::as_str)),
            _ => Ok(()),
        }
    }

    /// A record as received.
    ///
    /// # Errors
    /// Where its output cannot be written.
    pub(crate) fn record(&mut self, record: &Record<'_>, columns: &[String]) -> anyhow::Result<()> {
        if self.format != Format::Csv {
            return self.json(record.json());
        }
        let cells: Vec<String> = columns.iter().map(|property| record.cell(property)).collect();
        self.row(cells.iter().map(String::as_str))
    }

    /// What monday should show of an entity.
    ///
    /// # Errors
    /// Where its output cannot be written.
    pub(crate) fn mapped(&mut self, entry: &MappedEntry, columns: &[String]) -> anyhow::Result<()> {
        if self.format != Format::Csv {
            return self.json(&serde_json::to_string(entry)?);
        }
        let entity = entry.entity.to_string();
        let fixed = [entity.as_str(), &entry.name, entry.state.word()];
        let text = |column: &String| entry.columns.get(column).and_then(Value::as_str).unwrap_or_default();
        // `columns` begins with the headings of the three fixed ones.
        let texts = columns.iter().skip(fixed.len()).map(text);
        let cells: Vec<&str> = fixed.into_iter().chain(texts).collect();
        self.row(cells)
    }

    fn row<'c>(&mut self, cells: impl IntoIterator<Item = &'c str>) -> anyhow::Result<()> {
        Ok(self.out.write_all(csv::row(cells).as_bytes())?)
    }

    fn json(&mut self, json: &str) -> anyhow::Result<()> {
        let lead = match (self.format, self.count) {
            (Format::Json, 0) => "[",
            (Format::Json, _) => ",\n",
            _ => "",
        };
        self.count += 1;
        self.out.write_all(lead.as_bytes())?;
        if self.format == Format::Ndjson {
            // Line ends can only stand between the parts of a JSON text, where a blank is as good.
            let line = json.replace(['\n', '\r'], " ");
            let line = if self.is_terminal { without_effect(&line) } else { line };
            self.out.write_all(line.as_bytes())?;
            self.out.write_all(b"\n")?;
        } else if self.is_terminal {
            self.out.write_all(without_effect(json).as_bytes())?;
        } else {
            self.out.write_all(json.as_bytes())?;
        }
        Ok(())
    }

    fn end(&mut self) -> anyhow::Result<()> {
        let tail = match (self.format, self.count) {
            (Format::Json, 0) => "[]\n",
            (Format::Json, _) => "]\n",
            _ => "",
        };
        Ok(self.out.write_all(tail.as_bytes())?)
    }
}
