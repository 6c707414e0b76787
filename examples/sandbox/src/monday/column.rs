//! Column values on their way in: what monday takes for each column type.
//!
//! Source: monday's reference of column types. Where it names one form, no other is taken: a client that
//! is right here is right there.

use jiff::civil::{Date, Time};
use serde_json::{Map, Value, json};

use super::board::{Column, LONGEST_STATUS_LABEL, Label, Life, State, add_label};
use super::cell::Cell;

/// Source: monday's reference of the long text column.
const LONGEST_LONG_TEXT: usize = 2_000;

/// ISO 3166-1 alpha-2, without blanks between.
const COUNTRIES: &str = "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQAREROSRSUSARWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZW";

/// Reads one value in the form that `column_values` takes; `None` clears the column.
///
/// `labels` are the column's; missing ones are added there if `create_labels` says so. The error is for a reader.
pub(super) fn parse(
    state: &State,
    column: &Column,
    labels: &mut Vec<Label>,
    value: &Value,
    create_labels: bool,
) -> Result<Option<Cell>, String> {
    if value.is_null() {
        return Ok(None);
    }
    let cell = match column.kind.as_str() {
        "text" => match text(value)? {
            "" => return Ok(None),
            text => Cell::Text(text.to_owned()),
        },
        "long_text" => match long_text(value)? {
            "" => return Ok(None),
            text => Cell::LongText(text.to_owned()),
        },
        "numbers" => Cell::Number(number(text(value)?)?),
        "status" => status(labels, value, create_labels)?,
        "dropdown" => match dropdown(column, labels, value, create_labels)? {
            ids if ids.is_empty() => return Ok(None),
            ids => Cell::Dropdown(ids),
        },
        "date" => date(value)?,
        "timeline" => timeline(value)?,
        "email" => email(value)?,
        "phone" => phone(value)?,
        "link" => link(value)?,
        "checkbox" => match one_of(value, &["checked"], &[])?.get("checked") {
            Some(Value::String(checked)) if checked == "true" => Cell::Checked,
            _ => return Err("a checkbox takes {\"checked\": \"true\"} or null".into()),
        },
        "country" => country(value)?,
        "location" => location(value)?,
        "board_relation" => match relation(state, column, value)? {
            ids if ids.is_empty() => return Ok(None),
            ids => Cell::Relation(ids),
        },
        "people" => people(value)?,
        other => return Err(format!("a column of type {other} can't be written")),
    };
    Ok(Some(cell))
}

fn text(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| "the value must be a string".into())
}

/// The object with all of `required` and nothing but `required` and `optional`.
fn one_of<'a>(value: &'a Value, required: &[&str], optional: &[&str]) -> Result<&'a Map<String, Value>, String> {
    let object =
        value.as_object().ok_or_else(|| format!("the value must be an object with {}", required.join(", ")))?;
    if let Some(missing) = required.iter().find(|key| !object.contains_key(**key)) {
        return Err(format!("`{missing}` is missing"));
    }
    if let Some(unknown) =
        object.keys().find(|key| !required.contains(&key.as_str()) && !optional.contains(&key.as_str()))
    {
        return Err(format!("`{unknown}` is not known"));
    }
    Ok(object)
}

fn string<'a>(object: &'a Map<String, Value>, key: &str) -> Result<&'a str, String> {
    object.get(key).and_then(Value::as_str).ok_or_else(|| format!("`{key}` must be a string"))
}

fn optional_string(object: &Map<String, Value>, key: &str) -> Result<Option<String>, String> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(_) => string(object, key).map(|text| Some(text.to_owned()).filter(|text| !text.is_empty())),
    }
}

/// A whole number, written as a number or as a string of digits.
pub(super) fn whole_number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn long_text(value: &Value) -> Result<&str, String> {
    let text = match value {
        Value::Object(_) => string(one_of(value, &["text"], &[])?, "text")?,
        _ => text(value)?,
    };
    match text.chars().count() {
        0..=LONGEST_LONG_TEXT => Ok(text),
        length => Err(format!("the text has {length} characters, at most {LONGEST_LONG_TEXT} are allowed")),
    }
}

fn number(text: &str) -> Result<String, String> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(whole) || !are_digits(fraction) {
        return Err(format!("`{text}` is no number"));
    }
    Ok(text.to_owned())
}

fn status(labels: &mut Vec<Label>, value: &Value, create: bool) -> Result<Cell, String> {
    let (label, index) = match value {
        Value::String(label) => (Some(label.as_str()), None),
        _ => {
            let object = one_of(value, &[], &["label", "index"])?;
            match (object.get("label"), object.get("index")) {
                (Some(label), None) => (Some(text(label)?), None),
                (None, Some(index)) => (None, Some(whole_number(index).ok_or("`index` must be a whole number")?)),
                _ => return Err("a status takes either `label` or `index`".into()),
            }
        }
    };
    // A label of digits only is read as an index.
    let index = index.or_else(|| label.and_then(|label| label.parse().ok()));
    if let Some(index) = index {
        return match labels.iter().any(|label| label.id == index) {
            true => Ok(Cell::Status(index)),
            false => Err(format!("there is no status label with index {index}")),
        };
    }
    let label = label.unwrap_or_default();
    if label.chars().count() > LONGEST_STATUS_LABEL {
        return Err(format!("the label has more than {LONGEST_STATUS_LABEL} characters"));
    }
    label_id("status", labels, label, create).map(Cell::Status)
}

fn dropdown(column: &Column, labels: &mut Vec<Label>, value: &Value, create: bool) -> Result<Vec<u64>, String> {
    let object = one_of(value, &[], &["labels", "ids"])?;
    let mut ids = Vec::new();
    match (object.get("labels"), object.get("ids")) {
        (Some(Value::Array(texts)), None) => {
            for label in texts {
                ids.push(label_id("dropdown", labels, text(label)?, create)?);
            }
        }
        (None, Some(Value::Array(given))) => {
            for id in given {
                let id = whole_number(id).filter(|id| labels.iter().any(|label| label.id == *id));
                ids.push(id.ok_or("there is no dropdown label with this id")?);
            }
        }
        _ => return Err("a dropdown takes a list, either `labels` or `ids`".into()),
    }
    ids.sort_unstable();
    ids.dedup();
    let most = column.settings.get("label_limit_count").and_then(whole_number);
    if column.settings.get("limit_select") == Some(&Value::Bool(true))
        && most.is_some_and(|most| ids.len() as u64 > most)
    {
        return Err("more labels than the column allows".into());
    }
    Ok(ids)
}

fn label_id(kind: &str, labels: &mut Vec<Label>, text: &str, create: bool) -> Result<u64, String> {
    if let Some(label) = labels.iter().find(|label| label.text == text) {
        return Ok(label.id);
    }
    if create {
        return add_label(kind, labels, text, None);
    }
    let known: Vec<String> = labels.iter().map(|label| format!("{}: {}", label.id, label.text)).collect();
    Err(format!("This {kind} label doesn't exist, possible labels are: {{{}}}", known.join(", ")))
}

/// `2026-02-28`, and a day that there is.
fn calendar_date(text: &str) -> Result<String, String> {
    let date = Date::strptime("%Y-%m-%d", text).ok().filter(|date| date.to_string() == text);
    date.map(|date| date.to_string()).ok_or_else(|| format!("`{text}` is no date in the form YYYY-MM-DD"))
}

fn date(value: &Value) -> Result<Cell, String> {
    if let Value::String(date) = value {
        return Ok(Cell::Date { date: calendar_date(date)?, time: None });
    }
    let object = one_of(value, &["date"], &["time"])?;
    let time = optional_string(object, "time")?;
    if let Some(time) = &time {
        let parsed = Time::strptime("%H:%M:%S", time).ok().filter(|parsed| parsed.to_string() == *time);
        parsed.ok_or_else(|| format!("`{time}` is no time in the form HH:MM:SS"))?;
    }
    Ok(Cell::Date { date: calendar_date(string(object, "date")?)?, time })
}

fn timeline(value: &Value) -> Result<Cell, String> {
    let object = one_of(value, &["from", "to"], &[])?;
    let from = calendar_date(string(object, "from")?)?;
    let to = calendar_date(string(object, "to")?)?;
    match from <= to {
        true => Ok(Cell::Timeline { from, to }),
        false => Err("the timeline ends before it begins".into()),
    }
}

fn email(value: &Value) -> Result<Cell, String> {
    let object = one_of(value, &["email"], &["text"])?;
    let email = string(object, "email")?;
    let is_plausible = email.split_once('@').is_some_and(|(local, domain)| {
        let is_plain = |part: &str| {
            !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c == '@' || c == ',' || c == ';')
        };
        let labels: Vec<&str> = domain.split('.').collect();
        is_plain(local) && labels.len() > 1 && labels.iter().all(|label| is_plain(label))
    });
    if !is_plausible {
        return Err("this is no e-mail address".into());
    }
    let text = optional_string(object, "text")?.unwrap_or_else(|| email.to_owned());
    Ok(Cell::Email { email: email.to_owned(), text })
}

fn phone(value: &Value) -> Result<Cell, String> {
    let object = one_of(value, &["phone", "countryShortName"], &[])?;
    let (phone, country) = (string(object, "phone")?, string(object, "countryShortName")?);
    checked_country(country)?;
    match is_phone(phone, country) {
        true => Ok(Cell::Phone { phone: phone.to_owned(), country: country.to_owned() }),
        false => Err(format!("this is no phone number of {country}")),
    }
}

/// A part of what monday's library knows: Canada, the United States and France by their rules, the others by length.
fn is_phone(phone: &str, country: &str) -> bool {
    let (digits, is_international) = match phone.strip_prefix('+') {
        Some(digits) => (digits, true),
        None => (phone, false),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    match country {
        "CA" | "US" => match digits.len() {
            11 => digits.strip_prefix('1').is_some_and(is_north_american),
            10 => !is_international && is_north_american(digits),
            _ => false,
        },
        "FR" => {
            let national = if is_international { digits.strip_prefix("33") } else { digits.strip_prefix('0') };
            national.is_some_and(|national| national.len() == 9 && !national.starts_with('0'))
        }
        _ if is_international => (8..=15).contains(&digits.len()) && !digits.starts_with('0'),
        _ => (4..=14).contains(&digits.len()),
    }
}

/// Ten digits; neither area nor exchange begins with 0 or 1, or is a service code such as 911.
fn is_north_american(digits: &str) -> bool {
    let is_good = |part: &str| part.starts_with(|c: char| ('2'..='9').contains(&c)) && !part.ends_with("11");
    digits.len() == 10 && is_good(&digits[..3]) && is_good(&digits[3..6])
}

fn checked_country(code: &str) -> Result<(), String> {
    let mut known = COUNTRIES.as_bytes().chunks(2);
    match known.any(|known| known == code.as_bytes()) {
        true => Ok(()),
        false => Err(format!("`{code}` is no country code of two capital letters")),
    }
}

fn link(value: &Value) -> Result<Cell, String> {
    let object = one_of(value, &["url"], &["text"])?;
    let url = string(object, "url")?;
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
    if host.is_empty() || host.starts_with('/') || url.contains(char::is_whitespace) {
        return Err("a link begins with http:// or https:// and has no blanks".into());
    }
    Ok(Cell::Link { url: url.to_owned(), text: optional_string(object, "text")? })
}

fn country(value: &Value) -> Result<Cell, String> {
    let object = one_of(value, &["countryCode", "countryName"], &[])?;
    let (code, name) = (string(object, "countryCode")?, string(object, "countryName")?);
    checked_country(code)?;
    if name.trim().is_empty() {
        return Err("`countryName` is empty".into());
    }
    Ok(Cell::Country { code: code.to_owned(), name: name.to_owned() })
}

fn location(value: &Value) -> Result<Cell, String> {
    let object = one_of(value, &["lat", "lng"], &["address"])?;
    let degrees = |key: &str, most: f64| {
        let text = number(string(object, key)?)?;
        match text.parse::<f64>() {
            Ok(degrees) if degrees.abs() <= most => Ok(text),
            _ => Err(format!("`{key}` is out of range")),
        }
    };
    Ok(Cell::Location {
        lat: degrees("lat", 90.0)?,
        lng: degrees("lng", 180.0)?,
        address: optional_string(object, "address")?,
    })
}

fn relation(state: &State, column: &Column, value: &Value) -> Result<Vec<u64>, String> {
    let object = one_of(value, &["item_ids"], &[])?;
    let given = object.get("item_ids").and_then(Value::as_array).ok_or("`item_ids` must be a list")?;
    let boards = column.connected();
    let mut ids = Vec::new();
    for id in given {
        let id = whole_number(id).ok_or("`item_ids` must hold item ids")?;
        let item = state.items.get(&id).filter(|item| item.life == Life::Active);
        let item = item.ok_or_else(|| format!("item {id} does not exist or is not active"))?;
        if !boards.contains(&item.board) {
            return Err(format!("item {id} is on board {}, which is not connected to this column", item.board));
        }
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    if ids.len() > 1 && column.settings.get("allowMultipleItems") == Some(&Value::Bool(false)) {
        return Err("this column takes one item only".into());
    }
    Ok(ids)
}

fn people(value: &Value) -> Result<Cell, String> {
    let object = one_of(value, &["personsAndTeams"], &[])?;
    let given = object.get("personsAndTeams").and_then(Value::as_array).ok_or("`personsAndTeams` must be a list")?;
    let mut people = Vec::new();
    for person in given {
        let person = one_of(person, &["id", "kind"], &[])?;
        let id = person.get("id").and_then(whole_number).ok_or("`id` must be a whole number")?;
        match string(person, "kind")? {
            kind @ ("person" | "team") => people.push((id, kind.to_owned())),
            _ => return Err("`kind` must be person or team".into()),
        }
    }
    Ok(Cell::People(people))
}

/// What `change_simple_column_value` makes of a plain text: the same value in the form of `column_values`.
///
/// Source: monday's table of the texts that each column type takes.
pub(super) fn from_simple_text(column: &Column, text: &str) -> Result<Value, String> {
    let first_and_rest = || match text.split_once(' ') {
        Some((first, rest)) => (first, rest.trim()),
        None => (text, ""),
    };
    if text.is_empty() {
        return Ok(Value::Null);
    }
    Ok(match column.kind.as_str() {
        "board_relation" | "timeline" => return Err(format!("a column of type {} takes no plain text", column.kind)),
        "text" | "long_text" | "numbers" | "status" => text.into(),
        "dropdown" => {
            let parts: Vec<&str> = text.split(',').map(str::trim).collect();
            let key = if parts.iter().all(|part| part.parse::<u64>().is_ok()) { "ids" } else { "labels" };
            json!({ key: parts })
        }
        "date" => match first_and_rest() {
            (date, "") => json!({ "date": date }),
            (date, time) => json!({ "date": date, "time": time }),
        },
        "email" => {
            let (email, label) = first_and_rest();
            json!({ "email": email, "text": label })
        }
        "phone" => {
            let (phone, country) = first_and_rest();
            json!({ "phone": phone, "countryShortName": country })
        }
        "link" => {
            let (url, label) = first_and_rest();
            json!({ "url": url, "text": label })
        }
        "checkbox" => json!({ "checked": text }),
        "country" => {
            let (code, name) = first_and_rest();
            json!({ "countryCode": code, "countryName": name })
        }
        "location" => {
            let mut parts = text.splitn(3, ' ');
            let (lat, lng) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            json!({ "lat": lat, "lng": lng, "address": parts.next().unwrap_or_default() })
        }
        "people" => json!({ "personsAndTeams": [{ "id": text, "kind": "person" }] }),
        other => return Err(format!("a column of type {other} can't be written")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `None`: refused.
    fn read(kind: &str, value: Value) -> Option<Option<String>> {
        let column = Column::new("c", "C", kind).configured(&Value::Null).expect("no settings are fine");
        let mut labels = column.labels.clone();
        let cell = parse(&State::new(), &column, &mut labels, &value, false).ok()?;
        Some(cell.and_then(|cell| cell.text(&column)))
    }

    fn reads(kind: &str, value: Value, text: &str) {
        assert_eq!(read(kind, value.clone()), Some(Some(text.to_owned())), "{kind} {value}");
    }

    fn refuses(kind: &str, value: Value) {
        assert_eq!(read(kind, value.clone()), None, "{kind} {value}");
    }

    #[test]
    fn each_type_takes_its_own_form_and_reads_back() {
        reads("text", json!("abc"), "abc");
        reads("long_text", json!({ "text": "abc" }), "abc");
        reads("numbers", json!("12.50"), "12.5");
        reads("numbers", json!("-0.0"), "0");
        reads("date", json!({ "date": "2028-02-29", "time": "14:30:00" }), "2028-02-29 14:30");
        reads("timeline", json!({ "from": "2026-01-01", "to": "2026-12-31" }), "2026-01-01 - 2026-12-31");
        reads("email", json!({ "email": "a@b.fr", "text": "A" }), "A");
        reads("phone", json!({ "phone": "+14185550123", "countryShortName": "CA" }), "14185550123");
        reads("phone", json!({ "phone": "0612345678", "countryShortName": "FR" }), "0612345678");
        reads("link", json!({ "url": "https://a.ca/", "text": "A" }), "A - https://a.ca/");
        reads("checkbox", json!({ "checked": "true" }), "v");
        reads("country", json!({ "countryCode": "CA", "countryName": "Canada" }), "Canada");
        reads("location", json!({ "lat": "46.8", "lng": "-71.2", "address": "Lévis" }), "Lévis");
        assert_eq!(read("date", Value::Null), Some(None));
    }

    #[test]
    fn what_is_not_quite_the_form_is_refused() {
        refuses("text", json!(12));
        refuses("long_text", json!("x".repeat(2_001)));
        refuses("numbers", json!(12.5));
        refuses("numbers", json!("12,5"));
        refuses("numbers", json!("1e3"));
        refuses("date", json!("2026-02-29"));
        refuses("date", json!("2026-2-8"));
        refuses("date", json!({ "date": "2026-02-28", "hour": "1" }));
        refuses("timeline", json!({ "from": "2026-01-01" }));
        refuses("email", json!({ "email": "a@b", "text": "A" }));
        refuses("phone", json!({ "phone": "+11185550123", "countryShortName": "CA" }));
        refuses("phone", json!({ "phone": "418 555-0123", "countryShortName": "CA" }));
        refuses("phone", json!({ "phone": "4185550123", "countryShortName": "ca" }));
        refuses("link", json!({ "url": "www.a.ca", "text": "A" }));
        refuses("checkbox", json!({ "checked": true }));
        refuses("country", json!({ "countryCode": "QC", "countryName": "Québec" }));
        refuses("location", json!({ "lat": "91", "lng": "0" }));
        refuses("status", json!("Missing"));
        refuses("formula", json!("1"));
    }
}
