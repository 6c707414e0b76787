//! What the table of the process says of a kind.

use super::kinds::{Kinds, Row};
use super::{Kind, Relation, Template};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

impl Kind {
    /// All kinds, parents before children.
    pub fn all() -> impl DoubleEndedIterator<Item = Kind> + ExactSizeIterator + Clone {
        Kinds::in_use().handles()
    }

    fn row(self) -> &'static Row {
        Kinds::in_use().row(self)
    }

    /// The name in selectors, configuration, store, JSON and key columns: `parking-lease`.
    pub fn name(self) -> &'static str {
        &self.row().spec.name
    }

    /// The name in French: `locataire`.
    pub fn french(self) -> Option<&'static str> {
        self.row().spec.french.as_deref()
    }

    /// The plural that people read on an English screen.
    pub(crate) fn plural_en(self) -> &'static str {
        &self.row().spec.plural_en
    }

    /// The plural that people read on a French screen.
    pub(crate) fn plural_fr(self) -> &'static str {
        &self.row().spec.plural_fr
    }

    /// Every spelling accepted on the command line, in lower case; the first is [`Kind::name`].
    pub(crate) fn spellings(self) -> impl Iterator<Item = &'static str> {
        self.row().spec.spellings.iter().map(String::as_str)
    }

    /// The kind of any accepted spelling, whatever its case, the form of its accents, and what surrounds it and shows nothing.
    pub(crate) fn parse(text: &str) -> Option<Kind> {
        let folded = crate::text::caseless(text.trim()).trim().replace(['_', ' '], "-");
        Kind::all().find(|kind| kind.row().spec.spellings.contains(&folded))
    }

    /// The kind of exactly this name.
    pub fn named(name: &str) -> Option<Kind> {
        Kind::all().find(|kind| kind.name() == name)
    }

    /// The kind whose spelling is nearest to `text`, for "did you mean".
    pub(crate) fn nearest(text: &str) -> Option<&'static str> {
        crate::text::nearest(&text.to_lowercase(), Kind::all().flat_map(Kind::spellings))
    }

    /// The HApi entity set that holds this kind, unless the configuration says otherwise.
    pub(crate) fn default_endpoint(self) -> &'static str {
        &self.row().spec.entity_set
    }

    /// Its name in webhooks, unless the configuration says otherwise; `None`: the entity set in the singular.
    pub(crate) fn default_event(self) -> Option<&'static str> {
        self.row().spec.event.as_deref()
    }

    /// The properties whose values name an entity of this kind, unless the configuration says otherwise.
    pub(crate) fn default_key(self) -> &'static [String] {
        &self.row().spec.key
    }

    /// The item name, unless the configuration says otherwise.
    pub(crate) fn default_name(self) -> &'static Template {
        &self.row().item_name
    }

    /// The parents of this kind and how each is found, unless the configuration says otherwise.
    pub(crate) fn default_relations(self) -> &'static BTreeMap<Kind, Relation> {
        &self.row().relations
    }

    /// About how many entities there are for each ten buildings: what reads are ordered by before anything is stored.
    pub(crate) fn usual_number(self) -> u32 {
        self.row().spec.usual_number
    }

    /// The position in [`Kind::all`].
    pub(crate) fn index(self) -> usize {
        self.0.into()
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Kind, D::Error> {
        let name = Cow::<str>::deserialize(deserializer)?;
        Kind::named(&name).ok_or_else(|| D::Error::custom(format_args!("unknown kind `{name}`")))
    }
}

/// Handles of the built-in kinds.
#[cfg(test)]
#[allow(missing_docs)]
impl Kind {
    pub(crate) const COMPANY: Kind = Kind(0);
    pub(crate) const BUILDING: Kind = Kind(1);
    pub(crate) const UNIT: Kind = Kind(2);
    pub(crate) const PARKING: Kind = Kind(3);
    pub(crate) const STORAGE: Kind = Kind(4);
    pub(crate) const TENANT: Kind = Kind(5);
    pub(crate) const PARKING_LEASE: Kind = Kind(6);
    pub(crate) const LOCKER_LEASE: Kind = Kind(7);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_finds_its_kind_and_no_other() {
        for kind in Kind::all() {
            for spelling in kind.spellings() {
                assert_eq!(Kind::parse(spelling), Some(kind), "{spelling}");
                assert_eq!(Kind::parse(&spelling.to_uppercase()), Some(kind), "{spelling}");
            }
            assert_eq!(kind.spellings().next(), Some(kind.name()));
        }
        assert_eq!(Kind::parse("unite\u{301}"), Some(Kind::UNIT));
        assert_eq!(Kind::parse("invoice"), None);
        assert_eq!(Kind::nearest("tenent"), Some("tenant"));
    }

    #[test]
    fn the_handles_for_tests_are_those_of_the_built_in_rows() {
        let handles = [
            Kind::COMPANY,
            Kind::BUILDING,
            Kind::UNIT,
            Kind::PARKING,
            Kind::STORAGE,
            Kind::TENANT,
            Kind::PARKING_LEASE,
            Kind::LOCKER_LEASE,
        ];
        assert!(Kind::all().eq(handles));
        let names: Vec<&str> = Kind::all().map(Kind::name).collect();
        let expected = "company building unit parking storage tenant parking-lease locker-lease";
        assert_eq!(names.join(" "), expected);
    }

    #[test]
    fn a_kind_is_its_name_in_json_as_a_value_and_as_a_key() {
        let map = BTreeMap::from([(Kind::PARKING_LEASE, Kind::UNIT)]);
        let json = serde_json::to_string(&map).expect("JSON");
        assert_eq!(json, r#"{"parking-lease":"unit"}"#);
        assert_eq!(serde_json::from_str::<BTreeMap<Kind, Kind>>(&json).expect("kinds"), map);
        assert!(serde_json::from_str::<Kind>("\"units\"").is_err(), "only the name itself");
    }
}
