//! What reading the boards showed: differences, duplicates.

use super::table::{Cell, INDENT, Table, wrapped};
use super::{Screen, Style, Tone};
use crate::boards::compare::{Difference, DifferenceKind};
use crate::boards::drift::Duplicate;
use crate::entity::EntityKey;
use crate::message::{InspectText, Lang, Message, ScreenText};
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
    entity: EntityKey,
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
            entity: EntityKey::new(difference.kind, difference.key.clone()),
            item_id: difference.item_id.clone(),
            column: difference.column.clone(),
            expected: difference.expected.clone(),
            found: difference.found.clone(),
            kind: match difference.difference {
                DifferenceKind::Edited => "edited",
                DifferenceKind::Missing => "missing",
                DifferenceKind::Key => "key",
                DifferenceKind::Double => "double",
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
        // The linked item is right, but its key was overwritten by hand.
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

/// Screen of `status --drift`: where boards differ from what was sent.
pub(crate) struct Drift<'d>(pub(crate) &'d [Difference]);

impl Screen for Drift<'_> {
    fn document(&self) -> impl Serialize {
        DriftDocument { drift: self.0.iter().map(DriftEntry::from).collect() }
    }

    fn is_written_quietly(&self) -> bool {
        !self.0.is_empty()
    }

    fn text(&self, style: Style<'_>) -> String {
        if self.0.is_empty() {
            return format!("{}\n", style.text(ScreenText::NoDrift {}));
        }
        let head = [
            Message::from(ScreenText::HeadEntity {}),
            ScreenText::StoryItem {}.into(),
            InspectText::HeadColumn {}.into(),
            InspectText::HeadSent {}.into(),
            ScreenText::HeadShown {}.into(),
        ];
        let mut table = Table::with_header(head.map(|text| Cell::new(style.text(text)).tone(Tone::Strong)).to_vec());
        self.0.iter().for_each(|difference| table.row(drift_cells(difference, style)));
        table.render(style.out)
    }
}

fn drift_cells(difference: &Difference, style: Style<'_>) -> Vec<Cell> {
    let shown = |text: &Option<String>| {
        text.as_deref().map_or("–".to_owned(), |text| shortened(&harmless(text), LONGEST_TEXT))
    };
    let entity = Cell::new(harmless(&EntityKey::new(difference.kind, difference.key.clone()).to_string()));
    let item = Cell::new(harmless(&difference.item_id));
    let remark = |text: ScreenText| [Cell::default(), Cell::default(), Cell::new(style.text(text))];
    let rest = match difference.difference {
        DifferenceKind::Missing => remark(ScreenText::DriftMissing {}),
        DifferenceKind::Double => remark(ScreenText::DriftDouble {}),
        DifferenceKind::Edited | DifferenceKind::Key => {
            let column = difference.column.as_deref();
            let found = match difference.is_kept {
                true => format!("{} ({})", shown(&difference.found), style.text(ScreenText::DriftKept {})),
                false => shown(&difference.found),
            };
            [
                Cell::new(column.map_or_else(String::new, |column| style.column(difference.kind, column))),
                Cell::new(shown(&difference.expected)),
                Cell::new(found),
            ]
        }
    };
    [entity, item].into_iter().chain(rest).collect()
}

/// Screen of `status --duplicates`: which keys stand on several items, and what to do.
pub(crate) struct Duplicates<'d>(pub(crate) &'d [Duplicate]);

impl Screen for Duplicates<'_> {
    fn document(&self) -> impl Serialize {
        DuplicatesDocument { duplicates: self.0.iter().map(DuplicateEntry::from).collect() }
    }

    fn is_written_quietly(&self) -> bool {
        !self.0.is_empty()
    }

    fn text(&self, style: Style<'_>) -> String {
        if self.0.is_empty() {
            return format!("{}\n", style.text(ScreenText::NoDuplicates {}));
        }
        self.0.iter().map(|duplicate| duplicate_lines(duplicate, style)).collect()
    }
}

impl From<&Duplicate> for DuplicateEntry {
    fn from(duplicate: &Duplicate) -> DuplicateEntry {
        DuplicateEntry {
            entity: duplicate.entity.clone(),
            items: duplicate.items.clone(),
            linked: duplicate.linked.clone(),
            shared_with: duplicate.others.clone(),
            unknown: duplicate.is_unknown,
            hint: hint(duplicate).text(Lang::En),
        }
    }
}

fn duplicate_lines(duplicate: &Duplicate, style: Style<'_>) -> String {
    let entities: Vec<String> = [&duplicate.entity].into_iter().chain(&duplicate.others).cloned().collect();
    let (names, items) = (harmless(&entities.join(", ")), harmless(&duplicate.items.join(", ")));
    let (hint, gap) = (style.text(hint(duplicate)), style.out.gap());
    if !style.out.is_terminal {
        return format!("{names}{gap}{items}{gap}{hint}\n");
    }
    let mut text = wrapped(&format!("{names}{gap}{items}"), style.out.width).join("\n    ");
    for line in wrapped(&hint, style.out.width.saturating_sub(INDENT)) {
        text.push_str(&format!("\n    {line}"));
    }
    format!("{text}\n")
}
