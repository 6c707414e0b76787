//! What a monitor is answered: how bad it is, and why.

use crate::age::seconds_since;
use crate::entity::Kind;
use crate::failure::Stage;
use crate::message::{Message, NotifyText};
use crate::report::check::{KindAge, Limits, Verdict};
use crate::report::outcome_text;
use crate::report::status::{KindEntry, StatusDocument};
use crate::report::threshold::Level;
use crate::report::trouble::Trouble;
use crate::word::Word;
use jiff::Timestamp;

/// Question of a monitor: the table of kinds, and how much of what is too much.
pub(super) struct Check<'c> {
    pub(super) document: &'c StatusDocument,
    pub(super) now: Timestamp,
    pub(super) limits: Limits,
}

/// Ages: how old the oldest of several times is, and of which kind.
#[derive(Debug, Default)]
struct Ages {
    oldest: Option<(u64, Kind)>,
    /// Their times lie ahead of now.
    unknown: Vec<Kind>,
    never: Vec<Kind>,
}

impl Ages {
    fn of<'k>(kinds: impl Iterator<Item = (&'k KindEntry, Option<Timestamp>)>, now: Timestamp) -> Ages {
        let mut ages = Ages::default();
        for (entry, at) in kinds {
            match at.map(|at| seconds_since(at, now)) {
                None => ages.never.push(entry.kind),
                Some(None) => ages.unknown.push(entry.kind),
                Some(Some(age)) => {
                    if ages.oldest.is_none_or(|(oldest, _)| age > oldest) {
                        ages.oldest = Some((age, entry.kind));
                    }
                }
            }
        }
        ages
    }
}

impl Check<'_> {
    /// The kinds that HApi should give.
    fn kinds(&self) -> impl Iterator<Item = &KindEntry> {
        self.document.kinds.iter().filter(|kind| kind.is_enabled && kind.unavailable.is_none())
    }

    fn sum(&self, part: fn(&KindEntry) -> u64) -> u64 {
        self.document.kinds.iter().map(part).sum()
    }

    pub(super) fn verdict(&self) -> Verdict {
        let read = Ages::of(self.kinds().map(|kind| (kind, kind.last_pull)), self.now);
        let waiting = self.document.kinds.iter().filter(|kind| kind.oldest_change.is_some());
        let waiting = Ages::of(waiting.map(|kind| (kind, kind.oldest_change)), self.now);
        let is_known = read.unknown.is_empty() && waiting.unknown.is_empty();
        let age = read.oldest.max(waiting.oldest).map(|(age, _)| age).filter(|_| is_known);
        let mut reasons = self.troubles();
        reasons.extend(self.last_run());
        let has_read = read.oldest.is_some() || !read.unknown.is_empty() || !reasons.is_empty();
        if !has_read {
            return self.answer(Level::Unknown, Vec::new(), None, None);
        }
        reasons.extend(self.ages(&read, &waiting));
        reasons.sort_by_key(|(level, _)| std::cmp::Reverse(*level));
        let (errors, pending) = (self.sum(|kind| kind.error + kind.stuck), self.sum(|kind| kind.pending));
        let level = reasons.first().map_or(Level::Ok, |(level, _)| *level);
        let level = level.max(self.limits.errors.level(errors)).max(self.limits.pending.level(pending));
        let reasons: Vec<Message> = reasons.into_iter().map(|(_, reason)| reason).collect();
        self.answer(level, reasons, age, Some(read.oldest))
    }

    /// `oldest_read`: the age of the kind that was read longest ago, and which it is; `None`: nothing is known at all.
    fn answer(
        &self,
        level: Level,
        reasons: Vec<Message>,
        age: Option<u64>,
        oldest_read: Option<Option<(u64, Kind)>>,
    ) -> Verdict {
        let kinds = self.kinds().map(|kind| KindAge {
            kind: kind.kind,
            age_seconds: kind.age_seconds,
            reason: kind.reason.clone(),
        });
        Verdict {
            level,
            reasons,
            age,
            oldest_read,
            errors: self.sum(|kind| kind.error + kind.stuck),
            stuck: self.sum(|kind| kind.stuck),
            pending: self.sum(|kind| kind.pending),
            limits: self.limits,
            kinds: kinds.collect(),
        }
    }

    /// What is wrong with a side or a kind as a whole. What waiting mends alarms once it lasts.
    fn troubles(&self) -> Vec<(Level, Message)> {
        let lasting = |trouble: &Trouble| {
            let level = trouble.age(self.now).map_or(Level::Warning, |age| self.limits.age.level(age));
            level.max(Level::Warning)
        };
        let mut found: Vec<(Level, Message)> = Vec::new();
        for side in &self.document.sides {
            let level = if side.trouble.cause.is_refusal() { Level::Critical } else { lasting(&side.trouble) };
            found.push((level, self.trouble_of(side.name().to_owned(), &side.trouble)));
        }
        let is_all_refused = self.is_all_refused();
        let mut groups: Vec<(Vec<Kind>, &Trouble, Level)> = Vec::new();
        for entry in self.document.kinds.iter().filter(|entry| entry.is_enabled) {
            for trouble in &entry.failures {
                let level = if is_all_refused { Level::Critical } else { lasting(trouble) };
                // What reads alike of several kinds is said once.
                let same = |(_, other, _): &&mut (Vec<Kind>, &Trouble, Level)| {
                    other.cause == trouble.cause && other.message() == trouble.message()
                };
                match groups.iter_mut().find(same) {
                    Some(group) => {
                        group.0.push(entry.kind);
                        group.2 = group.2.max(level);
                    }
                    None => groups.push((vec![entry.kind], trouble, level)),
                }
            }
        }
        let reported = |(kinds, trouble, level): (Vec<Kind>, &Trouble, Level)| {
            (level, self.trouble_of(names(&kinds).join(", "), trouble))
        };
        found.extend(groups.into_iter().map(reported));
        if is_all_refused && found.is_empty() {
            found.push((Level::Critical, NotifyText::NoKinds {}.into()));
        }
        found
    }

    /// Whether HApi refuses every kind that is read.
    fn is_all_refused(&self) -> bool {
        let is_refused = |entry: &KindEntry| {
            entry.unavailable.is_some()
                || entry.failures.iter().any(|trouble| trouble.stage == Stage::Pull && trouble.cause.is_refusal())
        };
        let mut enabled = self.document.kinds.iter().filter(|entry| entry.is_enabled).peekable();
        enabled.peek().is_some() && enabled.all(is_refused)
    }

    fn trouble_of(&self, whose: String, trouble: &Trouble) -> Message {
        let error = trouble.message().clone().into();
        match trouble.age(self.now) {
            Some(seconds) => NotifyText::TroubleLasting { whose, error, seconds }.into(),
            None => NotifyText::Trouble { whose, error }.into(),
        }
    }

    /// A last run that came to no good end.
    fn last_run(&self) -> Option<(Level, Message)> {
        let run = self.document.last_run.as_ref()?;
        let outcome = run.outcome.filter(|outcome| outcome.is_bad())?;
        let (command, word) = (run.command.clone(), outcome.word().to_owned());
        let outcome = Message::from(outcome_text(outcome)).into();
        Some((Level::Warning, NotifyText::LastRun { command, word, outcome }.into()))
    }

    /// What was read, or waits, for too long, or nobody knows for how long.
    fn ages(&self, read: &Ages, waiting: &Ages) -> Vec<(Level, Message)> {
        let mut found = Vec::new();
        if !read.never.is_empty() {
            found.push((Level::Warning, NotifyText::NeverRead { kinds: names(&read.never) }.into()));
        }
        if !read.unknown.is_empty() {
            found.push((Level::Unknown, NotifyText::ReadAhead { kinds: names(&read.unknown) }.into()));
        }
        if !waiting.unknown.is_empty() {
            found.push((Level::Unknown, NotifyText::WaitsAhead { kinds: names(&waiting.unknown) }.into()));
        }
        let is_late = |(age, _): &(u64, Kind)| self.limits.age.level(*age) > Level::Ok;
        if let Some((seconds, kind)) = read.oldest.filter(is_late) {
            found.push((self.limits.age.level(seconds), NotifyText::ReadLate { kind, seconds }.into()));
        }
        if let Some((seconds, kind)) = waiting.oldest.filter(is_late) {
            found.push((self.limits.age.level(seconds), NotifyText::WaitsLate { kind, seconds }.into()));
        }
        found
    }
}

/// Kinds by name.
fn names(kinds: &[Kind]) -> Vec<String> {
    kinds.iter().map(|kind| kind.name().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Threshold;
    use crate::failure::{FailureCause, FailureDetail, Outcome, Stage};
    use crate::report::status::LastRun;
    use crate::report::trouble::SideEntry;
    use crate::report::webhooks::WebhooksPart;
    use crate::store::{Side, State};

    const NOW: &str = "2026-11-22T05:00:00Z";

    fn at(seconds_ago: i64) -> Timestamp {
        let now: Timestamp = NOW.parse().expect("a time");
        now - jiff::SignedDuration::from_secs(seconds_ago)
    }

    /// Two kinds, read this many seconds ago; the age of the oldest may be 100 s, and 200 s at most.
    fn document(unit: i64, tenant: i64) -> StatusDocument {
        let kinds = [(Kind::UNIT, unit), (Kind::TENANT, tenant)].map(|(kind, ago)| {
            let mut entry = KindEntry::new(kind);
            entry.is_enabled = true;
            entry.last_pull = Some(at(ago));
            entry.age_seconds = u64::try_from(ago).ok();
            entry
        });
        StatusDocument {
            kinds: kinds.into(),
            sides: Vec::new(),
            running: None,
            last_run: None,
            events_pending: 0,
            webhooks: WebhooksPart::default(),
            monday_calls_today: 0,
            daily_calls: std::num::NonZeroU64::new(500),
        }
    }

    fn answer_of(document: &StatusDocument) -> (String, u8) {
        let threshold = |text: &str| Threshold::of_numbers(text).expect("a threshold");
        let check = Check {
            document,
            now: NOW.parse().expect("a time"),
            limits: Limits { age: threshold("100,200"), errors: threshold("0,10"), pending: threshold("50") },
        };
        let verdict = check.verdict();
        (verdict.line(), verdict.level.code())
    }

    fn trouble(cause: FailureCause, seconds_ago: i64) -> Trouble {
        let detail = FailureDetail::new(cause, Message::foreign("it is so"));
        Trouble::new(Stage::Pull, detail, Some((at(seconds_ago), at(0))))
    }

    #[test]
    fn a_monitor_gets_one_line_with_figures_and_the_worst_level() {
        let (line, code) = answer_of(&document(60, 30));
        assert_eq!(
            line,
            "HOPEM-SYNC OK - unit read 60 s ago, 0 in error, 0 pending | age=60s;100;200;0 errors=0;0;10;0 \
             pending=0;50;;0 age_unit=60s;100;200;0 age_tenant=30s;100;200;0\n"
        );
        assert_eq!(code, 0);
        assert_eq!(answer_of(&document(60, 150)).1, 1);
        assert_eq!(answer_of(&document(201, 150)).1, 2);
        let mut red = document(60, 60);
        red.kinds[0].add(State::Error, true, 1);
        assert_eq!(answer_of(&red).1, 1);
        red.kinds[0].add(State::Error, true, 10);
        assert_eq!(answer_of(&red).1, 2);
        let mut waits = document(60, 60);
        waits.kinds[0].add(State::Pending, true, 51);
        assert_eq!(answer_of(&waits).1, 1);
        let mut none = document(0, 0);
        none.kinds.iter_mut().for_each(|kind| kind.last_pull = None);
        assert_eq!(answer_of(&none), ("HOPEM-SYNC UNKNOWN - no run has ended well yet\n".to_owned(), 3));
    }

    #[test]
    fn the_age_is_that_of_the_oldest_kind_and_of_the_oldest_change_that_waits() {
        let mut document = document(10, 20);
        document.kinds[1].oldest_change = Some(at(150));
        let (line, code) = answer_of(&document);
        assert!(
            line.starts_with("HOPEM-SYNC WARNING - tenant has a change that waits since 2 min ago; tenant read 20 s")
        );
        assert!(line.contains(" | age=150s;"), "{line}");
        assert_eq!(code, 1);
        document.kinds[1].last_pull = None;
        assert!(answer_of(&document).0.contains("tenant never read"));
    }

    #[test]
    fn a_time_from_the_future_is_unknown_and_never_ok() {
        let mut document = document(10, -31_536_000);
        document.kinds[1].age_seconds = None;
        let (line, code) = answer_of(&document);
        assert_eq!(code, 3, "{line}");
        assert!(
            line.starts_with("HOPEM-SYNC UNKNOWN - tenant read in the future") && line.contains("age=U;"),
            "{line}"
        );
        assert!(line.contains(" age_unit=10s;") && line.contains(" age_tenant=U;"), "{line}");
        document.kinds[0].add(State::Error, true, 1);
        assert_eq!(answer_of(&document).1, 1, "what is known to be wrong counts more");
    }

    #[test]
    fn trouble_of_a_kind_warns_at_once_and_alarms_when_it_lasts() {
        let mut document = document(10, 10);
        document.kinds[0].failures = vec![trouble(FailureCause::Guarded, 5)];
        let (line, code) = answer_of(&document);
        assert!(line.starts_with("HOPEM-SYNC WARNING - unit: it is so (for 5 s); unit read 10 s ago, 0 in"), "{line}");
        assert_eq!(code, 1);
        document.kinds[0].failures = vec![trouble(FailureCause::Guarded, 201)];
        assert_eq!(answer_of(&document).1, 2);
        document.kinds[0].failures = vec![trouble(FailureCause::SetRefused, 5)];
        assert_eq!(answer_of(&document).1, 1, "the other kind is given");
        document.kinds[1].failures = vec![trouble(FailureCause::SetRefused, 5)];
        let (line, code) = answer_of(&document);
        assert!(line.starts_with("HOPEM-SYNC CRITICAL - unit, tenant: it is so (for 5 s); "), "{line}");
        assert_eq!(code, 2);
    }

    #[test]
    fn a_side_that_is_down_is_never_ok_and_one_that_refuses_alarms() {
        let mut document = document(10, 10);
        let down = |cause, ago| {
            let detail = FailureDetail::new(cause, Message::foreign("no | answer"));
            SideEntry::new(Side::Monday, detail, Some((at(ago), at(0))))
        };
        document.sides = vec![down(FailureCause::Unreachable, 5)];
        let (line, code) = answer_of(&document);
        assert!(line.starts_with("HOPEM-SYNC WARNING - monday.com: no / answer (for 5 s); "), "{line}");
        assert_eq!((code, line.matches('|').count()), (1, 1));
        document.sides = vec![down(FailureCause::Unreachable, 201)];
        assert_eq!(answer_of(&document).1, 2);
        document.sides = vec![down(FailureCause::LoginRefused, 5)];
        assert_eq!(answer_of(&document).1, 2);
    }

    #[test]
    fn a_last_run_without_a_good_end_is_not_ok() {
        let mut document = document(10, 10);
        let ended = |outcome: &str| {
            Some(LastRun {
                run: 7,
                outcome: Outcome::parse(outcome),
                finished_at: Some(at(5)),
                started_at: at(6),
                command: "sync".to_owned(),
                exit_code: None,
            })
        };
        for (outcome, code) in [
            ("ok", 0),
            ("partial", 0),
            ("guarded", 0),
            ("budget", 0),
            ("failed", 1),
            ("refused", 1),
            ("interrupted", 1),
        ] {
            document.last_run = ended(outcome);
            assert_eq!(
                answer_of(&document).1,
                code,
                "{outcome}: what single entities and kinds lack is counted for itself"
            );
        }
        assert!(answer_of(&document).0.contains(" - the last run (sync): interrupted; "), "{:?}", answer_of(&document));
    }
}
