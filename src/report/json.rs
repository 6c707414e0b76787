//! JSON as it is written: for programs in one line, for a person who looks at it indented and in colour. Names, strings and numbers stay
//! byte for byte what they were; only advice is given the flags that its commands need.

use super::style::Style;
use super::surface::{Surface, Tone};
use crate::text::{with_flags, without_effect};
use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::Value;

/// The members whose texts may name a command to be pasted. No value of a record stands in them.
const ADVICE: [&str; 5] = ["hint", "error", "message", "why", "reasons"];

/// How far each level is set in.
const LEVEL: &str = "  ";

/// A document in one line: its exact bytes for programs, on a terminal the same in letters that do nothing there.
///
/// # Errors
/// Where it is no JSON.
pub(super) fn in_one_line(document: &impl Serialize, style: Style<'_>) -> serde_json::Result<String> {
    let json = match style.flags.is_empty() {
        true => serde_json::to_string(document)?,
        false => {
            let mut value = serde_json::to_value(document)?;
            advise(&mut value, style.flags);
            serde_json::to_string(&value)?
        }
    };
    Ok(if style.out.is_terminal { without_effect(&json) } else { json })
}

/// Lets the commands in what is advised be about the same configuration and store.
fn advise(value: &mut Value, flags: &str) {
    match value {
        Value::Object(members) => members.iter_mut().for_each(|(name, member)| match member {
            Value::Object(_) | Value::Array(_) if !ADVICE.contains(&name.as_str()) => advise(member, flags),
            _ if ADVICE.contains(&name.as_str()) => carry(member, flags),
            _ => {}
        }),
        Value::Array(members) => members.iter_mut().for_each(|member| advise(member, flags)),
        _ => {}
    }
}

/// What is advised: a text, a list of them, or an error with its own advice.
fn carry(advice: &mut Value, flags: &str) {
    match advice {
        Value::String(text) => *text = with_flags(text, flags).into_owned(),
        Value::Array(texts) => texts.iter_mut().for_each(|text| carry(text, flags)),
        other => advise(other, flags),
    }
}

/// The text with a line for each member, its names, strings, numbers and words in colour where colour goes. What is no JSON
/// stays as it is.
pub(super) fn indented(json: &str, surface: Surface) -> String {
    if serde_json::from_str::<IgnoredAny>(json).is_err() {
        return json.to_owned();
    }
    let mut out = String::with_capacity(json.len() * 2);
    let (mut rest, mut depth, mut is_empty) = (json.trim_start(), 0, false);
    while let Some(first) = rest.chars().next() {
        let (token, others) = rest.split_at(token_length(rest, first));
        rest = others.trim_start();
        if matches!(first, '}' | ']') {
            depth -= 1;
        }
        if (std::mem::take(&mut is_empty) && !matches!(first, '}' | ']'))
            || (matches!(first, '}' | ']') && !opens(&out))
        {
            new_line(&mut out, depth);
        }
        out.push_str(&surface.paint(tone(first, rest), token));
        match first {
            '{' | '[' => (depth, is_empty) = (depth + 1, true),
            ',' => new_line(&mut out, depth),
            ':' => out.push(' '),
            _ => {}
        }
    }
    out.push('\n');
    out
}

fn opens(out: &str) -> bool {
    out.ends_with(['{', '['])
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.push_str(&LEVEL.repeat(depth));
}

/// How long the token is that a text begins with, in bytes.
fn token_length(text: &str, first: char) -> usize {
    match first {
        '"' => string_length(text),
        '-' | '0'..='9' | 'a'..='z' => {
            text.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c))).unwrap_or(text.len())
        }
        other => other.len_utf8(),
    }
}

/// The colour of a token that begins so, and what follows it.
fn tone(first: char, rest: &str) -> Tone {
    match first {
        '"' if rest.starts_with(':') => Tone::Strong,
        '"' => Tone::Good,
        '-' | '0'..='9' => Tone::Waiting,
        'a'..='z' => Tone::Faint,
        _ => Tone::Plain,
    }
}

/// How long the string is that a text begins with, in bytes, quotes included.
fn string_length(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !is_escaped => return at + 1,
            '\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Lang;

    #[test]
    fn advice_carries_the_flags_and_values_stay_what_they_were() {
        let surface = Surface { is_terminal: false, is_coloured: false, width: 80 };
        let style = |flags| Style { flags, ..Style::bare(Lang::En, surface) };
        let run = "run hopem-sync push";
        let document = serde_json::json!({
            "hint": run, "name": run, "number": 1.0, "columns": {"hint_1": {"old": run}},
            "error": {"message": "x", "hint": run}, "reasons": [run], "failures": [{"why": run, "entity": run}],
        });
        let changed =
            document.to_string().replace(&format!(r#""hint":"{run}""#), r#""hint":"run hopem-sync push --profile a""#);
        let changed = changed.replace(&format!(r#"["{run}"]"#), r#"["run hopem-sync push --profile a"]"#);
        let changed = changed.replace(&format!(r#""why":"{run}""#), r#""why":"run hopem-sync push --profile a""#);
        assert_eq!(in_one_line(&document, style("--profile a")).expect("JSON"), changed);
        assert_eq!(in_one_line(&document, style("")).expect("JSON"), document.to_string());
    }

    const SURFACE: Surface = Surface { is_terminal: true, is_coloured: true, width: 80 };

    /// The text without its colours.
    fn plain(text: &str) -> String {
        let mut parts = text.split('\u{1b}');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |sum, part| sum + part.split_once('m').map_or(part, |(_, rest)| rest))
    }

    #[test]
    fn json_for_people_has_a_line_for_each_member_and_every_byte_of_its_tokens() {
        let json = "{\"Id\": 5, \"Name\" :\"a \\\"b: {c}, \\u00e9\", \"Rent\":-1.50e+3,\"x\":[null,true,\"\u{e9}\"],\"y\":{},\"z\":[]}\n";
        let expected = r#"{
  "Id": 5,
  "Name": "a \"b: {c}, \u00e9",
  "Rent": -1.50e+3,
  "x": [
    null,
    true,
    "é"
  ],
  "y": {},
  "z": []
}
"#;
        let shown = indented(json, SURFACE);
        assert_eq!(plain(&shown), expected);
        assert_eq!(indented(json, Surface { is_coloured: false, ..SURFACE }), expected);
        for part in ["\u{1b}[1m\"Id\"\u{1b}[0m", "\u{1b}[33m-1.50e+3\u{1b}[0m", "\u{1b}[90mnull\u{1b}[0m"] {
            assert!(shown.contains(part), "{shown:?}");
        }
    }

    #[test]
    fn what_is_no_json_is_left_as_it_is() {
        for text in ["", "\"open", "{]\u{e9}\"\\", "}{ , :"] {
            assert_eq!(indented(text, SURFACE), text);
        }
    }
}
