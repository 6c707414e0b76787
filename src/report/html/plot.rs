//! A plot of figures by day: bars in SVG, each with its figure as a text.

use super::writer::PageWriter;
use crate::message::PageText;
use crate::store::DayFigures;
use maud::{Markup, html};

/// How wide a bar and the gap behind it are together.
const STEP: u64 = 14;
/// How wide a bar is.
const BAR: u64 = 10;
/// How high the highest bar is.
const HEIGHT: u64 = 60;

/// Figure of a day.
type Figure = fn(&DayFigures) -> u64;

/// A plot of one figure over days.
pub(super) fn plot(days: &[DayFigures], label: PageText, figure: Figure, writer: PageWriter<'_>) -> Markup {
    let most = days.iter().map(figure).max().unwrap_or(0);
    let width = STEP * days.len() as u64;
    let label = writer.text(label);
    let ends = days.first().zip(days.last());
    html! {
        h3 { (label) " " span class="faint" { (writer.text(PageText::Most { count: most })) } }
        svg viewBox=(format!("0 0 {width} {}", HEIGHT + 16)) role="img" aria-label=(label) {
            line x1="0" x2=(width) y1=(HEIGHT) y2=(HEIGHT) {}
            @for (at, day) in days.iter().enumerate() {
                @let height = height(figure(day), most);
                rect x=(STEP * at as u64) y=(HEIGHT - height) width=(BAR) height=(height) {
                    title { (writer.text(PageText::Day { day: day.day.clone(), count: figure(day) })) }
                }
            }
            @if let Some((first, last)) = ends {
                text x="0" y=(HEIGHT + 13) { (first.day) }
                text x=(width) y=(HEIGHT + 13) text-anchor="end" { (last.day) }
            }
        }
    }
}

/// How high a bar is; what is there at all is seen.
fn height(figure: u64, most: u64) -> u64 {
    match figure {
        0 => 0,
        figure => (figure * HEIGHT).checked_div(most).unwrap_or(0).clamp(1, HEIGHT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_visible_where_there_is_anything() {
        assert_eq!([height(0, 0), height(1, 1_000_000), height(5, 10), height(10, 10)], [0, 1, 30, 60]);
    }
}
