//! What names one entity: its kind and its key, written `unit:1472`.

use super::Kind;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Kind and a key within it. Shown, stored in key columns and read back as `unit:1472`; ordered by kind, then by key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct EntityKey {
    /// The kind.
    pub(crate) kind: Kind,
    /// The key's values, joined by `-`; never empty in a key that was parsed.
    pub(crate) key: String,
}

impl EntityKey {
    /// The name of the entity of `kind` with this key.
    pub(crate) fn new(kind: Kind, key: impl Into<String>) -> EntityKey {
        EntityKey { kind, key: key.into() }
    }

    /// The name that a document of ours holds, letter for letter: unlike of what people type, nothing is trimmed or respelt.
    pub(crate) fn written(text: &str) -> Option<EntityKey> {
        let (kind, key) = text.split_once(':')?;
        Some(EntityKey::new(Kind::named(kind)?, key))
    }
}

impl fmt::Display for EntityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.key)
    }
}

/// Text that names no entity: no colon, an unknown kind, or nothing after the colon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotAnEntityKey;

impl Serialize for EntityKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EntityKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<EntityKey, D::Error> {
        let text = String::deserialize(deserializer)?;
        EntityKey::written(&text).ok_or_else(|| D::Error::custom(format_args!("`{text}` names no entity")))
    }
}

impl FromStr for EntityKey {
    type Err = NotAnEntityKey;

    /// Reads `unit:1472` as people type it and paste it: the kind in any accepted spelling, blanks around both parts, a byte
    /// order mark and other invisible characters around them, accents in either Unicode form.
    fn from_str(text: &str) -> Result<EntityKey, NotAnEntityKey> {
        let (kind, key) = text.split_once(':').ok_or(NotAnEntityKey)?;
        let kind = Kind::parse(kind).ok_or(NotAnEntityKey)?;
        match crate::text::trimmed(key) {
            "" => Err(NotAnEntityKey),
            key => Ok(EntityKey::new(kind, crate::text::nfc(key))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_as_it_is_shown() {
        let key = EntityKey::new(Kind::PARKING_LEASE, "3-1");
        assert_eq!(key.to_string(), "parking-lease:3-1");
        assert_eq!(key.to_string().parse(), Ok(key));
        assert_eq!("Unités: 102 ".parse(), Ok(EntityKey::new(Kind::UNIT, "102")));
    }

    #[test]
    fn a_key_in_a_document_is_read_letter_for_letter() {
        for key in [" 5 ", "Co\u{302}te", "a:b", "\u{200b}"] {
            let written = EntityKey::new(Kind::UNIT, key);
            let json = serde_json::to_string(&written).expect("JSON");
            assert_eq!(serde_json::from_str::<EntityKey>(&json).expect("a key"), written);
        }
        for text in ["Unit:5", "units:5", "unit", "5"] {
            assert_eq!(EntityKey::written(text), None, "{text}");
        }
    }

    #[test]
    fn a_key_typed_by_hand_is_read_as_a_selector_is() {
        for text in [
            "unit:102",
            "Unit:102",
            "unit: 102",
            "units:102",
            "unit\u{e9}:102",
            "Unite\u{301}s : 102",
            "\u{feff}unit:102\u{200b}",
            " unit\u{200b}:\u{a0}102\r\n",
            "\u{200e}unit:\u{2060}102\u{200f}",
        ] {
            assert_eq!(text.parse(), Ok(EntityKey::new(Kind::UNIT, "102")), "{text:?}");
        }
        assert_eq!("immeuble:Cote\u{301}-1".parse(), Ok(EntityKey::new(Kind::BUILDING, "Cot\u{e9}-1")));
    }

    #[test]
    fn what_names_no_entity_is_no_key() {
        for text in ["", "102", "unit:\u{200b}", "unit", "unit:", "unit: ", "tenent:5", ":5"] {
            assert_eq!(text.parse::<EntityKey>(), Err(NotAnEntityKey), "{text}");
        }
    }
}
