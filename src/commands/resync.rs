//! `hopem-sync resync`: reads entities from HApi now and sends every mapped column again, whatever the store believes.

use super::context::Context;
use super::selection::{state_of, states_of};
use super::selector::{self, Gone, Resolved, Selector};
use crate::config::{KindConfig, OnDelete};
use crate::entity::Kind;
use crate::failure::Reported;
use crate::failure::{Exit, Failure, FailureCause, FailureDetail, Stage};
use crate::message::{Lang, Message, ScreenText};
use crate::options::state;
use crate::plan::derive::DerivationRules;
use crate::plan::map::NAME;
use crate::plan::rederive::mark_dependants;
use crate::plan::selection::Selection;
use crate::plan::sent::send_again;
use crate::pull::guard::Allowed;
use crate::report::entities::{Changed, EntityState};
use crate::run::ownership::{Consent, Stages};
use crate::run::{Run, RunDocument};
use crate::store::{Entity, IfMissing, State, StateRow, Store};
use serde::Serialize;
use std::collections::HashSet;

/// Arguments of `resync`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync resync tenant:7535         read it and send all of it, now
  hopem-sync resync --state error       everything that is red
  hopem-sync resync unit --column status_1   only this column of all units
  hopem-sync resync unit --later        mark all units; the next run sends them")]
#[command(group = clap::ArgGroup::new("which").required(true).multiple(true).args(["selectors", "state"]))]
pub(crate) struct Resync {
    /// Kinds (`unit`) and entities (`unit:1472`); `-` reads them from standard input
    #[arg(value_name = "SELECTOR")]
    selectors: Vec<String>,
    /// Those in this state (of the kinds named, or of all): error, pending, synced
    #[arg(long, value_name = "STATE", value_parser = state(&[State::Error, State::Pending, State::Synced]))]
    state: Option<State>,
    /// Send only this column again, named by its title or its id; with --state error, of those of which it failed
    #[arg(long, value_name = "COLUMN")]
    column: Option<String>,
    /// Leave it to the next run
    #[arg(long)]
    later: bool,
    /// Tie unlinked entities again
    #[arg(long)]
    relink: bool,
}

/// Entities that are sent again, and those that are not.
#[derive(Debug, Default)]
struct Chosen {
    rows: Vec<StateRow>,
    /// The kinds that are meant as a whole.
    whole: Vec<Kind>,
    skipped: Changed,
    failures: Vec<Reported>,
}

/// Document of a run, and of what it was for.
#[derive(Serialize)]
struct ResyncDocument {
    #[serde(flatten)]
    changed: Changed,
    /// The entities besides of which something has to be sent now, since they show something of these.
    also_due: u64,
    #[serde(flatten)]
    run: RunDocument,
}

/// The entities of which something is to be sent, those aside that are meant.
fn due_besides(context: &Context, store: &Store, chosen: &Chosen) -> anyhow::Result<HashSet<i64>> {
    let mut due = HashSet::new();
    for kind in Kind::all().filter(|&kind| context.is_pushed(kind)) {
        due.extend(store.due_ids(kind)?);
    }
    for row in &chosen.rows {
        due.remove(&row.entity.id);
    }
    Ok(due)
}

impl Chosen {
    /// The entities that are meant by themselves.
    fn single(&self, store: &Store) -> anyhow::Result<Vec<Entity>> {
        let rows = self.rows.iter().filter(|row| !self.whole.contains(&row.entity.kind));
        let found: Vec<Option<Entity>> = rows.map(|row| store.get(row.entity.id)).collect::<anyhow::Result<_>>()?;
        Ok(found.into_iter().flatten().collect())
    }
}

/// The columns of a kind that can be sent: its key's, the mapped ones, and the item's name.
fn columns_of(entity: &KindConfig) -> impl Iterator<Item = &str> {
    let mapped = entity.columns.keys().chain(&entity.key_column).map(String::as_str);
    mapped.chain(std::iter::once(NAME))
}

impl Resync {
    /// Reads the entities again and sends them whole.
    ///
    /// # Errors
    /// Where nothing is named that the store knows, or the run cannot begin.
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let chosen = self.choose(context, &context.store_to_read()?)?;
        if self.later {
            let _lock = context.lock("resync")?;
            let mut store = context.store()?;
            self.mark_due(context, &mut store, &chosen)?;
            let changed = self.changed(context, &store, chosen)?;
            crate::report::entities::changed(&context.report, &changed)?;
            return Ok(if changed.missing.is_empty() { Exit::Ok } else { Exit::Partial });
        }
        let mut kinds: Vec<Kind> = chosen.rows.iter().map(|row| row.entity.kind).collect();
        kinds.sort();
        kinds.dedup();
        let (hapi, monday) = (context.hapi()?, context.monday(&kinds)?);
        let store = context.access.open_for_run("resync")?;
        let mut run = Run::begin(context.run_context(), "resync", store, &Consent::none(Stages::Both))?;
        let due_before = due_besides(context, &run.store, &chosen)?;
        self.mark_due(context, &mut run.store, &chosen)?;
        run.add_failures(chosen.failures.clone());
        if !chosen.rows.is_empty() {
            let single = chosen.single(&run.store)?;
            run.pull_for(&hapi, &chosen.whole, &single, &Allowed::Guarded);
        }
        let entities = chosen.rows.iter().map(|row| row.entity.entity_key()).collect();
        run.push(monday.as_ref(), Selection { kinds: Default::default(), entities }, &Allowed::Guarded, None, None);
        run.add_failures(self.left_alone(context, &run.store, &chosen)?);
        // Where the calls are used up the rest waits for the next run, and nothing has failed.
        if !self.is_done(context, &run.store, &chosen)? && run.exit() != Exit::Budget {
            run.ends_with(Exit::Partial);
        }
        let also_due = due_besides(context, &run.store, &chosen)?.difference(&due_before).count() as u64;
        if also_due > 0 {
            run.note(ScreenText::AlsoDue { count: also_due });
        }
        let changed = self.changed(context, &run.store, chosen)?;
        self.report(context, run, changed, also_due)
    }

    /// Whether monday has confirmed all that was asked for. Of an entity that turned out to be gone nothing is left to send
    /// once its item is gone too.
    fn is_done(&self, context: &Context, store: &Store, chosen: &Chosen) -> anyhow::Result<bool> {
        let keeps_items = context.config.sync.on_delete == OnDelete::Keep;
        for row in &chosen.rows {
            let rows = store.list_states(
                row.entity.kind,
                context.pushing(row.entity.kind),
                Some(&row.entity.key),
                context.now(),
            )?;
            let is_done = |row: &StateRow| match row.state {
                State::Synced => Ok(true),
                State::Deleted => Ok(row.entity.item_id.is_none() || keeps_items),
                State::Error => self.is_other_columns_fault(context, store, (row.entity.kind, row.entity.id)),
                _ => Ok(false),
            };
            let done: anyhow::Result<Vec<bool>> = rows.iter().map(is_done).collect();
            if done?.contains(&false) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What was asked for by name and is not pushed, with the reason. A kind leaves such entities out and counts them.
    fn left_alone(&self, context: &Context, store: &Store, chosen: &Chosen) -> anyhow::Result<Vec<Reported>> {
        let mut failures = Vec::new();
        for row in chosen.rows.iter().filter(|row| !chosen.whole.contains(&row.entity.kind)) {
            for EntityState { entity, state, .. } in
                state_of(context, store, row.entity.kind, &row.entity.key, context.now())?
            {
                let name = entity.to_string();
                let detail = match state {
                    State::Paused => {
                        FailureDetail::new(FailureCause::Paused, ScreenText::IsPaused { entity: name.clone() })
                            .hint(ScreenText::UseResume { entity: name })
                    }
                    State::Off => FailureDetail::new(FailureCause::Off, ScreenText::IsOff { entity: name.clone() })
                        .hint(ScreenText::UseExplain { entity: name }),
                    _ => continue,
                };
                failures.push(Reported::of_entity(row.entity.entity_key(), Stage::Push, None, detail));
            }
        }
        Ok(failures)
    }

    /// With `--column`: whether what is wrong with an entity has nothing to do with that column.
    fn is_other_columns_fault(
        &self,
        context: &Context,
        store: &Store,
        (kind, entity): (Kind, i64),
    ) -> anyhow::Result<bool> {
        let Some(column) = self.column_of(context, kind) else { return Ok(false) };
        let failures = store.failures(entity)?;
        Ok(failures.iter().all(|failure| !failure.is_of_entity() && !failure.is_of(&column)))
    }

    /// Says how it ended.
    fn report(&self, context: &Context, run: Run<'_>, changed: Changed, also_due: u64) -> anyhow::Result<Exit> {
        let result = run.end();
        if context.report.is_json {
            let document = ResyncDocument { changed, also_due, run: result.document(Lang::En) };
            context.report.json(&document)?;
            return Ok(result.exit());
        }
        context.report.show(&changed)?;
        context.conclude(&result)
    }

    /// Which entities are meant. A kind leaves out what is paused or unlinked.
    fn choose(&self, context: &Context, store: &Store) -> anyhow::Result<Chosen> {
        let now = context.now();
        let selectors = selector::parse_all(&self.selectors, &context.stop)?;
        let resolved = Resolved::of(&selectors, store, Gone::WithItem, context.clock())?;
        self.refuse_unmapped(context, &selectors)?;
        let mut chosen = Chosen { skipped: Changed::new(resolved.missing_names()), ..Chosen::default() };
        chosen.failures = resolved.failures(Stage::Pull);
        for entity in &resolved.entities {
            chosen.rows.extend(store.list_states(
                entity.row.kind,
                context.pushing(entity.row.kind),
                Some(&entity.row.key),
                now,
            )?);
        }
        self.refuse_unlinked(&mut chosen, selectors.len())?;
        let kinds: Vec<Kind> = match self.selectors.is_empty() {
            true => Kind::all().filter(|&kind| context.config.kind(kind).enabled).collect(),
            false => resolved.kinds.iter().copied().collect(),
        };
        for kind in kinds {
            let is_left_alone = |state: State| state == State::Paused || (state == State::Unlinked && !self.relink);
            let rows = store.list_states(kind, context.pushing(kind), None, now)?;
            if self.state.is_none() {
                chosen.whole.push(kind);
                chosen.skipped.skip(states_of(context, store, kind, now)?, is_left_alone);
            }
            chosen.rows.extend(rows.into_iter().filter(|row| row.state != State::Deleted && !is_left_alone(row.state)));
        }
        self.keep_wanted(context, store, &mut chosen)?;
        chosen.rows.sort_by_key(|row| (row.entity.kind, row.entity.id));
        chosen.rows.dedup_by_key(|row| row.entity.id);
        Ok(chosen)
    }

    /// The id of the column that is asked for, in the board of a kind; a word that names none is taken as an id.
    fn column_of(&self, context: &Context, kind: Kind) -> Option<String> {
        let typed = self.column.as_ref()?;
        let found = context.report.titles.get().find(kind, typed, columns_of(context.config.kind(kind)));
        Some(found.unwrap_or(typed).to_owned())
    }

    /// A column that a kind does not have is a misspelt one.
    fn refuse_unmapped(&self, context: &Context, selectors: &[Selector]) -> anyhow::Result<()> {
        let Some(typed) = &self.column else { return Ok(()) };
        for kind in selectors.iter().map(Selector::kind) {
            let entity = context.config.kind(kind);
            let titles = context.report.titles.get();
            if titles.find(kind, typed, columns_of(entity)).is_none() {
                let error = ScreenText::ColumnNotMapped { kind, column: typed.clone() };
                let columns = entity.columns.keys().map(|id| titles.with_id(kind, id)).collect();
                return Err(Failure::usage(error).help(ScreenText::MappedColumnsAre { columns }).into());
            }
        }
        Ok(())
    }

    /// An entity that was unlinked by a person stays so, unless that is asked for.
    fn refuse_unlinked(&self, chosen: &mut Chosen, selectors: usize) -> anyhow::Result<()> {
        if self.relink {
            return Ok(());
        }
        let (refused, kept): (Vec<StateRow>, Vec<StateRow>) =
            chosen.rows.drain(..).partition(|row| row.state == State::Unlinked);
        chosen.rows = kept;
        for row in refused {
            let entity = row.entity.entity_key().to_string();
            let (error, hint): (Message, Message) = (
                ScreenText::IsUnlinked { entity: entity.clone() }.into(),
                ScreenText::UseRelink { entity: entity.clone() }.into(),
            );
            if selectors == 1 {
                return Err(Failure::usage(error).help(hint).into());
            }
            chosen.skipped.missing.push(entity.clone());
            let detail = FailureDetail::new(FailureCause::Unlinked, error).hint(hint);
            chosen.failures.push(Reported::of_entity(row.entity.entity_key(), Stage::Push, None, detail));
        }
        Ok(())
    }

    /// Only those in the state asked for, and only those of which the column asked for failed.
    fn keep_wanted(&self, context: &Context, store: &Store, chosen: &mut Chosen) -> anyhow::Result<()> {
        if let Some(state) = self.state {
            chosen.rows.retain(|row| row.state == state);
        }
        if self.column.is_some() && self.state == Some(State::Error) {
            let mut kept = Vec::new();
            for row in chosen.rows.drain(..) {
                let Some(column) = &self.column_of(context, row.entity.kind) else { continue };
                if store.failures(row.entity.id)?.iter().any(|failure| failure.is_of(column)) {
                    kept.push(row);
                }
            }
            chosen.rows = kept;
        }
        Ok(())
    }

    fn mark_due(&self, context: &Context, store: &mut Store, chosen: &Chosen) -> anyhow::Result<()> {
        let derivation = DerivationRules::known(&context.config, store)?;
        let if_missing = if self.relink { IfMissing::MakeAgain } else { IfMissing::AsConfigured };
        store.write(|tx| {
            for row in &chosen.rows {
                if self.relink && row.state == State::Unlinked {
                    tx.end_unlink(row.entity.id)?;
                    tx.link_again(row.entity.id)?;
                    if let Some(entity) = tx.get(row.entity.id)? {
                        mark_dependants(tx, &derivation, entity.row.kind, &entity.record)?;
                    }
                }
                match self.column_of(context, row.entity.kind) {
                    Some(column) => send_again(tx, row.entity.id, &column)?,
                    None => tx.send_all_again(row.entity.id, if_missing)?,
                }
            }
            Ok(())
        })
    }

    /// Their states now.
    fn changed(&self, context: &Context, store: &Store, chosen: Chosen) -> anyhow::Result<Changed> {
        let now = context.now();
        let mut changed = chosen.skipped;
        for row in chosen.rows {
            changed.add(state_of(context, store, row.entity.kind, &row.entity.key, now)?);
        }
        Ok(changed)
    }
}
