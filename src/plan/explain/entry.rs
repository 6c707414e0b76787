//! Why one column of an entity is, or is not, sent now.

use super::explainer::Explainer;
use crate::entity::Kind;
use crate::message::InspectText;
use crate::monday::column;
use crate::plan::map::{Mapped, NAME, is_blank};
use crate::plan::parents::Parents;
use crate::plan::verdict::{ExplainedColumn, Reason, Verdict};
use crate::store::{FailureRow, SentColumn, SentColumns};
use serde_json::{Map, Value};

/// Column as far as it does not depend on what was sent.
pub(super) struct ColumnSource<'g> {
    pub(super) column: &'g str,
    pub(super) column_type: String,
    pub(super) source: String,
    pub(super) of: Option<Kind>,
    pub(super) raw: Vec<(String, Option<String>)>,
    pub(super) trimmed: Option<String>,
    pub(super) mapped: Option<String>,
    pub(super) about_parent: Option<Reason>,
}

/// Entity as far as all its columns have it in common.
pub(super) struct Entry<'e> {
    pub(super) explainer: &'e Explainer<'e>,
    pub(super) parents: &'e Parents,
    pub(super) mapped: &'e Mapped,
    pub(super) failures: &'e [FailureRow],
    pub(super) planned: Map<String, Value>,
    pub(super) has_item: bool,
    pub(super) sent: &'e SentColumns,
    pub(super) end: Option<Reason>,
    pub(super) hold: Option<Reason>,
    pub(super) is_due: bool,
}

impl Entry<'_> {
    pub(super) fn step(&self, given: ColumnSource<'_>) -> ExplainedColumn {
        let refusal = self.mapped.refused.get(given.column);
        let wanted =
            self.mapped.columns.get(given.column).or(refusal.and_then(|refusal| refusal.clears.as_ref())).cloned();
        let (reason, is_sent_now) = self.reason(&given, wanted.as_ref());
        ExplainedColumn {
            column: given.column.to_owned(),
            column_type: given.column_type,
            source: given.source,
            of: given.of,
            raw: given.raw,
            trimmed: given.trimmed,
            mapped: given.mapped,
            sent: self.sent.value(given.column).cloned(),
            wanted,
            is_sent_now,
            reason,
        }
    }

    /// What decides, and whether the next push sends the column.
    fn reason(&self, given: &ColumnSource<'_>, wanted: Option<&Value>) -> (Reason, bool) {
        if let Some(end) = &self.end {
            return (end.clone(), false);
        }
        if let Some(refusal) = self.mapped.refused.get(given.column) {
            let is_cleared_now = self.planned.contains_key(given.column) && self.has_item;
            let mut reason = Reason::new(Verdict::Refused, refusal.error.clone()).hint(refusal.hint.clone());
            self.note_cleared(given.column, &mut reason);
            return (reason, is_cleared_now && self.is_due && self.hold.is_none());
        }
        let Some(wanted) = wanted else { return (not_received(given), false) };
        let is_planned = self.planned.contains_key(given.column);
        let is_idle = !self.has_item && is_blank(wanted);
        let is_sent_now = is_planned && !is_idle && self.is_due && self.hold.is_none();
        if let Some(about_parent) = &given.about_parent {
            return (about_parent.clone(), is_sent_now);
        }
        let reason = match &self.hold {
            _ if !is_planned || self.held(given.column, wanted).is_some() => self.unplanned(given.column, wanted),
            _ if is_idle => Reason::new(Verdict::New, InspectText::WhyNewBlank {}),
            Some(hold) => hold.clone(),
            None if !self.is_due => {
                let entity = self.explainer.selector();
                Reason::new(Verdict::Changed, InspectText::WhyUnmarked {}).hint(InspectText::UseResync { entity })
            }
            None if !self.has_item => Reason::new(Verdict::New, InspectText::WhyNew {}),
            None => match self.sent.get(given.column) {
                Some(SentColumn::Observed(text)) => {
                    Reason::new(Verdict::Edited, InspectText::WhyEdited { seen: shown(text) })
                }
                Some(SentColumn::Resend(_)) => Reason::new(Verdict::Again, InspectText::WhyAgain {}),
                Some(SentColumn::Sent(sent)) if sent == wanted => Reason::new(Verdict::Again, InspectText::WhyAgain {}),
                Some(SentColumn::Sent(_)) => Reason::new(Verdict::Changed, InspectText::WhyChanged {}),
                None => Reason::new(Verdict::Changed, InspectText::WhyFirst {}),
            },
        };
        (reason, is_sent_now)
    }

    /// Says of a value that cannot be sent that its column is cleared.
    fn note_cleared(&self, column: &str, reason: &mut Reason) {
        let keeps = self.failures.iter().any(|failure| failure.is_of(column) && failure.keeps_value);
        if self.mapped.clears && self.has_item && column != NAME && !keeps {
            reason.why.push(InspectText::WhyCleared {}.into());
        }
    }

    /// The refusal of this very value by monday, whose time to be retried has not come.
    fn held(&self, column: &str, wanted: &Value) -> Option<&FailureRow> {
        let is_held = |failure: &&FailureRow| {
            failure.is_of(column)
                && column::is_value(failure.value.as_deref(), wanted)
                && !failure.is_retry_due(self.explainer.now)
        };
        self.failures.iter().find(is_held)
    }

    /// Why a push leaves a column alone: monday has refused this very value, or has it.
    fn unplanned(&self, column: &str, wanted: &Value) -> Reason {
        match (self.held(column, wanted), self.sent.get(column)) {
            (Some(failure), _) => {
                let mut reason = self.explainer.held(failure);
                self.note_cleared(column, &mut reason);
                reason
            }
            (None, Some(SentColumn::Observed(text))) => {
                Reason::new(Verdict::Kept, InspectText::WhyKept { seen: shown(text) })
            }
            (None, _) => Reason::new(Verdict::Same, InspectText::WhySame {}),
        }
    }
}

/// What an item was observed to show, in place of what was sent.
fn shown(text: &Option<String>) -> String {
    text.clone().unwrap_or_default()
}

fn not_received(given: &ColumnSource<'_>) -> Reason {
    let missing: Vec<String> =
        given.raw.iter().filter(|(_, raw)| raw.is_none()).map(|(property, _)| format!("`{property}`")).collect();
    Reason::new(Verdict::NotReceived, InspectText::WhyNotReceived { properties: missing })
}
