//! Document of a run: it is printed, stored, and read again.

use super::{RunKind, RunResult};
use crate::entity::{EntityKey, Kind};
use crate::failure::{Account, ErrorPart, Exit, FailureCause, KILLED, Outcome, Reported, Stage, Subject};
use crate::message::{Lang, Message};
use crate::pull::KindPull;
use crate::push::plan::PlannedChange;
use crate::push::summary::KindPush;
use crate::push::writer::Price;
use crate::stamp::serialize;
use crate::store::{Change, ChangeAction, ColumnChange, RunRow, unknown};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Document of a run. Its keys are those of the JSON document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RunDocument {
    pub(crate) run: Option<i64>,
    #[serde(default)]
    pub(crate) command: String,
    pub(crate) outcome: Outcome,
    /// Its exit status; `None`: it is under way.
    pub(crate) exit_code: Option<u8>,
    #[serde(serialize_with = "serialize")]
    pub(crate) started_at: Timestamp,
    pub(crate) duration_ms: u64,
    pub(crate) pull: BTreeMap<Kind, PullPart>,
    pub(crate) push: BTreeMap<Kind, KindPush>,
    pub(crate) hapi_calls: u64,
    pub(crate) monday_calls: u64,
    /// Webhook events processed.
    #[serde(default)]
    pub(crate) events: u64,
    pub(crate) failures: Vec<FailurePart>,
    #[serde(default)]
    pub(crate) notes: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<ErrorPart>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) plan: Option<Vec<PlanPart>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) price: Option<PricePart>,
}

/// Counts of one kind, as read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PullPart {
    pub(crate) fetched: u64,
    pub(crate) new: u64,
    pub(crate) changed: u64,
    pub(crate) unchanged: u64,
    pub(crate) deleted: u64,
    pub(crate) requests: u64,
    pub(crate) bytes: u64,
    pub(crate) unavailable: Option<String>,
    pub(crate) error: Option<String>,
    /// Whether only what webhooks named was read.
    #[serde(default)]
    pub(crate) by_events: bool,
    /// Webhook events processed.
    #[serde(default)]
    pub(crate) events: u64,
}

/// Failure of an entity, or of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FailurePart {
    pub(crate) entity: Subject,
    #[serde(deserialize_with = "crate::word::deserialize")]
    pub(crate) stage: Stage,
    pub(crate) column: Option<String>,
    /// What stands above the column on its board.
    #[serde(default)]
    pub(crate) column_title: Option<String>,
    /// The stable word for why; documents of before have none.
    #[serde(default = "unknown_cause")]
    pub(crate) cause: FailureCause,
    pub(crate) error: String,
    pub(crate) hint: Option<String>,
}

fn unknown_cause() -> FailureCause {
    FailureCause::Unknown
}

/// Step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlanPart {
    pub(crate) entity: EntityKey,
    #[serde(deserialize_with = "crate::word::deserialize")]
    pub(crate) action: ChangeAction,
    pub(crate) columns: BTreeMap<String, ColumnChange>,
}

/// Change of an item, as it stands in JSON.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ChangeEntry {
    pub(crate) entity: EntityKey,
    pub(crate) action: ChangeAction,
    pub(crate) columns: BTreeMap<String, ColumnChange>,
    pub(crate) run: Option<i64>,
    #[serde(serialize_with = "serialize")]
    pub(crate) at: Timestamp,
}

impl From<Change> for ChangeEntry {
    fn from(change: Change) -> ChangeEntry {
        let (entity, run, at) = (change.entity_key(), change.run, change.at);
        ChangeEntry { entity, action: change.action, columns: change.columns, run, at }
    }
}

/// Price of a plan.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct PricePart {
    pub(crate) calls: u64,
    pub(crate) seconds: u64,
    #[serde(default)]
    pub(crate) imported: u64,
}

/// Texts of a run's document, to be read in either language.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct RunMessages {
    pull: BTreeMap<Kind, PullMessages>,
    failures: Vec<FailureMessages>,
    notes: Vec<Message>,
    error: Option<ErrorMessages>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct PullMessages {
    unavailable: Option<Message>,
    error: Option<Message>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct FailureMessages {
    error: Message,
    hint: Option<Message>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct ErrorMessages {
    first: Account,
    /// What else ended the run.
    others: Vec<Message>,
}

impl RunMessages {
    /// Puts the texts into the document that they were stored with.
    pub(crate) fn put_into(&self, document: &mut RunDocument, lang: Lang) {
        let text = |message: &Option<Message>| message.as_ref().map(|message| message.text(lang));
        for (kind, messages) in &self.pull {
            if let Some(part) = document.pull.get_mut(kind) {
                part.unavailable = text(&messages.unavailable);
                part.error = text(&messages.error);
            }
        }
        for (part, messages) in document.failures.iter_mut().zip(&self.failures) {
            part.error = messages.error.text(lang);
            part.hint = text(&messages.hint);
        }
        document.notes = self.notes.iter().map(|note| note.text(lang)).collect();
        let ended = self.error.as_ref().zip(document.exit_code);
        document.error = ended.map(|(error, exit_code)| error.part(exit_code, lang));
    }
}

impl ErrorMessages {
    fn part(&self, exit_code: u8, lang: Lang) -> ErrorPart {
        let mut lines = self.first.texts(lang).into_iter();
        let message = lines.next().unwrap_or_default();
        let causes = lines.chain(self.others.iter().map(|other| other.text(lang))).collect();
        ErrorPart { message, causes, hint: self.first.help.as_ref().map(|help| help.text(lang)), exit_code }
    }
}

impl PullPart {
    /// Counts of a kind, with what went wrong in the words of a language.
    fn rendered(part: &KindPull, lang: Lang) -> PullPart {
        let text = |message: &Option<Message>| message.as_ref().map(|message| message.text(lang));
        PullPart {
            fetched: part.fetched,
            new: part.new,
            changed: part.changed,
            unchanged: part.unchanged,
            deleted: part.deleted,
            requests: part.traffic.requests,
            bytes: part.traffic.bytes,
            unavailable: text(&part.unavailable),
            error: text(&part.error),
            by_events: part.is_by_events,
            events: part.events,
        }
    }
}

impl FailurePart {
    /// The entity that it is about; `None`: a kind as a whole, or a record without a key.
    pub(crate) fn entity_key(&self) -> Option<&EntityKey> {
        self.entity.entity()
    }

    /// A failure in the words of a language.
    pub(crate) fn rendered(reported: &Reported, lang: Lang) -> FailurePart {
        FailurePart {
            entity: reported.subject.clone(),
            stage: reported.stage,
            column: reported.column.clone(),
            column_title: None,
            cause: reported.cause,
            error: reported.error.text(lang),
            hint: reported.hint.as_ref().map(|hint| hint.text(lang)),
        }
    }
}

impl From<&PlannedChange> for PlanPart {
    fn from(change: &PlannedChange) -> PlanPart {
        PlanPart { entity: change.entity.clone(), action: change.action, columns: change.columns.clone() }
    }
}

impl From<Price> for PricePart {
    fn from(Price { calls, seconds, imported }: Price) -> PricePart {
        PricePart { calls, seconds, imported }
    }
}

impl RunDocument {
    /// The document of a run of which no more is known than how it began and ended.
    pub(crate) fn bare(
        run: i64,
        command: &str,
        started_at: Timestamp,
        outcome: Outcome,
        exit_code: Option<u8>,
    ) -> RunDocument {
        RunDocument {
            run: Some(run),
            command: command.to_owned(),
            outcome,
            exit_code,
            started_at,
            duration_ms: 0,
            pull: BTreeMap::new(),
            push: BTreeMap::new(),
            hapi_calls: 0,
            monday_calls: 0,
            events: 0,
            failures: Vec::new(),
            notes: Vec::new(),
            error: None,
            plan: None,
            price: None,
        }
    }

    /// The document that a run left in the store; of one that was killed, or is under way (`is_at_work`) and has left none, what
    /// is known of it.
    ///
    /// # Errors
    /// Where the store holds what this program does not know.
    pub(crate) fn of_row(row: &RunRow, is_at_work: bool) -> anyhow::Result<RunDocument> {
        if let Some(text) = &row.document {
            let document = serde_json::from_str(text);
            return document.map_err(|error| unknown("the document of a run", &error.to_string()).into());
        }
        let took = || u64::try_from(row.finished_at?.duration_since(row.started_at).as_millis()).ok();
        let outcome = if is_at_work { Outcome::Running } else { Outcome::Interrupted };
        let outcome = row.outcome.unwrap_or(outcome);
        let exit_code = row.exit_code.or((!is_at_work).then_some(KILLED)).map(exit_code).transpose()?;
        let bare = RunDocument::bare(row.run, &row.command, row.started_at, outcome, exit_code);
        Ok(RunDocument { duration_ms: took().unwrap_or_default(), ..bare })
    }

    /// Puts what happened into a language. What another version wrote, and this one has no words for, stays in English.
    pub(crate) fn put_words_of(&mut self, row: &RunRow, lang: Lang) {
        let messages = row.messages.as_deref().and_then(|json| serde_json::from_str::<RunMessages>(json).ok());
        if let Some(messages) = messages {
            messages.put_into(self, lang);
        }
    }

    /// What the push came to, all kinds together.
    pub(crate) fn pushed(&self) -> KindPush {
        self.push.values().fold(KindPush::default(), |mut sum, part| {
            sum.created += part.created;
            sum.adopted += part.adopted;
            sum.updated += part.updated;
            sum.archived += part.archived;
            sum.unchanged += part.unchanged;
            sum.paused += part.paused;
            sum.unlinked += part.unlinked;
            sum.failed += part.failed;
            sum.deferred += part.deferred;
            sum
        })
    }
}

/// An exit status out of the store.
fn exit_code(code: i64) -> anyhow::Result<u8> {
    u8::try_from(code).map_err(|_| unknown("the exit code of a run", &code.to_string()).into())
}

impl RunResult {
    /// The document with its texts in a language; JSON has them in English.
    pub(crate) fn document(&self, lang: Lang) -> RunDocument {
        let exit = self.exit();
        let pulled = self.pulled.iter().flat_map(|pulled| &pulled.kinds);
        let pushed = self.pushed.iter().flat_map(|pushed| &pushed.kinds);
        let plan = match &self.kind {
            RunKind::Real { .. } => None,
            RunKind::Rehearsal(rehearsed) => Some(&rehearsed.plan),
        };
        RunDocument {
            run: self.run(),
            command: self.command.to_owned(),
            outcome: exit.outcome(),
            exit_code: Some(exit.code()),
            started_at: self.started_at,
            duration_ms: self.duration_ms,
            pull: pulled.map(|(&kind, part)| (kind, PullPart::rendered(part, lang))).collect(),
            push: pushed.map(|(&kind, part)| (kind, *part)).collect(),
            hapi_calls: self.pulled.as_ref().map_or(0, |pulled| pulled.calls),
            monday_calls: self.pushed.as_ref().map_or(0, |pushed| pushed.calls),
            events: self.pulled.as_ref().map_or(0, |pulled| pulled.events),
            failures: self.every_failure().map(|failure| self.failure_part(failure, lang)).collect(),
            notes: self.every_note().map(|note| note.text(lang)).collect(),
            error: self.error_messages().map(|error| error.part(exit.code(), lang)),
            plan: plan.map(|plan| plan.changes.iter().map(PlanPart::from).collect()),
            price: plan.map(|plan| PricePart::from(plan.price)),
        }
    }

    fn failure_part(&self, failure: &Reported, lang: Lang) -> FailurePart {
        let column = failure.column.as_deref();
        let title = column.and_then(|column| self.titles.title(failure.subject.kind(), column));
        FailurePart { column_title: title.map(str::to_owned), ..FailurePart::rendered(failure, lang) }
    }

    /// The texts of the document.
    pub(crate) fn messages(&self) -> RunMessages {
        let pulled = self.pulled.iter().flat_map(|pulled| &pulled.kinds).map(|(&kind, part)| {
            (kind, PullMessages { unavailable: part.unavailable.clone(), error: part.error.clone() })
        });
        let failures = self
            .every_failure()
            .map(|failure| FailureMessages { error: failure.error.clone(), hint: failure.hint.clone() });
        RunMessages {
            pull: pulled.collect(),
            failures: failures.collect(),
            notes: self.every_note().cloned().collect(),
            error: self.error_messages(),
        }
    }

    /// The error that ended the run: the first one, with what the others say among its causes. Where nothing of what was
    /// asked for could be done there is one too, though each kind has its own failure.
    fn error_messages(&self) -> Option<ErrorMessages> {
        let mut accounts = self.every_error().map(Account::of);
        if let Some(first) = accounts.next() {
            let others = accounts.filter_map(|other| other.lines.into_iter().next()).collect();
            return Some(ErrorMessages { first, others });
        }
        let is_failed = matches!(self.exit(), Exit::Failed | Exit::Login);
        let failure = self.every_failure().find(|_| is_failed)?;
        let first = Account { lines: vec![failure.error.clone()], help: failure.hint.clone() };
        Some(ErrorMessages { first, others: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::exit_of;

    fn row(outcome: Option<Outcome>, exit_code: Option<i64>) -> RunRow {
        RunRow {
            run: 17,
            command: "sync".to_owned(),
            started_at: Timestamp::UNIX_EPOCH,
            finished_at: None,
            outcome,
            exit_code,
            document: None,
            messages: None,
        }
    }

    #[test]
    fn a_run_under_way_has_no_exit_code() {
        let running = RunDocument::of_row(&row(None, None), true).expect("a document");
        assert_eq!((running.outcome, running.exit_code), (Outcome::Running, None));
        assert!(serde_json::to_value(&running).expect("JSON")["exit_code"].is_null());
        let killed = RunDocument::of_row(&row(None, None), false).expect("a document");
        assert_eq!((killed.outcome, killed.exit_code), (Outcome::Interrupted, Some(137)));
        let json = serde_json::to_string(&killed).expect("JSON");
        assert_eq!(serde_json::from_str::<RunDocument>(&json).expect("a document").exit_code, Some(137));
    }

    #[test]
    fn an_exit_code_that_no_process_has_is_an_error_of_the_store() {
        for code in [-1, 256, 3_000] {
            let error = RunDocument::of_row(&row(Some(Outcome::Failed), Some(code)), false).expect_err("no exit code");
            assert_eq!(exit_of(&error), Exit::Store, "{code}");
        }
    }
}
