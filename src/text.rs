//! Small things about text that several parts need.

use std::borrow::Cow;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
use unicode_segmentation::UnicodeSegmentation;

/// The text in Unicode's composed form (NFC): how texts are compared and sent, whichever form they came in.
pub(crate) fn nfc(text: &str) -> Cow<'_, str> {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        IsNormalized::No | IsNormalized::Maybe => Cow::Owned(text.nfc().collect()),
    }
}

/// Whether a character shows nothing at all: marks of width zero, such as a byte order mark, and those that steer the reading
/// direction. What people paste brings them along.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
        || is_direction_mark(c)
}

/// The text as it is sent: composed, and without control characters, which no column shows; line ends and tabs stay.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    let is_stray = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    match text.contains(is_stray) {
        false => nfc(text),
        true => Cow::Owned(nfc(&text.replace(is_stray, "")).into_owned()),
    }
}

/// The text on one line: line ends, tabs and other control characters are blanks.
pub(crate) fn on_one_line(text: &str) -> String {
    let parts: Vec<&str> = text.split(char::is_control).filter(|part| !part.is_empty()).collect();
    nfc(&parts.join(" ")).into_owned()
}

/// The beginning of a text, of at most `most` characters; what people see as one sign is not cut in two.
pub(crate) fn beginning(text: &str, most: usize) -> &str {
    let mut count = 0;
    let whole = text.graphemes(true).take_while(|sign| {
        count += sign.chars().count();
        count <= most
    });
    let length = whole.map(str::len).sum();
    text.get(..length).unwrap_or_default()
}

/// The text without what surrounds it and shows nothing: blanks of any kind and invisible characters.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c))
}

/// Which of several codes a text means: the one that it is, or else the only one that it is without case.
pub(crate) fn matching<'c>(text: &str, codes: impl Iterator<Item = &'c str> + Clone) -> Option<usize> {
    let text = nfc(trimmed(text));
    if let Some(exact) = codes.clone().position(|code| nfc(trimmed(code)) == text) {
        return Some(exact);
    }
    let folded = caseless(&text);
    let mut alike = codes.enumerate().filter(|(_, code)| caseless(trimmed(code)) == folded);
    let first = alike.next();
    first.filter(|_| alike.next().is_none()).map(|(index, _)| index)
}

/// The text as it is compared where case does not count: composed, in small letters, without invisible characters.
pub(crate) fn caseless(text: &str) -> String {
    let lower = nfc(text).chars().filter(|c| !is_invisible(*c)).flat_map(char::to_lowercase).collect::<String>();
    nfc(&lower).into_owned()
}

/// The nearest of `known` to a misspelt word, if any is near enough to be meant.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Text from outside, made harmless for a terminal: control characters (ESC, CR, newline) and marks that turn the reading
/// direction become visible or a blank.
pub(crate) fn harmless(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\r' | '\t' => ' ',
            c if c.is_control() || is_direction_mark(c) => '\u{fffd}',
            c => c,
        })
        .collect()
}

/// Whether a character turns the direction in which its neighbours are read.
pub(crate) fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{061c}')
}

/// A JSON text that says the same, and does nothing to a terminal: what would act stands there as `\u001b`. In JSON, that can
/// only be inside of strings, but for line ends and tabs.
pub(crate) fn without_effect(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '\n' => out.push('\n'),
            '\r' | '\t' => out.push(' '),
            c if c.is_control() || is_direction_mark(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// The first `most` characters, with an ellipsis where something was cut.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(most.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// Text as it is compared in searches: small letters, without accents.
pub(crate) fn case_folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(&mut out, text);
    out
}

/// The same, behind what is there already.
pub(crate) fn fold_into(out: &mut String, text: &str) {
    if text.is_ascii() {
        let start = out.len();
        out.push_str(text);
        if let Some(added) = out.get_mut(start..) {
            added.make_ascii_lowercase();
        }
        return;
    }
    for character in text.chars().flat_map(char::to_lowercase) {
        match character {
            'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => out.push('a'),
            'ç' => out.push('c'),
            'è' | 'é' | 'ê' | 'ë' => out.push('e'),
            'ì' | 'í' | 'î' | 'ï' => out.push('i'),
            'ñ' => out.push('n'),
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' => out.push('o'),
            'ù' | 'ú' | 'û' | 'ü' => out.push('u'),
            'ý' | 'ÿ' => out.push('y'),
            'œ' => out.push_str("oe"),
            'æ' => out.push_str("ae"),
            '’' => out.push('\''),
            'ł' => out.push('l'),
            'ø' => out.push('o'),
            'đ' => out.push('d'),
            // Also those with two accents; one that stands by itself after its letter goes too.
            other => out.extend(other.nfd().filter(|part| !matches!(part, '\u{300}'..='\u{36f}'))),
        }
    }
}

/// The commands that work with a configuration and a store, and so need the flags that choose them.
pub(crate) const COMMANDS: &[&str] = &[
    "init",
    "sync",
    "pull",
    "push",
    "status",
    "dashboard",
    "pause",
    "resume",
    "resync",
    "show-json",
    "explain",
    "export",
    "link",
    "listen",
    "unlink",
    "subscribe",
    "forget",
    "columns",
    "doctor",
    "backup",
    "runs",
    "config",
];

/// A text in which each command to be pasted carries the flags that this one was given: without `--profile acme` it would be about
/// another client. A command that carries them already, also over the end of a line, stays as it is.
pub(crate) fn with_flags<'t>(text: &'t str, flags: &str) -> Cow<'t, str> {
    const PROGRAM: &str = "hopem-sync ";
    if flags.is_empty() || !text.contains(PROGRAM) {
        return Cow::Borrowed(text);
    }
    let mut parts = text.split_inclusive(PROGRAM);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !(c.is_ascii_lowercase() || c == '-')).unwrap_or(part.len());
        let (word, rest) = part.split_at(end);
        out.push_str(word);
        if COMMANDS.contains(&word) && !carries(rest, flags) {
            out.push(' ');
            out.push_str(flags);
        }
        out.push_str(rest);
    }
    Cow::Owned(out)
}

/// Whether what stands behind a command begins with these flags, however the lines are broken.
fn carries(rest: &str, flags: &str) -> bool {
    let mut words = rest.split_whitespace();
    let mut flags = flags.split_whitespace().peekable();
    rest.starts_with(char::is_whitespace)
        && std::iter::from_fn(|| flags.next().map(|flag| (flag, flags.peek().is_none()))).all(|(flag, is_last)| {
            // A sign may follow the last one.
            words.next().is_some_and(|word| if is_last { word.starts_with(flag) } else { word == flag })
        })
}

/// Words as a shell takes them.
pub(crate) fn shell_words(words: &[String]) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_:./,=@%+".contains(c);
    let quoted = words.iter().map(|word| match !word.is_empty() && word.chars().all(is_plain) {
        true => word.clone(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    });
    quoted.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_word_finds_its_neighbour_and_nonsense_finds_none() {
        assert_eq!(nearest("borad", ["board", "group"]), Some("board"));
        assert_eq!(nearest("xyzzy", ["board", "group"]), None);
    }

    #[test]
    fn json_on_a_terminal_says_the_same_and_does_nothing() {
        let json = "{\"a\":\t\"\u{202e}b\u{9b}31m\u{7f}\",\r\n\"c\":\"\\u001b[0m\"}";
        let shown = without_effect(json);
        assert_eq!(shown, "{\"a\": \"\\u202eb\\u009b31m\\u007f\", \n\"c\":\"\\u001b[0m\"}");
        let value = |json: &str| serde_json::from_str::<serde_json::Value>(json).expect("JSON");
        assert_eq!(value(&shown), value(json));
    }

    #[test]
    fn both_forms_of_an_accent_are_one_text() {
        assert_eq!(nfc("Loue\u{301}"), "Lou\u{e9}");
        assert!(matches!(nfc("Lou\u{e9}"), Cow::Borrowed(_)));
        assert_eq!(caseless("LOUE\u{301}\u{200b}"), "lou\u{e9}");
        assert_eq!(caseless("\u{130}"), caseless("i\u{307}"));
    }

    #[test]
    fn a_code_is_meant_exactly_or_else_without_case_where_just_one_fits() {
        let codes = ["V", "l", "L", "Lou\u{e9}"];
        let meant = |text: &str| matching(text, codes.into_iter()).map(|index| codes[index]);
        assert_eq!(
            [meant("v"), meant("l"), meant("L"), meant("LOUE\u{301} ")],
            [Some("V"), Some("l"), Some("L"), Some("Lou\u{e9}")]
        );
        assert_eq!(matching("ab", ["AB", "Ab"].into_iter()), None, "two fit");
        assert_eq!(meant("x"), None);
    }

    #[test]
    fn a_text_is_cut_between_signs_and_has_no_control_characters() {
        assert_eq!(beginning("a👩\u{200d}🔧b", 3), "a");
        assert_eq!(beginning("a👩\u{200d}🔧b", 4), "a👩\u{200d}🔧");
        assert_eq!(beginning("ab", 5), "ab");
        assert_eq!(printable("a\u{0}b\r\nc\u{1b}[0m\t"), "ab\r\nc[0m\t");
        assert_eq!(on_one_line("a\r\nb\u{7}c"), "a b c");
    }

    #[test]
    fn what_shows_nothing_is_trimmed_but_an_emoji_keeps_its_joiners() {
        assert_eq!(trimmed("\u{feff}\u{a0}a\u{200b}b \u{200d}\u{202c}\n"), "a\u{200b}b");
        assert_eq!(trimmed("\u{200b}\u{2060} "), "");
        assert_eq!(trimmed("👩\u{200d}🔧"), "👩\u{200d}🔧");
    }

    #[test]
    fn searches_know_neither_case_nor_accents() {
        assert_eq!(case_folded("Côté, ÉLOÏSE, Sacré-Cœur, e\u{301}"), "cote, eloise, sacre-coeur, e");
        assert_eq!(case_folded("Nguyễn Łukasz"), "nguyen lukasz");
    }

    #[test]
    fn escape_sequences_and_direction_marks_do_not_reach_a_terminal() {
        assert_eq!(harmless("a\u{1b}[31m\u{202e}b\r\n"), "a\u{fffd}[31m\u{fffd}b  ");
    }

    #[test]
    fn a_command_to_be_pasted_carries_the_flags_once() {
        let flags = shell_words(&["--profile".to_owned(), "acme".to_owned()]);
        let text = "Next: hopem-sync sync --dry-run, `hopem-sync init`; hopem-sync show-json unit && hopem-sync push";
        let expected = "Next: hopem-sync sync --profile acme --dry-run, `hopem-sync init --profile acme`; \
                        hopem-sync show-json --profile acme unit && hopem-sync push --profile acme";
        assert_eq!(with_flags(text, &flags), expected);
        assert_eq!(with_flags(expected, &flags), expected);
        assert_eq!(with_flags(text, ""), text);
        let wrapped = expected.replacen(&format!(" {flags}"), &format!("\n    {}", flags.replace(' ', "\n    ")), 1);
        assert_eq!(with_flags(&wrapped, &flags), wrapped);
        for other in ["the user running hopem-sync may read it", "no hopem-sync store", "hopem-sync-listen push"] {
            assert_eq!(with_flags(other, &flags), other);
        }
    }

    #[test]
    fn words_are_quoted_as_a_shell_needs_it() {
        let words = ["--config", "/etc/a b.toml", "", "it's"].map(str::to_owned);
        assert_eq!(shell_words(&words), r"--config '/etc/a b.toml' '' 'it'\''s'");
    }
}
