//! Titles of columns and names of codes, in English and French: a dictionary of HApi's words, and what to do with others. Pure.

use crate::config::{Column, Source};
use crate::entity::Kind;
use crate::message::Lang;
use crate::text::caseless;

/// Title of the key column.
const KEY: [&str; 2] = ["Hopem key", "Clé Hopem"];
/// Title of a column with a place on the map.
const PLACE: [&str; 2] = ["Location", "Emplacement"];
/// Label for the codes that no other label is for.
const OTHER: [&str; 2] = ["Other", "Autre"];

/// HApi's properties and what people call them.
const PROPERTIES: &[(&str, &str, &str)] = &[
    ("Amount", "Amount", "Montant"),
    ("Area", "Area", "Superficie"),
    ("AvailableDate", "Available from", "Disponible le"),
    ("BuildingCode", "Building code", "Code d’immeuble"),
    ("CellPhone", "Mobile phone", "Cellulaire"),
    ("City", "City", "Ville"),
    ("CivicNoAndStreet", "Address", "Adresse"),
    ("Comment", "Comment", "Commentaire"),
    ("CompanyNo", "Company no.", "No de compagnie"),
    ("ConstructionYear", "Year of construction", "Année de construction"),
    ("CountryCode", "Country", "Pays"),
    ("DivisionNo", "Division no.", "No de division"),
    ("EmailAddress", "E-mail", "Courriel"),
    ("EndDate", "End", "Fin"),
    ("FirstName", "First name", "Prénom"),
    ("HousingType", "Type of housing", "Type de logement"),
    ("Id", "Id", "Id"),
    ("IsCompany", "Is a company", "Entreprise"),
    ("KeyNo", "Key no.", "No de clé"),
    ("LastName", "Last name", "Nom"),
    ("LeaseEnd", "End of lease", "Fin du bail"),
    ("LeaseStart", "Start of lease", "Début du bail"),
    ("Name", "Name", "Nom"),
    ("NumberOfRooms", "Rooms", "Pièces"),
    ("OccupancyStatus", "Occupancy", "Occupation"),
    ("ParkingNo", "Parking no.", "No de stationnement"),
    ("Phone", "Phone", "Téléphone"),
    ("Plate1", "Licence plate", "Plaque"),
    ("Plate2", "Second licence plate", "Deuxième plaque"),
    ("PostalCode", "Postal code", "Code postal"),
    ("Rent", "Rent", "Loyer"),
    ("StartDate", "Start", "Début"),
    ("StorageNo", "Storage no.", "No de rangement"),
    ("TenantNo", "Tenant no.", "No de locataire"),
    ("TenantType", "Status", "Statut"),
    ("UnitCode", "Unit", "Unité"),
    ("Website", "Web site", "Site web"),
    ("Width", "Width", "Largeur"),
];

/// Code of a property, what people call it, and whether it stands for what is there now or will be.
struct Code(&'static str, &'static str, &'static str, &'static str, bool);

/// The codes whose meaning is known.
const CODES: &[Code] = &[
    Code("OccupancyStatus", "V", "Vacant", "Vacant", true),
    Code("OccupancyStatus", "L", "Rented", "Loué", true),
    Code("TenantType", "L", "Current", "Actuel", true),
    Code("TenantType", "A", "Future", "Futur", true),
    Code("TenantType", "D", "Former", "Ancien", false),
    Code("TenantType", "H", "Former (commercial)", "Ancien (commercial)", false),
];

fn pick<'t>(lang: Lang, en: &'t str, fr: &'t str) -> &'t str {
    match lang {
        Lang::En => en,
        Lang::Fr => fr,
    }
}

/// The title of the key column.
pub(crate) fn key_column(lang: Lang) -> &'static str {
    pick(lang, KEY[0], KEY[1])
}

/// The label for codes that no other label is for.
pub(crate) fn other(lang: Lang) -> &'static str {
    pick(lang, OTHER[0], OTHER[1])
}

/// What people call a property; one that the dictionary lacks is taken apart at its capitals.
pub(crate) fn property(name: &str, lang: Lang) -> String {
    match PROPERTIES.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name)) {
        Some((_, en, fr)) => pick(lang, en, fr).to_owned(),
        None => apart(name),
    }
}

/// What people call one thing of a kind: the plural without its endings.
pub(crate) fn one_of(kind: Kind, lang: Lang) -> String {
    let plural = pick(lang, kind.plural_en(), kind.plural_fr());
    let one = plural.strip_suffix('s').unwrap_or(plural);
    match lang {
        Lang::En => one.strip_suffix("ie").map_or(one.to_owned(), |stem| format!("{stem}y")),
        // The first of two words has an ending of its own: `Baux casiers`.
        Lang::Fr => one.strip_prefix("Baux ").map_or(one.to_owned(), |rest| format!("Bail {rest}")),
    }
}

/// The board's name for a kind.
pub(crate) fn board(kind: Kind, lang: Lang) -> &'static str {
    pick(lang, kind.plural_en(), kind.plural_fr())
}

/// The title of a column by what goes into it.
pub(crate) fn column(column: &Column, lang: Lang) -> String {
    match &column.source {
        Source::Field(name) => property(name, lang),
        Source::Relation(parent) => one_of(*parent, lang),
        Source::Template(template) => {
            let first = template.properties().next().unwrap_or_default();
            let is_place = caseless(first).starts_with("lat");
            if is_place { pick(lang, PLACE[0], PLACE[1]).to_owned() } else { property(first, lang) }
        }
    }
}

/// The label of a code, where its meaning is known.
pub(crate) fn code(property: &str, code: &str, lang: Lang) -> Option<&'static str> {
    let Code(_, _, en, fr, _) = CODES.iter().find(|known| known.0 == property && known.1 == code)?;
    Some(pick(lang, en, fr))
}

/// Whether some codes of a property stand for what is gone: then people are asked whom to push.
pub(crate) fn tells_who_is_gone(property: &str) -> bool {
    CODES.iter().any(|code| code.0 == property && !code.4)
}

/// The codes of such a property that stand for what is there now, or will be.
pub(crate) fn current_codes(property: &str) -> Vec<&'static str> {
    CODES.iter().filter(|code| code.0 == property && code.4).map(|code| code.1).collect()
}

/// `ConstructionYear` as `Construction year`.
pub(super) fn apart(name: &str) -> String {
    let mut title = String::new();
    let mut before = None::<char>;
    for character in name.chars() {
        let begins =
            character.is_uppercase() && before.is_some_and(|before| before.is_lowercase() || before.is_numeric());
        if (begins || character == '_') && !title.is_empty() {
            title.push(' ');
        }
        match character {
            '_' => {}
            _ if begins => title.extend(character.to_lowercase()),
            _ => title.push(character),
        }
        before = Some(character);
    }
    title
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_have_titles_in_both_languages_and_unknown_ones_are_taken_apart() {
        assert_eq!((property("Rent", Lang::En), property("rent", Lang::Fr)), ("Rent".to_owned(), "Loyer".to_owned()));
        for (name, title) in [
            ("NextVisitDate", "Next visit date"),
            ("GLCode", "GLCode"),
            ("floor_no", "floor no"),
            ("Plate3A", "Plate3 a"),
        ] {
            assert_eq!(property(name, Lang::Fr), title);
        }
    }

    #[test]
    fn one_of_a_kind_is_named_by_its_plural() {
        assert_eq!(
            (one_of(Kind::COMPANY, Lang::En).as_str(), one_of(Kind::COMPANY, Lang::Fr).as_str()),
            ("Company", "Compagnie")
        );
        assert_eq!((one_of(Kind::UNIT, Lang::En).as_str(), one_of(Kind::UNIT, Lang::Fr).as_str()), ("Unit", "Unité"));
        let leases = [Kind::PARKING_LEASE, Kind::LOCKER_LEASE].map(|kind| one_of(kind, Lang::Fr));
        assert_eq!(leases, ["Bail stationnement", "Bail casier"]);
        assert_eq!(one_of(Kind::PARKING_LEASE, Lang::En), "Parking lease");
    }

    #[test]
    fn codes_are_known_with_what_they_stand_for() {
        assert_eq!(code("TenantType", "D", Lang::Fr), Some("Ancien"));
        assert_eq!(code("TenantType", "X", Lang::Fr), None);
        assert!(tells_who_is_gone("TenantType") && !tells_who_is_gone("OccupancyStatus"));
        assert_eq!(current_codes("TenantType"), ["L", "A"]);
    }
}
