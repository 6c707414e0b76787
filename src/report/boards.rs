//! What a look at the boards found: differences, duplicates.

use super::table::{Cell, Table, wrapped};
use super::{Report, Tone};
use crate::boards::drift::Duplicate;
use crate::message::{LookText, Message, ScreenText};
use crate::push::verification::{Difference, What};
use crate::text::{harmless, shortened};
use serde::Serialize;

/// The length that a column's text is cut to on a screen.
const LONGEST_TEXT: usize = 40;

#[derive(Serialize)]
struct DriftDocument {
    drift: Vec<DriftEntry>,
}

#[derive(Serialize)]
struct DriftEntry {
    entity: String,
    item_id: String,
    column: Option<String>,
    expected: Option<String>,
    found: Option<String>,
    kind: &'static str,
    kept: bool,
}

#[derive(Serialize)]
struct DuplicatesDocument {
    duplicates: Vec<DuplicateEntry>,
}

#[derive(Serialize)]
struct DuplicateEntry {
    entity: String,
    items: Vec<String>,
    linked: Option<String>,
    shared_with: Vec<String>,
    /// Whether this store has no such entity.
    unknown: bool,
    hint: String,
}

impl From<&Difference> for DriftEntry {
    fn from(difference: &Difference) -> DriftEntry {
        DriftEntry {
            entity: format!("{}:{}", difference.kind, difference.key),
            item_id: difference.item_id.clone(),
            column: Some(difference.column.clone()).filter(|column| !column.is_empty()),
            expected: difference.expected.clone(),
            found: difference.found.clone(),
            kind: match difference.what {
                What::Edited => "edited",
                What::Missing => "missing",
                What::Key => "key",
                What::Double => "double",
            },
            kept: difference.is_kept,
        }
    }
}

/// What to do about a duplicate.
fn hint(duplicate: &Duplicate) -> ScreenText {
    let entity = duplicate.entity.clone();
    if duplicate.is_unknown && duplicate.others.is_empty() {
        return ScreenText::MendUnknown { entity };
    }
    match (&duplicate.linked, duplicate.others.as_slice()) {
        // Its own key was overwritten by hand; the item itself is right.
        (_, [other, ..]) if duplicate.linked.is_none() || duplicate.items.len() > 1 => {
            ScreenText::MendBorrowed { entity, other: other.clone() }
        }
        (_, [other, ..]) => ScreenText::MendShared { other: other.clone() },
        (Some(item), []) => ScreenText::MendDouble {
            item: item.clone(),
            entity,
            other: duplicate.items.get(1).cloned().unwrap_or_default(),
        },
        (None, []) => ScreenText::MendUnheld { entity, item: duplicate.items.first().cloned().unwrap_or_default() },
    }
}

impl Report {
    /// Tells where boards differ from what was sent.
    pub(crate) fn drift(&self, differences: &[Difference]) -> anyhow::Result<()> {
        if self.is_json {
            return self.json(&DriftDocument { drift: differences.iter().map(DriftEntry::from).collect() });
        }
        if differences.is_empty() {
            return self.nothing(ScreenText::NoDrift {});
        }
        let head = [
            Message::from(ScreenText::HeadEntity {}),
            ScreenText::StoryItem {}.into(),
            LookText::HeadColumn {}.into(),
            LookText::HeadSent {}.into(),
            ScreenText::HeadShown {}.into(),
        ];
        let mut table = Table::with_header(head.map(|text| Cell::new(self.text(text)).tone(Tone::Strong)).to_vec());
        for difference in differences {
            let text = |text: &Option<String>| {
                Cell::new(text.as_deref().map_or("–".to_owned(), |text| shortened(&harmless(text), LONGEST_TEXT)))
            };
            let cells = vec![
                Cell::new(harmless(&format!("{}:{}", difference.kind, difference.key))),
                Cell::new(harmless(&difference.item_id)),
            ];
            let remark = match difference.what {
                What::Missing => Some(ScreenText::DriftMissing {}),
                What::Double => Some(ScreenText::DriftDouble {}),
                What::Edited | What::Key => None,
            };
            let mut cells = cells;
            if let Some(remark) = remark {
                cells.extend([Cell::default(), Cell::default(), Cell::new(self.text(remark))]);
                table.row(cells);
                continue;
            }
            cells.push(Cell::new(harmless(&difference.column)));
            cells.push(text(&difference.expected));
            cells.push(match difference.is_kept {
                true => {
                    let kept = self.text(ScreenText::DriftKept {});
                    let found = difference.found.clone().unwrap_or("–".to_owned());
                    Cell::new(format!("{} ({kept})", shortened(&harmless(&found), LONGEST_TEXT)))
                }
                false => text(&difference.found),
            });
            table.row(cells);
        }
        self.print(&table.render(self.out))
    }

    /// Tells which keys stand on several items, and what to do.
    pub(crate) fn duplicates(&self, duplicates: &[Duplicate]) -> anyhow::Result<()> {
        if self.is_json {
            let entry = |duplicate: &Duplicate| DuplicateEntry {
                entity: duplicate.entity.clone(),
                items: duplicate.items.clone(),
                linked: duplicate.linked.clone(),
                shared_with: duplicate.others.clone(),
                unknown: duplicate.is_unknown,
                hint: hint(duplicate).text(crate::message::Lang::En),
            };
            return self.json(&DuplicatesDocument { duplicates: duplicates.iter().map(entry).collect() });
        }
        if duplicates.is_empty() {
            return self.nothing(ScreenText::NoDuplicates {});
        }
        let mut text = String::new();
        for duplicate in duplicates {
            let entities: Vec<String> = [&duplicate.entity].into_iter().chain(&duplicate.others).cloned().collect();
            let (names, items) = (harmless(&entities.join(", ")), harmless(&duplicate.items.join(", ")));
            let (hint, gap) = (harmless(&hint(duplicate).text(self.lang)), self.out.gap());
            if !self.out.is_terminal {
                text.push_str(&format!("{names}{gap}{items}{gap}{hint}\n"));
                continue;
            }
            text.push_str(&format!("{}\n", wrapped(&format!("{names}{gap}{items}"), self.out.width).join("\n    ")));
            for line in wrapped(&hint, self.out.width.saturating_sub(4)) {
                text.push_str(&format!("    {line}\n"));
            }
        }
        self.print(&text)
    }

    /// Says that there is nothing to tell, unless it is to be quiet.
    fn nothing(&self, text: ScreenText) -> anyhow::Result<()> {
        if self.is_quiet { Ok(()) } else { self.print(&format!("{}\n", self.text(text))) }
    }
}
