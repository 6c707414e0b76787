//! What every page is written with: its frame, its style sheet, numbers and words in its language.

use crate::message::{Lang, Message, PageText};
use crate::report::style::{Style, dot};
use crate::report::surface::Surface;
use crate::store::State;
use crate::word::Word;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// Style sheet: for screens of any width, for print, and for dark colour schemes.
pub(super) const CSS: &str = include_str!("page.css");

/// Writer of pages: in a language, without colour.
#[derive(Clone, Copy)]
pub(super) struct PageWriter<'z>(pub(super) Style<'z>);

impl<'z> PageWriter<'z> {
    pub(super) fn new(lang: Lang, zone: &'z TimeZone) -> PageWriter<'z> {
        let out = Surface { is_terminal: true, is_coloured: false, width: usize::MAX };
        PageWriter(Style { is_verbose: true, zone, ..Style::bare(lang, out) })
    }

    /// A message in the language of the page.
    pub(super) fn text(self, message: impl Into<Message>) -> String {
        self.0.text(message)
    }

    pub(super) fn number(self, number: u64) -> String {
        self.0.number(number)
    }

    /// A state: its dot in colour, its word beside it.
    pub(super) fn state(self, state: State) -> Markup {
        let (mark, _) = dot(state);
        html! { span class=(format!("state {}", state.word())) { (mark) " " (self.0.state_word(state)) } }
    }

    /// A whole page.
    pub(super) fn page(self, title: &str, now: Timestamp, body: Markup) -> String {
        let written = self.text(PageText::WrittenAt { at: self.0.local(now) });
        let page = html! {
            (DOCTYPE)
            html lang=(self.0.lang.code()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="robots" content="noindex";
                    title { (title) }
                    style { (PreEscaped(CSS)) }
                }
                body {
                    header { h1 { (title) } p class="faint" { (written) } }
                    main { (body) }
                }
            }
        };
        format!("{}\n", page.into_string())
    }
}
