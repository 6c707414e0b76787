//! Countries and places on the map.

use super::countries::{COUNTRIES, OTHER_NAMES};
use super::quote::quoted;
use crate::entity::decimal;
use crate::message::ColumnText;
use serde_json::{Value, json};

/// The value of a country column, from a code of two or three letters or a name in English or French. monday goes by the code.
pub(super) fn country(text: &str) -> Result<Value, ColumnText> {
    match find(text) {
        Some((code, name)) => Ok(json!({ "countryCode": code, "countryName": name })),
        None => Err(ColumnText::CellNotACountry { value: quoted(text) }),
    }
}

fn find(text: &str) -> Option<(&'static str, &'static str)> {
    let code = text.replace('.', "");
    let is_code = |known: &str| known.eq_ignore_ascii_case(&code);
    let sought = case_folded(text);
    let is_name = |known: &str| !sought.is_empty() && case_folded(known) == sought;
    let of_code = || COUNTRIES.iter().find(|(two, three, ..)| is_code(two) || is_code(three));
    let of_name = || COUNTRIES.iter().find(|(.., english, french)| is_name(english) || is_name(french));
    let of_other_name = || {
        let (_, meant) = OTHER_NAMES.iter().find(|(name, _)| is_name(name))?;
        COUNTRIES.iter().find(|(two, ..)| two == meant)
    };
    of_code().or_else(of_name).or_else(of_other_name).map(|(two, _, english, _)| (*two, *english))
}

/// A name without case, accents, punctuation and articles, so that `ETATS-UNIS` is `États-Unis`.
fn case_folded(name: &str) -> String {
    let plain: String = name.to_lowercase().chars().filter(|&c| c != '.').map(unaccented).collect();
    let words: Vec<&str> = plain
        .split(|c: char| !c.is_alphanumeric() && c != '&')
        .filter(|word| !matches!(*word, "" | "the" | "le" | "la" | "les" | "l"))
        .map(|word| match word {
            "&" | "et" => "and",
            "st" => "saint",
            "ste" => "sainte",
            other => other,
        })
        .collect();
    words.join(" ")
}

fn unaccented(c: char) -> char {
    match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        other => other,
    }
}

/// The value of a location column, from `lat|lng|address`. monday wants both coordinates, so without them it is cleared.
pub(super) fn location(text: &str) -> Result<Value, ColumnText> {
    let refusal = || ColumnText::CellNotALocation { value: quoted(text) };
    let mut parts = text.splitn(3, '|').map(str::trim);
    let (latitude, longitude) = parts.next().zip(parts.next()).ok_or_else(refusal)?;
    if latitude.is_empty() && longitude.is_empty() {
        return Ok(Value::Null);
    }
    let latitude = degrees(latitude, 90.0).ok_or_else(refusal)?;
    let longitude = degrees(longitude, 180.0).ok_or_else(refusal)?;
    let address = match parts.next() {
        Some(address) if !address.is_empty() => address.to_owned(),
        _ => format!("{latitude}, {longitude}"),
    };
    Ok(json!({ "lat": latitude, "lng": longitude, "address": address }))
}

/// Degrees have no groups of digits: a comma among them is a decimal mark.
fn degrees(text: &str, most: f64) -> Option<String> {
    let text = text.trim_end_matches('°').trim_end();
    let number = decimal::shortest(&if text.contains('.') { text.to_owned() } else { text.replacen(',', ".", 1) })?;
    let degrees: f64 = number.parse().ok()?;
    (degrees.abs() <= most && !number.contains(['e', 'E'])).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::super::forms::{other_form, same};
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_country_is_found_by_code_and_by_name() {
        for (text, code, name) in [
            ("CA", "CA", "Canada"),
            ("et", "ET", "Ethiopia"),
            ("ST", "ST", "São Tomé & Príncipe"),
            ("LA", "LA", "Laos"),
            ("can", "CA", "Canada"),
            ("CANADA", "CA", "Canada"),
            ("US", "US", "United States"),
            ("U.S.A.", "US", "United States"),
            ("United States of America", "US", "United States"),
            ("États-Unis", "US", "United States"),
            ("ETATS UNIS", "US", "United States"),
            ("les états-unis d’Amérique", "US", "United States"),
            ("uk", "GB", "United Kingdom"),
            ("Royaume\u{a0}Uni", "GB", "United Kingdom"),
            ("Côte d'Ivoire", "CI", "Côte d’Ivoire"),
            ("cote d’ivoire", "CI", "Côte d’Ivoire"),
            ("The Gambia", "GM", "Gambia"),
            ("Saint Lucia", "LC", "St. Lucia"),
            ("Viêt Nam", "VN", "Vietnam"),
            ("Haïti", "HT", "Haiti"),
            ("Türkiye", "TR", "Türkiye"),
            ("Turkey", "TR", "Türkiye"),
        ] {
            assert_eq!(country(text), Ok(json!({ "countryCode": code, "countryName": name })), "{text}");
        }
        for text in ["XX", "Québec", "N/D", "-", "🇨🇦", "le", "Congo", "CAN ADA"] {
            assert_eq!(country(text), Err(ColumnText::CellNotACountry { value: text.to_owned() }), "{text}");
        }
    }

    #[test]
    fn no_name_stands_for_two_countries() {
        let mut owner: BTreeMap<String, &str> = BTreeMap::new();
        let rows = COUNTRIES.iter().flat_map(|(two, _, english, french)| [(english, two), (french, two)]);
        for (name, code) in rows.chain(OTHER_NAMES.iter().map(|(name, code)| (name, code))) {
            let folded = case_folded(name);
            assert!(!folded.is_empty(), "{name}");
            assert!(COUNTRIES.iter().any(|(two, ..)| two == code), "{code}");
            assert_eq!(*owner.entry(folded).or_insert(code), *code, "{name}");
            assert_eq!(country(name).ok(), country(code).ok(), "{name}");
        }
    }

    #[test]
    fn another_name_of_a_country_is_another_one_and_of_a_country_that_there_is() {
        for (code, _, english, _) in COUNTRIES.iter() {
            let sent = country(code).expect("a country");
            let Some(other) = other_form(&sent) else { continue };
            assert_ne!(other["countryName"], *english, "{code}");
            assert!(same(&sent, &other), "{code}");
        }
        let other = other_form(&country("US").expect("a country")).expect("another name");
        assert_eq!(other, json!({ "countryCode": "US", "countryName": "United States of America" }));
        assert_eq!(other_form(&country("CA").expect("a country")), None);
    }

    #[test]
    fn a_place_has_both_coordinates_or_is_cleared() {
        for (text, lat, lng, address) in [
            ("46.8123|-71.2145|1, rue de l’Hôtel, Québec", "46.8123", "-71.2145", "1, rue de l’Hôtel, Québec"),
            (" 46.80 | -71.0 | a|b ", "46.8", "-71", "a|b"),
            ("46.8|-71.2|", "46.8", "-71.2", "46.8, -71.2"),
            ("46.8|-71.2", "46.8", "-71.2", "46.8, -71.2"),
            ("46,8123|-71,214|x", "46.8123", "-71.214", "x"),
            ("46.8°|-71.2°|x", "46.8", "-71.2", "x"),
            ("-90|180|🏠", "-90", "180", "🏠"),
        ] {
            assert_eq!(location(text), Ok(json!({ "lat": lat, "lng": lng, "address": address })), "{text}");
        }
        for text in ["||", "|", " | |1, rue X"] {
            assert_eq!(location(text), Ok(Value::Null), "{text}");
        }
        for text in [
            "Québec",
            "46.8",
            "46.8||x",
            "|-71.2|x",
            "46,8,1|-71,2|x",
            "90.01|0|x",
            "0|-180.5|x",
            "N|O|x",
            "1e400|0|x",
            "1e-999|0|x",
        ] {
            assert_eq!(location(text), Err(ColumnText::CellNotALocation { value: text.to_owned() }), "{text}");
        }
    }
}
