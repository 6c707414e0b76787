//! The store as `status` sees it: kinds and sides with what is wrong with them, entities, stories.

use crate::age::seconds_since;
use crate::commands::context::Context;
use crate::config::OnDelete;
use crate::entity::Kind;
use crate::failure::{Exit, Failure, FailureCause, FailureDetail, KILLED, Outcome, Stage};
use crate::message::{Lang, Message, MondayText, ScreenText};
use crate::report::status::{EntityEntry, KindEntry, LastRun, RunningRun, StatusDocument};
use crate::report::trouble::{SideEntry, Trouble};
use crate::report::webhooks::WebhooksPart;
use crate::run::not_before;
use crate::store::{EntityFilter, RunLock, Side, State, StateRow, Store};
use jiff::{SignedDuration, Timestamp};
use std::path::Path;

/// How many events that could not be read are shown.
const MOST_UNREADABLE: u64 = 5;
/// How long it is shown that items of another store were found: also a store that was restored finds some, once.
const FOUND_LATELY: SignedDuration = SignedDuration::from_hours(24);

/// View of the store, as `status` has it.
pub(in crate::commands) struct View<'v> {
    pub(in crate::commands) context: &'v Context,
    pub(in crate::commands) store: &'v Store,
    pub(in crate::commands) now: Timestamp,
}

impl View<'_> {
    /// Writes the figures for Prometheus.
    pub(in crate::commands) fn write_metrics(&self, file: &Path) -> anyhow::Result<()> {
        let document = self.document()?;
        crate::report::metrics::write_metrics(&self.context.report.console, file, &document, self.now).map_err(
            |error| {
                let path = file.display().to_string();
                let failure = Failure::new(Exit::Failed, ScreenText::MetricsUnwritable { path });
                failure.help(ScreenText::FileUnwritableHelp {}).because(error).into()
            },
        )
    }

    /// The whole table.
    pub(in crate::commands) fn document(&self) -> anyhow::Result<StatusDocument> {
        let mut kinds = Vec::new();
        for kind in Kind::all() {
            let entry = self.kind(kind)?;
            if entry.is_enabled || entry.total > 0 {
                kinds.push(entry);
            }
        }
        Ok(StatusDocument {
            kinds,
            sides: self.sides()?,
            last_run: self.last_run()?,
            running: RunLock::holder(&self.context.config.store.path).map(|held| RunningRun {
                pid: held.pid,
                command: held.command,
                since: held.since,
            }),
            events_pending: self.store.event_counts()?.pending,
            webhooks: self.webhooks()?,
            monday_calls_today: self.store.calls_today(Side::Monday, self.now)?,
            daily_calls: self.context.config.monday.daily_calls,
        })
    }

    /// The last run that ended; or one that began later and was killed, which left nobody to say so.
    fn last_run(&self) -> anyhow::Result<Option<LastRun>> {
        let unfinished = || anyhow::Ok(self.store.runs(1)?.into_iter().next().filter(|run| run.finished_at.is_none()));
        // Asked once more: it may have ended, and let go of the lock, just between.
        let is_killed = unfinished()?.is_some() && !RunLock::is_held(&self.context.config.store.path);
        let killed = if is_killed { unfinished()? } else { None };
        let (outcome, exit_code) = killed.as_ref().map(|_| (Outcome::Interrupted, KILLED)).unzip();
        let Some(run) = killed.map_or_else(|| self.store.last_run(), |run| Ok(Some(run)))? else { return Ok(None) };
        Ok(Some(LastRun {
            run: run.run,
            outcome: outcome.or(run.outcome),
            finished_at: run.finished_at,
            started_at: run.started_at,
            command: run.command,
            exit_code: exit_code.or(run.exit_code),
        }))
    }

    /// The sides that could not be worked with, or asked not to be called for now.
    fn sides(&self) -> anyhow::Result<Vec<SideEntry>> {
        let mut sides = Vec::new();
        let is_read = Kind::all().any(|kind| self.context.config.kind(kind).enabled);
        let is_pushed = Kind::all().any(|kind| self.context.is_pushed(kind));
        for side in [Side::Hapi, Side::Monday].into_iter().zip([is_read, is_pushed]).filter(|(_, is_used)| *is_used) {
            let (side, _) = side;
            // The calls of a day that are used up are nobody's failure.
            let wait = self.store.wait(side, self.now)?.filter(|wait| !wait.is_daily);
            match (self.store.side_failure(side)?, wait) {
                (Some(failure), _) => sides.push(failure.into()),
                (None, Some(wait)) => sides.push(SideEntry::new(side, not_before(side, wait.why), None)),
                (None, None) => {}
            }
        }
        Ok(sides)
    }

    /// What is wrong with sides, and with these kinds, as a whole.
    pub(in crate::commands) fn troubles(&self, kinds: &[Kind]) -> anyhow::Result<Vec<EntityEntry>> {
        let report = &self.context.report;
        let lang = if report.is_json { Lang::En } else { report.lang };
        let mut found: Vec<EntityEntry> = self.sides()?.iter().map(EntityEntry::of_side).collect();
        for &kind in kinds {
            let entry = self.kind(kind)?;
            if !entry.failures.is_empty() {
                found.push(EntityEntry::of_kind(&entry, lang));
            }
        }
        Ok(found)
    }

    /// What is wrong with sides, kinds and entities, and how many entities are in error.
    pub(in crate::commands) fn troubles_of_all(&self) -> anyhow::Result<(Vec<EntityEntry>, u64)> {
        let kinds: Vec<Kind> = Kind::all().collect();
        let (mut found, mut count) = (self.troubles(&kinds)?, 0);
        for kind in kinds {
            self.each(&Part::new(kind, None, Some(State::Error), None), &mut |row| {
                count += 1;
                found.push(self.entry(&row)?);
                Ok(())
            })?;
        }
        Ok((found, count))
    }

    /// What is wrong with a kind as a whole, as far as the configuration still asks for it.
    fn failures_of(&self, kind: Kind) -> anyhow::Result<Vec<Trouble>> {
        let (is_read, is_pushed) = (self.context.config.kind(kind).enabled, self.context.is_pushed(kind));
        let mut failures = self.store.kind_failures(kind)?;
        failures.retain(|failure| if failure.stage == Stage::Push { is_read && is_pushed } else { is_read });
        let mut troubles: Vec<Trouble> = failures.into_iter().map(Trouble::from).collect();
        if is_read && is_pushed {
            troubles.extend(self.findings(kind)?);
        }
        Ok(troubles)
    }

    /// What pushes found on the board of a kind that no run can mend. Of kinds that share a board, it stands with the first.
    fn findings(&self, kind: Kind) -> anyhow::Result<Vec<Trouble>> {
        let board_of = |kind: Kind| self.context.config.kind(kind).pushed_board();
        let Some(board) = board_of(kind) else { return Ok(Vec::new()) };
        let first = Kind::all().find(|&other| self.context.is_pushed(other) && board_of(other) == Some(board));
        if first != Some(kind) {
            return Ok(Vec::new());
        }
        let since = self.now.checked_sub(FOUND_LATELY).unwrap_or(Timestamp::MIN);
        let found = self.store.board_findings(board, since)?;
        let board = board.to_owned();
        // Without a time: their age does not matter.
        let mut troubles = Vec::new();
        if found.doubles > 0 {
            let error = MondayText::KeysDoubled { board: board.clone(), count: found.doubles };
            let detail = FailureDetail::new(FailureCause::KeyDoubled, error).hint(MondayText::MendDoubled {});
            troubles.push(Trouble::new(Stage::Push, detail, None));
        }
        if found.found > 0 {
            let error = MondayText::SecondStore { board, count: found.found };
            let detail = FailureDetail::new(FailureCause::SecondStore, error).hint(MondayText::OneStorePerBoard {});
            troubles.push(Trouble::new(Stage::Push, detail, None));
        }
        Ok(troubles)
    }

    fn webhooks(&self) -> anyhow::Result<WebhooksPart> {
        let receiver = self.store.receiver()?;
        let is_alive = receiver.is_some() && self.context.receiver_is_alive();
        let unreadable = self.store.unreadable_events(MOST_UNREADABLE)?;
        Ok(WebhooksPart::new(self.store.event_counts()?, &unreadable, receiver, is_alive))
    }

    fn kind(&self, kind: Kind) -> anyhow::Result<KindEntry> {
        let state = self.store.kind_state(kind)?;
        let entity = self.context.config.kind(kind);
        let keeps_items = self.context.config.sync.on_delete == OnDelete::Keep;
        let oldest_change = match self.context.is_pushed(kind) {
            true => self.store.oldest_change(kind, keeps_items, self.now)?,
            false => None,
        };
        let mut entry = KindEntry {
            kind,
            board: entity.board.clone(),
            unavailable_text: state.unavailable.as_deref().map(Message::from_json),
            unavailable: state.unavailable.as_deref().map(|json| Message::from_json(json).to_string()),
            stuck: self.store.count_stuck(kind)?,
            leaving: if keeps_items { 0 } else { self.store.count_leaving(kind)? },
            age_seconds: state.last_pull.and_then(|at| seconds_since(at, self.now)),
            last_pull: state.last_pull,
            last_push: state.last_push,
            oldest_change,
            is_enabled: entity.enabled,
            ..KindEntry::new(kind)
        };
        entry.set_failures(self.failures_of(kind)?);
        for (state, is_linked, count) in self.store.count_states(kind, self.context.pushing(kind), self.now)? {
            entry.add(state, is_linked, count);
        }
        Ok(entry)
    }

    pub(in crate::commands) fn rows(&self, kind: Kind, key: Option<&str>) -> anyhow::Result<Vec<StateRow>> {
        self.store.list_states(kind, self.context.pushing(kind), key, self.now)
    }

    /// Hands over the entities of a part of a list.
    pub(in crate::commands) fn each(
        &self,
        part: &Part,
        work: &mut dyn FnMut(StateRow) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        for which in &part.which {
            self.store.each_state(part.kind, self.context.pushing(part.kind), which, self.now, &mut *work)?;
        }
        Ok(())
    }

    /// An entity of a list.
    pub(in crate::commands) fn entry(&self, row: &StateRow) -> anyhow::Result<EntityEntry> {
        let mut failures = match row.state {
            State::Error | State::Deleted | State::Off | State::Unlinked => self.store.failures(row.entity.id)?,
            _ => Vec::new(),
        };
        // Of an entity that is not pushed any more, only a failure to remove its item matters.
        failures
            .retain(|failure| row.state == State::Error || (failure.is_of_entity() && row.entity.item_id.is_some()));
        let pause = match row.state {
            State::Paused => self.store.pause_of(row.entity.kind, &row.entity.key, self.now)?,
            _ => None,
        };
        Ok(EntityEntry::new(row, &failures, pause))
    }
}

/// Part of a list: a kind, or an entity that is named by itself, which may also be one that is gone from HApi.
pub(in crate::commands) struct Part {
    kind: Kind,
    which: Vec<EntityFilter>,
}

impl Part {
    /// A kind, or single entities of it (`is_named`); `found`: only those of a search.
    pub(in crate::commands) fn new(
        kind: Kind,
        named: Option<Vec<i64>>,
        state: Option<State>,
        found: Option<&Vec<i64>>,
    ) -> Part {
        let is_named = named.is_some();
        let ids = match (named, found) {
            (Some(ids), Some(found)) => Some(ids.into_iter().filter(|id| found.binary_search(id).is_ok()).collect()),
            (Some(ids), None) => Some(ids),
            (None, found) => found.cloned(),
        };
        let mut which = vec![EntityFilter { state, ids: ids.clone() }];
        if is_named && state.is_none() {
            which.push(EntityFilter { state: Some(State::Deleted), ids });
        }
        Part { kind, which }
    }
}
