//! The figures for Prometheus' textfile collector.

use super::document::write_whole;
use super::status::StatusDocument;
use crate::console::Console;
use crate::entity::Kind;
use crate::store::Side;
use crate::word::Word;
use jiff::Timestamp;
use std::fmt::Write as _;
use std::num::NonZeroU64;
use std::path::Path;

/// Writes the figures, in one piece: the collector may look at any moment. `-` is standard output.
///
/// # Errors
/// Where the file cannot be written.
pub(crate) fn write_metrics(
    console: &Console,
    file: &Path,
    document: &StatusDocument,
    now: Timestamp,
) -> std::io::Result<()> {
    // The collector is another user; the figures hold nothing personal.
    write_whole(console, file, &metrics(document, now), 0o644)
}

/// Text of the figures, as it is written.
struct Figures(String);

impl Figures {
    /// A family of figures, each with its labels; none where there are none.
    fn family(&mut self, name: &str, help: &str, values: impl IntoIterator<Item = (String, String)>) {
        let mut values = values.into_iter().peekable();
        if values.peek().is_some() {
            let _ = writeln!(self.0, "# HELP hopem_sync_{name} {help}\n# TYPE hopem_sync_{name} gauge");
        }
        for (labels, value) in values {
            let _ = writeln!(self.0, "hopem_sync_{name}{labels} {value}");
        }
    }

    /// A figure without labels, where there is one.
    fn one(&mut self, name: &str, help: &str, value: Option<impl ToString>) {
        self.family(name, help, value.map(|value| (String::new(), value.to_string())));
    }

    /// A figure of each kind that has one.
    fn each<V: ToString>(&mut self, name: &str, help: &str, values: impl IntoIterator<Item = (Kind, Option<V>)>) {
        let figure = |(kind, value): (Kind, Option<V>)| Some((format!("{{kind=\"{kind}\"}}"), value?.to_string()));
        let values = values.into_iter().filter_map(figure);
        self.family(name, help, values);
    }
}

/// A stored time in seconds; one that lies ahead of now is no figure to reckon with.
fn seconds(at: Timestamp, now: Timestamp) -> Option<i64> {
    crate::age::age(at, now).map(|_| at.as_second())
}

fn metrics(document: &StatusDocument, now: Timestamp) -> String {
    let mut figures = Figures(String::new());
    of_kinds(&mut figures, document, now);
    of_sides_and_runs(&mut figures, document, now);
    of_webhooks(&mut figures, document, now);
    figures.0
}

fn of_kinds(figures: &mut Figures, document: &StatusDocument, now: Timestamp) {
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
    figures.family("entities", "Entities by kind and state.", entities);
    let kinds = || document.kinds.iter();
    let flag = |is_set: bool| Some(u8::from(is_set));
    let available = kinds().map(|kind| (kind.kind, flag(kind.unavailable.is_none())));
    figures.each("available", "Whether HApi gives this kind.", available);
    let trouble = kinds().map(|kind| (kind.kind, flag(!kind.failures.is_empty())));
    figures.each("kind_trouble", "Whether something is wrong with this kind as a whole.", trouble);
    let causes = kinds().flat_map(|kind| {
        kind.failures.iter().map(|failure| {
            let (stage, cause) = (&failure.stage, failure.cause.word());
            (format!("{{kind=\"{}\",stage=\"{stage}\",cause=\"{cause}\"}}", kind.kind), "1".to_owned())
        })
    });
    figures.family("kind_failure", "What is wrong with a kind as a whole.", causes);
    let ages = kinds().map(|kind| (kind.kind, kind.age_seconds));
    figures.each("kind_age_seconds", "Seconds since this kind was read whole.", ages);
    let pulled = kinds().map(|kind| (kind.kind, kind.last_pull.and_then(|at| seconds(at, now))));
    figures.each("last_pull_timestamp_seconds", "When this kind was read.", pulled);
    let pushed = kinds().map(|kind| (kind.kind, kind.last_push.and_then(|at| seconds(at, now))));
    figures.each("last_push_timestamp_seconds", "When nothing of this kind was left to be pushed.", pushed);
    let waits = kinds().map(|kind| (kind.kind, kind.oldest_change.and_then(|at| seconds(at, now))));
    figures.each("oldest_change_timestamp_seconds", "Since when the oldest change of this kind waits.", waits);
}

fn of_sides_and_runs(figures: &mut Figures, document: &StatusDocument, now: Timestamp) {
    let sides = [Side::Hapi, Side::Monday].map(|side| {
        let is_up = !document.sides.iter().any(|entry| entry.side == side);
        (format!("{{side=\"{}\"}}", side.word()), u8::from(is_up).to_string())
    });
    figures.family("side_up", "Whether this side could be worked with when it was last tried.", sides);
    let last_run = document.last_run.as_ref();
    let finished = last_run.and_then(|run| seconds(run.finished_at?, now));
    figures.one("last_run_timestamp_seconds", "When the last run ended.", finished);
    figures.one("last_run_exit_code", "Exit code of the last run.", last_run.and_then(|run| run.exit_code));
    let good = document.oldest_age(now).and_then(|age| Some(now.as_second() - i64::try_from(age).ok()?));
    let help = "When the oldest kind was read, or the oldest waiting change began to wait.";
    figures.one("last_good_run_timestamp_seconds", help, good);
    figures.one("monday_calls_today", "Calls to monday in this UTC day.", Some(document.monday_calls_today));
    let help = "Most calls to monday in a UTC day; 0: no cap.";
    figures.one("monday_daily_calls", help, Some(document.daily_calls.map_or(0, NonZeroU64::get)));
}

fn of_webhooks(figures: &mut Figures, document: &StatusDocument, now: Timestamp) {
    let webhooks = &document.webhooks;
    figures.one("events_pending", "Webhook events not yet processed.", Some(document.events_pending));
    figures.one("events_received", "Webhook events received so far.", Some(webhooks.received));
    let help = "Webhook events kept that could not be read.";
    figures.one("events_unparseable", help, Some(webhooks.unparseable));
    let last = webhooks.last_received_at.and_then(|at| seconds(at, now));
    figures.one("last_event_timestamp_seconds", "When the last webhook event was received.", last);
    let receiver = webhooks.receiver.as_ref();
    let is_up = receiver.map(|receiver| u8::from(receiver.alive));
    figures.one("receiver_up", "Whether the receiver of webhooks runs.", is_up);
    let refused = receiver.map(|receiver| receiver.refused);
    figures.one("webhooks_refused", "Deliveries without the right secret so far.", refused);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{FailureCause, FailureDetail, Stage};
    use crate::message::Message;
    use crate::report::status::KindEntry;
    use crate::report::trouble::{SideEntry, Trouble};
    use crate::report::webhooks::WebhooksPart;
    use crate::store::State;

    #[test]
    fn the_figures_name_every_state_of_a_kind_its_age_and_its_trouble() {
        let mut unit = KindEntry::new(Kind::UNIT);
        unit.add(State::Error, true, 3);
        (unit.is_enabled, unit.age_seconds) = (true, Some(60));
        unit.last_pull = Timestamp::from_second(940).ok();
        let detail = || FailureDetail::new(FailureCause::Guarded, Message::foreign("too many"));
        unit.failures = vec![Trouble::new(Stage::Pull, detail(), None)];
        let mut tenant = KindEntry::new(Kind::TENANT);
        tenant.last_pull = Timestamp::from_second(4_102_444_800).ok();
        let document = StatusDocument {
            kinds: vec![unit, tenant],
            sides: vec![SideEntry::new(Side::Hapi, detail(), None)],
            running: None,
            last_run: None,
            events_pending: 0,
            webhooks: WebhooksPart::default(),
            monday_calls_today: 12,
            daily_calls: NonZeroU64::new(500),
        };
        let text = metrics(&document, Timestamp::from_second(1_000).expect("a time"));
        for line in [
            "hopem_sync_entities{kind=\"unit\",state=\"error\"} 3",
            "hopem_sync_last_good_run_timestamp_seconds 940",
            "hopem_sync_kind_age_seconds{kind=\"unit\"} 60",
            "hopem_sync_kind_trouble{kind=\"unit\"} 1",
            "hopem_sync_kind_trouble{kind=\"tenant\"} 0",
            "hopem_sync_kind_failure{kind=\"unit\",stage=\"pull\",cause=\"guarded\"} 1",
            "hopem_sync_side_up{side=\"hapi\"} 0",
            "hopem_sync_side_up{side=\"monday\"} 1",
            "hopem_sync_last_pull_timestamp_seconds{kind=\"unit\"} 940",
            "hopem_sync_monday_calls_today 12",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line} is not in {text}");
        }
        assert!(!text.contains("last_run_exit_code"), "no run, no exit code");
        assert!(!text.contains("last_pull_timestamp_seconds{kind=\"tenant\"}"), "a time from the future is no figure");
    }
}
