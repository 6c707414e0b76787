//! Phone numbers, checked before monday does: it refuses a whole item for a number that libphonenumber finds invalid.

use super::quoted;
use crate::message::ColumnText;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, Region};
use serde_json::{Value, json};

/// The country of numbers without a prefix, unless the configuration names another.
const HOME: &str = "CA";

/// The value of a phone column: the number in E.164 form and its country. An extension is left out, since monday has no place
/// for one; a number followed by anything else is refused.
///
/// Source: monday's documentation of the phone column, which checks with libphonenumber. Its tables are loaded with the
/// first number, not before.
pub(super) fn phone(text: &str, country: Option<&str>) -> Result<Value, ColumnText> {
    let country = country.map_or(HOME, str::trim).to_uppercase();
    let region = country.parse::<Region>().ok();
    match PHONE_NUMBER_UTIL.parse(text, region) {
        Ok(number) if number.is_valid() => {
            let digits = number.format_as(PhoneNumberFormat::E164);
            Ok(json!({ "phone": digits, "countryShortName": country_of(&number, region, &country) }))
        }
        _ => Err(ColumnText::CellNotAPhone { value: quoted(text), country }),
    }
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
            "418 656-2131 poste 12",
            "418 656-2131 / 418 656-0000",
            "418 656-2131 cell",
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
