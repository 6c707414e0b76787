//! A pause, on every screen that shows one.

use super::Style;
use crate::message::ScreenText;
use crate::stamp::{serialize, serialize_optional};
use crate::store::Pause;
use crate::text::harmless;
use jiff::Timestamp;
use serde::Serialize;

/// Pause, as JSON has it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PausePart {
    who: Option<String>,
    why: Option<String>,
    #[serde(serialize_with = "serialize_optional")]
    until: Option<Timestamp>,
    #[serde(serialize_with = "serialize")]
    since: Timestamp,
    whole_kind: bool,
}

impl PausePart {
    /// The same for programs.
    pub(crate) fn of(pause: &Pause) -> PausePart {
        PausePart {
            who: pause.who.clone(),
            why: pause.reason.clone(),
            until: pause.until,
            since: pause.paused_at,
            whole_kind: pause.is_whole_kind,
        }
    }
}

/// Since when, by whom, until when, and why.
pub(super) fn pause_text(pause: &Pause, style: Style<'_>) -> String {
    let mut parts = vec![style.text(ScreenText::PausedSince { at: style.local(pause.paused_at) })];
    parts.extend(pause.who.as_ref().map(|who| style.text(ScreenText::PausedBy { who: who.clone() })));
    parts.extend(pause.until.map(|until| style.text(ScreenText::PausedUntil { at: style.local(until) })));
    if pause.is_whole_kind {
        parts.push(style.text(ScreenText::PausedKind {}));
    }
    parts.extend(pause.reason.as_ref().map(|reason| harmless(reason)));
    parts.join(" · ")
}
