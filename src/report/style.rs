//! How the text of a screen is put: its language, its surface, the words and marks that several screens share.

use super::surface::{Surface, Tone, fitted};
use crate::entity::Kind;
use crate::failure::Outcome;
use crate::message::{Lang, Message, ScreenText, SummaryText, grouped, span};
use crate::plan::map::NAME;
use crate::plan::titles::ColumnTitles;
use crate::store::State;
use crate::text::{harmless, with_flags};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Style of an answer: the language, the surface it is written for, and how much of it is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style<'t> {
    /// The language of what people read.
    pub(crate) lang: Lang,
    /// The stream that it goes to.
    pub(crate) out: Surface,
    /// Whether long lists are wanted whole, and ids beside titles.
    pub(crate) is_verbose: bool,
    /// What columns are called.
    pub(crate) titles: &'t ColumnTitles,
    /// The flags that commands to be pasted need to mean the same configuration and store.
    pub(crate) flags: &'t str,
    /// The zone that times are shown in.
    pub(crate) zone: &'t TimeZone,
}

/// The zone of texts without times.
static NO_ZONE: TimeZone = TimeZone::UTC;

impl Style<'static> {
    /// A style where no configuration is known and no time is shown.
    pub(crate) fn bare(lang: Lang, out: Surface) -> Style<'static> {
        Style { lang, out, is_verbose: false, titles: ColumnTitles::none(), flags: "", zone: &NO_ZONE }
    }
}

impl Style<'_> {
    /// A message in the language of this run, harmless for a terminal.
    pub(crate) fn text(self, message: impl Into<Message>) -> String {
        self.advice(&message.into().text(self.lang))
    }

    /// What to do, in words that are ready, harmless for a terminal: its commands mean what this one does.
    pub(crate) fn advice(self, text: &str) -> String {
        with_flags(&harmless(text), self.flags).into_owned()
    }

    /// Text in a colour, where colour goes.
    pub(crate) fn paint(self, tone: Tone, text: &str) -> String {
        self.out.paint(tone, text)
    }

    /// A number with its thousands apart for people, plain for programs.
    pub(crate) fn number(self, number: u64) -> String {
        if self.out.is_terminal { grouped(number, self.lang) } else { number.to_string() }
    }

    /// Text from outside, harmless; on a terminal it takes at most `most` places.
    pub(crate) fn cut(self, text: &str, most: usize) -> String {
        if self.out.is_terminal { fitted(&harmless(text), most) } else { harmless(text) }
    }

    /// A time as people read it: local, to the minute, with the day.
    pub(crate) fn local(self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// How long ago, such as `12 min`; `None`: at a time that lies ahead of now.
    pub(crate) fn ago(self, at: Timestamp, now: Timestamp) -> Option<String> {
        Some(span(crate::age::seconds_since(at, now)?, self.lang))
    }

    /// What stands between a label and its value.
    pub(crate) fn colon(self) -> String {
        self.text(ScreenText::Colon {})
    }

    /// A column as people call it: by its title where the board's is known, else by its id; with both where more is wanted.
    pub(crate) fn column(self, kind: Kind, id: &str) -> String {
        let named = match self.titles.title(kind, id) {
            _ if id == NAME => self.text(ScreenText::ColumnOfName {}),
            Some(title) => self.text(ScreenText::Titled { title: title.to_owned() }),
            None => return harmless(id),
        };
        if self.is_verbose && id != NAME { format!("{named} (`{}`)", harmless(id)) } else { named }
    }

    /// What is wrong with a column, with its title and the property of HApi that it is made of.
    pub(crate) fn column_error(self, kind: Kind, id: &str, error: String) -> String {
        if self.titles.title(kind, id).is_none() && id != NAME {
            return self.text(ScreenText::ColumnError { column: id.to_owned(), error });
        }
        let column = self.column(kind, id);
        self.text(match self.titles.property(kind, id) {
            Some(property) => ScreenText::ColumnErrorOf { column, property: property.to_owned(), error },
            None => ScreenText::NamedColumnError { column, error },
        })
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
        self.text(outcome_text(outcome))
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

/// The word for an outcome of a run, not yet in a language.
pub(crate) fn outcome_text(outcome: Outcome) -> SummaryText {
    match outcome {
        Outcome::Ok => SummaryText::OutcomeOk {},
        Outcome::Partial => SummaryText::OutcomePartial {},
        Outcome::Guarded => SummaryText::OutcomeGuarded {},
        Outcome::Refused => SummaryText::OutcomeRefused {},
        Outcome::Budget => SummaryText::OutcomeBudget {},
        Outcome::Interrupted => SummaryText::OutcomeInterrupted {},
        Outcome::Running => SummaryText::OutcomeRunning {},
        Outcome::Failed => SummaryText::OutcomeFailed {},
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
    fn short_runs_are_shown_to_the_tenth_of_a_second() {
        let out = Surface { is_terminal: false, is_coloured: false, width: 80 };
        let style = |lang| Style::bare(lang, out);
        assert_eq!(style(Lang::En).took(460), "0.4 s");
        assert_eq!(style(Lang::Fr).took(4_210), "4,2 s");
        assert_eq!(style(Lang::En).took(41_999), "41 s");
    }
}
