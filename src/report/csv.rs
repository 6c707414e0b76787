//! Rows as RFC 4180 has them, harmless for the spreadsheet, or the terminal, that they end up in.

use crate::text::is_direction_mark;

/// What makes a spreadsheet take a cell for a formula.
const FORMULA_STARTS: [char; 6] = ['=', '+', '-', '@', '\t', '\n'];

/// A row and the end of its line. That is a plain newline: every reader takes it, and shell tools nothing else.
pub(crate) fn row<'c>(cells: impl IntoIterator<Item = &'c str>) -> String {
    let mut row = String::new();
    for (index, cell) in cells.into_iter().enumerate() {
        if index > 0 {
            row.push(',');
        }
        push_cell(&mut row, &harmless(cell));
    }
    row.push('\n');
    row
}

fn push_cell(row: &mut String, cell: &str) {
    if !cell.contains([',', '"', '\n']) {
        row.push_str(cell);
        return;
    }
    row.push('"');
    row.push_str(&cell.replace('"', "\"\""));
    row.push('"');
}

/// Lines stay lines, other control characters and marks that turn the reading direction become visible, and what a
/// spreadsheet would run is led by an apostrophe. A negative number is none of that.
fn harmless(cell: &str) -> String {
    let lines = cell.replace("\r\n", "\n").replace('\r', "\n");
    let is_formula = lines.starts_with(FORMULA_STARTS) && !is_negative_number(&lines);
    let visible = lines.chars().map(|c| match c {
        '\n' | '\t' => c,
        c if c.is_control() || is_direction_mark(c) => '\u{fffd}',
        c => c,
    });
    is_formula.then_some('\'').into_iter().chain(visible).collect()
}

fn is_negative_number(cell: &str) -> bool {
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    cell.strip_prefix('-').is_some_and(|number| match number.split_once('.') {
        None => all_digits(number),
        Some((whole, fraction)) => all_digits(whole) && all_digits(fraction),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_with_commas_quotes_and_lines_are_quoted() {
        assert_eq!(row(["a", "b c", "", "1,5"]), "a,b c,,\"1,5\"\n");
        assert_eq!(row(["say \"so\"", "a\r\nb\rc"]), "\"say \"\"so\"\"\",\"a\nb\nc\"\n");
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_led_by_an_apostrophe() {
        for (cell, expected) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("+1 418 555-0101", "'+1 418 555-0101"),
            ("-2+3", "'-2+3"),
            ("-", "'-"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("-71.25", "-71.25"),
            ("-3", "-3"),
            ("-3.", "'-3."),
            ("a=b", "a=b"),
        ] {
            assert_eq!(row([cell]), format!("{expected}\n"));
        }
        assert_eq!(row(["\r=1"]), "\"'\n=1\"\n");
    }

    #[test]
    fn nothing_in_a_cell_acts_on_a_terminal() {
        assert_eq!(row(["a\u{1b}[31mb\u{9b}c\u{202e}d"]), "a\u{fffd}[31mb\u{fffd}c\u{fffd}d\n");
    }
}
