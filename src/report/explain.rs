//! How an entity's columns came to what monday got: a block a column for people, a row a column for programs, or JSON.

use super::table::{Cell, Table, wrapped};
use super::{Screen, Style, Tone, dot};
use crate::entity::{EntityKey, Kind};
use crate::message::{InspectText, Lang};
use crate::monday::column::value_text;
use crate::plan::titles::ColumnTitles;
use crate::plan::verdict::{ExplainedColumn, Verdict};
use crate::stamp::serialize_optional;
use crate::store::{Entity, State, StateRow};
use crate::text::{harmless, shortened};
use crate::word::Word;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The length that a value is cut to on a terminal.
const LONGEST_VALUE: usize = 160;
/// Longer lines are hard to read.
const LONGEST_LINE: usize = 110;
/// What stands for a blank value.
const BLANK: &str = "∅";

/// Screen of `explain`: an entity with its columns.
pub(crate) struct Explained<'e> {
    pub(crate) stored: &'e Entity,
    /// Its state and ages; `None`: it is deleted.
    pub(crate) row: Option<&'e StateRow>,
    pub(crate) steps: &'e [ExplainedColumn],
    pub(crate) titles: &'e ColumnTitles,
}

#[derive(Serialize)]
struct ExplainDocument<'e> {
    entity: EntityKey,
    name: &'e str,
    state: &'static str,
    board: Option<&'e str>,
    item_id: Option<&'e str>,
    #[serde(serialize_with = "serialize_optional")]
    pulled_at: Option<Timestamp>,
    #[serde(serialize_with = "serialize_optional")]
    pushed_at: Option<Timestamp>,
    columns: Vec<ColumnPart<'e>>,
}

#[derive(Serialize)]
struct ColumnPart<'e> {
    column: &'e str,
    /// What stands above it on the board.
    title: Option<&'e str>,
    #[serde(rename = "type")]
    column_type: &'e str,
    source: &'e str,
    of: Option<&'static str>,
    /// The JSON text of each property, as text: what HApi sends is not always JSON that every reader takes.
    raw: BTreeMap<&'e str, Option<&'e str>>,
    trimmed: Option<&'e str>,
    mapped: Option<&'e str>,
    wanted: Option<&'e Value>,
    sent: Option<&'e Value>,
    sends: bool,
    status: &'static str,
    why: String,
    hint: Option<String>,
}

impl<'e> From<&'e ExplainedColumn> for ColumnPart<'e> {
    fn from(step: &'e ExplainedColumn) -> ColumnPart<'e> {
        ColumnPart {
            column: &step.column,
            title: None,
            column_type: &step.column_type,
            source: &step.source,
            of: step.of.map(|kind| kind.name()),
            raw: step.raw.iter().map(|(property, raw)| (property.as_str(), raw.as_deref())).collect(),
            trimmed: step.trimmed.as_deref(),
            mapped: step.mapped.as_deref(),
            wanted: step.wanted.as_ref(),
            sent: step.sent.as_ref(),
            sends: step.is_sent_now,
            status: step.reason.verdict.word(),
            why: why(step, Lang::En),
            hint: step.reason.hint.as_ref().map(|hint| hint.text(Lang::En)),
        }
    }
}

impl<'e> Explained<'e> {
    fn state(&self) -> State {
        self.row.map_or(State::Deleted, |row| row.state)
    }

    fn column_part(&self, step: &'e ExplainedColumn) -> ColumnPart<'e> {
        ColumnPart { title: self.titles.title(self.stored.row.kind, &step.column), ..ColumnPart::from(step) }
    }
}

impl Screen for Explained<'_> {
    fn document(&self) -> impl Serialize {
        let stored = self.stored;
        ExplainDocument {
            entity: stored.row.entity_key(),
            name: &stored.name,
            state: self.state().word(),
            board: stored.row.board.as_deref(),
            item_id: stored.row.item_id.as_deref(),
            pulled_at: self.row.map(|row| row.received_at),
            pushed_at: self.row.and_then(|row| row.pushed_at),
            columns: self.steps.iter().map(|step| self.column_part(step)).collect(),
        }
    }

    fn text(&self, style: Style<'_>) -> String {
        let columns = Columns { style, kind: self.stored.row.kind };
        if !style.out.is_terminal {
            return columns.rows(self.steps);
        }
        let entity = self.stored.row.entity_key().to_string();
        let (mark, tone) = dot(self.state());
        let state = style.paint(tone, &format!("{mark} {}", style.state_word(self.state())));
        let name = style.cut(&self.stored.name, LONGEST_VALUE);
        let mut text = format!("{state}  {}  {}\n", harmless(&entity), style.paint(Tone::Strong, &name));
        for step in self.steps {
            text.push('\n');
            text.push_str(&columns.block(step));
        }
        if let Some(row) = self.row {
            // Both sides may have changed since: what stands above is what the store knows.
            let read = InspectText::ReadAt { at: style.local(row.received_at), entity };
            text.push_str(&format!("\n{}\n", style.text(read)));
        }
        text
    }
}

/// The word of a verdict, and its colour.
pub(super) fn verdict_word(verdict: Verdict, kind: Kind, style: Style<'_>) -> (String, Tone) {
    Columns { style, kind }.verdict(verdict)
}

/// Why a column is, or is not, sent, and what to do.
pub(super) fn why_text(step: &ExplainedColumn, kind: Kind, style: Style<'_>) -> String {
    Columns { style, kind }.why_and_hint(step)
}

/// A value that was sent, as people read it.
pub(super) fn sent_text(value: &Value) -> String {
    shown(value)
}

/// Renderer of an entity's columns.
struct Columns<'s> {
    style: Style<'s>,
    kind: Kind,
}

impl Columns<'_> {
    fn rows(&self, steps: &[ExplainedColumn]) -> String {
        let style = self.style;
        let header = [
            InspectText::HeadColumn {},
            InspectText::HeadType {},
            InspectText::HeadStatus {},
            InspectText::HeadSource {},
            InspectText::HeadRaw {},
            InspectText::HeadTrimmed {},
            InspectText::HeadMapped {},
            InspectText::HeadWanted {},
            InspectText::HeadSent {},
            InspectText::HeadWhy {},
        ];
        let mut table = Table::with_header(header.into_iter().map(|head| Cell::new(style.text(head))).collect());
        for step in steps {
            let raw: Vec<String> = step.raw.iter().map(|(property, raw)| self.raw(property, raw.as_deref())).collect();
            let text = |text: &Option<String>| Cell::new(harmless(text.as_deref().unwrap_or_default()));
            let json = |json: &Option<Value>| Cell::new(json.as_ref().map(shown).unwrap_or_default());
            let (word, tone) = self.verdict(step.reason.verdict);
            table.row(vec![
                Cell::new(style.column(self.kind, &step.column)),
                Cell::new(harmless(&step.column_type)),
                Cell::new(word).tone(tone),
                Cell::new(self.source(step)),
                Cell::new(raw.join(", ")),
                text(&step.trimmed),
                text(&step.mapped),
                json(&step.wanted),
                json(&step.sent),
                Cell::new(self.why_and_hint(step)),
            ]);
        }
        table.render(style.out)
    }

    /// A heading, the steps of the value, what was sent last where that is another, and why.
    fn block(&self, step: &ExplainedColumn) -> String {
        let style = self.style;
        let (word, tone) = self.verdict(step.reason.verdict);
        let column = style.paint(Tone::Strong, &style.column(self.kind, &step.column));
        let word = style.paint(tone, &format!("● {word}"));
        let mut lines = vec![format!("{column}  {}  {word}", harmless(&step.column_type))];
        let mut add_line = |text: String| {
            for (index, line) in wrapped(&text, style.out.width.clamp(40, LONGEST_LINE) - 4).into_iter().enumerate() {
                lines.push(format!("{}{line}", if index == 0 { "  " } else { "    " }));
            }
        };
        add_line(self.stages(step));
        if step.sent.is_some() && step.sent != step.wanted {
            let sent = step.sent.as_ref().map(shown).unwrap_or_default();
            add_line(format!("{}{} {}", style.text(InspectText::LabelSent {}), style.colon(), cut(&sent)));
        }
        add_line(self.why_and_hint(step));
        lines.push(String::new());
        lines.join("\n")
    }

    /// From the raw value to what monday should get; a stage that changes nothing is left out.
    fn stages(&self, step: &ExplainedColumn) -> String {
        let raw: Vec<String> = step.raw.iter().map(|(property, raw)| self.raw(property, raw.as_deref())).collect();
        let source = match step.raw.as_slice() {
            [(property, _)] if step.of.is_none() && is_just(&step.source, property) => String::new(),
            _ => format!("{}{} ", self.source(step), self.style.colon()),
        };
        let mut stages = vec![format!("{source}{}", raw.join(", "))];
        let is_as_received = |text: &str| matches!(step.raw.as_slice(), [(_, Some(raw))] if raw.as_str() == text);
        let mut before: Option<String> = None;
        let wanted = step.wanted.as_ref().map(shown);
        for stage in [step.trimmed.clone(), step.mapped.clone(), wanted].into_iter().flatten() {
            let stage = cut(&harmless(&stage));
            if before.as_ref() != Some(&stage) && !(before.is_none() && is_as_received(&stage)) {
                stages.push(stage.clone());
            }
            before = Some(stage);
        }
        stages.retain(|stage| !stage.is_empty());
        stages.join(" → ")
    }

    fn source(&self, step: &ExplainedColumn) -> String {
        let is_relation = step.column_type == "board_relation";
        match step.of {
            Some(kind) if is_relation => self.style.text(InspectText::ItemOfParent { kind }),
            Some(kind) => self.style.text(InspectText::OfParent { source: step.source.clone(), kind }),
            None => harmless(&step.source),
        }
    }

    /// A property with its JSON text; its name only where it is one of several.
    fn raw(&self, property: &str, raw: Option<&str>) -> String {
        match raw {
            Some(raw) => self.style.cut(&format!("{property} {raw}"), LONGEST_VALUE),
            None => format!("{} {}", harmless(property), self.style.text(InspectText::NotReceivedValue {})),
        }
    }

    fn why_and_hint(&self, step: &ExplainedColumn) -> String {
        let why = why(step, self.style.lang);
        match &step.reason.hint {
            Some(hint) => self.style.text(InspectText::TwoParts { one: why, other: hint.text(self.style.lang) }),
            None => harmless(&why),
        }
    }

    fn verdict(&self, verdict: Verdict) -> (String, Tone) {
        let (text, tone) = match verdict {
            Verdict::Same => (InspectText::WordSame {}, Tone::Good),
            Verdict::Changed => (InspectText::WordChanged {}, Tone::Waiting),
            Verdict::New => (InspectText::WordNew {}, Tone::Waiting),
            Verdict::Again => (InspectText::WordAgain {}, Tone::Waiting),
            Verdict::Edited => (InspectText::WordEdited {}, Tone::Waiting),
            Verdict::Kept => (InspectText::WordKept {}, Tone::Faint),
            Verdict::Refused => (InspectText::WordRefused {}, Tone::Bad),
            Verdict::NotReceived => (InspectText::WordNotReceived {}, Tone::Faint),
            Verdict::Held => (InspectText::WordHeld {}, Tone::Bad),
            Verdict::ParentMissing => (InspectText::WordParentMissing {}, Tone::Waiting),
            Verdict::ParentAmbiguous => (InspectText::WordParentAmbiguous {}, Tone::Waiting),
            Verdict::Waiting => (InspectText::WordWaiting {}, Tone::Waiting),
            Verdict::Unavailable => (InspectText::WordUnavailable {}, Tone::Faint),
            Verdict::UnderWay => (InspectText::WordUnderWay {}, Tone::Waiting),
            Verdict::Paused => return (self.style.state_word(State::Paused), Tone::Faint),
            Verdict::Off => return (self.style.state_word(State::Off), Tone::Faint),
            Verdict::Unlinked => return (self.style.state_word(State::Unlinked), Tone::Plain),
            Verdict::Deleted => return (self.style.state_word(State::Deleted), Tone::Faint),
        };
        (self.style.text(text), tone)
    }
}

fn why(step: &ExplainedColumn, lang: Lang) -> String {
    let parts = step.reason.why.iter().map(|part| part.text(lang));
    parts.reduce(|one, other| InspectText::TwoParts { one, other }.text(lang)).unwrap_or_default()
}

/// A value as people read it.
fn shown(value: &Value) -> String {
    value_text(value).map_or_else(|| BLANK.to_owned(), |text| harmless(&text))
}

/// Whether a source says no more than the name of its property.
fn is_just(source: &str, property: &str) -> bool {
    source == property || source == format!("{{{property}}}")
}

fn cut(text: &str) -> String {
    shortened(text, LONGEST_VALUE)
}
