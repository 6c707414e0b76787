//! A table: light and aligned for people, separated by tabs for programs.

use super::surface::{Surface, Tone, shown_width};
use comfy_table::{Attribute, Cell as Shown, CellAlignment, Color, ContentArrangement, Table as Drawn, presets};
use unicode_width::UnicodeWidthChar;

/// Cell of a table. Its text has to be harmless already.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cell {
    text: String,
    tone: Tone,
    is_number: bool,
}

impl Cell {
    /// Plain text.
    pub(crate) fn new(text: impl Into<String>) -> Cell {
        Cell { text: text.into(), ..Cell::default() }
    }

    /// A number: it stands at the right.
    pub(crate) fn number(text: impl Into<String>) -> Cell {
        Cell { text: text.into(), is_number: true, ..Cell::default() }
    }

    /// In a colour.
    #[must_use]
    pub(crate) fn tone(self, tone: Tone) -> Cell {
        Cell { tone, ..self }
    }

    /// How many places it takes.
    pub(super) fn width(&self) -> usize {
        shown_width(&self.text)
    }

    /// Its text.
    pub(super) fn text(&self) -> String {
        self.text.clone()
    }

    /// Its text in its colour.
    pub(super) fn painted(&self, surface: Surface) -> String {
        surface.paint(self.tone, &self.text)
    }

    /// Its text in lines of their own, set in.
    fn below(&self, surface: Surface) -> String {
        let lines = wrapped(&self.text, surface.width.saturating_sub(INDENT));
        lines.iter().map(|line| format!("    {}\n", surface.paint(self.tone, line))).collect()
    }

    fn drawn(self, is_coloured: bool) -> Shown {
        let mut shown = Shown::new(self.text);
        if self.is_number {
            shown = shown.set_alignment(CellAlignment::Right);
        }
        if !is_coloured {
            return shown;
        }
        match self.tone {
            Tone::Plain => shown,
            Tone::Good => shown.fg(Color::DarkGreen),
            Tone::Waiting => shown.fg(Color::DarkYellow),
            Tone::Bad => shown.fg(Color::DarkRed),
            Tone::Faint => shown.fg(Color::DarkGrey),
            Tone::Strong => shown.add_attribute(Attribute::Bold),
        }
    }
}

/// Row: its cells, perhaps a remark in place of the rest of them, and a remark below it.
#[derive(Debug, Clone, Default)]
struct Row {
    cells: Vec<Cell>,
    remark: Option<String>,
    notes: Vec<Cell>,
}

/// How far what does not fit into a row's first line is set in.
pub(super) const INDENT: usize = 4;

/// A text in lines of at most `width` characters, broken between words where there are any.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let mut word = word.to_owned();
        if !line.is_empty() && shown_width(&line) + 1 + shown_width(&word) > width {
            lines.push(std::mem::take(&mut line));
        }
        while shown_width(&word) > width.max(2) {
            let (mut taken, mut used) = (0, 0);
            for c in word.chars() {
                used += c.width().unwrap_or_default();
                if used > width.max(2) {
                    break;
                }
                taken += c.len_utf8();
            }
            let rest = word.split_off(taken);
            lines.push(std::mem::replace(&mut word, rest));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// Table of text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    header: Vec<Cell>,
    rows: Vec<Row>,
}

impl Table {
    /// A table with a header.
    pub(crate) fn with_header(header: Vec<Cell>) -> Table {
        Table { header, rows: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(Row { cells, ..Row::default() });
    }

    /// Adds a row that ends in a remark.
    pub(crate) fn remark(&mut self, cells: Vec<Cell>, remark: String) {
        self.rows.push(Row { cells, remark: Some(remark), notes: Vec::new() });
    }

    /// Says something of the last row: below it for people, behind it for programs.
    pub(crate) fn notes(&mut self, notes: Vec<Cell>) {
        if let Some(row) = self.rows.last_mut() {
            row.notes.extend(notes);
        }
    }

    /// How many characters its widest line takes on a terminal, remarks aside.
    pub(crate) fn width(&self) -> usize {
        let is_coloured = false;
        let drawn = self.drawn(is_coloured);
        drawn.lines().map(|line| shown_width(line.trim_end())).max().unwrap_or(0)
    }

    fn drawn(&self, is_coloured: bool) -> Drawn {
        let mut drawn = Drawn::new();
        drawn.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled).force_no_tty();
        if is_coloured {
            drawn.enforce_styling();
            drawn.style_text_only();
        }
        let cells = |cells: &[Cell]| cells.iter().map(|cell| cell.clone().drawn(is_coloured)).collect::<Vec<_>>();
        if !self.header.is_empty() {
            drawn.set_header(cells(&self.header));
        }
        for row in &self.rows {
            drawn.add_row(cells(&row.cells));
        }
        drawn
    }

    /// The whole table, each row ending its line.
    pub(crate) fn render(self, surface: Surface) -> String {
        if !surface.is_terminal {
            return self.separated_by_tabs(surface);
        }
        let is_too_wide = self.width() > surface.width;
        if is_too_wide && self.header.is_empty() {
            return self.hung(surface);
        }
        let mut drawn = self.drawn(surface.is_coloured);
        if is_too_wide {
            let width = surface.width.try_into().unwrap_or(80);
            drawn.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
        let mut text = String::new();
        let has_header = !self.header.is_empty();
        for (index, line) in drawn.lines().enumerate() {
            text.push_str(line.trim_end());
            // In a table whose cells take several lines it can no longer be seen which row they are of.
            let row = index.checked_sub(usize::from(has_header)).filter(|_| !is_too_wide);
            if let Some(remark) = row.and_then(|row| self.rows.get(row)?.remark.as_deref()) {
                let fits = shown_width(line.trim_end()) + 3 + shown_width(remark) <= surface.width;
                text.push_str(if fits { "   " } else { "\n    " });
                text.push_str(&wrapped(remark, surface.width.saturating_sub(INDENT)).join("\n    "));
            }
            text.push('\n');
            if let Some(row) = row.and_then(|row| self.rows.get(row)) {
                row.notes.iter().for_each(|note| text.push_str(&note.below(surface)));
            }
        }
        for row in self.rows.iter().filter(|_| is_too_wide) {
            let Some(first) = row.cells.first() else { continue };
            if let Some(remark) = &row.remark {
                text.push_str(&surface.wrapped(&format!(" {}   {remark}\n", first.text)));
            }
            if !row.notes.is_empty() {
                text.push_str(&format!(" {}\n", first.painted(surface)));
                row.notes.iter().for_each(|note| text.push_str(&note.below(surface)));
            }
        }
        text
    }

    /// A list that is too wide for its terminal: each row begins with what fits into a line, the rest stands below it.
    fn hung(self, surface: Surface) -> String {
        let mut text = String::new();
        for row in self.rows {
            let mut used = 0;
            for (index, cell) in row.cells.iter().filter(|cell| !cell.text.is_empty()).enumerate() {
                let length = cell.width() + 2;
                if index > 0 && used + length > surface.width {
                    used = INDENT;
                    for line in wrapped(&cell.text, surface.width.saturating_sub(INDENT)) {
                        text.push_str("\n    ");
                        text.push_str(&surface.paint(cell.tone, &line));
                        used = INDENT + shown_width(&line);
                    }
                    continue;
                }
                text.push_str(if index == 0 { " " } else { "  " });
                text.push_str(&surface.paint(cell.tone, &cell.text));
                used += length;
            }
            if let Some(remark) = row.remark {
                text.push_str("\n    ");
                text.push_str(&wrapped(&remark, surface.width.saturating_sub(INDENT)).join("\n    "));
            }
            text.push('\n');
        }
        text
    }

    fn separated_by_tabs(self, surface: Surface) -> String {
        let mut text = String::new();
        let header = Row { cells: self.header, ..Row::default() };
        for row in std::iter::once(header).chain(self.rows) {
            let painted = |cell: &Cell| surface.paint(cell.tone, &cell.text);
            let notes: Vec<String> = row.notes.iter().map(painted).collect();
            let mut cells: Vec<String> = row.cells.iter().map(painted).chain(row.remark).chain(notes).collect();
            while cells.last().is_some_and(String::is_empty) {
                cells.pop();
            }
            if !cells.is_empty() {
                text.push_str(&cells.join("\t"));
                text.push('\n');
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::with_header(vec![Cell::new("Kind"), Cell::number("Total")]);
        table.row(vec![Cell::new("Units"), Cell::number("6480")]);
        table.remark(vec![Cell::new("Locker leases"), Cell::number("–")], "not available".to_owned());
        table
    }

    #[test]
    fn programs_get_tabs_and_people_get_columns() {
        let plain = Surface { is_terminal: false, is_coloured: false, width: 80 };
        assert_eq!(table().render(plain), "Kind\tTotal\nUnits\t6480\nLocker leases\t–\tnot available\n");
        let terminal = Surface { is_terminal: true, is_coloured: false, width: 80 };
        let lines: Vec<String> = table().render(terminal).lines().map(str::to_owned).collect();
        assert_eq!(lines, [" Kind           Total", " Units           6480", " Locker leases      –   not available"]);
    }

    #[test]
    fn the_notes_of_a_row_stand_below_it_or_behind_it() {
        let mut table = table();
        table.notes(vec![Cell::new("no one knows why it is so"), Cell::new("look")]);
        table.row(vec![Cell::new("Tenants"), Cell::number("2")]);
        let narrow = Surface { is_terminal: true, is_coloured: false, width: 24 };
        let shown = table.clone().render(narrow);
        assert!(shown.contains("\n    no one knows why it\n    is so\n    look\n Tenants "), "{shown}");
        let plain = Surface { is_terminal: false, ..narrow };
        let line = "Locker leases\t–\tnot available\tno one knows why it is so\tlook\n";
        assert!(table.render(plain).contains(line));
    }

    #[test]
    fn lines_are_broken_by_the_places_that_letters_take() {
        assert_eq!(wrapped("note \u{1f3e0} two", 8), ["note \u{1f3e0}", "two"]);
        assert_eq!(wrapped("\u{6f22}\u{5b57}\u{6f22}", 4), ["\u{6f22}\u{5b57}", "\u{6f22}"]);
        assert_eq!(wrapped("e\u{301}te\u{301} x", 5), ["e\u{301}te\u{301} x"]);
    }

    #[test]
    fn a_table_in_colour_shows_it_and_stays_within_its_terminal() {
        let mut table = Table::with_header(vec![Cell::new("No").tone(Tone::Strong), Cell::new("Done")]);
        table.row(vec![Cell::new("ok").tone(Tone::Good), Cell::new("12 created · 3 updated · 4 archived")]);
        let coloured = Surface { is_terminal: true, is_coloured: true, width: 80 };
        let text = table.clone().render(coloured);
        assert!(text.contains("\u{1b}[1m") && text.lines().all(|line| line == line.trim_end()), "{text:?}");
        let plain = table.clone().render(Surface { is_coloured: false, ..coloured });
        let widths = |text: &str| text.lines().map(shown_width).collect::<Vec<_>>();
        assert_eq!(widths(&text), widths(&plain));
        let narrow = table.render(Surface { width: 24, ..coloured });
        assert!(widths(&narrow).into_iter().all(|width| width <= 24), "{narrow}");
        assert!(narrow.lines().count() > 2, "{narrow}");
    }

    #[test]
    fn a_list_that_is_too_wide_goes_on_below() {
        let mut list = Table::default();
        list.row(vec![
            Cell::new("●"),
            Cell::new("unit:2909"),
            Cell::new("a value that is not a number"),
            Cell::new("mend it"),
        ]);
        let narrow = Surface { is_terminal: true, is_coloured: false, width: 24 };
        let text = list.render(narrow);
        assert_eq!(text, " ●  unit:2909\n    a value that is not\n    a number  mend it\n");
    }
}
