//! A run as people read it: the lines at its end, the plan of a dry run, the list of past runs.

use super::run::{ChangeEntry, ChangePart, Ended, FailurePart, PlanPart, PullPart, PushPart, RunDocument};
use super::{Report, Tone, dot};
use crate::failure::Reported;
use crate::failure::{Exit, tell};
use crate::message::{Lang, Message, RunText, ScreenText, WebhookText, grouped, span};
use crate::store::State;
use crate::text::{harmless, without_effect};
use std::fmt::Write as _;

/// Most groups of failures at the end of a run; the others are in `status`.
const MOST_FAILURES: usize = 10;
/// The length that a column's text is cut to in a plan.
const LONGEST_TEXT: usize = 40;

impl Report {
    /// Tells people what a run came to: the answer on stdout, what went wrong as a whole and what they should know on stderr.
    pub(crate) fn ended(&self, ended: &Ended) -> anyhow::Result<()> {
        if self.is_quiet {
            self.ended_in_a_line(ended);
            return Ok(());
        }
        for note in ended.every_note() {
            self.warn(note);
        }
        let document = ended.document(self.lang);
        let answer = match ended.is_dry {
            true => self.plan(&document, ended),
            false => self.summary(&document, ended.calls_left),
        };
        self.print(&answer)?;
        for error in ended.every_error() {
            self.error(error);
        }
        Ok(())
    }

    /// With `--quiet`: one line that names the worst trouble, a side's before a kind's before an entity's; or nothing where
    /// nobody need look.
    fn ended_in_a_line(&self, ended: &Ended) {
        let exit = ended.exit();
        let is_day_spent = exit == Exit::Budget && ended.is_day_spent();
        if is_day_spent || matches!(exit, Exit::Ok | Exit::Locked) {
            return;
        }
        let (code, see_run) = (u64::from(exit.code()), ended.command_that_shows_it());
        let see_errors = if ended.is_dry { see_run.clone() } else { "hopem-sync status --state error".to_owned() };
        self.quiet_line(if let Some(note) = ended.stopped_by() {
            ScreenText::QuietTrouble { error: note.text(self.lang), code, see: see_run }
        } else if let Some(error) = ended.worst_error() {
            ScreenText::QuietTrouble { error: tell(error, self.lang).message, code, see: see_run }
        } else if let Some((first, more)) = ended.worst_of_kinds() {
            self.quiet_failure(first, more, code, see_errors)
        } else if ended.changes_failed() > 0 {
            let (failed, changes) = (ended.changes_failed(), ended.changes_tried());
            ScreenText::QuietFailed { failed, changes, code, see: see_errors }
        } else if let Some((first, more)) = ended.first_failure() {
            self.quiet_failure(first, more, code, see_run)
        } else {
            let error = ended.left_because().cloned().unwrap_or_else(|| ScreenText::QuietUnfinished {}.into());
            ScreenText::QuietTrouble { error: error.text(self.lang), code, see: see_run }
        });
    }

    fn quiet_failure(&self, failure: &Reported, more: u64, code: u64, see: String) -> ScreenText {
        let error = format!("{}: {}", failure.subject, failure.error.text(self.lang));
        match more {
            0 => ScreenText::QuietTrouble { error, code, see },
            more => ScreenText::QuietTroubles { error, more, code, see },
        }
    }

    /// Tells in a line what a run came to that events caused; `listen` goes on, and its answer is not this.
    pub(crate) fn followed(&self, ended: &Ended) {
        self.ended_in_a_line(ended);
        if self.is_quiet || self.is_json || ended.exit() != Exit::Ok {
            return;
        }
        let document = ended.document(self.lang);
        let run = document.run.map(|run| run.to_string()).unwrap_or_default();
        let sum = PushPart::sum(&document);
        let rest = ScreenText::SumUnchanged { count: sum.unchanged };
        let mut parts = [self.pull_parts(&document), self.push_parts(&document)].concat();
        parts.retain(|part| !part.starts_with("0 ") && *part != self.text(rest.clone()));
        parts.push(self.text(WebhookText::CallsToMonday { count: document.monday_calls }));
        super::talk(&self.text(WebhookText::Followed { run, done: parts.join(" · ") }));
    }

    /// A run that is read again, with its changes. `each` hands them over, the same ones each time: of a JSON document nothing
    /// is written that cannot be read to its end.
    pub(crate) fn run_with_changes(
        &self,
        run: &RunDocument,
        each: impl Fn(&mut dyn FnMut(&ChangeEntry) -> anyhow::Result<()>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        if !self.is_json {
            return self.stream(|out| {
                out.write_all(self.out.folded(&self.past_run(run)).as_bytes())?;
                each(&mut |change| Ok(out.write_all(self.change_line(change).as_bytes())?))
            });
        }
        let shown = |json: String| if self.out.is_terminal { without_effect(&json) } else { json };
        each(&mut |_| Ok(()))?;
        self.stream(|out| {
            let document = shown(serde_json::to_string(run)?);
            write!(out, "{},\"changes\":[", document.strip_suffix('}').unwrap_or(&document))?;
            let mut gap = "";
            each(&mut |change| {
                write!(out, "{gap}{}", shown(serde_json::to_string(change)?))?;
                gap = ",";
                Ok(())
            })?;
            Ok(writeln!(out, "]}}")?)
        })
    }

    /// A run that is read again: which it was, its lines, and what was said beside them.
    pub(crate) fn past_run(&self, document: &RunDocument) -> String {
        let head = ScreenText::RunHead {
            run: document.run.map(|run| run.to_string()).unwrap_or_default(),
            command: document.command.clone(),
            at: self.local(&document.started_at),
            outcome: self.outcome(document),
        };
        let mut text = format!("{}\n{}", self.text(head), self.summary(document, None));
        for note in &document.notes {
            let _ = writeln!(text, "{}", self.text(RunText::Warning { text: note.clone() }));
        }
        if let Some(error) = &document.error {
            let _ = writeln!(text, "{}", self.text(RunText::Error { text: error.message.clone() }));
            let causes = error.causes.iter().map(|cause| RunText::CausedBy { text: cause.clone() });
            for line in causes.chain(error.hint.iter().map(|hint| RunText::Help { text: hint.clone() })) {
                let _ = writeln!(text, "  {}", self.text(line));
            }
        }
        text
    }

    /// The lines at the end of a run, or of one that is read again.
    pub(crate) fn summary(&self, document: &RunDocument, calls_left: Option<u64>) -> String {
        let mut text = format!("{}\n", self.out.paint(Tone::Strong, &self.text(self.title(document))));
        let mut line = |label: &str, parts: Vec<String>| {
            let gap = self.out.gap();
            let indent = if self.out.is_terminal { "  " } else { "" };
            let label = if self.out.is_terminal { format!("{label:<6}") } else { label.to_owned() };
            let _ = writeln!(text, "{indent}{label}{gap}{}", parts.join(" · "));
        };
        if !document.pull.is_empty() {
            line("pull", self.pull_parts(document));
        }
        if !document.push.is_empty() {
            line("push", self.push_parts(document));
        }
        line(&self.text(ScreenText::SumCallsLabel {}), self.call_parts(document, calls_left));
        text.push_str(&self.failures(document));
        text
    }

    fn title(&self, document: &RunDocument) -> ScreenText {
        let span = took(document.duration_ms, self.lang);
        let is_whole = !matches!(document.outcome.as_str(), "failed" | "refused" | "interrupted");
        match document.command.as_str() {
            _ if document.outcome == "running" => ScreenText::SumRunning { since: self.local(&document.started_at) },
            _ if !is_whole => ScreenText::SumStopped { span },
            _ if document.outcome != "ok" => ScreenText::SumPartly { span },
            "pull" => ScreenText::SumPulled { span },
            "push" => ScreenText::SumPushed { span },
            _ => ScreenText::SumSynced { span },
        }
    }

    /// What a run came to in one line, for a monitor: its sums, and the first thing that went wrong.
    pub(crate) fn in_a_line(&self, ended: &Ended) -> String {
        let document = ended.document(self.lang);
        let mut parts = vec![self.text(self.title(&document))];
        if !document.pull.is_empty() {
            parts.extend(self.pull_parts(&document));
        }
        if !document.push.is_empty() {
            parts.extend(self.push_parts(&document));
        }
        match ended.every_error().next() {
            Some(error) => parts.push(tell(error, self.lang).message),
            None => parts.extend(document.failures.first().map(|first| format!("{}: {}", first.entity, first.error))),
        }
        harmless(&parts.join(" · "))
    }

    fn pull_parts(&self, document: &RunDocument) -> Vec<String> {
        let sum = |part: fn(&PullPart) -> u64| document.pull.values().map(part).sum::<u64>();
        let mut parts = vec![ScreenText::SumRead { count: sum(|part| part.fetched) }];
        parts.push(ScreenText::SumNew { count: sum(|part| part.new) });
        parts.push(ScreenText::SumChanged { count: sum(|part| part.changed) });
        parts.push(ScreenText::SumGone { count: sum(|part| part.deleted) });
        let mut parts: Vec<String> = parts.into_iter().map(|part| self.text(part)).collect();
        if document.events > 0 {
            parts.insert(0, self.text(WebhookText::SumEvents { count: document.events }));
        }
        parts
    }

    fn push_parts(&self, document: &RunDocument) -> Vec<String> {
        let sum = PushPart::sum(document);
        let always = [
            ScreenText::SumCreated { count: sum.created },
            ScreenText::SumUpdated { count: sum.updated },
            ScreenText::SumArchived { count: sum.archived },
            ScreenText::SumUnchanged { count: sum.unchanged },
        ];
        let sometimes = [
            (sum.adopted, ScreenText::SumAdopted { count: sum.adopted }),
            (sum.paused, ScreenText::SumPaused { count: sum.paused }),
            (sum.unlinked, ScreenText::SumUnlinked { count: sum.unlinked }),
            (sum.deferred, ScreenText::SumDeferred { count: sum.deferred }),
            (sum.failed, ScreenText::SumFailed { count: sum.failed }),
        ];
        let sometimes = sometimes.into_iter().filter(|(count, _)| *count > 0).map(|(_, part)| part);
        always.into_iter().chain(sometimes).map(|part| self.text(part)).collect()
    }

    fn call_parts(&self, document: &RunDocument, calls_left: Option<u64>) -> Vec<String> {
        let mut parts = vec![self.text(ScreenText::SumHapiCalls { count: document.hapi_calls })];
        let count = document.monday_calls;
        parts.push(match calls_left {
            Some(left) => self.text(ScreenText::SumMondayCallsLeft { count, left }),
            None => self.text(ScreenText::SumMondayCalls { count }),
        });
        let missing: Vec<String> = document
            .pull
            .iter()
            .filter(|(_, part)| part.unavailable.is_some())
            .map(|(kind, _)| kind.name().to_owned())
            .collect();
        if !missing.is_empty() {
            parts.push(self.text(ScreenText::SumMissing { kinds: missing }));
        }
        parts
    }

    /// The failures, those with the same text together; those of kinds as a whole first.
    fn failures(&self, document: &RunDocument) -> String {
        let mut groups: Vec<(&FailurePart, u64)> = Vec::new();
        let is_of_kind = |failure: &&FailurePart| !failure.entity.contains(':');
        let of_kinds = document.failures.iter().filter(is_of_kind);
        for failure in of_kinds.chain(document.failures.iter().filter(|failure| !is_of_kind(failure))) {
            let same = |(known, _): &&mut (&FailurePart, u64)| {
                known.error == failure.error && known.column == failure.column && known.stage == failure.stage
            };
            match groups.iter_mut().find(same) {
                Some((_, count)) => *count += 1,
                None => groups.push((failure, 1)),
            }
        }
        let mut table = super::table::Table::default();
        for (failure, count) in groups.iter().take(MOST_FAILURES) {
            table.row(self.failure_cells(failure, *count));
        }
        let mut text = table.render(self.out);
        if groups.len() > MOST_FAILURES {
            let more = groups.iter().skip(MOST_FAILURES).map(|(_, count)| count).sum();
            text.push_str(&format!("{}\n", self.text(ScreenText::SumMoreFailures { more })));
        }
        let failed = PushPart::sum(document).failed;
        if failed > 0 {
            text.push_str(&format!("{}\n", self.text(ScreenText::SumSeeErrors { failed })));
        }
        text
    }

    fn failure_cells(&self, failure: &FailurePart, count: u64) -> Vec<super::table::Cell> {
        use super::table::Cell;
        let (mark, tone) = dot(State::Error);
        let entity = match count {
            1 => failure.entity.clone(),
            _ => self.text(ScreenText::SumAndOthers { entity: failure.entity.clone(), more: count - 1 }),
        };
        let error = match &failure.column {
            Some(column) => {
                ScreenText::ColumnError { column: column.clone(), error: failure.error.clone() }.text(self.lang)
            }
            None => failure.error.clone(),
        };
        vec![
            Cell::new(mark).tone(tone),
            Cell::new(harmless(&entity)),
            Cell::new(harmless(&error)),
            Cell::new(harmless(failure.hint.as_deref().unwrap_or_default())).tone(Tone::Faint),
        ]
    }

    /// What a run would do.
    fn plan(&self, document: &RunDocument, ended: &Ended) -> String {
        let mut text = String::new();
        let mut kind_before = None;
        let plan = document.plan.as_deref().unwrap_or_default();
        let boards = ended.pushed.iter().flat_map(|pushed| &pushed.plan);
        for (step, row) in plan.iter().zip(boards) {
            if kind_before != Some(row.kind) {
                let heading = match ended.boards.get(&row.kind) {
                    Some(board) => self.text(ScreenText::PlanBoard { kind: row.kind, board: board.clone() }),
                    None => row.kind.name().to_owned(),
                };
                let _ = writeln!(text, "{}", self.out.paint(Tone::Strong, &heading));
                kind_before = Some(row.kind);
            }
            text.push_str(&self.plan_line(step, &ended.left_out));
        }
        text.push_str(&self.failures(document));
        let count = |action: &str| plan.iter().filter(|step| step.action == action).count() as u64;
        let sum = PushPart::sum(document);
        let calls = document.price.map_or(0, |price| price.calls);
        let (create, update, archive) = (count("create"), count("update"), count("archive"));
        let changes = ScreenText::PlanSum { create, update, archive, unchanged: sum.unchanged };
        let price = match ended.calls_left {
            Some(left) => ScreenText::PlanPriceLeft { calls, left },
            None => ScreenText::PlanPrice { calls },
        };
        let adopted = match count("adopt") {
            0 => String::new(),
            count => format!(" · {}", self.text(ScreenText::PlanAdopt { count })),
        };
        let mut parts = String::new();
        if !document.pull.is_empty() {
            parts = format!("{}\n", self.pull_parts(document).join(" · "));
        }
        let (changes, price) = (self.text(changes), self.text(price));
        let _ = writeln!(text, "{parts}{changes}{adopted}{} {price}", self.text(ScreenText::Colon {}));
        text
    }

    fn plan_line(&self, step: &PlanPart, left_out: &[String]) -> String {
        let (mark, word, tone) = match step.action.as_str() {
            "create" => ("+", ScreenText::PlanCreateWord {}, Tone::Good),
            "adopt" => ("=", ScreenText::PlanAdoptWord {}, Tone::Good),
            "archive" => ("-", ScreenText::PlanArchiveWord {}, Tone::Bad),
            _ => ("~", ScreenText::PlanUpdateWord {}, Tone::Waiting),
        };
        let changes: Vec<String> = step
            .columns
            .iter()
            .filter(|_| step.action != "create")
            .map(|(column, change)| self.change(column, change))
            .collect();
        let detail = match step.action.as_str() {
            "archive" if left_out.contains(&step.entity) => self.text(ScreenText::PlanLeftOut {}),
            "archive" => self.text(ScreenText::PlanGone {}),
            _ => changes.join(", "),
        };
        let word = self.text(word);
        let (action, entity) = (self.out.paint(tone, &format!("{mark} {word}")), harmless(&step.entity));
        match self.out.is_terminal {
            true => {
                let padding = " ".repeat(10usize.saturating_sub(word.chars().count()));
                format!("  {action}{padding}{entity:<16}  {detail}").trim_end().to_owned() + "\n"
            }
            false => format!("{action}\t{entity}\t{detail}").trim_end().to_owned() + "\n",
        }
    }

    /// `phone 418-555-0101 → 418-555-0199`.
    pub(crate) fn change(&self, column: &str, change: &ChangePart) -> String {
        let shown = |text: &Option<String>| match text.as_deref() {
            None | Some("") => "∅".to_owned(),
            Some(text) => crate::text::shortened(&harmless(text), LONGEST_TEXT),
        };
        format!("{} {} → {}", harmless(column), shown(&change.old), shown(&change.new))
    }

    /// Past runs, newest first.
    pub(crate) fn runs(&self, documents: &[RunDocument]) -> String {
        use super::table::{Cell, Table};
        let header = [
            ScreenText::RunsRun {},
            ScreenText::RunsCommand {},
            ScreenText::RunsStarted {},
            ScreenText::RunsTook {},
            ScreenText::RunsOutcome {},
            ScreenText::RunsDone {},
        ];
        let mut table =
            Table::with_header(header.into_iter().map(|text| Cell::new(self.text(text)).tone(Tone::Strong)).collect());
        for document in documents {
            let tone = match document.outcome.as_str() {
                "ok" => Tone::Good,
                "budget" | "partial" => Tone::Waiting,
                _ => Tone::Bad,
            };
            let mut done = Vec::new();
            if !document.pull.is_empty() {
                done.extend(self.pull_parts(document));
            }
            if !document.push.is_empty() {
                done.extend(self.push_parts(document));
            }
            if self.out.is_terminal {
                // What did not happen would only push the line over the edge.
                done.retain(|part| !part.starts_with("0 "));
            }
            table.row(vec![
                Cell::number(document.run.map(|run| run.to_string()).unwrap_or_default()),
                Cell::new(harmless(&document.command)),
                Cell::new(self.local(&document.started_at)),
                Cell::number(took(document.duration_ms, self.lang)),
                Cell::new(self.outcome(document)).tone(tone),
                Cell::new(done.join(" · ")),
            ]);
        }
        table.render(self.out)
    }

    /// How a run ended, with its exit code once it has.
    fn outcome(&self, document: &RunDocument) -> String {
        match (self.outcome_word(&document.outcome), document.outcome.as_str()) {
            (word, "running") => word,
            (word, _) => format!("{word} ({})", document.exit_code),
        }
    }

    /// The word for an outcome.
    pub(crate) fn outcome_word(&self, outcome: &str) -> String {
        self.text(match outcome {
            "ok" => ScreenText::OutcomeOk {},
            "partial" => ScreenText::OutcomePartial {},
            "guarded" => ScreenText::OutcomeGuarded {},
            "refused" => ScreenText::OutcomeRefused {},
            "budget" => ScreenText::OutcomeBudget {},
            "interrupted" => ScreenText::OutcomeInterrupted {},
            "running" => ScreenText::OutcomeRunning {},
            _ => ScreenText::OutcomeFailed {},
        })
    }
}

/// How long something took: `0.4 s`, `41 s`, `12 min`.
pub(crate) fn took(milliseconds: u64, lang: Lang) -> String {
    if milliseconds >= 10_000 {
        return span(milliseconds / 1_000, lang);
    }
    let separator = match lang {
        Lang::En => '.',
        Lang::Fr => ',',
    };
    format!("{}{separator}{} s", milliseconds / 1_000, milliseconds % 1_000 / 100)
}

/// A share such as `40 of 500`.
pub(crate) fn of_calls(today: u64, daily_calls: u64, lang: Lang) -> Message {
    match daily_calls {
        0 => ScreenText::CallsToday { today }.into(),
        _ => ScreenText::CallsTodayOf { today, most: grouped(daily_calls, lang) }.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_runs_are_told_to_the_tenth_of_a_second() {
        assert_eq!(took(460, Lang::En), "0.4 s");
        assert_eq!(took(4_210, Lang::Fr), "4,2 s");
        assert_eq!(took(41_999, Lang::En), "41 s");
    }
}
