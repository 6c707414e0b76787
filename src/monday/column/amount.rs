//! Numbers as people write them: with a currency or a unit, with groups of digits, with a comma as decimal mark.

use crate::entity::decimal;

/// What may stand before a number.
const BEFORE: [&str; 6] = ["$", "€", "CA$", "C$", "US$", "CAD"];
/// What may stand behind a number, in small letters and without points. Anything else may change what the number means: `12A` is a
/// door, not a quantity.
const UNITS: [&str; 46] = [
    "$", "€", "¢", "%", "°", "$ ca", "ca$", "$ca", "$ us", "us$", "cad", "usd", "eur", "dollars", "m", "m2", "m²",
    "m3", "m³", "cm", "mm", "km", "pi", "pi2", "pi²", "pica", "pi ca", "po", "po2", "po²", "ft", "ft2", "ft²", "sqft",
    "sq ft", "sf", "kg", "lb", "lbs", "kw", "kwh", "h", "an", "ans", "mois", "jours",
];

/// A number in its shortest plain form; `None` where it is none, or where it could be read in two ways.
pub(super) fn plain(text: &str) -> Option<String> {
    let written = || match without_half(text) {
        Some(whole) => Some(format!("{}.5", bare(whole).filter(|whole| !whole.contains('.'))?)),
        None => bare(without_unit(without_currency(text))),
    };
    decimal::shortest(text).or_else(|| decimal::shortest(&written()?))
}

/// What stands before a half: a flat of `4 1/2` or `4½` has four rooms and a half.
fn without_half(text: &str) -> Option<&str> {
    let whole = text.strip_suffix('½').or_else(|| text.strip_suffix("1/2").filter(|rest| rest.ends_with(is_group)))?;
    Some(whole.trim_end()).filter(|whole| !whole.is_empty())
}

fn without_currency(text: &str) -> &str {
    let rest = BEFORE.into_iter().filter_map(|sign| text.strip_prefix(sign)).min_by_key(|rest| rest.len());
    rest.unwrap_or(text).trim_start()
}

fn without_unit(text: &str) -> &str {
    // The digits of a unit such as `pi2` stand behind its letters.
    let is_digit = |c: char| c.is_ascii_digit();
    let unit = text.find(|c: char| !is_digit(c) && !is_mark(c)).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit);
    let unit = unit.trim().replace('.', "").to_lowercase();
    if unit.is_empty() || UNITS.contains(&unit.as_str()) { number.trim_end() } else { text }
}

fn is_mark(c: char) -> bool {
    is_group(c) || matches!(c, '.' | ',' | '-' | '−' | '+')
}

/// Blanks between groups of three digits, and the apostrophe of the Swiss.
fn is_group(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '’')
}

/// Digits with at most one point: groups taken together, a decimal comma made a point.
fn bare(text: &str) -> Option<String> {
    let text = text.replace('−', "-");
    let (sign, digits) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (if text.starts_with('-') { "-" } else { "" }, rest.trim_start()),
        None => ("", text.as_str()),
    };
    let (whole, fraction) = parts(digits)?;
    let is_fraction = fraction.bytes().all(|byte| byte.is_ascii_digit());
    let whole = ungrouped(whole)?;
    is_fraction
        .then(|| if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

/// The digits before and behind the decimal mark. A single mark with three digits behind it may part groups as well as decimals:
/// a point is taken for what HApi writes, a comma is refused.
fn parts(digits: &str) -> Option<(&str, &str)> {
    match (digits.rfind(','), digits.rfind('.')) {
        (None, None) => Some((digits, "")),
        (None, Some(_)) if digits.matches('.').count() > 1 => Some((digits, "")),
        (None, Some(point)) => Some((&digits[..point], &digits[point + 1..])),
        (Some(_), None) if digits.matches(',').count() > 1 => Some((digits, "")),
        (Some(comma), None) => {
            let (whole, fraction) = (&digits[..comma], &digits[comma + 1..]);
            let is_ambiguous = fraction.len() == 3 && whole.len() <= 3 && whole != "0" && !whole.contains(is_group);
            (!is_ambiguous && !fraction.is_empty()).then_some((whole, fraction))
        }
        (Some(comma), Some(point)) => {
            let mark = comma.max(point);
            let is_single = digits.matches(&digits[mark..=mark]).count() == 1;
            is_single.then(|| (&digits[..mark], &digits[mark + 1..]))
        }
    }
}

/// A whole number whose groups of three are parted by one and the same sign, or by none.
fn ungrouped(whole: &str) -> Option<String> {
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let Some(sign) = whole.chars().find(|c| !c.is_ascii_digit()) else {
        return is_digits(whole).then(|| whole.to_owned());
    };
    if !is_group(sign) && !matches!(sign, '.' | ',') {
        return None;
    }
    let groups: Vec<&str> = whole.split(sign).collect();
    let (first, rest) = groups.split_first()?;
    let is_sound =
        is_digits(first) && first.len() <= 3 && rest.iter().all(|group| is_digits(group) && group.len() == 3);
    is_sound.then(|| groups.concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (text, expected) in [
            ("1,5", "1.5"),
            ("1,50", "1.5"),
            ("0,125", "0.125"),
            ("1234,567", "1234.567"),
            ("1 000", "1000"),
            ("1\u{a0}234,56", "1234.56"),
            ("12\u{202f}345,6 $", "12345.6"),
            ("1,234.56", "1234.56"),
            ("1,234,567", "1234567"),
            ("1.234,56", "1234.56"),
            ("1.234.567", "1234567"),
            ("1'234.50", "1234.5"),
            ("12$", "12"),
            ("$1,234.50", "1234.5"),
            ("CA$ 12", "12"),
            ("1 234,56 $ CA", "1234.56"),
            ("850 pi2", "850"),
            ("850 pi²", "850"),
            ("850 pi. ca.", "850"),
            ("79,5m²", "79.5"),
            ("12,5 %", "12.5"),
            ("-3,5", "-3.5"),
            ("− 3", "-3"),
            ("12 mois", "12"),
            ("1.234", "1.234"),
            ("4½", "4.5"),
            ("3 1/2", "3.5"),
        ] {
            assert_eq!(plain(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_may_mean_something_else_is_no_number() {
        for text in [
            "1,234",
            "12A",
            "A12",
            "2 à 4",
            "3 1/3",
            "31/2",
            "1/2",
            "½",
            "3,5½",
            "12-14",
            "1 23",
            "12 34",
            "1,23,456",
            "1.23.456",
            "1,2,3",
            "1 234 56",
            ",",
            "1,",
            "$",
            "12 N/D",
            "2026-06-30",
            "1.2,3.4",
            "12 pi 6 po",
            "",
        ] {
            assert_eq!(plain(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_number_written_in_french_is_the_same_number(whole in 0u64..1_000_000_000, cents in 0u32..100, unit in "( \\$| m²|%)?") {
            let mut digits = whole.to_string();
            let mut at = digits.len();
            while at > 3 {
                at -= 3;
                digits.insert(at, '\u{a0}');
            }
            let expected = decimal::shortest(&format!("{whole}.{cents:02}"));
            prop_assert_eq!(plain(&format!("{digits},{cents:02}{unit}")), expected);
        }

        #[test]
        fn no_text_makes_a_number_panic(text in "\\PC{0,12}|[-+$ 0-9.,'a-z²]{0,16}") {
            let _ = plain(&text);
        }
    }
}
