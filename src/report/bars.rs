//! Progress as it is shown: bars on a terminal, a line per kind with `--verbose`, nothing elsewhere.

use crate::clock::Clock;
use crate::console::Console;
use crate::entity::Kind;
use crate::http::Stop;
use crate::message::{Lang, Message, ScreenText, SummaryText, grouped, span};
use crate::progress::{Progress, Task, Unwatched};
use crate::report::Report;
use crate::report::signal::{LineWriter, Noticed};
use crate::report::surface::Surface;
use crate::text::harmless;
use crate::word::Word;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often the bars are drawn in a second, at most.
const DRAWS_PER_SECOND: u8 = 10;
/// A wait of this length is named also where no progress is shown.
const LONG_WAIT: Duration = Duration::from_secs(10);
/// The same where somebody looks on, and no bars can be drawn.
const WATCHED_WAIT: Duration = Duration::from_secs(1);

/// Progress as it is shown on stderr.
pub(crate) fn watcher(report: &Report, clock: &Clock) -> Box<dyn Progress> {
    if report.is_quiet {
        Box::new(Unwatched)
    } else if report.err.is_terminal && draws() {
        Box::new(Bars::new(report))
    } else if report.is_verbose {
        let (lang, clock, console) = (report.lang, clock.clone(), report.console.clone());
        Box::new(Lines { lang, clock, console, counts: Mutex::default() })
    } else {
        let shortest = if report.err.is_terminal { WATCHED_WAIT } else { LONG_WAIT };
        Box::new(LongWaits { lang: report.lang, console: report.console.clone(), shortest })
    }
}

/// Whether bars can be drawn on the terminal: not on one that knows only lines (`TERM` is `dumb`, or not set).
fn draws() -> bool {
    !ProgressDrawTarget::stderr().is_hidden()
}

/// What a run waits for, and how long.
fn waits_for(why: &Message, pause: Duration, lang: Lang) -> String {
    let why = harmless(&why.text(lang));
    match pause.as_secs() {
        0 => why,
        seconds => format!("{why} ({})", span(seconds, lang)),
    }
}

/// Lines for waits that somebody would wonder about, where nothing else is shown.
struct LongWaits {
    lang: Lang,
    console: Console,
    /// The shortest wait that is named.
    shortest: Duration,
}

impl Progress for LongWaits {
    fn begin(&self, _: Task, _: Kind, _: u64) {}
    fn advance(&self, _: Task, _: Kind, _: u64) {}
    fn end(&self, _: Task, _: Kind) {}
    fn calls(&self, _: u64, _: Option<u64>) {}

    fn waiting(&self, why: Option<(&Message, Duration)>) {
        if let Some((why, pause)) = why.filter(|(_, pause)| *pause >= self.shortest) {
            self.console.line(&waits_for(why, pause, self.lang));
        }
    }

    fn announce(&self, _: &Message) {}
}

/// Progress of a run: the same, and a line when a signal was received.
pub(crate) fn watcher_of_run(report: &Report, stop: Arc<Stop>) -> Box<dyn Progress> {
    if report.is_quiet {
        return Box::new(Unwatched);
    }
    let (console, line) = (report.console.clone(), report.text(ScreenText::StoppingSoon {}));
    if !report.err.is_terminal || !draws() {
        let write: LineWriter = Arc::new(move |line| console.line(line));
        return Box::new(Noticed::new(watcher(report, stop.clock()), line, write, stop));
    }
    let bars = Bars::new(report);
    let all = bars.all.clone();
    // The bars give way to it; written past them, they would be drawn twice.
    let write: LineWriter = Arc::new(move |line| _ = all.println(line));
    Box::new(Noticed::new(Box::new(bars), line, write, stop))
}

type Bar = (Task, Kind);

/// Bars on a terminal.
struct Bars {
    lang: Lang,
    all: MultiProgress,
    bars: Mutex<BTreeMap<Bar, ProgressBar>>,
    waiting: Mutex<Option<ProgressBar>>,
    surface: Surface,
    /// What a push has spent, in words.
    calls: Arc<Mutex<String>>,
}

impl Bars {
    fn new(report: &Report) -> Bars {
        Bars {
            lang: report.lang,
            all: MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(DRAWS_PER_SECOND)),
            bars: Mutex::default(),
            waiting: Mutex::default(),
            surface: report.err,
            calls: Arc::default(),
        }
    }

    fn style(&self, task: Task, has_length: bool) -> ProgressStyle {
        let bar = match (has_length, self.surface.is_coloured) {
            (false, _) => "",
            (true, true) => "{bar:20.green} ",
            (true, false) => "{bar:20} ",
        };
        let end = if task == Task::Push { "{calls}" } else { "{speed}" };
        let template = format!("{{prefix:6}} {{msg:18}} {bar}{{count:>14}}   {end}");
        let calls = self.calls.clone();
        let lang = self.lang;
        // A template that did not parse would be a bug; the default style is then as good.
        ProgressStyle::with_template(&template)
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("██░")
            .with_key("count", move |state: &ProgressState, out: &mut dyn Write| {
                let _ = match state.len() {
                    Some(length) if has_length => {
                        write!(out, "{}/{}", grouped(state.pos(), lang), grouped(length.max(state.pos()), lang))
                    }
                    _ => write!(out, "{}", grouped(state.pos(), lang)),
                };
            })
            .with_key("calls", move |_: &ProgressState, out: &mut dyn Write| {
                let _ = write!(out, "{}", calls.lock().unwrap_or_else(PoisonError::into_inner));
            })
            .with_key("speed", move |state: &ProgressState, out: &mut dyn Write| {
                // Of less than a second it would be a guess.
                let speed = state.pos().checked_div(state.elapsed().as_secs()).unwrap_or_default();
                if speed > 0 {
                    let _ = write!(out, "{}/s", grouped(speed, lang));
                }
            })
    }
}

fn plural(kind: Kind, lang: Lang) -> &'static str {
    match lang {
        Lang::En => kind.plural_en(),
        Lang::Fr => kind.plural_fr(),
    }
}

impl Progress for Bars {
    fn begin(&self, task: Task, kind: Kind, expected: u64) {
        // Complete before it is drawn for the first time.
        let bar = ProgressBar::hidden().with_style(self.style(task, expected > 0)).with_prefix(task.word());
        bar.set_length(expected);
        bar.set_message(plural(kind, self.lang).to_lowercase());
        let bar = self.all.add(bar);
        self.bars.lock().unwrap_or_else(PoisonError::into_inner).insert((task, kind), bar);
    }

    fn advance(&self, task: Task, kind: Kind, by: u64) {
        if let Some(bar) = self.bars.lock().unwrap_or_else(PoisonError::into_inner).get(&(task, kind)) {
            bar.inc(by);
        }
    }

    fn end(&self, task: Task, kind: Kind) {
        if let Some(bar) = self.bars.lock().unwrap_or_else(PoisonError::into_inner).remove(&(task, kind)) {
            bar.finish_and_clear();
        }
    }

    fn calls(&self, spent: u64, left: Option<u64>) {
        let text = match left {
            Some(left) => SummaryText::BarCallsLeft { spent, left },
            None => SummaryText::BarCalls { spent },
        };
        *self.calls.lock().unwrap_or_else(PoisonError::into_inner) = text.text(self.lang);
    }

    fn waiting(&self, why: Option<(&Message, Duration)>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        match why {
            Some((why, pause)) => {
                let line = waiting.get_or_insert_with(|| {
                    let line = self.all.add(ProgressBar::new_spinner());
                    line.set_style(
                        ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()),
                    );
                    line
                });
                // How long it takes stands at the end, and is not to be cut off.
                line.set_message(self.surface.wrapped(&waits_for(why, pause, self.lang)));
            }
            None => {
                if let Some(line) = waiting.take() {
                    line.finish_and_clear();
                }
            }
        }
    }

    fn announce(&self, what: &Message) {
        // The bars give way to it; a terminal that is gone takes nothing anyway.
        let _ = self.all.println(harmless(&what.text(self.lang)));
    }
}

/// Lines on stderr: one for each kind that is done, and for each wait.
struct Lines {
    lang: Lang,
    clock: Clock,
    console: Console,
    counts: Mutex<BTreeMap<Bar, (u64, Instant)>>,
}

impl Progress for Lines {
    fn begin(&self, task: Task, kind: Kind, _: u64) {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).insert((task, kind), (0, self.clock.instant()));
    }

    fn advance(&self, task: Task, kind: Kind, by: u64) {
        if let Some((count, _)) = self.counts.lock().unwrap_or_else(PoisonError::into_inner).get_mut(&(task, kind)) {
            *count += by;
        }
    }

    fn end(&self, task: Task, kind: Kind) {
        let done = self.counts.lock().unwrap_or_else(PoisonError::into_inner).remove(&(task, kind));
        if let Some((count, began)) = done {
            let milliseconds = u64::try_from(self.clock.since(began).as_millis()).unwrap_or(u64::MAX);
            let line = ScreenText::ProgressDone { stage: task.word().to_owned(), kind, count, milliseconds };
            self.console.line(&line.text(self.lang));
        }
    }

    fn calls(&self, _: u64, _: Option<u64>) {}

    fn waiting(&self, why: Option<(&Message, Duration)>) {
        if let Some((why, pause)) = why {
            self.console.line(&waits_for(why, pause, self.lang));
        }
    }

    fn announce(&self, what: &Message) {
        self.console.line(&harmless(&what.text(self.lang)));
    }
}
