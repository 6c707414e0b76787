//! The states of all kinds: as a table, as JSON, as a monitor's line, as figures for Prometheus.

use super::summary::{of_calls, took};
use super::table::{Cell, Table};
use super::webhooks::WebhooksPart;
use super::{Report, Tone, dot};
use crate::entity::Kind;
use crate::message::{Lang, Message, ScreenText, span};
use crate::store::{FailureRow, State, StateRow};
use jiff::Timestamp;
use serde::Serialize;
use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

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
    pub(crate) error: u64,
    pub(crate) paused: u64,
    pub(crate) unlinked: u64,
    pub(crate) off: u64,
    /// Deleted entities, hence not in `total`, whose items monday refused to let go.
    pub(crate) stuck: u64,
    pub(crate) unavailable: Option<String>,
    pub(crate) last_pull: Option<String>,
    pub(crate) last_push: Option<String>,
    #[serde(skip)]
    pub(crate) unavailable_text: Option<Message>,
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
            unavailable_text: None,
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
}

/// The last run that ended.
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
    pub(crate) last_run: Option<LastRun>,
    pub(crate) events_pending: u64,
    pub(crate) webhooks: WebhooksPart,
    pub(crate) monday_calls_today: u64,
    pub(crate) daily_calls: u64,
}

/// One entity in a list.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct EntityEntry {
    pub(crate) entity: String,
    pub(crate) kind: Kind,
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) state: &'static str,
    pub(crate) item_id: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) pulled_at: String,
    pub(crate) pushed_at: Option<String>,
    pub(crate) hint: Option<String>,
    #[serde(skip)]
    pub(crate) state_value: State,
    #[serde(skip)]
    pub(super) failures: Vec<FailureRow>,
}

impl EntityEntry {
    /// An entity with what ails it.
    pub(crate) fn new(row: &StateRow, failures: &[FailureRow]) -> EntityEntry {
        EntityEntry {
            entity: format!("{}:{}", row.kind, row.key),
            kind: row.kind,
            key: row.key.clone(),
            name: row.name.clone(),
            state: row.state.word(),
            item_id: row.item_id.clone(),
            error: errors_in(failures, Lang::En),
            pulled_at: row.received_at.clone(),
            pushed_at: row.pushed_at.clone(),
            hint: hints_in(failures, Lang::En),
            state_value: row.state,
            failures: failures.to_vec(),
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
    /// The table of kinds.
    pub(crate) fn kinds(&self, document: &StatusDocument, now: Timestamp) -> anyhow::Result<()> {
        if self.is_json {
            return self.json(document);
        }
        let mut shown = self.shown_states(document);
        let mut table = self.kinds_table(document, &shown);
        if self.out.is_terminal && table.width() > self.out.width {
            // Columns of nothing but zeros give way.
            shown.retain(|(_, count)| document.kinds.iter().any(|kind| count(kind) > 0));
            table = self.kinds_table(document, &shown);
        }
        let mut text = format!("{}\n", self.status_title(document, now));
        text.push_str(&table.render(self.out));
        for line in self.status_footer(document, now) {
            let _ = writeln!(text, "{line}");
        }
        self.print(&text)
    }

    fn kinds_table(&self, document: &StatusDocument, shown: &[Column]) -> Table {
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
            let label = Cell::new(match self.lang {
                Lang::En => kind.kind.plural_en(),
                Lang::Fr => kind.kind.plural_fr(),
            });
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
        }
        table
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
            let finished = run.finished_at.as_deref()?;
            let (from, to): (Timestamp, Timestamp) = (run.started_at.parse().ok()?, finished.parse().ok()?);
            let took = took(u64::try_from(to.duration_since(from).as_millis()).unwrap_or(0), self.lang);
            let outcome = self.outcome_word(run.outcome.as_deref().unwrap_or("failed"));
            let ago = self.ago(finished, now)?;
            Some(ScreenText::StatusLastRun { command: run.command.clone(), ago, outcome, took })
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

/// `WARN[,CRIT]`: more than this warns, more than that alarms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Threshold {
    warning: u64,
    critical: Option<u64>,
}

/// How bad something is; the worst counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Ok,
    Warning,
    Critical,
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Level::Ok => "OK",
            Level::Warning => "WARNING",
            Level::Critical => "CRITICAL",
        }
    }

    fn code(self) -> u8 {
        match self {
            Level::Ok => 0,
            Level::Warning => 1,
            Level::Critical => 2,
        }
    }
}

impl Threshold {
    /// Reads one or two values.
    pub(crate) fn parse(text: &str, value: impl Fn(&str) -> Option<u64>) -> Option<Threshold> {
        match text.split_once(',') {
            None => Some(Threshold { warning: value(text.trim())?, critical: None }),
            Some((warning, critical)) => {
                Some(Threshold { warning: value(warning.trim())?, critical: Some(value(critical.trim())?) })
            }
        }
    }

    fn level(self, value: u64) -> Level {
        if self.critical.is_some_and(|most| value > most) {
            Level::Critical
        } else if value > self.warning {
            Level::Warning
        } else {
            Level::Ok
        }
    }

    fn perfdata(self) -> String {
        format!("{};{}", self.warning, self.critical.map(|most| most.to_string()).unwrap_or_default())
    }
}

/// What a monitor wants to know.
#[derive(Debug, Clone)]
pub(crate) struct Check {
    /// Seconds since the last run that did not fail.
    pub(crate) age: Option<u64>,
    /// Entities in error, those included that are gone while their items are not.
    pub(crate) errors: u64,
    /// Those.
    pub(crate) stuck: u64,
    /// Entities pending.
    pub(crate) pending: u64,
    /// How the last run ended.
    pub(crate) last_outcome: Option<String>,
    /// `--max-age`.
    pub(crate) max_age: Threshold,
    /// `--max-errors`.
    pub(crate) max_errors: Threshold,
    /// `--max-pending`.
    pub(crate) max_pending: Threshold,
}

impl Check {
    /// The plug-in's one line, in English like all that programs read, and its exit code.
    pub(crate) fn line(&self) -> (String, u8) {
        let Some(age) = self.age else {
            return ("HOPEM-SYNC UNKNOWN - no run has ended well yet\n".to_owned(), super::CHECK_UNKNOWN);
        };
        let (age_level, errors, pending) =
            (self.max_age.level(age), self.max_errors.level(self.errors), self.max_pending.level(self.pending));
        let level = age_level.max(errors).max(pending);
        let mut text = format!("HOPEM-SYNC {} - last good run {} ago", level.word(), span(age, Lang::En));
        if let Some(outcome) = self.last_outcome.as_deref().filter(|outcome| *outcome != "ok") {
            let _ = write!(text, " (the last one: {outcome})");
        }
        let stuck = match self.stuck {
            0 => String::new(),
            stuck => format!(" ({stuck} of them gone from Hopem, but not from the board)"),
        };
        let _ = writeln!(
            text,
            ", {} in error{stuck}, {} pending | age={age}s;{};0 errors={};{};0 pending={};{};0",
            self.errors,
            self.pending,
            self.max_age.perfdata(),
            self.errors,
            self.max_errors.perfdata(),
            self.pending,
            self.max_pending.perfdata(),
        );
        (text, level.code())
    }
}

/// The plug-in's answer in JSON.
#[derive(Serialize)]
struct CheckDocument<'c> {
    check: CheckPart<'c>,
}

#[derive(Serialize)]
struct CheckPart<'c> {
    message: &'c str,
    exit_code: u8,
    age_seconds: Option<u64>,
    errors: u64,
    pending: u64,
}

impl Report {
    /// Answers a monitor and says how the process ends.
    pub(crate) fn check(&self, check: &Check) -> anyhow::Result<u8> {
        let (line, exit_code) = check.line();
        if !self.is_json {
            self.print_as_is(&line)?;
            return Ok(exit_code);
        }
        let message = line.split(" | ").next().unwrap_or_default().trim_end();
        let (age_seconds, errors, pending) = (check.age, check.errors, check.pending);
        self.json(&CheckDocument { check: CheckPart { message, exit_code, age_seconds, errors, pending } })?;
        Ok(exit_code)
    }
}

/// Writes the figures for Prometheus, in one piece: its collector may look at any moment.
pub(crate) fn write_metrics(
    file: &Path,
    document: &StatusDocument,
    age: Option<u64>,
    now: Timestamp,
) -> std::io::Result<()> {
    let target = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    if std::fs::metadata(&target).is_ok_and(|target| !target.is_file()) {
        // A pipe or `/dev/stdout` is written to, never replaced.
        return std::fs::OpenOptions::new().write(true).open(file)?.write_all(metrics(document, age, now).as_bytes());
    }
    let file = target.as_path();
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    temporary.write_all(metrics(document, age, now).as_bytes())?;
    // The collector is another user; the figures hold nothing personal.
    temporary.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    temporary.persist(file)?;
    Ok(())
}

fn metrics(document: &StatusDocument, age: Option<u64>, now: Timestamp) -> String {
    let mut text = String::new();
    let mut family = |name: &str, help: &str, values: Vec<(String, String)>| {
        if !values.is_empty() {
            let _ = writeln!(text, "# HELP hopem_sync_{name} {help}\n# TYPE hopem_sync_{name} gauge");
        }
        for (labels, value) in values {
            let _ = writeln!(text, "hopem_sync_{name}{labels} {value}");
        }
    };
    let mut entities = Vec::new();
    for kind in &document.kinds {
        for (state, count) in [
            ("synced", kind.synced),
            ("pending", kind.pending),
            ("error", kind.error),
            ("paused", kind.paused),
            ("unlinked", kind.unlinked),
            ("off", kind.off),
        ] {
            entities.push((format!("{{kind=\"{}\",state=\"{state}\"}}", kind.kind), count.to_string()));
        }
    }
    family("entities", "Entities by kind and state.", entities);
    let available = document
        .kinds
        .iter()
        .map(|kind| (format!("{{kind=\"{}\"}}", kind.kind), u8::from(kind.unavailable.is_none()).to_string()));
    family("available", "Whether HApi gives this kind.", available.collect());
    let one = |value: Option<String>| value.map(|value| vec![(String::new(), value)]).unwrap_or_default();
    let seconds = |stamp: &str| stamp.parse::<Timestamp>().ok().map(|at| at.as_second().to_string());
    let last_run = document.last_run.as_ref();
    let finished = last_run.and_then(|run| seconds(run.finished_at.as_deref()?));
    family("last_run_timestamp_seconds", "When the last run ended.", one(finished));
    let exit_code = last_run.and_then(|run| run.exit_code).map(|code| code.to_string());
    family("last_run_exit_code", "Exit code of the last run.", one(exit_code));
    let good = age.and_then(|age| Some(now.as_second() - i64::try_from(age).ok()?)).map(|at| at.to_string());
    family("last_good_run_timestamp_seconds", "When the last run ended that did not fail.", one(good));
    let calls = document.monday_calls_today.to_string();
    family("monday_calls_today", "Calls to monday in this UTC day.", one(Some(calls)));
    let daily_calls = document.daily_calls.to_string();
    family("monday_daily_calls", "Most calls to monday in a UTC day; 0: no cap.", one(Some(daily_calls)));
    let pending = document.events_pending.to_string();
    family("events_pending", "Webhook events not yet worked off.", one(Some(pending)));
    let webhooks = &document.webhooks;
    let received = webhooks.received.to_string();
    family("events_received", "Webhook events received so far.", one(Some(received)));
    let unreadable = webhooks.unparseable.to_string();
    family("events_unparseable", "Webhook events kept that could not be read.", one(Some(unreadable)));
    let last = webhooks.last_received_at.as_deref().and_then(seconds);
    family("last_event_timestamp_seconds", "When the last webhook event was received.", one(last));
    let receiver = webhooks.receiver.as_ref();
    let is_up = receiver.map(|receiver| u8::from(receiver.alive).to_string());
    family("receiver_up", "Whether the receiver of webhooks runs.", one(is_up));
    let refused = receiver.map(|receiver| receiver.refused.to_string());
    family("webhooks_refused", "Deliveries without the right secret so far.", one(refused));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(age: Option<u64>, errors: u64, pending: u64) -> (String, u8) {
        let threshold = |warning, critical| Threshold { warning, critical };
        Check {
            age,
            errors,
            stuck: 0,
            pending,
            last_outcome: Some("ok".to_owned()),
            max_age: threshold(100, Some(200)),
            max_errors: threshold(0, Some(10)),
            max_pending: threshold(50, None),
        }
        .line()
    }

    #[test]
    fn a_monitor_gets_one_line_with_figures_and_the_worst_level() {
        let (line, code) = check(Some(60), 0, 5);
        assert_eq!(
            line,
            "HOPEM-SYNC OK - last good run 60 s ago, 0 in error, 5 pending | age=60s;100;200;0 errors=0;0;10;0 pending=5;50;;0\n"
        );
        assert_eq!(code, 0);
        assert_eq!(check(Some(150), 0, 5).1, 1);
        assert_eq!(check(Some(150), 11, 5).1, 2);
        assert_eq!(check(Some(60), 0, 51).1, 1);
        assert_eq!(check(None, 0, 0).1, 3);
    }

    #[test]
    fn a_threshold_is_one_value_or_two() {
        let parse = |text: &str| Threshold::parse(text, |part| part.parse().ok());
        assert_eq!(parse("5"), Some(Threshold { warning: 5, critical: None }));
        assert_eq!(parse("5, 50"), Some(Threshold { warning: 5, critical: Some(50) }));
        assert_eq!((parse("5,"), parse("x")), (None, None));
    }

    #[test]
    fn the_figures_name_every_state_of_a_kind() {
        let mut kind = KindEntry::new(Kind::Unit);
        kind.add(State::Error, true, 3);
        let document = StatusDocument {
            kinds: vec![kind],
            last_run: None,
            events_pending: 0,
            webhooks: WebhooksPart::default(),
            monday_calls_today: 12,
            daily_calls: 500,
        };
        let text = metrics(&document, Some(60), Timestamp::from_second(1_000).expect("a time"));
        assert!(text.contains("hopem_sync_entities{kind=\"unit\",state=\"error\"} 3\n"), "{text}");
        assert!(text.contains("\nhopem_sync_last_good_run_timestamp_seconds 940\n"), "{text}");
        assert!(!text.contains("last_run_exit_code"), "no run, no exit code");
    }
}
