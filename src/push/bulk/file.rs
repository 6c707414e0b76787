//! File of an import: RFC 4180, the name first, then the key and the columns of which any row has a value. Pure.

use std::collections::{BTreeMap, BTreeSet};

/// Line of a file: one new item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// The item's name.
    pub(crate) name: String,
    /// Its cells by column; what is not there is empty.
    pub(crate) cells: BTreeMap<String, String>,
}

/// The file of these lines.
pub(crate) fn csv(key_column: &str, lines: &[Line]) -> String {
    let others: BTreeSet<&str> =
        lines.iter().flat_map(|line| line.cells.keys().map(String::as_str)).filter(|id| *id != key_column).collect();
    let columns: Vec<&str> = std::iter::once(key_column).chain(others).collect();
    let mut file = csv::Writer::from_writer(Vec::new());
    let mut written = file.write_record(std::iter::once("name").chain(columns.iter().copied()));
    for line in lines {
        let cells = columns.iter().map(|id| line.cells.get(*id).map_or("", String::as_str));
        written = written.and_then(|()| file.write_record(std::iter::once(line.name.as_str()).chain(cells)));
    }
    // Into memory, and with as many cells in each line: neither fails.
    let bytes = written.ok().and_then(|()| file.into_inner().ok()).unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, cells: &[(&str, &str)]) -> Line {
        let cells = cells.iter().map(|(id, cell)| ((*id).to_owned(), (*cell).to_owned())).collect();
        Line { name: name.to_owned(), cells }
    }

    #[test]
    fn every_cell_comes_back_as_it_was_written() {
        let lines = [
            line("a", &[("text_key", "unit:1"), ("text_b", "x, \"y\"\nz")]),
            line("", &[("text_key", "unit:2"), ("numbers_a", "-1.5")]),
        ];
        let file = csv("text_key", &lines);
        assert!(file.starts_with("name,text_key,numbers_a,text_b\n"), "{file}");
        let mut reader = csv::Reader::from_reader(file.as_bytes());
        let read: Vec<Vec<String>> =
            reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect();
        assert_eq!(read, [["a", "unit:1", "", "x, \"y\"\nz"], ["", "unit:2", "-1.5", ""]]);
    }
}
