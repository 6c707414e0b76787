//! JSON in colour, for a person who looks at it: without the colours it is the same text, byte for byte.

use super::surface::{Surface, Tone};

/// The text with its names, strings, numbers and words in colour. What is no JSON stays as it is.
pub(super) fn coloured(json: &str, surface: Surface) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut rest = json;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => string_length(rest),
            '-' | '0'..='9' | 'a'..='z' => {
                rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c))).unwrap_or(rest.len())
            }
            other => other.len_utf8(),
        };
        let (token, others) = rest.split_at(length);
        let tone = match first {
            '"' if others.trim_start().starts_with(':') => Tone::Strong,
            '"' => Tone::Good,
            '-' | '0'..='9' => Tone::Waiting,
            'a'..='z' => Tone::Faint,
            _ => Tone::Plain,
        };
        out.push_str(&surface.paint(tone, token));
        rest = others;
    }
    out
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
    fn json_in_colour_is_the_same_text_without_the_colour() {
        let json = "{\"Id\": 5, \"Name\" :\"a \\\"b\\\\\", \"Rent\":-1.50e+3,\"x\":[null,true,\"\u{e9}\"]}\n";
        let shown = coloured(json, SURFACE);
        assert_eq!(plain(&shown), json);
        for part in ["\u{1b}[1m\"Id\"\u{1b}[0m", "\u{1b}[33m-1.50e+3\u{1b}[0m", "\u{1b}[90mnull\u{1b}[0m"] {
            assert!(shown.contains(part), "{shown:?}");
        }
        assert!(shown.contains("\u{1b}[32m\"a \\\"b\\\\\"\u{1b}[0m"), "{shown:?}");
    }

    #[test]
    fn what_is_no_json_is_left_as_it_is() {
        for text in ["", "\"open", "{]\u{e9}\"\\", "}{ , :"] {
            assert_eq!(plain(&coloured(text, SURFACE)), text);
        }
    }
}
