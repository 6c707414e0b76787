//! The cells of an imported file: what monday's guide says each column type takes, in the form of `column_values`.

use serde_json::{Value, json};

use super::board::{Column, State};

/// Area codes of Canada, as far as the sandbox's numbers go: which country of +1 a number belongs to.
const CANADIAN: [&str; 18] = [
    "204", "226", "236", "249", "250", "263", "289", "343", "354", "367", "403", "416", "418", "438", "450", "514",
    "581", "819",
];

/// The value that a cell stands for; `<NULL>` clears.
///
/// # Errors
/// What the report holds of an invalid row.
pub(super) fn value_of(state: &State, column: &Column, cell: &str) -> Result<Value, String> {
    if cell == "<NULL>" {
        return Ok(Value::Null);
    }
    Ok(match column.kind.as_str() {
        "text" | "numbers" => cell.into(),
        "long_text" => json!({ "text": cell }),
        "status" => label(column, cell)?,
        "dropdown" => json!({ "labels": cell.split(',').map(str::trim).collect::<Vec<_>>() }),
        "date" => json!({ "date": cell }),
        "timeline" => {
            let (from, to) = cell.split_once('/').ok_or("a timeline is written from/to")?;
            json!({ "from": from, "to": to })
        }
        "email" => email(cell)?,
        "phone" => phone(cell),
        "link" => link(cell)?,
        "board_relation" => items(state, column, cell)?,
        other => return Err(format!("a column of type {other} can't be imported")),
    })
}

/// By its text only: an index means nothing in a file.
fn label(column: &Column, cell: &str) -> Result<Value, String> {
    let label = column.labels.iter().find(|label| label.text == cell);
    label.map(|label| json!({ "index": label.id })).ok_or_else(|| format!("there is no label `{cell}`"))
}

fn email(cell: &str) -> Result<Value, String> {
    match cell.strip_suffix('>').and_then(|rest| rest.rsplit_once(" <")) {
        Some((text, email)) => Ok(json!({ "email": email, "text": text })),
        None if cell.contains(['<', '>', ' ']) => Err("an e-mail is written Name <address>".to_owned()),
        None => Ok(json!({ "email": cell, "text": cell })),
    }
}

/// Free form: monday finds the country by the number.
fn phone(cell: &str) -> Value {
    let digits: String = cell.chars().filter(char::is_ascii_digit).collect();
    let is_international = cell.starts_with('+');
    let country = match () {
        () if is_international && digits.starts_with("33") => "FR",
        () if is_international && !digits.starts_with('1') => "GB",
        () if CANADIAN.contains(&digits.trim_start_matches('1').get(..3).unwrap_or_default()) => "CA",
        () => "US",
    };
    let phone = if is_international { format!("+{digits}") } else { digits };
    json!({ "phone": phone, "countryShortName": country })
}

fn link(cell: &str) -> Result<Value, String> {
    let parts = cell.strip_prefix('[').and_then(|rest| rest.strip_suffix(')')).and_then(|rest| rest.split_once("]("));
    let (text, url) = parts.ok_or("a link is written [text](address)")?;
    Ok(json!({ "url": url, "text": text }))
}

/// Ids, or the exact names, of items of the connected board.
fn items(state: &State, column: &Column, cell: &str) -> Result<Value, String> {
    const MOST_LINKS: usize = 50;
    let boards = column.connected();
    let mut ids: Vec<u64> = Vec::new();
    for part in cell.split(',').map(str::trim) {
        let part = part.split_once(':').map_or(part, |(_, item)| item);
        let named = || {
            let mut named = state.items.values().filter(|item| item.name == part && boards.contains(&item.board));
            named.next().map(|item| item.id)
        };
        let id = part.parse().ok().or_else(named).ok_or_else(|| format!("there is no item `{part}`"))?;
        ids.push(id);
    }
    if ids.len() > MOST_LINKS {
        return Err(format!("a cell takes {MOST_LINKS} items at most"));
    }
    Ok(json!({ "item_ids": ids }))
}
