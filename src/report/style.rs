//! How the text of a screen is put: its language, its surface, the words and marks that several screens share.

use super::surface::{Surface, Tone};
use crate::failure::Outcome;
use crate::message::{Lang, Message, ScreenText, SummaryText, grouped, span};
use crate::store::State;
use crate::text::{harmless, shortened};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Style of an answer: the language, the surface it is written for, and how much of it is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    /// The language of what people read.
    pub(crate) lang: Lang,
    /// The stream that it goes to.
    pub(crate) out: Surface,
    /// Whether long lists are wanted whole.
    pub(crate) is_verbose: bool,
}

impl Style {
    /// A message in the language of this run, harmless for a terminal.
    pub(crate) fn text(self, message: impl Into<Message>) -> String {
        harmless(&message.into().text(self.lang))
    }

    /// Text in a colour, where colour goes.
    pub(crate) fn paint(self, tone: Tone, text: &str) -> String {
        self.out.paint(tone, text)
    }

    /// A number with its thousands apart for people, plain for programs.
    pub(crate) fn number(self, number: u64) -> String {
        if self.out.is_terminal { grouped(number, self.lang) } else { number.to_string() }
    }

    /// Text from outside, harmless; on a terminal no longer than `most` characters.
    pub(crate) fn cut(self, text: &str, most: usize) -> String {
        if self.out.is_terminal { shortened(&harmless(text), most) } else { harmless(text) }
    }

    /// A time as people read it: local, to the minute, with the day.
    pub(crate) fn local(self, at: Timestamp) -> String {
        at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// How long ago, such as `12 min`; `None`: at a time that lies ahead of now.
    pub(crate) fn ago(self, at: Timestamp, now: Timestamp) -> Option<String> {
        Some(span(crate::age::seconds_since(at, now)?, self.lang))
    }

    /// What stands between a label and its value.
    pub(crate) fn colon(self) -> String {
        self.text(ScreenText::Colon {})
    }

    /// The word for a state.
    pub(crate) fn state_word(self, state: State) -> String {
        let text = match state {
            State::Synced => ScreenText::StateSynced {},
            State::Pending => ScreenText::StatePending {},
            State::Error => ScreenText::StateError {},
            State::Paused => ScreenText::StatePaused {},
            State::Unlinked => ScreenText::StateUnlinked {},
            State::Off => ScreenText::StateOff {},
            State::Deleted => ScreenText::StateDeleted {},
        };
        text.text(self.lang)
    }

    /// The word for an outcome of a run.
    pub(crate) fn outcome_word(self, outcome: Outcome) -> String {
        self.text(match outcome {
            Outcome::Ok => SummaryText::OutcomeOk {},
            Outcome::Partial => SummaryText::OutcomePartial {},
            Outcome::Guarded => SummaryText::OutcomeGuarded {},
            Outcome::Refused => SummaryText::OutcomeRefused {},
            Outcome::Budget => SummaryText::OutcomeBudget {},
            Outcome::Interrupted => SummaryText::OutcomeInterrupted {},
            Outcome::Running => SummaryText::OutcomeRunning {},
            Outcome::Failed => SummaryText::OutcomeFailed {},
        })
    }

    /// How long something took: `0.4 s`, `41 s`, `12 min`.
    pub(crate) fn took(self, milliseconds: u64) -> String {
        if milliseconds >= 10_000 {
            return span(milliseconds / 1_000, self.lang);
        }
        let separator = match self.lang {
            Lang::En => '.',
            Lang::Fr => ',',
        };
        format!("{}{separator}{} s", milliseconds / 1_000, milliseconds % 1_000 / 100)
    }
}

/// The mark and the colour of a state.
pub(crate) fn dot(state: State) -> (&'static str, Tone) {
    match state {
        State::Synced => ("●", Tone::Good),
        State::Pending => ("●", Tone::Waiting),
        State::Error => ("●", Tone::Bad),
        State::Paused => ("‖", Tone::Faint),
        State::Unlinked => ("○", Tone::Plain),
        State::Off | State::Deleted => ("–", Tone::Faint),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_runs_are_told_to_the_tenth_of_a_second() {
        let out = Surface { is_terminal: false, is_coloured: false, width: 80 };
        let style = |lang| Style { lang, out, is_verbose: false };
        assert_eq!(style(Lang::En).took(460), "0.4 s");
        assert_eq!(style(Lang::Fr).took(4_210), "4,2 s");
        assert_eq!(style(Lang::En).took(41_999), "41 s");
    }
}
