//! A list of entities, written row by row: there may be a hundred thousand.

use super::json;
use super::pause::pause_text;
use super::status::{EntityEntry, errors_shown, hints_in};
use super::surface::{fitted, shown_width};
use super::table::{Cell, INDENT, wrapped};
use super::{Report, Style, Tone, dot};
use crate::message::ScreenText;
use crate::text::harmless;
use std::io::Write;

/// The least that names are cut to on a terminal; a wide one has room for more.
const LONGEST_NAME: usize = 40;
/// A name that is cut shorter than this cannot be recognised.
const SHORTEST_NAME: usize = 10;

fn longest_name(style: Style<'_>) -> usize {
    LONGEST_NAME.max(style.out.width / 2)
}

/// Widths of the columns of a list.
#[derive(Debug, Clone, Copy, Default)]
struct Widths {
    state: usize,
    entity: usize,
    name: usize,
}

impl Widths {
    fn widen(&mut self, cells: &Cells) {
        self.state = self.state.max(cells.state.width());
        self.entity = self.entity.max(cells.entity.width());
        self.name = self.name.max(cells.name.width());
    }
}

/// Cells of a row.
struct Cells {
    state: Cell,
    entity: Cell,
    name: Cell,
    error: String,
    hint: String,
}

impl Report {
    /// Lists entities. `each` hands them over, the same ones each time: for columns they are measured first, and of a JSON
    /// document nothing is written that cannot be read to its end.
    ///
    /// # Errors
    /// Where `each` fails, or the output cannot be written.
    pub(crate) fn entities(
        &self,
        most: Option<u64>,
        each: impl Fn(&mut dyn FnMut(&EntityEntry) -> anyhow::Result<()>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let each = |work: &mut dyn FnMut(&EntityEntry) -> anyhow::Result<()>| limited(&each, most, work);
        let style = self.style();
        let (mut widths, mut is_empty) = (Widths::default(), true);
        // Lines say nothing of those that follow, so that only columns and documents have to be known whole.
        let mut all = Total::default();
        if style.out.is_terminal || self.is_json {
            all = each(&mut |entry| {
                is_empty = false;
                if style.out.is_terminal && !self.is_json {
                    widths.widen(&Cells::of(entry, style));
                }
                Ok(())
            })?;
        }
        self.stream(|out| {
            if self.is_json {
                return json_list(out, style, &|work| each(work).map(drop));
            }
            if is_empty && style.out.is_terminal {
                writeln!(out, "{}", style.text(ScreenText::NothingFound {}))?;
            }
            each(&mut |entry| Ok(out.write_all(Cells::of(entry, style).row(widths, style).as_bytes())?))?;
            match all.text().filter(|_| style.out.is_terminal) {
                Some(text) => Ok(writeln!(out, "{}", style.paint(Tone::Faint, &style.text(text)))?),
                None => Ok(()),
            }
        })
    }

    /// Says beside a list what is wrong with its kinds, or with a side, as a whole.
    pub(crate) fn warn_of(&self, troubles: &[EntityEntry]) {
        for entry in troubles {
            let errors = errors_shown(entry.kind, &entry.failures, self.style_of_stderr());
            let text =
                std::iter::once(errors).chain(hints_in(&entry.failures, self.lang)).collect::<Vec<_>>().join("; ");
            self.warn(&ScreenText::OfEntity { entity: entry.entity.clone(), text }.into());
        }
    }
}

/// Number of the entities that a list has, and of those that are shown.
#[derive(Debug, Clone, Copy, Default)]
struct Total {
    count: u64,
    shown: u64,
}

impl Total {
    /// The line about them; of one or two it can be seen.
    fn text(self) -> Option<ScreenText> {
        match self {
            Total { count, shown } if shown < count => Some(ScreenText::ListTotalOf { shown, count }),
            Total { count, .. } if count > 2 => Some(ScreenText::ListTotal { count }),
            Total { .. } => None,
        }
    }
}

/// Hands over at most so many, and counts all.
fn limited(
    each: &impl Fn(&mut dyn FnMut(&EntityEntry) -> anyhow::Result<()>) -> anyhow::Result<()>,
    most: Option<u64>,
    work: &mut dyn FnMut(&EntityEntry) -> anyhow::Result<()>,
) -> anyhow::Result<Total> {
    let mut total = Total::default();
    each(&mut |entry| {
        total.count += 1;
        if most.is_some_and(|most| total.shown >= most) {
            return Ok(());
        }
        total.shown += 1;
        work(entry)
    })?;
    Ok(total)
}

type Each<'e> = &'e dyn Fn(&mut dyn FnMut(&EntityEntry) -> anyhow::Result<()>) -> anyhow::Result<()>;

fn json_list(out: &mut dyn Write, style: Style<'_>, each: Each<'_>) -> anyhow::Result<()> {
    let mut lead = "{\"entities\":[";
    each(&mut |entry| {
        write!(out, "{lead}{}", json::in_one_line(entry, style)?)?;
        lead = ",";
        Ok(())
    })?;
    let lead = if lead == "," { "" } else { lead };
    Ok(writeln!(out, "{lead}]}}")?)
}

impl Cells {
    fn of(entry: &EntityEntry, style: Style<'_>) -> Cells {
        let (mark, tone) = dot(entry.state);
        let word = style.state_word(entry.state);
        Cells {
            state: Cell::new(format!("{mark} {word}")).tone(tone),
            entity: Cell::new(harmless(&entry.entity)),
            name: Cell::new(style.cut(&entry.name, longest_name(style))),
            error: match &entry.pause {
                Some(pause) => pause_text(pause, style),
                None => errors_shown(entry.kind, &entry.failures, style),
            },
            hint: style.advice(&hints_in(&entry.failures, style.lang).unwrap_or_default()),
        }
    }

    /// For people in columns, what does not fit below; for programs separated by tabs.
    fn row(self, widths: Widths, style: Style<'_>) -> String {
        if !style.out.is_terminal {
            let cells = [self.state.painted(style.out), self.entity.text(), self.name.text(), self.error, self.hint];
            return format!("{}\n", cells.join("\t").trim_end_matches('\t'));
        }
        let before_name = 1 + widths.state + 2 + widths.entity + 2;
        let room = style.out.width.saturating_sub(before_name).max(SHORTEST_NAME);
        let name = fitted(&self.name.text(), room);
        let padding = |cell: &Cell, width: usize| " ".repeat(width.saturating_sub(cell.width()));
        let line = format!(
            " {}{}  {}{}  {name}",
            self.state.painted(style.out),
            padding(&self.state, widths.state),
            self.entity.text(),
            padding(&self.entity, widths.entity),
        );
        let tail: Vec<String> = [self.error, self.hint].into_iter().filter(|text| !text.is_empty()).collect();
        if tail.is_empty() {
            return format!("{}\n", line.trim_end());
        }
        let beside = widths.name.min(room).saturating_sub(shown_width(&name));
        let whole = before_name + widths.name.min(room) + tail.iter().map(|text| 2 + shown_width(text)).sum::<usize>();
        if whole <= style.out.width {
            return format!("{line}{}  {}\n", " ".repeat(beside), tail.join("  "));
        }
        let below = tail.iter().flat_map(|text| wrapped(text, style.out.width.saturating_sub(INDENT)));
        let below: String = below.map(|line| format!("    {line}\n")).collect();
        format!("{}\n{below}", line.trim_end())
    }
}
