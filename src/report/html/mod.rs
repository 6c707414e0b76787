//! Pages for a browser: one file each that needs nothing else, and runs nothing. All text is escaped by `maud`.

mod names;
mod plot;
mod run;
mod status;

pub(crate) use names::{BoardNames, PageNames};
pub(crate) use run::{MOST_CHANGES, RunPage};
pub(crate) use status::{MOST_TROUBLES, StatusPage};

use super::style::Style;
use super::surface::Surface;
use crate::message::{Lang, Message, PageText};
use crate::plan::titles::ColumnTitles;
use crate::store::State;
use crate::word::Word;
use jiff::Timestamp;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// Style sheet: for screens of any width, for print, and for dark colour schemes.
const CSS: &str = include_str!("page.css");

/// Writer of pages: in a language, without colour.
#[derive(Clone, Copy)]
struct PageWriter(Style<'static>);

impl PageWriter {
    fn new(lang: Lang) -> PageWriter {
        let out = Surface { is_terminal: true, is_coloured: false, width: usize::MAX };
        PageWriter(Style { lang, out, is_verbose: true, titles: ColumnTitles::none(), flags: "" })
    }

    /// A message in the language of the page.
    fn text(self, message: impl Into<Message>) -> String {
        self.0.text(message)
    }

    fn number(self, number: u64) -> String {
        self.0.number(number)
    }

    /// A state: its dot in colour, its word beside it.
    fn state(self, state: State) -> Markup {
        let (mark, _) = super::dot(state);
        html! { span class=(format!("state {}", state.word())) { (mark) " " (self.0.state_word(state)) } }
    }

    /// A whole page.
    fn page(self, title: &str, now: Timestamp, body: Markup) -> String {
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

#[cfg(test)]
mod tests;
