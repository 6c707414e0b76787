//! JSON for a person who looks at it: indented, in colour. Names, strings and numbers stay byte for byte what they were.

use super::surface::{Surface, Tone};
use serde::de::IgnoredAny;

/// How far each level is set in.
const LEVEL: &str = "  ";

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
