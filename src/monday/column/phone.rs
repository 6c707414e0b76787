//! Phone numbers, checked before monday does: it refuses a whole item for a number that libphonenumber finds invalid.

use super::quote::quoted;
use crate::message::ColumnText;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, Region};
use serde_json::{Value, json};

/// The country of numbers without a prefix, unless the configuration names another.
const HOME: &str = "CA";

/// What may stand before the digits of an extension, in small letters and without a point.
const EXTENSIONS: [&str; 10] = ["poste", "post", "pst", "p", "extension", "ext", "ex", "x", "#", "no"];
/// Most digits of an extension.
const MOST_EXTENSION: usize = 7;

/// The value of a phone column: the number in E.164 form and its country. An extension is left out, since monday has no place
/// for one, and so is a remark behind the number; two numbers are refused, since nobody knows which one is meant.
///
/// Source: monday's documentation of the phone column, which checks with libphonenumber. Its tables are loaded with the
/// first number, not before.
pub(super) fn phone(text: &str, country: Option<&str>) -> Result<Value, ColumnText> {
    let country = country.map_or(HOME, str::trim).to_uppercase();
    let region = country.parse::<Region>().ok();
    let valid = |text: &str| PHONE_NUMBER_UTIL.parse(text, region).ok().filter(PhoneNumber::is_valid);
    let number = valid(text).or_else(|| valid(without_extension(text)?)).or_else(|| valid(without_remark(text)?));
    match number {
        Some(number) => {
            let digits = number.format_as(PhoneNumberFormat::E164);
            Ok(json!({ "phone": digits, "countryShortName": country_of(&number, region, &country) }))
        }
        None => Err(ColumnText::CellNotAPhone { value: quoted(text), country }),
    }
}

/// The number before an extension such as `poste 12`, `p. 12`, `ext.12` or `#12`.
fn without_extension(text: &str) -> Option<&str> {
    let text = text.trim_end_matches([')', ' ', '.']);
    let before = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = text.len() - before.len();
    if digits == 0 || digits > MOST_EXTENSION {
        return None;
    }
    let before = before.trim_end_matches([' ', '.', ':', '#', '-', '\u{a0}']);
    let is_word = |c: char| c.is_alphabetic() || c == '#';
    let number = before.trim_end_matches(is_word);
    let word = before.get(number.len()..)?.to_lowercase();
    let has_sign = word.is_empty() && text.get(before.len()..)?.contains('#');
    let is_extension = has_sign || EXTENSIONS.contains(&word.as_str());
    is_extension.then(|| number.trim_end_matches([' ', ',', ';', '(', '-', '/', '\u{a0}']))
}

/// The number before a remark without digits, such as `(cell)` or `bureau`.
fn without_remark(text: &str) -> Option<&str> {
    let end = text.rfind(|c: char| c.is_ascii_digit())? + 1;
    let (number, remark) = text.split_at_checked(end)?;
    let number = without_extension(number).unwrap_or(number);
    // Letters that stand right behind a digit may be part of a number that is dialled by letters.
    (remark.starts_with([' ', '(', ',', ';', '\u{a0}']) && remark.len() > 1).then_some(number)
}

/// The country a number is valid for. The configured one goes first: 1-800 numbers belong to the United States and Canada alike.
fn country_of(number: &PhoneNumber, configured: Option<Region>, name: &str) -> String {
    configured
        .filter(|&region| number.is_valid_for_region(region))
        .or_else(|| number.get_region_code().filter(|&region| region != Region::World))
        .map_or_else(|| name.to_owned(), |region| region.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_sent_with_its_prefix_and_its_country() {
        for (text, country, number, expected) in [
            ("418 656-2131", None, "+14186562131", "CA"),
            ("(418) 656-2131", Some("CA"), "+14186562131", "CA"),
            ("4186562131", Some(" ca "), "+14186562131", "CA"),
            ("1 418 656 2131", None, "+14186562131", "CA"),
            ("418.656.2131", None, "+14186562131", "CA"),
            ("418\u{a0}656\u{a0}2131", None, "+14186562131", "CA"),
            ("418‑656–2131", None, "+14186562131", "CA"),
            ("+1 212 555 0101", None, "+12125550101", "US"),
            ("212 555-0101", None, "+12125550101", "US"),
            ("+33 6 12 34 56 78", None, "+33612345678", "FR"),
            ("06 12 34 56 78", Some("FR"), "+33612345678", "FR"),
            ("+1 418 656 2131", Some("FR"), "+14186562131", "CA"),
            ("1 800 361-3977", None, "+18003613977", "CA"),
            ("418 656-2131 ext. 12", None, "+14186562131", "CA"),
            ("418 656-2131 x12", None, "+14186562131", "CA"),
            ("418 656-2131 #12", None, "+14186562131", "CA"),
            ("418 555-1212 poste 12", None, "+14185551212", "CA"),
            ("418 656-2131 Poste: 1234", None, "+14186562131", "CA"),
            ("(418) 656-2131, p. 12", None, "+14186562131", "CA"),
            ("418-656-2131 p12", None, "+14186562131", "CA"),
            ("418 656-2131 (poste 12)", None, "+14186562131", "CA"),
            ("418 656-2131\u{a0}poste\u{a0}12", None, "+14186562131", "CA"),
            ("418 656-2131 EXT.12", None, "+14186562131", "CA"),
            ("418 656-2131 ext #12", None, "+14186562131", "CA"),
            ("418 656-2131 X 12", None, "+14186562131", "CA"),
            ("418 656-2131#12", None, "+14186562131", "CA"),
            ("418 656-2131 - poste 12", None, "+14186562131", "CA"),
            ("418 656-2131 poste 12 (bureau)", None, "+14186562131", "CA"),
            ("418 656-2131 poste", None, "+14186562131", "CA"),
            ("418 656-2131 cell", None, "+14186562131", "CA"),
            ("418 656-2131 (bureau)", None, "+14186562131", "CA"),
            ("Tél. : 418 656-2131", None, "+14186562131", "CA"),
            ("tel:+14186562131", None, "+14186562131", "CA"),
            ("01 23 45 67 89 poste 7", Some("FR"), "+33123456789", "FR"),
        ] {
            let sent = phone(text, country);
            assert_eq!(sent, Ok(json!({ "phone": number, "countryShortName": expected })), "{text}");
        }
    }

    #[test]
    fn a_number_that_libphonenumber_refuses_is_refused_here() {
        for text in [
            "656-2131",
            "911",
            "418 656-213",
            "418 656-21311",
            "999 999-9999",
            "118 656-2131",
            "418 656-2131 / 418 656-0000",
            "418 656-2131 ou 418 656-0000",
            "poste 12",
            "656-2131 poste 12",
            "418 656-2131 étage 2",
            "N/D",
            "☎",
            "é",
            "+",
            "0",
        ] {
            let refusal = ColumnText::CellNotAPhone { value: text.to_owned(), country: "CA".to_owned() };
            assert_eq!(phone(text, None), Err(refusal), "{text}");
        }
        assert!(phone("418 656-2131", Some("XX")).is_err());
        assert!(phone("418 656-2131", Some("Canada")).is_err());
        assert!(phone("75 175 263", Some("LB")).is_err(), "a port that only looks for a match takes this one");
    }
}
