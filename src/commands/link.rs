//! `hopem-sync link`: attaches entities to items that are there already.

use super::context::Context;
use super::inspection;
use super::selector::{self, Gone, Resolved, Selector};
use crate::boards::candidates::{self, Candidate, ItemSearch};
use crate::entity::{EntityKey, Kind};
use crate::failure::{Exit, Failure};
use crate::message::{LinkText, RunText};
use crate::plan::derive::DerivationRules;
use crate::plan::rederive::mark_dependants;
use crate::plan::selection::Selection;
use crate::report::link::{Ambiguous, Attached, Found, Linking};
use crate::run::ownership::{self, Consent, Stages};
use crate::store::{Entity, State, Store};

/// Arguments of `link`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync link tenant:7535              list the items that it may belong to
  hopem-sync link tenant:7535 18273645     attach it to this one
  hopem-sync link --auto unit --dry-run    which units would find their items, and which would not")]
pub(crate) struct Link {
    /// An entity (`unit:1472`); with --auto a kind (`unit`), all if it is left out
    #[arg(value_name = "SELECTOR", required_unless_present = "auto")]
    selector: Option<String>,
    /// The item; without it, candidates are listed
    #[arg(value_name = "ITEM_ID", conflicts_with = "auto")]
    item_id: Option<String>,
    /// Attach what has exactly one match: by the key column, then by the identity columns
    #[arg(long)]
    auto: bool,
    /// With --auto: show what would be attached
    #[arg(short = 'n', long, requires = "auto")]
    dry_run: bool,
}

impl Link {
    /// Attaches, or lists what could be attached.
    ///
    /// # Errors
    /// Where the words do not fit together, monday cannot be asked, or the store cannot be written.
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let selector = self.selector.as_deref().map(Selector::parse).transpose()?;
        match (selector, &self.item_id) {
            (Some(Selector::Entity(entity)), None) if !self.auto => list(context, entity),
            (Some(Selector::Entity(entity)), Some(item)) => attach(context, entity, item.trim()),
            (Some(Selector::Kind(kind)), _) if self.auto => self.match_all(context, &[kind]),
            (None, _) => self.match_all(context, &selector::kinds(&[], &context.config)?),
            _ => Err(Failure::usage(LinkText::OneEntity {}).help(LinkText::OrAuto {}).into()),
        }
    }

    /// Attaches every entity without an item that has exactly one match.
    fn match_all(&self, context: &Context, kinds: &[Kind]) -> anyhow::Result<Exit> {
        let _lock = if self.dry_run { None } else { Some(context.lock("link")?) };
        let kinds: Vec<Kind> = kinds.iter().copied().filter(|&kind| context.is_pushed(kind)).collect();
        let mut store = if self.dry_run { context.store_to_read()?.copy_in_memory()? } else { context.store()? };
        refuse_others(context, &mut store)?;
        let linking = if self.dry_run { Linking::Rehearsed } else { Linking::Done };
        let mut found = Found { linking, ..Found::default() };
        let unlinked = without_items(context, &store, &kinds, &mut found)?;
        let selection = Selection::of_kinds(&kinds);
        let inspected = inspection::read(context, &store, selection, |setup, store, selection| {
            candidates::candidates(setup, store, selection, &unlinked)
        })?;
        let free = candidates::claimed_once(&inspected.found);
        for wanted in &inspected.found {
            let name = wanted.entity.row.entity_key().to_string();
            let chosen = wanted.only_one().filter(|candidate| free.contains(&candidate.item_id));
            match chosen {
                Some(_) if store.is_under_way(wanted.entity.row.id)? => found.unmatched.push(name),
                Some(candidate) => {
                    if linking == Linking::Done {
                        link_item(context, &mut store, &wanted.entity, candidate)?;
                    }
                    found.linked.push(Attached { entity: name, item_id: candidate.item_id.clone() });
                }
                None if wanted.to_choose_from().is_empty() => found.unmatched.push(name),
                None => found.ambiguous.push(Ambiguous::new(name, &wanted.to_choose_from())),
            }
        }
        let exit = inspection::finish(context, &inspected);
        context.report.show(&found)?;
        Ok(exit)
    }
}

/// The entities that a machine may look for: those without an item, but for those that people set aside.
fn without_items(context: &Context, store: &Store, kinds: &[Kind], found: &mut Found) -> anyhow::Result<Vec<Entity>> {
    let now = context.now();
    let mut unlinked = Vec::new();
    for &kind in kinds {
        for row in store.list_states(kind, context.pushing(kind), None, now)? {
            match row.state {
                _ if row.entity.item_id.is_some() => {}
                State::Deleted | State::Off => {}
                State::Paused | State::Unlinked => found.skipped += 1,
                _ => unlinked.extend(store.get(row.entity.id)?),
            }
        }
    }
    Ok(unlinked)
}

/// Lists what an entity may belong to.
fn list(context: &Context, entity: EntityKey) -> anyhow::Result<Exit> {
    let store = context.store_to_read()?;
    let entity = one(context, &store, entity)?;
    let selection = Selection::of_kinds(&[entity.row.kind]);
    let wanted = [entity];
    let inspected = inspection::read(context, &store, selection, |setup, store, selection| {
        candidates::candidates(setup, store, selection, &wanted)
    })?;
    let mut found = Found::default();
    for ItemSearch { entity, candidates } in &inspected.found {
        match candidates.as_slice() {
            [] => found.unmatched.push(entity.row.entity_key().to_string()),
            _ => found
                .ambiguous
                .push(Ambiguous::new(entity.row.entity_key().to_string(), &candidates.iter().collect::<Vec<_>>())),
        }
    }
    let exit = inspection::finish(context, &inspected);
    context.report.show(&found)?;
    Ok(exit)
}

/// Refuses to link anything where the items are on other boards, or the keys are made of other properties, than configured.
fn refuse_others(context: &Context, store: &mut Store) -> anyhow::Result<()> {
    ownership::check(store, &context.config, "link", &Consent::none(Stages::Push), context.now()).map(drop)
}

/// Attaches one entity to one item.
fn attach(context: &Context, entity: EntityKey, item: &str) -> anyhow::Result<Exit> {
    let _lock = context.lock("link")?;
    let mut store = context.store()?;
    refuse_others(context, &mut store)?;
    let entity = one(context, &store, entity)?;
    let name = entity.row.entity_key().to_string();
    if item.is_empty() || !item.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Failure::usage(LinkText::NoItemId { item: item.to_owned() }).help(LinkText::ItemIdIs {}).into());
    }
    refuse_held(&store, &entity, item)?;
    let own = entity.row.item_id.clone().filter(|own| own != item);
    let ids: Vec<&str> = [item].into_iter().chain(own.as_deref()).collect();
    let selection = Selection::of_kinds(&[entity.row.kind]);
    let inspected = inspection::read(context, &store, selection, |setup, store, _| {
        candidates::item(setup, store, entity.row.kind, &ids)
    })?;
    let exit = inspection::finish(context, &inspected);
    if exit != Exit::Ok {
        return Err(Failure::new(exit, LinkText::NothingAttached {}).into());
    }
    if let Some(own) = own.filter(|own| inspected.found.contains_key(own) && is_on_board(context, &entity)) {
        let what = LinkText::HasAnotherItem { entity: name.clone(), item: own };
        return Err(Failure::usage(what).help(LinkText::UnlinkFirst { entity: name }).into());
    }
    let board = board_of(context, &entity)?.to_owned();
    let Some(candidate) = inspected.found.get(item) else {
        let what = LinkText::NotOnBoard { item: item.to_owned(), board };
        return Err(Failure::usage(what).help(LinkText::ListCandidates { entity: name }).into());
    };
    link_item(context, &mut store, &entity, candidate)?;
    let linked = vec![Attached { entity: name, item_id: item.to_owned() }];
    context.report.show(&Found { linked, ..Found::default() })?;
    Ok(Exit::Ok)
}

/// The board that the items of an entity's kind stand on.
fn board_of<'c>(context: &'c Context, entity: &Entity) -> anyhow::Result<&'c str> {
    let target = context.config.kind(entity.row.kind).target();
    let not_pushed = || Failure::usage(LinkText::NotPushed { entity: entity.row.entity_key().to_string() });
    Ok(target.ok_or_else(not_pushed)?.board)
}

fn is_on_board(context: &Context, entity: &Entity) -> bool {
    entity.row.board.as_deref() == context.config.kind(entity.row.kind).pushed_board()
}

/// The entity that is named, if it is one that is pushed.
fn one(context: &Context, store: &Store, entity: EntityKey) -> anyhow::Result<Entity> {
    let kind = entity.kind;
    selector::require_enabled(kind, &context.config)?;
    let resolved = Resolved::of(&[Selector::Entity(entity)], store, Gone::LeftOut, context.clock())?;
    let entity = resolved.entities.into_iter().next();
    let entity = entity.ok_or_else(|| Failure::usage(RunText::NeedsOneSelector {}))?;
    let rows = store.list_states(kind, context.pushing(kind), Some(&entity.row.key), context.now())?;
    if rows.iter().any(|row| row.state == State::Off) {
        return Err(Failure::usage(LinkText::NotPushed { entity: entity.row.entity_key().to_string() }).into());
    }
    Ok(entity)
}

/// An item that another entity holds is refused, and so is an entity of which it is not known whether an item is being made.
fn refuse_held(store: &Store, entity: &Entity, item: &str) -> anyhow::Result<()> {
    if store.is_under_way(entity.row.id)? {
        let entity = entity.row.entity_key().to_string();
        return Err(Failure::usage(LinkText::UnderWay { entity }).help(LinkText::PushFirst {}).into());
    }
    match store.holder_of(item)? {
        Some(holder) if holder.row.id != entity.row.id && holder.is_deleted() => {
            let (item, holder) = (item.to_owned(), holder.row.entity_key().to_string());
            let what = LinkText::ItemHeldByGone { item, holder: holder.clone() };
            let entity = entity.row.entity_key().to_string();
            Err(Failure::usage(what).help(LinkText::LetGoOfGone { holder, entity }).into())
        }
        Some(holder) if holder.row.id != entity.row.id => {
            let holder = holder.row.entity_key().to_string();
            let what = LinkText::ItemHeld { item: item.to_owned(), holder: holder.clone() };
            Err(Failure::usage(what).help(LinkText::LetGo { holder }).into())
        }
        _ => Ok(()),
    }
}

/// Links an entity to an item, and marks who links to it.
fn link_item(context: &Context, store: &mut Store, entity: &Entity, candidate: &Candidate) -> anyhow::Result<()> {
    let board = board_of(context, entity)?;
    let derivation = DerivationRules::known(&context.config, store)?;
    store.write(|tx| {
        tx.link(entity.row.id, board, &candidate.item_id, &candidate.observed)?;
        mark_dependants(tx, &derivation, entity.row.kind, &entity.record)
    })
}
