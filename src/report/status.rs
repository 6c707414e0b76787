//! The states of all kinds: as a table and as JSON; and what stands in a list of entities.

use super::check::Threshold;
use super::summary::{of_calls, took};
use super::table::{Cell, Table};
use super::trouble::{SideEntry, Trouble};
use super::webhooks::WebhooksPart;
use super::{Report, Tone, dot};
use crate::age::seconds_since;
use crate::entity::Kind;
use crate::failure::FailureCause;
use crate::message::{Lang, Message, ScreenText, span};
use crate::store::{FailureRow, State, StateRow};
use jiff::Timestamp;
use serde::Serialize;
use std::fmt::Write as _;

/// A state and where a kind's entry has its number.
type Column = (State, fn(&KindEntry) -> u64);

/// One kind.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct KindEntry {
    pub(crate) kind: Kind,
    pub(crate) board: Option<String>,
    pub(crate) total: u64,
    pub(crate) linked: u64,
    pub(crate) synced: u64,
    pub(crate) pending: u64,
    /// Entities in error. What is wrong with the kind as a whole is in `failures`.
    pub(crate) error: u64,
    pub(crate) paused: u64,
    pub(crate) unlinked: u64,
    pub(crate) off: u64,
    /// Deleted entities, hence not in `total`, whose items monday refused to let go.
    pub(crate) stuck: u64,
    pub(crate) unavailable: Option<String>,
    pub(crate) last_pull: Option<String>,
    pub(crate) last_push: Option<String>,
    /// Seconds since it was read; null: never, or at a time that lies ahead of now.
    pub(crate) age_seconds: Option<u64>,
    /// Since when the oldest change waits to be pushed.
    pub(crate) oldest_change: Option<String>,
    /// What is wrong with it as a whole, in a line; null: nothing.
    pub(crate) reason: Option<String>,
    /// What to do about it.
    pub(crate) hint: Option<String>,
    /// The same, each for itself.
    pub(crate) failures: Vec<Trouble>,
    #[serde(skip)]
    pub(crate) unavailable_text: Option<Message>,
    #[serde(skip)]
    pub(crate) is_enabled: bool,
}

impl KindEntry {
    /// A kind of which there is nothing.
    pub(crate) fn new(kind: Kind) -> KindEntry {
        KindEntry {
            kind,
            board: None,
            total: 0,
            linked: 0,
            synced: 0,
            pending: 0,
            error: 0,
            paused: 0,
            unlinked: 0,
            off: 0,
            stuck: 0,
            unavailable: None,
            last_pull: None,
            last_push: None,
            age_seconds: None,
            oldest_change: None,
            reason: None,
            hint: None,
            failures: Vec::new(),
            unavailable_text: None,
            is_enabled: false,
        }
    }

    /// Adds so many entities in a state.
    pub(crate) fn add(&mut self, state: State, is_linked: bool, count: u64) {
        let field = match state {
            State::Deleted => return,
            State::Off => &mut self.off,
            State::Unlinked => &mut self.unlinked,
            State::Paused => &mut self.paused,
            State::Error => &mut self.error,
            State::Pending => &mut self.pending,
            State::Synced => &mut self.synced,
        };
        *field += count;
        self.total += count;
        self.linked += if is_linked { count } else { 0 };
    }

    /// Adds what is wrong with it as a whole.
    pub(crate) fn set_failures(&mut self, failures: Vec<Trouble>) {
        let rows: Vec<FailureRow> = failures.iter().map(Trouble::row).collect();
        (self.reason, self.hint) = (errors_in(&rows, Lang::En), hints_in(&rows, Lang::En));
        self.failures = failures;
    }
}

/// The last run that ended, or was killed.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct LastRun {
    pub(crate) run: i64,
    pub(crate) outcome: Option<String>,
    pub(crate) finished_at: Option<String>,
    pub(crate) started_at: String,
    pub(crate) command: String,
    pub(crate) exit_code: Option<i64>,
}

/// All of it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct StatusDocument {
    pub(crate) kinds: Vec<KindEntry>,
    /// The sides, HApi and monday, that could not be worked with as a whole.
    pub(crate) sides: Vec<SideEntry>,
    pub(crate) last_run: Option<LastRun>,
    pub(crate) events_pending: u64,
    pub(crate) webhooks: WebhooksPart,
    pub(crate) monday_calls_today: u64,
    pub(crate) daily_calls: u64,
}

impl StatusDocument {
    /// Seconds since any kind was read; `None`: one was never, or nobody knows when.
    fn youngest_read(&self) -> Option<u64> {
        let read = self.kinds.iter().filter(|kind| kind.is_enabled && kind.unavailable.is_none());
        let ages: Option<Vec<u64>> = read.map(|kind| kind.age_seconds).collect();
        ages?.into_iter().min()
    }

    /// Seconds since the oldest kind that HApi should give was read, or since the oldest change waits. `None`: that never
    /// happened, or at a time that lies ahead of now.
    pub(super) fn oldest_age(&self, now: Timestamp) -> Option<u64> {
        let read = self.kinds.iter().filter(|kind| kind.is_enabled && kind.unavailable.is_none());
        let read = read.map(|kind| kind.age_seconds);
        let waiting = self.kinds.iter().filter_map(|kind| kind.oldest_change.as_deref());
        let ages: Option<Vec<u64>> = read.chain(waiting.map(|since| seconds_since(since, now))).collect();
        ages?.into_iter().max()
    }
}

/// One entity in a list; or a kind, or a side, in trouble as a whole.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct EntityEntry {
    /// `unit:1472`; `unit`, the kind as a whole; `hapi`, the side.
    pub(crate) entity: String,
    /// Null of a side.
    pub(crate) kind: Option<Kind>,
    /// Null of a kind as a whole, and of a side.
    pub(crate) key: Option<String>,
    pub(crate) name: String,
    pub(crate) state: &'static str,
    pub(crate) item_id: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) pulled_at: Option<String>,
    pub(crate) pushed_at: Option<String>,
    pub(crate) hint: Option<String>,
    /// The stable word for the first of its failures.
    pub(crate) cause: Option<FailureCause>,
    #[serde(skip)]
    pub(crate) state_value: State,
    #[serde(skip)]
    pub(super) failures: Vec<FailureRow>,
}

impl EntityEntry {
    /// An entity with what ails it.
    pub(crate) fn new(row: &StateRow, failures: &[FailureRow]) -> EntityEntry {
        EntityEntry {
            kind: Some(row.kind),
            key: Some(row.key.clone()),
            state: row.state.word(),
            item_id: row.item_id.clone(),
            pulled_at: Some(row.received_at.clone()),
            pushed_at: row.pushed_at.clone(),
            state_value: row.state,
            ..EntityEntry::red(format!("{}:{}", row.kind, row.key), row.name.clone(), failures.to_vec())
        }
    }

    /// A kind as a whole that something is wrong with.
    pub(crate) fn of_kind(kind: &KindEntry, lang: Lang) -> EntityEntry {
        let name = match lang {
            Lang::En => kind.kind.plural_en(),
            Lang::Fr => kind.kind.plural_fr(),
        };
        EntityEntry {
            kind: Some(kind.kind),
            pulled_at: kind.last_pull.clone(),
            pushed_at: kind.last_push.clone(),
            ..EntityEntry::red(
                kind.kind.name().to_owned(),
                name.to_owned(),
                kind.failures.iter().map(Trouble::row).collect(),
            )
        }
    }

    /// A side that could not be worked with.
    pub(crate) fn of_side(side: &SideEntry) -> EntityEntry {
        EntityEntry::red(side.side.to_owned(), side.name().to_owned(), vec![side.trouble.row()])
    }

    fn red(entity: String, name: String, failures: Vec<FailureRow>) -> EntityEntry {
        EntityEntry {
            entity,
            kind: None,
            key: None,
            name,
            state: State::Error.word(),
            item_id: None,
            error: errors_in(&failures, Lang::En),
            pulled_at: None,
            pushed_at: None,
            hint: hints_in(&failures, Lang::En),
            cause: failures.first().map(|failure| failure.cause),
            state_value: State::Error,
            failures,
        }
    }
}

/// What ails an entity, in one line.
pub(super) fn errors_in(failures: &[FailureRow], lang: Lang) -> Option<String> {
    let texts: Vec<String> = failures.iter().map(|failure| failure_text(failure, lang)).collect();
    (!texts.is_empty()).then(|| texts.join("; "))
}

/// What to do about it; the same advice once.
pub(super) fn hints_in(failures: &[FailureRow], lang: Lang) -> Option<String> {
    let mut hints: Vec<String> =
        failures.iter().filter_map(|failure| failure.hint.as_ref().map(|hint| hint.text(lang))).collect();
    hints.dedup();
    (!hints.is_empty()).then(|| hints.join("; "))
}

/// A failure with the column it is of.
pub(crate) fn failure_text(failure: &FailureRow, lang: Lang) -> String {
    let error = failure.message.text(lang);
    match failure.column.as_str() {
        "" => error,
        column => ScreenText::ColumnError { column: column.to_owned(), error }.text(lang),
    }
}

impl Report {
    /// The table of kinds. `max_age`: what is older is told of.
    pub(crate) fn kinds(&self, document: &StatusDocument, max_age: Threshold, now: Timestamp) -> anyhow::Result<()> {
        if self.is_json {
            return self.json(document);
        }
        let mut shown = self.shown_states(document);
        let mut table = self.kinds_table(document, &shown, max_age, now);
        if self.out.is_terminal && table.width() > self.out.width {
            // Columns of nothing but zeros give way.
            shown.retain(|(_, count)| document.kinds.iter().any(|kind| count(kind) > 0));
            table = self.kinds_table(document, &shown, max_age, now);
        }
        let mut text = format!("{}\n", self.status_title(document, now));
        for line in self.side_lines(&document.sides, now) {
            let _ = writeln!(text, "{line}");
        }
        if let Some(age) = document.youngest_read().filter(|age| max_age.is_passed_by(*age)) {
            let line = self.text(ScreenText::NothingReadFor { span: span(age, self.lang) });
            let _ = writeln!(text, "{}", self.out.paint(Tone::Waiting, &line));
        }
        text.push_str(&table.render(self.out));
        for line in self.status_footer(document, now) {
            let _ = writeln!(text, "{line}");
        }
        self.print(&text)
    }

    fn kinds_table(&self, document: &StatusDocument, shown: &[Column], max_age: Threshold, now: Timestamp) -> Table {
        let is_said_of_all = document.youngest_read().is_some_and(|age| max_age.is_passed_by(age));
        let mut header = vec![
            Cell::new(self.text(ScreenText::HeadKind {})).tone(Tone::Strong),
            Cell::number(self.text(ScreenText::HeadTotal {})).tone(Tone::Strong),
        ];
        header.extend(shown.iter().map(|(state, _)| {
            let (mark, tone) = dot(*state);
            Cell::number(format!("{mark} {}", self.text(head_word(*state)))).tone(tone)
        }));
        let mut table = Table::with_header(header);
        for kind in &document.kinds {
            let label = match self.lang {
                Lang::En => kind.kind.plural_en(),
                Lang::Fr => kind.kind.plural_fr(),
            };
            let label = Cell::new(label).tone(if kind.failures.is_empty() { Tone::Plain } else { Tone::Bad });
            if let Some(why) = &kind.unavailable_text {
                let total = if kind.total == 0 { "–".to_owned() } else { self.number(kind.total) };
                table.remark(vec![label, Cell::number(total)], self.text(why.clone()));
                continue;
            }
            let mut cells = vec![label, Cell::number(self.number(kind.total))];
            cells.extend(shown.iter().map(|(state, count)| {
                let count = count(kind);
                let tone = if count == 0 { Tone::Faint } else { dot(*state).1 };
                Cell::number(self.number(count)).tone(tone)
            }));
            table.row(cells);
            table.notes(self.trouble_notes(kind, now));
            if kind.is_enabled && document.last_run.is_some() && !is_said_of_all {
                table.notes(self.read_note(kind, max_age));
            }
            table.notes(self.waiting_note(kind, max_age, now));
        }
        table
    }

    /// What is wrong with a kind as a whole, and what to do.
    fn trouble_notes(&self, kind: &KindEntry, now: Timestamp) -> Vec<Cell> {
        let mut notes = Vec::new();
        for trouble in &kind.failures {
            notes.push(Cell::new(self.trouble(trouble, now)).tone(Tone::Bad));
            notes.extend(self.remedy(trouble).map(Cell::new));
        }
        notes
    }

    /// That a kind was read long ago, or never, or nobody knows when.
    fn read_note(&self, kind: &KindEntry, max_age: Threshold) -> Vec<Cell> {
        let text = match (&kind.last_pull, kind.age_seconds) {
            (None, _) => ScreenText::NeverRead {},
            (Some(at), None) => ScreenText::ReadAhead { at: self.local(at) },
            (_, Some(age)) if max_age.is_passed_by(age) => ScreenText::ReadLongAgo { ago: span(age, self.lang) },
            _ => return Vec::new(),
        };
        vec![Cell::new(self.text(text)).tone(Tone::Waiting)]
    }

    /// That a change waits for long, or nobody knows since when.
    fn waiting_note(&self, kind: &KindEntry, max_age: Threshold, now: Timestamp) -> Vec<Cell> {
        let Some(since) = kind.oldest_change.as_deref() else { return Vec::new() };
        let text = match seconds_since(since, now) {
            None => ScreenText::WaitsSinceAhead { at: self.local(since) },
            Some(age) if max_age.is_passed_by(age) => ScreenText::WaitsFor { span: span(age, self.lang) },
            Some(_) => return Vec::new(),
        };
        vec![Cell::new(self.text(text)).tone(Tone::Waiting)]
    }

    /// The states that have a column: those that matter always, `off` where there is any.
    fn shown_states(&self, document: &StatusDocument) -> Vec<Column> {
        let mut shown: Vec<Column> = vec![
            (State::Synced, |kind| kind.synced),
            (State::Pending, |kind| kind.pending),
            (State::Error, |kind| kind.error),
            (State::Paused, |kind| kind.paused),
            (State::Unlinked, |kind| kind.unlinked),
        ];
        if document.kinds.iter().any(|kind| kind.off > 0) {
            shown.push((State::Off, |kind| kind.off));
        }
        shown
    }

    fn status_title(&self, document: &StatusDocument, now: Timestamp) -> String {
        let told = document.last_run.as_ref().and_then(|run| {
            let command = run.command.clone();
            let Some(finished) = run.finished_at.as_deref() else {
                return Some(ScreenText::StatusRunKilled { command, at: self.local(&run.started_at) });
            };
            let outcome = self.outcome_word(run.outcome.as_deref().unwrap_or("failed"));
            let Some(ago) = self.ago(finished, now) else {
                return Some(ScreenText::StatusRunAhead { command, at: self.local(finished), outcome });
            };
            let (from, to): (Timestamp, Timestamp) = (run.started_at.parse().ok()?, finished.parse().ok()?);
            let took = took(u64::try_from(to.duration_since(from).as_millis()).unwrap_or(0), self.lang);
            Some(ScreenText::StatusLastRun { command, ago, outcome, took })
        });
        self.text(told.unwrap_or(ScreenText::StatusNoRun {}))
    }

    fn status_footer(&self, document: &StatusDocument, now: Timestamp) -> Vec<String> {
        let calls = of_calls(document.monday_calls_today, document.daily_calls, self.lang);
        let mut lines = vec![self.text(calls)];
        lines.extend(self.webhook_lines(&document.webhooks, now));
        let errors: u64 = document.kinds.iter().map(|kind| kind.error).sum();
        if errors > 0 {
            lines.push(self.out.paint(Tone::Bad, &self.text(ScreenText::StatusErrors { errors })));
        }
        let stuck: u64 = document.kinds.iter().map(|kind| kind.stuck).sum();
        if stuck > 0 {
            lines.push(self.out.paint(Tone::Bad, &self.text(ScreenText::StatusStuck { stuck })));
        }
        lines
    }
}

fn head_word(state: State) -> ScreenText {
    match state {
        State::Synced => ScreenText::HeadSynced {},
        State::Pending => ScreenText::HeadPending {},
        State::Error => ScreenText::HeadError {},
        State::Paused => ScreenText::HeadPaused {},
        State::Unlinked => ScreenText::HeadUnlinked {},
        State::Off | State::Deleted => ScreenText::HeadOff {},
    }
}
