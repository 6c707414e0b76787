//! What names one entity: its kind and its key, written `unit:1472`.

use super::Kind;
use std::fmt;
use std::str::FromStr;

/// A kind and a key within it. Shown, stored in key columns and read back as `unit:1472`; ordered by kind, then by key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityKey {
    /// The kind.
    pub kind: Kind,
    /// The key's values, joined by `-`; never empty in a key that was parsed.
    pub key: String,
}

impl EntityKey {
    /// The name of the entity of `kind` with this key.
    pub fn new(kind: Kind, key: impl Into<String>) -> EntityKey {
        EntityKey { kind, key: key.into() }
    }
}

impl fmt::Display for EntityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.key)
    }
}

/// A text that names no entity: no colon, an unknown kind, or nothing after the colon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnEntityKey;

impl FromStr for EntityKey {
    type Err = NotAnEntityKey;

    /// Reads `unit:1472`, with the kind in any accepted spelling.
    fn from_str(text: &str) -> Result<EntityKey, NotAnEntityKey> {
        let (kind, key) = text.split_once(':').ok_or(NotAnEntityKey)?;
        let (kind, key) = (Kind::parse(kind).ok_or(NotAnEntityKey)?, key.trim());
        if key.is_empty() { Err(NotAnEntityKey) } else { Ok(EntityKey::new(kind, key)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_as_it_is_shown() {
        let key = EntityKey::new(Kind::ParkingLease, "3-1");
        assert_eq!(key.to_string(), "parking-lease:3-1");
        assert_eq!(key.to_string().parse(), Ok(key));
        assert_eq!("Unités: 102 ".parse(), Ok(EntityKey::new(Kind::Unit, "102")));
        for text in ["unit", "unit:", "unit: ", "tenent:5", ":5"] {
            assert_eq!(text.parse::<EntityKey>(), Err(NotAnEntityKey), "{text}");
        }
    }
}
