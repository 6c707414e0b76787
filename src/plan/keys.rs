//! What key columns say. People type keys by hand, so they are read as selectors are: the kind in any accepted spelling,
//! blanks around, and nothing of what cannot be seen.

use crate::entity::EntityKey;
use crate::monday::column::ColumnContent;
use crate::text::trimmed;
use serde_json::Value;

/// The text of a key column: `unit:1472` where it names an entity, however it is typed; `None` when it is empty.
pub(crate) fn key_text(shown: &ColumnContent) -> Option<String> {
    let text = plain_text(shown)?;
    Some(text.parse::<EntityKey>().map_or(text, |key| key.to_string()))
}

/// The entity that a key column names.
pub(crate) fn key_of(shown: &ColumnContent) -> Option<EntityKey> {
    plain_text(shown)?.parse().ok()
}

fn plain_text(shown: &ColumnContent) -> Option<String> {
    let from_value = || serde_json::from_str::<Value>(shown.value.as_deref()?).ok()?.as_str().map(str::to_owned);
    let text = shown.text.clone().or_else(from_value)?;
    Some(trimmed(&text).to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        key_text(&ColumnContent { text: Some(text.to_owned()), ..ColumnContent::default() })
    }

    #[test]
    fn a_key_typed_by_hand_reads_as_a_selector_does() {
        let typed = [
            "unit:102",
            "Unit:102",
            "unit: 102",
            "units:102",
            "unité:102",
            "unite\u{301}:102",
            "UNITÉS : 102 ",
            "\u{feff}unit:102",
            "unit\u{200b}:\u{200b}102\u{200b}",
            "\u{a0}unit:\u{a0}102\u{a0}",
        ];
        for text in typed {
            assert_eq!(read(text).as_deref(), Some("unit:102"), "{text:?}");
        }
        assert_eq!(read("bail_stationnement:7").as_deref(), Some("parking-lease:7"));
        // What names no entity stays as it is, and what cannot be seen is nothing.
        assert_eq!(read(" appartement 102 ").as_deref(), Some("appartement 102"));
        assert_eq!(read("\u{feff}\u{200b} "), None);
        let quoted = ColumnContent { value: Some("\"Unit:7\"".to_owned()), ..ColumnContent::default() };
        assert_eq!(key_of(&quoted).map(|key| key.to_string()).as_deref(), Some("unit:7"));
    }
}
