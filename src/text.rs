//! Small things about text that several parts need.

/// The nearest of `known` to a misspelt word, if any is near enough to be meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Text from outside, made harmless for a terminal: control characters (ESC, CR, newline) and marks that turn the reading
/// direction become visible or a blank.
pub fn harmless(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\r' | '\t' => ' ',
            c if c.is_control() || is_direction_mark(c) => '\u{fffd}',
            c => c,
        })
        .collect()
}

/// Whether a character turns the direction in which its neighbours are read.
pub fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{061c}')
}

/// A JSON text that says the same, and does nothing to a terminal: what would act stands there as `\u001b`. In JSON, that can
/// only be inside of strings, but for line ends and tabs.
pub fn without_effect(json: &str) -> String {
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
pub fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(most.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// Text as it is compared in searches: small letters, without accents.
pub fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(&mut out, text);
    out
}

/// The same, behind what is there already.
pub fn fold_into(out: &mut String, text: &str) {
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
            // An accent that stands by itself after its letter.
            '\u{300}'..='\u{36f}' => {}
            other => out.push(other),
        }
    }
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
    fn searches_know_neither_case_nor_accents() {
        assert_eq!(folded("Côté, ÉLOÏSE, Sacré-Cœur, e\u{301}"), "cote, eloise, sacre-coeur, e");
    }

    #[test]
    fn escape_sequences_and_direction_marks_do_not_reach_a_terminal() {
        assert_eq!(harmless("a\u{1b}[31m\u{202e}b\r\n"), "a\u{fffd}[31m\u{fffd}b  ");
    }
}
