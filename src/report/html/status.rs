//! The page of how things are: kinds, what is wrong with sides, kinds and entities, and the last 30 days.

use super::names::PageNames;
use super::plot::plot;
use super::writer::PageWriter;
use crate::message::{Lang, PageText, ScreenText};
use crate::report::kinds::last_run_text;
use crate::report::status::{EntityEntry, KindEntry, StatusDocument, errors_in, hints_in};
use crate::report::summary::of_calls;
use crate::report::surface::without_colour;
use crate::store::{DayFigures, State};
use crate::word::Word;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};

/// Most entities in error that are listed.
pub(crate) const MOST_TROUBLES: usize = 500;

/// Page of how things are.
#[derive(Debug, Clone)]
pub(crate) struct StatusPage {
    /// The table of kinds.
    pub(crate) document: StatusDocument,
    /// Sides, kinds and entities in error: the first of them.
    pub(crate) troubles: Vec<EntityEntry>,
    /// How many there are.
    pub(crate) trouble_count: u64,
    /// The last 30 days.
    pub(crate) days: Vec<DayFigures>,
    /// What things are called.
    pub(crate) names: PageNames,
    /// When the page is written.
    pub(crate) now: Timestamp,
}

impl StatusPage {
    /// The page's text.
    pub(crate) fn html(&self, lang: Lang, zone: &TimeZone) -> String {
        let writer = PageWriter::new(lang, zone);
        let body = html! {
            (self.head(writer))
            (self.kinds(writer))
            (self.troubles(writer))
            (self.month(writer))
        };
        writer.page(&writer.text(PageText::StatusTitle {}), self.now, body)
    }

    fn head(&self, writer: PageWriter<'_>) -> Markup {
        let (document, style) = (&self.document, writer.0);
        let run = document.last_run.as_ref();
        let run = run.map_or(ScreenText::StatusNoRun {}, |run| last_run_text(run, self.now, style));
        html! {
            p { (writer.text(run)) }
            p { (writer.text(of_calls(document.monday_calls_today, document.daily_calls, style))) }
            @for line in document.webhooks.lines(self.now, style) { p { (without_colour(&line)) } }
        }
    }

    fn kinds(&self, writer: PageWriter<'_>) -> Markup {
        let states = [State::Synced, State::Pending, State::Error, State::Paused, State::Unlinked, State::Off];
        html! {
            section {
                h2 { (writer.text(PageText::Kinds {})) }
                div class="wide" {
                    table {
                        thead {
                            tr {
                                th { (writer.text(ScreenText::HeadKind {})) }
                                th class="number" { (writer.text(ScreenText::HeadTotal {})) }
                                @for state in states { th class="number" { (writer.state(state)) } }
                            }
                        }
                        tbody { @for kind in &self.document.kinds { (kind_row(kind, &states, writer)) } }
                    }
                }
            }
        }
    }

    fn troubles(&self, writer: PageWriter<'_>) -> Markup {
        let more = self.trouble_count.saturating_sub(self.troubles.len() as u64);
        let heads = [PageText::HeadEntity {}, PageText::HeadError {}, PageText::HeadRemedy {}];
        html! {
            section {
                h2 { (writer.text(PageText::Troubles {})) }
                @if self.troubles.is_empty() {
                    p class="good" { (writer.text(PageText::NoTroubles {})) }
                } @else {
                    div class="wide" {
                        table {
                            thead { tr { @for head in heads { th { (writer.text(head)) } } } }
                            tbody { @for entry in &self.troubles { (self.trouble(entry, writer)) } }
                        }
                    }
                    @if more > 0 { p { (writer.text(PageText::AndMore { more })) } }
                }
            }
        }
    }

    fn trouble(&self, entry: &EntityEntry, writer: PageWriter<'_>) -> Markup {
        let lang = writer.0.lang;
        html! {
            tr {
                td {
                    @match entry.entity_key() {
                        Some(entity) => {
                            (self.names.entity(&entity))
                            @if let Some(name) = self.names.name(&entity) { br; (name) }
                        },
                        None => (entry.entity),
                    }
                }
                td class="error" { "● " (errors_in(&entry.failures, lang).unwrap_or_default()) }
                td { (hints_in(&entry.failures, lang).unwrap_or_default()) }
            }
        }
    }

    fn month(&self, writer: PageWriter<'_>) -> Markup {
        html! {
            section {
                h2 { (writer.text(PageText::Month {})) }
                (plot(&self.days, PageText::DayRuns {}, |day| day.runs, writer))
                (plot(&self.days, PageText::DayChanges {}, |day| day.changes, writer))
                (plot(&self.days, PageText::DayCalls {}, |day| day.monday_calls, writer))
            }
        }
    }
}

fn kind_row(kind: &KindEntry, states: &[State], writer: PageWriter<'_>) -> Markup {
    let name = match writer.0.lang {
        Lang::En => kind.kind.plural_en(),
        Lang::Fr => kind.kind.plural_fr(),
    };
    let class = if kind.failures.is_empty() { "" } else { "error" };
    html! {
        tr {
            td class=(class) { @if !kind.failures.is_empty() { "● " } (name) }
            td class="number" { (writer.number(kind.total)) }
            @match &kind.unavailable_text {
                Some(why) => { td colspan=(states.len()) class="faint" { (writer.text(why.clone())) } },
                None => { @for state in states { (count(*state, kind.count(*state), writer)) } },
            }
        }
    }
}

fn count(state: State, count: u64, writer: PageWriter<'_>) -> Markup {
    let class = if count == 0 { "number faint".to_owned() } else { format!("number {}", state.word()) };
    html! { td class=(class) { (writer.number(count)) } }
}
