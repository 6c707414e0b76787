//! Which values mean nothing: those that the configuration lists, and input masks that nobody filled in.

use super::column_type::ColumnType;
use super::date;
use crate::text::{caseless, trimmed};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// Signs of which a mask is made besides ASCII ones: dashes, dots and an underscore of other widths.
const MASK_SIGNS: [char; 13] = ['‐', '‑', '‒', '–', '—', '―', '−', '…', '·', '•', '．', '＿', '／'];
/// Signs that may well be a code where they stand alone, such as a mark of `+` or `*`.
const TELLING: &str = "!$%&*+<=>?^~#";

/// Values that mean nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Blanks {
    given: Vec<String>,
    texts: BTreeSet<String>,
    dates: Vec<Date>,
}

impl Blanks {
    /// Only what is empty or a bare mask.
    #[cfg(test)]
    pub(crate) const NONE: Blanks = Blanks { given: Vec::new(), texts: BTreeSet::new(), dates: Vec::new() };

    /// From the values that the configuration lists.
    pub(crate) fn new(given: Vec<String>) -> Blanks {
        let texts = given.iter().map(|text| caseless(trimmed(text))).collect();
        let dates = given.iter().filter_map(|text| date::day(trimmed(text))).collect();
        Blanks { given, texts, dates }
    }

    /// As the configuration lists them.
    pub(crate) fn given(&self) -> &[String] {
        &self.given
    }

    /// Whether a text means nothing, whatever column it goes into: it is empty, listed (a date also with a time), or a bare mask.
    pub(crate) fn holds(&self, text: &str) -> bool {
        let text = trimmed(text);
        // Most values are longer than anything that is listed.
        let may_be_listed = || self.given.iter().any(|given| text.len() <= given.len() * 3);
        text.is_empty()
            || is_mask(text, &|c| TELLING.contains(c))
            || (may_be_listed() && self.texts.contains(&caseless(text)))
            || date::day(text).is_some_and(|day| self.holds_day(day))
    }

    /// Whether a text means nothing in a column of this type: nothing without a letter or a digit is an address or a number, and
    /// nobody has a phone number of zeros.
    pub(crate) fn holds_in(&self, column_type: ColumnType, text: &str) -> bool {
        let is_bare = || match column_type {
            ColumnType::Phone => is_mask(&without_prefix(text), &|_| false) || is_zeros(text),
            ColumnType::Email
            | ColumnType::Numbers
            | ColumnType::Date
            | ColumnType::Timeline
            | ColumnType::Link
            | ColumnType::Country
            | ColumnType::Location => is_mask(text, &|_| false),
            _ => false,
        };
        self.holds(text) || is_bare()
    }

    /// Whether a calendar date means that there is none.
    pub(crate) fn holds_day(&self, day: Date) -> bool {
        self.dates.contains(&day)
    }
}

/// Whether a text is a mask that nobody filled in, such as `(___) ___-____`: signs and blanks only. One that consists of nothing but
/// signs that may be codes is none.
fn is_mask(text: &str, is_identifying: &dyn Fn(char) -> bool) -> bool {
    let is_sign = |c: char| c.is_ascii_punctuation() || c.is_whitespace() || MASK_SIGNS.contains(&c);
    text.chars().all(is_sign) && (text.is_empty() || !text.chars().all(is_identifying))
}

/// The text without the prefix of North America that some masks begin with.
fn without_prefix(text: &str) -> String {
    let text = text.trim();
    text.strip_prefix("+1").or_else(|| text.strip_prefix('1')).unwrap_or(text).to_owned()
}

/// Whether a phone number has no digit but zeros.
fn is_zeros(text: &str) -> bool {
    text.contains('0') && text.chars().all(|c| c == '0' || c.is_ascii_punctuation() || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn usual() -> Blanks {
        Blanks::new(["-", "N/D", "N/A"].map(str::to_owned).to_vec())
    }

    #[test]
    fn listed_values_and_bare_masks_mean_nothing() {
        for text in [
            "",
            " \u{200b} ",
            "-",
            "N/D",
            "n/a",
            " N/D ",
            "(   )    -    ",
            "(___) ___-____",
            "__/__/____",
            "  /  /    ",
            "--",
            "—",
            "(###) ###-####",
            "...",
            ", ",
            "_@_._",
            "…",
        ] {
            assert!(usual().holds(text), "{text:?}");
        }
        for text in ["0", "N", "ND", "+", "*", "?", "#", "🏠", "½", "✓", "a", "(418) ___-____", "N/D 2", "C$"] {
            assert!(!usual().holds(text), "{text:?}");
        }
    }

    #[test]
    fn what_a_phone_or_an_address_can_never_be_means_nothing_there() {
        for text in ["000-000-0000", "(000) 000-0000", "0", "+1 (___) ___-____", "1 (   )    -", "?", "+"] {
            assert!(usual().holds_in(ColumnType::Phone, text), "{text:?}");
        }
        for text in ["418 000-0000", "1", "☎", "911"] {
            assert_eq!(usual().holds_in(ColumnType::Phone, text), text == "1", "{text:?}");
        }
        for (column_type, text) in [(ColumnType::Email, "?"), (ColumnType::Date, "??"), (ColumnType::Numbers, "$")] {
            assert!(usual().holds_in(column_type, text) && !usual().holds(text), "{text:?}");
        }
        assert!(!usual().holds_in(ColumnType::Text, "000-000-0000"), "a text may say so");
        assert!(!usual().holds_in(ColumnType::Numbers, "0"));
        assert!(!usual().holds_in(ColumnType::Status, "?"));
    }

    #[test]
    fn a_date_that_is_listed_is_meant_with_any_time() {
        let blanks = Blanks::new(["9999-12-31", "1900-01-01"].map(str::to_owned).to_vec());
        for text in ["9999-12-31", "9999-12-31T23:59:59.9999999", "1900-01-01T00:00:00Z", "/Date(-2208988800000)/"] {
            assert!(blanks.holds(text), "{text}");
        }
        assert!(!blanks.holds("1900-01-02"));
    }

    proptest! {
        #[test]
        fn nothing_with_a_letter_or_a_digit_is_a_mask(text in "[ ()_./+#-]{0,12}[a-zé0-9]{1,3}[ ()_./+#-]{0,12}") {
            prop_assert!(!Blanks::default().holds(&text));
        }

        #[test]
        fn a_mask_of_any_length_means_nothing(text in "[ ()_./-]{0,30}") {
            prop_assert!(Blanks::default().holds(&text));
        }
    }
}
