//! The top of the dashboard: the last run, a run under way, sides in trouble, calls and webhooks.

use super::model::{LiveRun, Model};
use super::painter::Painter;
use crate::message::{DashboardText, ScreenText};
use crate::report::kinds::last_run_text;
use crate::report::summary::of_calls;
use crate::report::{Tone, surface};
use ratatui::text::{Line, Text};

/// How many places a bar takes.
const BAR: u64 = 16;

/// Its three lines.
pub(super) fn lines(model: &Model, painter: Painter<'_>, width: u16) -> Text<'static> {
    let style = painter.0;
    let run = model.status.last_run.as_ref();
    let title = run.map_or(ScreenText::StatusNoRun {}, |run| last_run_text(run, model.now, style));
    let calls = style.text(of_calls(model.status.monday_calls_today, model.status.daily_calls, style));
    let webhooks = model.status.webhooks.lines(model.now, style).into_iter().next();
    let below = std::iter::once(calls).chain(webhooks.map(|line| surface::without_colour(&line)));
    let below = below.collect::<Vec<_>>().join(" · ");
    let all = [painter.strong(style.text(title)), middle(model, painter), painter.plain(below)];
    Text::from(all.map(|line| painter.fitted(line, width)).to_vec())
}

/// A side in trouble before anything else, a run under way, or that there is none.
fn middle(model: &Model, painter: Painter<'_>) -> Line<'static> {
    let side = model.status.sides.iter().flat_map(|side| side.lines(model.now, painter.0)).next();
    match (side, &model.live) {
        (_, Some(live)) => bar(live, model, painter),
        (Some(side), None) => painter.bad(surface::without_colour(&side)),
        (None, None) => painter.faint(painter.text(DashboardText::NoLiveRun {})),
    }
}

fn bar(live: &LiveRun, model: &Model, painter: Painter<'_>) -> Line<'static> {
    let all = live.done + live.pending;
    let full = (live.done * BAR).checked_div(all).unwrap_or(0).min(BAR);
    let text = painter.text(DashboardText::LiveRun {
        command: live.command.clone(),
        pid: live.pid.to_string(),
        ago: painter.since(live.since, model.now),
        done: live.done,
        all,
    });
    let blocks = |count: u64, sign: &str| sign.repeat(usize::try_from(count).unwrap_or(0));
    Line::from(vec![
        painter.span(Tone::Good, blocks(full, "█")),
        painter.span(Tone::Faint, blocks(BAR - full, "░")),
        painter.span(Tone::Waiting, format!(" {text}")),
    ])
}
