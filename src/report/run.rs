//! A run's document, which is printed, stored and read again.

use super::ErrorPart;
use crate::entity::Kind;
use crate::failure::Reported;
use crate::failure::Subject;
use crate::failure::{Account, Exit, FailureCause, exit_of};
use crate::message::{Lang, Message};
use crate::pull::whole::{KindPull, Pulled};
use crate::push::run::{KindPush, PlanRow, Pushed};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a run came to. Its keys are those of the JSON document.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct RunDocument {
    pub(crate) run: Option<i64>,
    #[serde(default)]
    pub(crate) command: String,
    pub(crate) outcome: String,
    pub(crate) exit_code: u8,
    pub(crate) started_at: String,
    pub(crate) duration_ms: u64,
    pub(crate) pull: BTreeMap<Kind, PullPart>,
    pub(crate) push: BTreeMap<Kind, PushPart>,
    pub(crate) hapi_calls: u64,
    pub(crate) monday_calls: u64,
    /// Webhook events worked off.
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

/// One kind read.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
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
    /// Webhook events worked off.
    #[serde(default)]
    pub(crate) events: u64,
}

/// One kind written.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct PushPart {
    pub(crate) created: u64,
    pub(crate) adopted: u64,
    pub(crate) updated: u64,
    pub(crate) archived: u64,
    pub(crate) unchanged: u64,
    pub(crate) paused: u64,
    #[serde(default)]
    pub(crate) unlinked: u64,
    pub(crate) failed: u64,
    pub(crate) deferred: u64,
}

/// One failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FailurePart {
    pub(crate) entity: String,
    pub(crate) stage: String,
    pub(crate) column: Option<String>,
    /// The stable word for why; documents of before have none.
    #[serde(default = "unknown_cause")]
    pub(crate) cause: FailureCause,
    pub(crate) error: String,
    pub(crate) hint: Option<String>,
}

fn unknown_cause() -> FailureCause {
    FailureCause::Unknown
}

/// One step of a plan.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PlanPart {
    pub(crate) entity: String,
    pub(crate) action: String,
    pub(crate) columns: BTreeMap<String, ChangePart>,
}

/// What a column held and what it gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChangePart {
    pub(crate) old: Option<String>,
    pub(crate) new: Option<String>,
}

/// A change as it stands in JSON.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ChangeEntry {
    pub(crate) entity: String,
    pub(crate) action: String,
    pub(crate) columns: BTreeMap<String, ChangePart>,
    pub(crate) run: Option<i64>,
    pub(crate) at: String,
}

/// What a plan would cost.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct PricePart {
    pub(crate) calls: u64,
    pub(crate) seconds: u64,
}

/// The texts of a run's document, to be read in either language.
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
    /// Puts the texts into the document that they are of.
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
        document.error = self.error.as_ref().map(|error| error.part(document.exit_code, lang));
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

impl From<&KindPull> for PullPart {
    fn from(part: &KindPull) -> PullPart {
        PullPart {
            fetched: part.fetched,
            new: part.new,
            changed: part.changed,
            unchanged: part.unchanged,
            deleted: part.deleted,
            requests: part.tally.requests,
            bytes: part.tally.bytes,
            by_events: part.is_by_events,
            events: part.events,
            ..PullPart::default()
        }
    }
}

impl From<&KindPush> for PushPart {
    fn from(part: &KindPush) -> PushPart {
        PushPart {
            created: part.created,
            adopted: part.adopted,
            updated: part.updated,
            archived: part.archived,
            unlinked: part.unlinked,
            unchanged: part.unchanged,
            paused: part.paused,
            failed: part.failed,
            deferred: part.deferred,
        }
    }
}

impl FailurePart {
    /// A failure in the words of a language.
    pub(crate) fn told(reported: &Reported, lang: Lang) -> FailurePart {
        FailurePart {
            error: reported.error.text(lang),
            hint: reported.hint.as_ref().map(|hint| hint.text(lang)),
            ..FailurePart::from(reported)
        }
    }
}

impl From<&Reported> for FailurePart {
    fn from(reported: &Reported) -> FailurePart {
        FailurePart {
            entity: reported.subject.to_string(),
            stage: reported.stage.to_owned(),
            column: reported.column.clone(),
            cause: reported.cause,
            error: String::new(),
            hint: None,
        }
    }
}

impl From<&PlanRow> for PlanPart {
    fn from(row: &PlanRow) -> PlanPart {
        let columns =
            row.columns.iter().map(|(id, (old, new))| (id.clone(), ChangePart { old: old.clone(), new: new.clone() }));
        PlanPart {
            entity: format!("{}:{}", row.kind, row.key),
            action: row.action.to_owned(),
            columns: columns.collect(),
        }
    }
}

/// A run that has ended, with all that its document is made of.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    /// Its number; `None`: a dry run.
    pub(crate) run: Option<i64>,
    /// The subcommand.
    pub(crate) command: &'static str,
    /// When it began.
    pub(crate) started_at: String,
    /// How long it took.
    pub(crate) duration_ms: u64,
    /// What the first stage came to, if it was asked for.
    pub(crate) pulled: Option<Pulled>,
    /// What the second stage came to, if it was asked for.
    pub(crate) pushed: Option<Pushed>,
    /// What failed besides: selectors that name nothing.
    pub(crate) failures: Vec<Reported>,
    /// What people should know besides.
    pub(crate) notes: Vec<Message>,
    /// What stopped it from outside: a signal, or its time.
    pub(crate) stop_note: Option<Message>,
    /// What ended it early.
    pub(crate) errors: Vec<anyhow::Error>,
    /// How it ended, if anything but its stages decides.
    pub(crate) exit: Option<Exit>,
    /// Whether it was a dry run.
    pub(crate) is_dry: bool,
    /// In a dry run: name and id of each kind's board.
    pub(crate) boards: BTreeMap<Kind, String>,
    /// In a dry run: the entities whose items go because `only` leaves them out, not because they are gone.
    pub(crate) left_out: Vec<String>,
    /// What may still be spent today, where there is a cap.
    pub(crate) calls_left: Option<u64>,
}

impl Ended {
    /// How it ended, all told.
    pub(crate) fn exit(&self) -> Exit {
        let mut exit = self.exit.unwrap_or(Exit::Ok);
        exit = exit.and(self.pulled.as_ref().map_or(Exit::Ok, Pulled::exit));
        exit = exit.and(self.pushed.as_ref().map_or(Exit::Ok, Pushed::exit));
        if !self.failures.is_empty() {
            exit = exit.and(Exit::Partial);
        }
        self.every_error().fold(exit, |exit, error| exit.and(exit_of(error)))
    }

    /// What ended it early, the stages' own reasons first.
    pub(crate) fn every_error(&self) -> impl Iterator<Item = &anyhow::Error> {
        let pulled = self.pulled.as_ref().and_then(|pulled| pulled.error.as_ref());
        let pushed = self.pushed.as_ref().and_then(|pushed| pushed.error.as_ref());
        pulled.into_iter().chain(pushed).chain(&self.errors)
    }

    /// The error that decides how the run ended; of several, the first.
    pub(super) fn worst_error(&self) -> Option<&anyhow::Error> {
        let exit = self.every_error().fold(Exit::Ok, |exit, error| exit.and(exit_of(error)));
        self.every_error().find(|error| exit_of(error) == exit)
    }

    /// The worst of what is wrong with kinds as a whole, and how many failures there are besides.
    pub(super) fn worst_of_kinds(&self) -> Option<(&Reported, u64)> {
        let of_kinds = || self.every_failure().filter(|failure| matches!(failure.subject, Subject::Kind(_)));
        let is_guard = |failure: &&Reported| failure.cause == FailureCause::Guarded;
        let guarded = of_kinds().find(|failure| is_guard(failure) && self.exit() == Exit::Guard);
        let worst = guarded.or_else(|| of_kinds().next())?;
        Some((worst, self.every_failure().count() as u64 - 1))
    }

    /// The first failure, and how many there are besides.
    pub(super) fn first_failure(&self) -> Option<(&Reported, u64)> {
        let mut all = self.every_failure();
        let first = all.next()?;
        Some((first, all.count() as u64))
    }

    /// Entities of which something could not be pushed.
    pub(super) fn changes_failed(&self) -> u64 {
        self.pushed.iter().flat_map(|pushed| pushed.kinds.values()).map(|kind| kind.failed).sum()
    }

    /// The same, and those of which something could.
    pub(super) fn changes_tried(&self) -> u64 {
        let tried = |kind: &KindPush| kind.created + kind.adopted + kind.updated + kind.archived + kind.failed;
        self.pushed.iter().flat_map(|pushed| pushed.kinds.values()).map(tried).sum()
    }

    /// What stopped the run from outside: a signal, or its time.
    pub(super) fn stopped_by(&self) -> Option<&Message> {
        self.stop_note.as_ref()
    }

    /// Whether all that is left waits for the calls of the next UTC day.
    pub(super) fn is_day_spent(&self) -> bool {
        self.stop_note.is_none() && self.pushed.as_ref().is_some_and(|pushed| pushed.is_day_spent)
    }

    /// Why something is left to the next run.
    pub(super) fn left_because(&self) -> Option<&Message> {
        self.pushed.as_ref()?.left_because.as_ref()
    }

    /// The command that shows all of it again.
    pub(super) fn command_that_shows_it(&self) -> String {
        match self.run {
            Some(run) => format!("hopem-sync runs {run}"),
            None => format!("hopem-sync {} --dry-run", self.command),
        }
    }

    fn every_failure(&self) -> impl Iterator<Item = &Reported> {
        let pulled = self.pulled.iter().flat_map(|pulled| &pulled.failures);
        let pushed = self.pushed.iter().flat_map(|pushed| &pushed.failures);
        pulled.chain(pushed).chain(&self.failures)
    }

    /// What people should know.
    pub(crate) fn every_note(&self) -> impl Iterator<Item = &Message> {
        let pulled = self.pulled.iter().flat_map(|pulled| &pulled.notes);
        let pushed = self.pushed.iter().flat_map(|pushed| &pushed.notes);
        pulled.chain(pushed).chain(&self.notes).chain(&self.stop_note)
    }

    /// The document with its texts in a language; JSON has them in English.
    pub(crate) fn document(&self, lang: Lang) -> RunDocument {
        let exit = self.exit();
        let pulled = self.pulled.iter().flat_map(|pulled| &pulled.kinds);
        let pushed = self.pushed.iter().flat_map(|pushed| &pushed.kinds);
        let plan = self.pushed.iter().flat_map(|pushed| &pushed.plan).map(PlanPart::from).collect();
        let price = self.pushed.as_ref().map(|pushed| pushed.price).unwrap_or_default();
        let mut document = RunDocument {
            run: self.run,
            command: self.command.to_owned(),
            outcome: exit.outcome().to_owned(),
            exit_code: exit.code(),
            started_at: self.started_at.clone(),
            duration_ms: self.duration_ms,
            pull: pulled.map(|(&kind, part)| (kind, PullPart::from(part))).collect(),
            push: pushed.map(|(&kind, part)| (kind, PushPart::from(part))).collect(),
            hapi_calls: self.pulled.as_ref().map_or(0, |pulled| pulled.calls),
            monday_calls: self.pushed.as_ref().map_or(0, |pushed| pushed.calls),
            events: self.pulled.as_ref().map_or(0, |pulled| pulled.events),
            failures: self.every_failure().map(FailurePart::from).collect(),
            notes: Vec::new(),
            error: None,
            plan: self.is_dry.then_some(plan),
            price: self.is_dry.then_some(PricePart { calls: price.calls, seconds: price.seconds }),
        };
        self.messages().put_into(&mut document, lang);
        document
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

impl PushPart {
    /// All kinds together.
    pub(super) fn sum(document: &RunDocument) -> PushPart {
        document.push.values().fold(PushPart::default(), |mut sum, part| {
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

/// The number of calls that are left today, where there is a cap.
pub(crate) fn calls_left(daily_calls: u64, today: u64) -> Option<u64> {
    (daily_calls > 0).then(|| daily_calls.saturating_sub(today))
}
