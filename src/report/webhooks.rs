//! Webhooks as `status` shows them: what waits, what came last, what could not be read, who receives.

use super::{Style, Tone};
use crate::entity::ChangeType;
use crate::message::WebhookText;
use crate::stamp::{serialize, serialize_optional};
use crate::store::{Event, EventCounts, EventSource, Receiver};
use crate::text::{harmless, shortened};
use jiff::Timestamp;
use serde::Serialize;

/// The length that a body is cut to: enough to see what sent it.
const LONGEST_BODY: usize = 200;
/// The same on a screen.
const LONGEST_SHOWN: usize = 40;

/// State of webhooks: all that is known of them.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct WebhooksPart {
    pub(crate) pending: u64,
    pub(crate) received: u64,
    #[serde(serialize_with = "serialize_optional")]
    pub(crate) last_received_at: Option<Timestamp>,
    pub(crate) unparseable: u64,
    pub(crate) unparseable_last: Vec<UnreadableEntry>,
    pub(crate) receiver: Option<ReceiverPart>,
}

/// Event that could not be read.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct UnreadableEntry {
    #[serde(serialize_with = "serialize")]
    pub(crate) received_at: Timestamp,
    pub(crate) body: String,
}

/// Receiver of webhooks.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ReceiverPart {
    #[serde(rename = "way")]
    pub(crate) source: EventSource,
    pub(crate) alive: bool,
    pub(crate) since: Timestamp,
    pub(crate) last_seen_at: Timestamp,
    pub(crate) refused: u64,
    #[serde(serialize_with = "serialize_optional")]
    pub(crate) refused_at: Option<Timestamp>,
}

/// Event in an entity's story.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct EventEntry {
    #[serde(serialize_with = "serialize")]
    pub(crate) received_at: Timestamp,
    pub(crate) event: Option<String>,
    #[serde(rename = "status")]
    change: Option<ChangeType>,
    pub(crate) pending: bool,
    pub(crate) run: Option<i64>,
}

impl From<&Event> for EventEntry {
    fn from(event: &Event) -> EventEntry {
        EventEntry {
            received_at: event.received_at,
            event: event.webhook.name.clone(),
            change: event.webhook.change,
            pending: event.is_pending,
            run: event.run,
        }
    }
}

impl WebhooksPart {
    /// What the store knows; `is_alive`: whether our own receiver runs now.
    pub(crate) fn new(counts: EventCounts, unreadable: &[Event], receiver: Option<Receiver>, is_alive: bool) -> Self {
        let entry = |event: &Event| UnreadableEntry {
            received_at: event.received_at,
            body: shortened(&String::from_utf8_lossy(event.webhook.raw.as_deref().unwrap_or_default()), LONGEST_BODY),
        };
        WebhooksPart {
            pending: counts.pending,
            received: counts.received,
            last_received_at: counts.last_at,
            unparseable: counts.unreadable,
            unparseable_last: unreadable.iter().map(entry).collect(),
            receiver: receiver.map(|receiver| ReceiverPart {
                source: receiver.source,
                alive: is_alive,
                since: receiver.since,
                last_seen_at: receiver.seen_at,
                refused: receiver.refused,
                refused_at: receiver.refused_at,
            }),
        }
    }

    /// Whether webhooks are used at all.
    fn is_used(&self) -> bool {
        self.receiver.is_some() || self.last_received_at.is_some()
    }

    /// Whether our own receiver was there, and is not now.
    fn is_down(&self) -> bool {
        self.receiver.as_ref().is_some_and(|receiver| receiver.source == EventSource::Listen && !receiver.alive)
    }
}

impl WebhooksPart {
    /// The lines about webhooks under the table of kinds.
    pub(super) fn lines(&self, now: Timestamp, style: Style<'_>) -> Vec<String> {
        if !self.is_used() {
            return Vec::new();
        }
        let mut parts = vec![style.text(WebhookText::Waiting { count: self.pending })];
        parts.push(style.text(self.last_received(now, style)));
        if self.is_down() {
            parts.push(style.paint(Tone::Waiting, &style.text(WebhookText::ReceiverDown {})));
        }
        let mut lines = vec![style.text(WebhookText::Line { parts: parts.join(", ") })];
        if let Some(last) = self.unparseable_last.first() {
            let body = shortened(&harmless(&last.body), LONGEST_SHOWN);
            let text = WebhookText::Unreadable { count: self.unparseable, body };
            lines.push(style.paint(Tone::Waiting, &style.text(text)));
        }
        if let Some(receiver) = self.receiver.as_ref().filter(|receiver| receiver.refused > 0) {
            let at = receiver.refused_at.map(|at| style.local(at)).unwrap_or_default();
            let text = WebhookText::TurnedAway { count: receiver.refused, at };
            lines.push(style.paint(Tone::Waiting, &style.text(text)));
        }
        lines
    }

    fn last_received(&self, now: Timestamp, style: Style<'_>) -> WebhookText {
        match self.last_received_at.map(|at| (at, style.ago(at, now))) {
            Some((_, Some(ago))) => WebhookText::LastReceived { ago },
            Some((at, None)) => WebhookText::LastReceivedAt { at: style.local(at) },
            None => WebhookText::NoneReceived {},
        }
    }
}

impl EventEntry {
    /// One event of an entity.
    pub(super) fn line(&self, style: Style<'_>) -> String {
        let change = style.text(match self.change {
            Some(ChangeType::Update) => WebhookText::ReportedUpdate {},
            Some(ChangeType::Delete) => WebhookText::ReportedDelete {},
            Some(ChangeType::Insert) => WebhookText::ReportedInsert {},
            None => WebhookText::ReportedSomething {},
        });
        let outcome = style.text(match self.run {
            _ if self.pending => WebhookText::NotProcessed {},
            Some(run) => WebhookText::ProcessedBy { run: run.to_string() },
            None => WebhookText::Processed {},
        });
        [style.local(self.received_at), change, outcome].join(style.out.gap())
    }
}
