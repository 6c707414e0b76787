//! The table of kinds.

use super::status::{KindEntry, LastRun, StatusDocument};
use super::summary::of_calls;
use super::table::{Cell, Table};
use super::{Screen, Style, Tone, dot};
use crate::age::seconds_since;
use crate::config::Threshold;
use crate::message::{Lang, ScreenText, span};
use crate::store::State;
use jiff::Timestamp;
use serde::Serialize;
use std::fmt::Write as _;

/// Column of a table: a state, and where a kind's entry has its number.
type Column = (State, fn(&KindEntry) -> u64);

/// Screen of `status`: the table of kinds.
pub(crate) struct Kinds<'s> {
    pub(crate) document: &'s StatusDocument,
    /// What is older is marked.
    pub(crate) max_age: Threshold,
    pub(crate) now: Timestamp,
}

impl Screen for Kinds<'_> {
    fn document(&self) -> impl Serialize {
        self.document
    }

    fn text(&self, style: Style<'_>) -> String {
        let mut shown = shown_states(self.document);
        let mut table = self.table(&shown, style);
        if style.out.is_terminal && table.width() > style.out.width {
            // Columns of nothing but zeros give way.
            shown.retain(|(_, count)| self.document.kinds.iter().any(|kind| count(kind) > 0));
            table = self.table(&shown, style);
        }
        let mut text = format!("{}\n", style.text(self.title(style)));
        if let Some(running) = &self.document.running {
            let line = ScreenText::UnderWayNow { command: running.command.clone(), since: style.local(running.since) };
            let _ = writeln!(text, "{}", style.text(line));
        }
        for line in self.document.sides.iter().flat_map(|side| side.lines(self.now, style)) {
            let _ = writeln!(text, "{line}");
        }
        if let Some(age) = self.age_of_all() {
            let line = style.text(ScreenText::NothingReadFor { span: span(age, style.lang) });
            let _ = writeln!(text, "{}", style.paint(Tone::Waiting, &line));
        }
        text.push_str(&table.render(style.out));
        for line in self.footer(style) {
            let _ = writeln!(text, "{line}");
        }
        text
    }
}

impl Kinds<'_> {
    /// How long ago the youngest read was, where that is too long: then it is shown once for all kinds.
    fn age_of_all(&self) -> Option<u64> {
        self.document.youngest_read().filter(|age| self.max_age.is_passed_by(*age))
    }

    fn table(&self, shown: &[Column], style: Style<'_>) -> Table {
        let mut table = Table::with_header(header(shown, style));
        for kind in &self.document.kinds {
            let label = Cell::new(plural(kind, style.lang));
            let label = label.tone(if kind.failures.is_empty() { Tone::Plain } else { Tone::Bad });
            if let Some(why) = &kind.unavailable_text {
                let total = if kind.total == 0 { "–".to_owned() } else { style.number(kind.total) };
                table.remark(vec![label, Cell::number(total)], style.text(why.clone()));
                continue;
            }
            let mut cells = vec![label, Cell::number(style.number(kind.total))];
            cells.extend(shown.iter().map(|(state, count)| count_cell(*state, count(kind), style)));
            table.row(cells);
            table.notes(self.notes(kind, style));
        }
        table
    }

    /// The remark on a kind below its row.
    fn notes(&self, kind: &KindEntry, style: Style<'_>) -> Vec<Cell> {
        let mut notes = Vec::new();
        for trouble in &kind.failures {
            notes.push(Cell::new(trouble.text(self.now, style)).tone(Tone::Bad));
            notes.extend(trouble.remedy(style).map(Cell::new));
        }
        if kind.is_enabled && self.document.last_run.is_some() && self.age_of_all().is_none() {
            notes.extend(self.read_note(kind, style).map(|note| Cell::new(style.text(note)).tone(Tone::Waiting)));
        }
        notes.extend(self.waiting_note(kind, style).map(|note| Cell::new(style.text(note)).tone(Tone::Waiting)));
        notes
    }

    /// That a kind was read long ago, or never, or nobody knows when.
    fn read_note(&self, kind: &KindEntry, style: Style<'_>) -> Option<ScreenText> {
        match (kind.last_pull, kind.age_seconds) {
            (None, _) => Some(ScreenText::NeverRead {}),
            (Some(at), None) => Some(ScreenText::ReadAhead { at: style.local(at) }),
            (_, Some(age)) if self.max_age.is_passed_by(age) => {
                Some(ScreenText::ReadLongAgo { ago: span(age, style.lang) })
            }
            _ => None,
        }
    }

    /// That a change waits for long, or nobody knows since when.
    fn waiting_note(&self, kind: &KindEntry, style: Style<'_>) -> Option<ScreenText> {
        let since = kind.oldest_change?;
        match seconds_since(since, self.now) {
            None => Some(ScreenText::WaitsSinceAhead { at: style.local(since) }),
            Some(age) if self.max_age.is_passed_by(age) => Some(ScreenText::WaitsFor { span: span(age, style.lang) }),
            Some(_) => None,
        }
    }

    fn title(&self, style: Style<'_>) -> ScreenText {
        let last_run = self.document.last_run.as_ref();
        last_run.map_or(ScreenText::StatusNoRun {}, |run| last_run_text(run, self.now, style))
    }

    fn footer(&self, style: Style<'_>) -> Vec<String> {
        let document = self.document;
        let mut lines = vec![style.text(of_calls(document.monday_calls_today, document.daily_calls, style))];
        lines.extend(document.webhooks.lines(self.now, style));
        let sum = |count: fn(&KindEntry) -> u64| document.kinds.iter().map(count).sum::<u64>();
        let (errors, stuck) = (sum(|kind| kind.error), sum(|kind| kind.stuck));
        let leaving = sum(|kind| kind.leaving.saturating_sub(kind.stuck));
        if leaving > 0 {
            lines.push(style.paint(Tone::Waiting, &style.text(ScreenText::StatusLeaving { leaving })));
        }
        let remarks = [(errors, ScreenText::StatusErrors { errors }), (stuck, ScreenText::StatusStuck { stuck })];
        let remarks = remarks.into_iter().filter(|(count, _)| *count > 0);
        lines.extend(remarks.map(|(_, remark)| style.paint(Tone::Bad, &style.text(remark))));
        lines
    }
}

/// The states that have a column: those that matter always, `off` where there is any.
fn shown_states(document: &StatusDocument) -> Vec<Column> {
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

fn header(shown: &[Column], style: Style<'_>) -> Vec<Cell> {
    let fixed = [
        Cell::new(style.text(ScreenText::HeadKind {})).tone(Tone::Strong),
        Cell::number(style.text(ScreenText::HeadTotal {})).tone(Tone::Strong),
    ];
    let states = shown.iter().map(|(state, _)| {
        let (mark, tone) = dot(*state);
        Cell::number(format!("{mark} {}", style.text(head_word(*state)))).tone(tone)
    });
    fixed.into_iter().chain(states).collect()
}

fn count_cell(state: State, count: u64, style: Style<'_>) -> Cell {
    let tone = if count == 0 { Tone::Faint } else { dot(state).1 };
    Cell::number(style.number(count)).tone(tone)
}

fn plural(kind: &KindEntry, lang: Lang) -> &'static str {
    match lang {
        Lang::En => kind.kind.plural_en(),
        Lang::Fr => kind.kind.plural_fr(),
    }
}

pub(super) fn last_run_text(run: &LastRun, now: Timestamp, style: Style<'_>) -> ScreenText {
    let command = run.command.clone();
    let (Some(finished), Some(outcome)) = (run.finished_at, run.outcome) else {
        return ScreenText::StatusRunKilled { command, at: style.local(run.started_at) };
    };
    let outcome = style.outcome_word(outcome);
    let Some(ago) = style.ago(finished, now) else {
        return ScreenText::StatusRunAhead { command, at: style.local(finished), outcome };
    };
    let took = style.took(u64::try_from(finished.duration_since(run.started_at).as_millis()).unwrap_or(0));
    ScreenText::StatusLastRun { command, ago, outcome, took }
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
