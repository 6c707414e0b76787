//! `hopem-sync status`: what is synced and what is not; an entity's whole story; what monitors ask. All of it from the store,
//! but for `--drift` and `--duplicates`, which read the boards.

mod boards;
mod monitor;
mod order;
mod page;
mod story;
mod view;

use super::again;
use super::context::Context;
use super::html::HtmlOptions;
use super::selector::{self, Gone, Resolved, Selector};
use crate::config::{MAX_AGE, MAX_ERRORS, MAX_PENDING, Threshold};
use crate::entity::Kind;
use crate::failure::{Exit, Failure};
use crate::message::{InspectText, Message, RunText, ScreenText, UsageText};
use crate::options::{count, duration, state};
use crate::report::check::{Limits, Verdict};
use crate::report::kinds::Kinds;
use crate::report::status::EntityEntry;
use crate::report::story::Stories;
use crate::store::{Search, State, StateRow, Store};
use monitor::Check;
use order::ListOrder;
use std::path::PathBuf;
use std::time::Duration;
pub(super) use story::story as story_of;
use view::Part;
pub(super) use view::View;

/// The states that can be asked for, as the help text lists them.
const LISTED: [State; 7] =
    [State::Synced, State::Pending, State::Error, State::Paused, State::Unlinked, State::Off, State::Deleted];

/// Arguments of `status`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync status                              the table of kinds
  hopem-sync status --search tremblay            by name, code, key, telephone number, item or its address
  hopem-sync status tenant:7535                  one tenant's whole story
  hopem-sync status --drift unit                 what people changed on the board, read now
  hopem-sync status --watch                      the table again every 2 s, until Ctrl-C")]
pub(crate) struct Status {
    /// Kinds (`unit`) to list, or an entity (`unit:1472`) to tell about; `-` reads them from standard input
    #[arg(value_name = "SELECTOR")]
    selectors: Vec<String>,
    /// Only entities in this state
    #[arg(long, value_name = "STATE", value_parser = state(&LISTED))]
    state: Option<State>,
    /// Only entities with these words in their name, key or record, with this telephone number, or with this item: its id, or its address
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// List at most N entities
    #[arg(long, value_name = "N", value_parser = count)]
    limit: Option<u64>,
    /// List entities in this order
    #[arg(long, value_name = "ORDER", conflicts_with_all = ["drift", "duplicates", "check"])]
    sort: Option<ListOrder>,
    /// Read the boards and show where they differ from what was sent
    #[arg(long, conflicts_with_all = ["state", "search", "duplicates"])]
    drift: bool,
    /// Read the boards and show which keys stand on several items, and what to do about it
    #[arg(long, conflicts_with_all = ["state", "search"])]
    duplicates: bool,
    /// Answer as a Nagios plug-in: one line, exit code 0 to 3
    #[arg(long, conflicts_with_all = ["selectors", "state", "search", "drift", "duplicates"])]
    check: bool,
    /// How long ago any kind may have been read, any change may wait, and any trouble of a kind or a side may last
    #[arg(
        long, value_name = "WARN[,CRIT]", default_value = MAX_AGE, value_parser = ages,
        conflicts_with_all = ["selectors", "state", "search", "sort", "drift", "duplicates", "html"]
    )]
    max_age: Threshold,
    /// With --check: how many entities may be in error
    #[arg(long, value_name = "WARN[,CRIT]", default_value = MAX_ERRORS, value_parser = numbers, requires = "check")]
    max_errors: Threshold,
    /// With --check: how many entities may be pending
    #[arg(long, value_name = "WARN[,CRIT]", default_value = MAX_PENDING, value_parser = numbers, requires = "check")]
    max_pending: Threshold,
    /// Show it again every 2 s, or as often as this says, until Ctrl-C
    #[arg(
        long, value_name = "DURATION", value_parser = duration, num_args = 0..=1, default_missing_value = "2s",
        conflicts_with_all = ["drift", "duplicates", "check", "metrics", "html"]
    )]
    watch: Option<Duration>,
    #[command(flatten)]
    page: HtmlOptions,
    /// Write the figures to FILE, for Prometheus' textfile collector; - prints them
    #[arg(long, value_name = "FILE")]
    metrics: Option<PathBuf>,
}

fn ages(text: &str) -> Result<Threshold, Message> {
    Threshold::of_ages(text).ok_or_else(|| UsageText::WantsAges {}.into())
}

fn numbers(text: &str) -> Result<Threshold, Message> {
    Threshold::of_numbers(text).ok_or_else(|| UsageText::WantsNumbers {}.into())
}

/// How things are, as a monitor is answered.
///
/// # Errors
/// Where the store cannot be read.
pub(super) fn verdict(context: &Context, store: &Store, limits: Limits) -> anyhow::Result<Verdict> {
    let view = View { context, store, now: context.now() };
    Ok(Check { document: &view.document()?, now: view.now, limits }.verdict())
}

/// Hands over the entities of all parts of a list, in the order that is asked for, or as they are stored.
fn each_in_order(
    view: &View<'_>,
    parts: &[Part],
    order: Option<ListOrder>,
    work: &mut dyn FnMut(StateRow) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let Some(order) = order else { return parts.iter().try_for_each(|part| view.each(part, work)) };
    let mut rows = Vec::new();
    for part in parts {
        view.each(part, &mut |row| {
            rows.push(row);
            Ok(())
        })?;
    }
    order.sort(&mut rows);
    rows.into_iter().try_for_each(work)
}

impl Status {
    /// Whether a monitor asks.
    pub(crate) fn is_check(&self) -> bool {
        self.check
    }

    /// Shows what was asked for; returns the exit code, which is a monitor’s with `--check`.
    ///
    /// # Errors
    /// Where options do not fit together, the store cannot be read, or the figures cannot be written.
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<u8> {
        if let Some(every) = self.watch {
            again::refuse_endless(context, "--watch")?;
            return Ok(again::again(context, every, || self.once(context).map(drop))?.code());
        }
        self.once(context)
    }

    fn once(&self, context: &Context) -> anyhow::Result<u8> {
        let store = context.store_to_read()?;
        let view = View { context, store: &store, now: context.now() };
        if let Some(file) = &self.metrics {
            let prints_more = context.report.is_json || self.check || self.asks_for_more();
            if prints_more && file.as_os_str() == "-" {
                return Err(Failure::usage(InspectText::MetricsAlone {}).into());
            }
            view.write_metrics(file)?;
        }
        if let Some(file) = &self.page.html {
            page::write(&view, file, self.page.names)?;
            return Ok(Exit::Ok.code());
        }
        if self.check {
            return self.for_monitors(&view);
        }
        if self.metrics.is_some() && !context.report.is_json && !self.asks_for_more() {
            return Ok(Exit::Ok.code());
        }
        let selectors = selector::parse_all(&self.selectors, &context.stop)?;
        if self.drift || self.duplicates {
            return Ok(boards::show(context, &store, &selectors, self.drift)?.code());
        }
        let exit = match selectors.as_slice() {
            [] if !self.lists() => {
                context.report.show(&Kinds { document: &view.document()?, max_age: self.max_age, now: view.now })?;
                Exit::Ok
            }
            [Selector::Entity(..)] if !self.lists() => {
                let resolved = Resolved::of(&selectors, &store, Gone::Included, context.clock())?;
                let stories = resolved
                    .entities
                    .iter()
                    .map(|entity| story::story(&view, entity))
                    .collect::<anyhow::Result<_>>()?;
                context.report.show(&Stories { stories, now: view.now })?;
                Exit::Ok
            }
            _ => self.list(&view, &selectors)?,
        };
        Ok(exit.code())
    }

    /// The entities that are asked for.
    fn list(&self, view: &View<'_>, selectors: &[Selector]) -> anyhow::Result<Exit> {
        let resolved = Resolved::of(selectors, view.store, Gone::Included, view.context.clock())?;
        for selector in resolved.missing_names() {
            view.context.report.warn(&RunText::NoStoreEntry { selector }.into());
        }
        let kinds: Vec<Kind> = match selectors.is_empty() {
            true => Kind::all().collect(),
            false => resolved.kinds.iter().copied().collect(),
        };
        let is_empty = std::cell::Cell::new(true);
        let troubles = self.troubles(view, selectors, &kinds)?;
        let store = view.store.snapshot()?;
        let found = self.search.as_ref().map(|text| store.search(&Search::parse(text))).transpose()?;
        let named = resolved.entities.iter().map(|entity| (entity.row.kind, Some(vec![entity.row.id])));
        let whole = kinds.iter().map(|&kind| (kind, None));
        let none = Vec::new();
        let of_kind = |kind: Kind| found.as_ref().map(|found| found.get(&kind).unwrap_or(&none));
        let parts: Vec<Part> =
            named.chain(whole).map(|(kind, ids)| Part::new(kind, ids, self.state, of_kind(kind))).collect();
        view.context.report.entities(self.limit, |work| {
            for trouble in &troubles {
                is_empty.set(false);
                work(trouble)?;
            }
            each_in_order(view, &parts, self.sort, &mut |row| {
                is_empty.set(false);
                work(&view.entry(&row)?)
            })
        })?;
        // On a terminal the list itself says so.
        if is_empty.get() && !view.context.report.is_json && !view.context.report.out.is_terminal {
            view.context.report.info(&view.context.report.text(ScreenText::NoEntityFits {}));
        }
        Ok(resolved.exit())
    }

    /// Whether anything is asked for beside the figures.
    fn asks_for_more(&self) -> bool {
        !self.selectors.is_empty() || self.lists() || self.drift || self.duplicates
    }

    /// Whether a list is asked for, whatever the selectors are.
    fn lists(&self) -> bool {
        self.state.is_some() || self.search.is_some() || self.sort.is_some()
    }

    /// What is wrong with sides and kinds as a whole: the first of all that is in error. Of a list without regard to states it
    /// is said beside it.
    fn troubles(&self, view: &View<'_>, selectors: &[Selector], kinds: &[Kind]) -> anyhow::Result<Vec<EntityEntry>> {
        let is_asked_for = self.state == Some(State::Error);
        let is_about_kinds = selectors.is_empty() || !kinds.is_empty();
        if self.search.is_some() || !is_about_kinds || (self.state.is_some() && !is_asked_for) {
            return Ok(Vec::new());
        }
        let troubles = view.troubles(kinds)?;
        if !is_asked_for {
            view.context.report.warn_of(&troubles);
            return Ok(Vec::new());
        }
        Ok(troubles)
    }

    fn for_monitors(&self, view: &View<'_>) -> anyhow::Result<u8> {
        let limits = Limits { age: self.max_age, errors: self.max_errors, pending: self.max_pending };
        let verdict = verdict(view.context, view.store, limits)?;
        crate::report::check::check(&view.context.report, &verdict)?;
        Ok(verdict.level.code())
    }
}
