//! What was attached to what, and what people have to decide.

use super::table::{Cell, Table};
use super::{Screen, Style, Tone};
use crate::boards::candidates::{Candidate, MatchReason};
use crate::message::{LinkText, ScreenText};
use crate::text::{harmless, shortened};
use crate::word::Word;
use serde::Serialize;

/// The length that names are cut to on a screen.
const LONGEST_NAME: usize = 40;

/// Linking of what was found: done, or rehearsed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Linking {
    /// It is linked.
    #[default]
    Done,
    /// It would be.
    Rehearsed,
}

fn as_rehearsed<S: serde::Serializer>(linking: &Linking, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bool(*linking == Linking::Rehearsed)
}

/// Result of `link`.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Found {
    pub(crate) linked: Vec<Attached>,
    pub(crate) ambiguous: Vec<Ambiguous>,
    pub(crate) unmatched: Vec<String>,
    pub(crate) skipped: u64,
    #[serde(rename = "dry_run", serialize_with = "as_rehearsed")]
    pub(crate) linking: Linking,
}

/// Pair of an entity and its item.
#[derive(Debug, Serialize)]
pub(crate) struct Attached {
    pub(crate) entity: String,
    pub(crate) item_id: String,
}

/// Entity with the items that it may belong to.
#[derive(Debug, Serialize)]
pub(crate) struct Ambiguous {
    pub(crate) entity: String,
    pub(crate) candidates: Vec<CandidateEntry>,
}

/// Candidate: an item, and what speaks for it.
#[derive(Debug, Serialize)]
pub(crate) struct CandidateEntry {
    item_id: String,
    name: String,
    why: Vec<&'static str>,
    #[serde(skip)]
    reasons: Vec<MatchReason>,
}

impl Ambiguous {
    /// An entity and what it may belong to, the best first.
    pub(crate) fn new(entity: String, candidates: &[&Candidate]) -> Ambiguous {
        let entry = |candidate: &&Candidate| CandidateEntry {
            item_id: candidate.item_id.clone(),
            name: candidate.name.clone(),
            why: candidate.why.iter().map(|reason| reason.word()).collect(),
            reasons: candidate.why.iter().copied().collect(),
        };
        Ambiguous { entity, candidates: candidates.iter().map(entry).collect() }
    }
}

impl Screen for Found {
    fn document(&self) -> impl Serialize {
        self
    }

    fn is_written_quietly(&self) -> bool {
        !self.ambiguous.is_empty() || !self.unmatched.is_empty()
    }

    /// What was attached, and what was not.
    fn text(&self, style: Style<'_>) -> String {
        let mut text = self.table(style).render(style.out);
        if let Some(first) = self.ambiguous.first() {
            let entity = first.entity.clone();
            let item = first.candidates.first().map(|candidate| candidate.item_id.clone()).unwrap_or_default();
            text.push_str(&format!("{}\n", style.text(LinkText::ChooseOne { entity, item })));
        }
        if self.skipped > 0 {
            text.push_str(&format!("{}\n", style.text(ScreenText::LeftAlone { count: self.skipped })));
        }
        if text.is_empty() {
            text = format!("{}\n", style.text(LinkText::AllLinked {}));
        }
        text
    }
}

impl Found {
    fn table(&self, style: Style<'_>) -> Table {
        let mut table = Table::default();
        let word = |text: LinkText, tone: Tone| Cell::new(style.text(text)).tone(tone);
        for linked in &self.linked {
            let done = match self.linking {
                Linking::Done => LinkText::Linked {},
                Linking::Rehearsed => LinkText::WouldLink {},
            };
            let cells = [linked.entity.as_str(), linked.item_id.as_str()].map(|text| Cell::new(harmless(text)));
            table.row([vec![word(done, Tone::Good)], cells.to_vec()].concat());
        }
        for ambiguous in &self.ambiguous {
            for candidate in &ambiguous.candidates {
                let why: Vec<String> =
                    candidate.reasons.iter().map(|&reason| style.text(reason_text(reason))).collect();
                table.row(vec![
                    word(LinkText::MayBe {}, Tone::Waiting),
                    Cell::new(harmless(&ambiguous.entity)),
                    Cell::new(harmless(&candidate.item_id)),
                    Cell::new(shortened(&harmless(&candidate.name), LONGEST_NAME)),
                    Cell::new(why.join(", ")),
                ]);
            }
        }
        for entity in &self.unmatched {
            table.row(vec![word(LinkText::NoMatch {}, Tone::Faint), Cell::new(harmless(entity))]);
        }
        table
    }
}

fn reason_text(reason: MatchReason) -> LinkText {
    match reason {
        MatchReason::Key => LinkText::SameKey {},
        MatchReason::Identity => LinkText::SameIdentity {},
        MatchReason::Name => LinkText::SameName {},
    }
}
