//! What is wrong with a kind, or with a side, as a whole: until it is over, on every screen.

use super::{Style, Tone};
use crate::age::seconds_since;
use crate::failure::{FailureCause, FailureDetail, Stage};
use crate::message::{Lang, Message, ScreenText};
use crate::stamp::serialize_optional;
use crate::store::{FailureRow, KindFailure, Side, SideFailure};
use jiff::Timestamp;
use serde::Serialize;

/// Trouble with a kind, or a side, as a whole: what is wrong, since when.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Trouble {
    /// `pull` or `push`.
    pub(crate) stage: Stage,
    pub(crate) cause: FailureCause,
    pub(crate) error: String,
    pub(crate) hint: Option<String>,
    /// When it was first met, without a good run in between.
    #[serde(serialize_with = "serialize_optional")]
    pub(crate) since: Option<Timestamp>,
    #[serde(serialize_with = "serialize_optional")]
    pub(crate) failed_at: Option<Timestamp>,
    #[serde(skip)]
    detail: FailureDetail,
}

impl Trouble {
    /// A trouble of a stage. `times`: when it was first and last met.
    pub(crate) fn new(stage: Stage, detail: FailureDetail, times: Option<(Timestamp, Timestamp)>) -> Trouble {
        let (since, failed_at) = times.unzip();
        Trouble {
            stage,
            cause: detail.cause,
            error: detail.error.text(Lang::En),
            hint: detail.hint.as_ref().map(|hint| hint.text(Lang::En)),
            since,
            failed_at,
            detail,
        }
    }

    /// The same as a failure of an entity as a whole, for lists.
    pub(crate) fn row(&self) -> FailureRow {
        FailureRow {
            column: None,
            cause: self.cause,
            message: self.detail.error.clone(),
            hint: self.detail.hint.clone(),
            value: None,
            keeps_value: false,
            tries: 0,
            next_try_at: None,
        }
    }

    /// What is wrong, in words.
    pub(crate) fn message(&self) -> &Message {
        &self.detail.error
    }

    /// How long it lasts, in seconds; `None`: that is not known.
    pub(crate) fn age(&self, now: Timestamp) -> Option<u64> {
        seconds_since(self.since?, now)
    }
}

impl From<KindFailure> for Trouble {
    fn from(failure: KindFailure) -> Trouble {
        Trouble::new(failure.stage, failure.detail, Some((failure.since, failure.failed_at)))
    }
}

/// Side that is in trouble.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SideEntry {
    pub(crate) side: Side,
    #[serde(flatten)]
    pub(crate) trouble: Trouble,
}

impl SideEntry {
    /// A side with what is wrong with it. `times`: when that was first and last met.
    pub(crate) fn new(side: Side, detail: FailureDetail, times: Option<(Timestamp, Timestamp)>) -> SideEntry {
        let stage = match side {
            Side::Hapi => Stage::Pull,
            Side::Monday => Stage::Push,
        };
        SideEntry { side, trouble: Trouble::new(stage, detail, times) }
    }

    /// Its name for people.
    pub(crate) fn name(&self) -> &'static str {
        match self.side {
            Side::Hapi => "HApi",
            Side::Monday => "monday.com",
        }
    }
}

impl From<SideFailure> for SideEntry {
    fn from(failure: SideFailure) -> SideEntry {
        SideEntry::new(failure.side, failure.detail, Some((failure.since, failure.failed_at)))
    }
}

impl Trouble {
    /// What is wrong, and for how long.
    pub(super) fn text(&self, now: Timestamp, style: Style<'_>) -> String {
        let error = style.text(self.detail.error.clone());
        match self.since.and_then(|since| style.ago(since, now)) {
            Some(span) => style.text(ScreenText::TroubleFor { error, span }),
            None => error,
        }
    }

    /// What to do about it.
    pub(super) fn remedy(&self, style: Style<'_>) -> Option<String> {
        self.detail.hint.clone().map(|hint| style.text(hint))
    }
}

impl SideEntry {
    /// The lines about a side that is down, with what to do.
    pub(super) fn lines(&self, now: Timestamp, style: Style<'_>) -> Vec<String> {
        let (side, error) = (self.name().to_owned(), self.trouble.text(now, style));
        let line = style.paint(Tone::Bad, &style.text(ScreenText::SideDown { side, error }));
        std::iter::once(line).chain(self.trouble.remedy(style).map(|hint| format!("  {hint}"))).collect()
    }
}
