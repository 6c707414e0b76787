//! Finding the item that an entity belongs to: by its key, by the columns that identify it, by its name.

use super::Setup;
use super::catalog::Catalog;
use super::drift::{BoardCheck, inspect};
use super::identity::{identity_observed, identity_of, wanted_of};
use super::items::content_of;
use crate::entity::{EntityKey, Kind};
use crate::monday::Item;
use crate::plan::keys::key_text;
use crate::plan::map::NAME;
use crate::plan::selection::Selection;
use crate::plan::sent;
use crate::store::{Entity, SentColumns, Store};
use crate::text::case_folded;
use crate::word::words;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

words! {
    /// Reason that speaks for an item.
    pub(crate) enum MatchReason {
        /// Its key column holds the entity's key.
        Key = "key",
        /// Its identity columns show what the entity's do.
        Identity = "identity",
        /// It has the entity's name.
        Name = "name",
    }
}

/// Candidate: an item that an entity may belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// The item.
    pub(crate) item_id: String,
    /// Its name.
    pub(crate) name: String,
    /// What speaks for it, the strongest first.
    pub(crate) why: BTreeSet<MatchReason>,
    /// What it shows, to be kept in place of what was sent.
    pub(crate) observed: SentColumns,
}

/// Search for the item of an entity, and what it found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ItemSearch {
    /// The entity.
    pub(crate) entity: Entity,
    /// The items.
    pub(crate) candidates: Vec<Candidate>,
}

impl ItemSearch {
    /// The one item that a machine may choose: the only one with the key, or, where there is none, the only one that is
    /// identified.
    pub(crate) fn only_one(&self) -> Option<&Candidate> {
        for reason in [MatchReason::Key, MatchReason::Identity] {
            let mut fitting = self.candidates.iter().filter(|candidate| candidate.why.contains(&reason));
            match (fitting.next(), fitting.next()) {
                (None, _) => {}
                (only, None) => return only,
                (Some(_), Some(_)) => return None,
            }
        }
        None
    }

    /// The items that a person has to choose from: those with the key, else those that are identified.
    pub(crate) fn to_choose_from(&self) -> Vec<&Candidate> {
        let with =
            |reason: MatchReason| self.candidates.iter().filter(move |candidate| candidate.why.contains(&reason));
        let by_key: Vec<&Candidate> = with(MatchReason::Key).collect();
        if by_key.is_empty() { with(MatchReason::Identity).collect() } else { by_key }
    }
}

/// Looks for the items of entities without one. Items that another entity holds, or that bear the key of another one, are
/// nobody's candidates.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(crate) fn candidates(
    setup: Setup<'_>,
    store: &mut Store,
    selection: &Selection,
    wanted: &[Entity],
) -> anyhow::Result<BoardCheck<Vec<ItemSearch>>> {
    inspect(setup, store, &selection.touched_kinds(), |at, board, kinds, found: &mut Vec<ItemSearch>| {
        let columns = at.catalog.columns_to_compare(board, kinds);
        let Some(items) = at.items(board, kinds, &columns)? else { return Ok(()) };
        let linked = at.linked(board)?;
        let holders: HashMap<&str, i64> =
            linked.iter().map(|linked| (linked.row.item_id.as_str(), linked.row.id)).collect();
        for &kind in kinds {
            let index = Index::of(at.setup, at.store, kind, &items)?;
            for entity in wanted.iter().filter(|entity| entity.row.kind == kind) {
                let is_free = |item: &Item| holders.get(item.id.as_str()).is_none_or(|holder| *holder == entity.row.id);
                let features = features(at.setup, at.catalog, at.store, entity)?;
                found.push(ItemSearch { entity: entity.clone(), candidates: index.candidates(&features, is_free) });
            }
        }
        Ok(())
    })
}

/// Items by their ids, with what they show, as far as they are active on the board of the kind.
///
/// # Errors
/// Where the store cannot be read or written, or nothing can be sent at all.
pub(crate) fn item(
    setup: Setup<'_>,
    store: &mut Store,
    kind: Kind,
    ids: &[&str],
) -> anyhow::Result<BoardCheck<BTreeMap<String, Candidate>>> {
    let kinds = [kind].into_iter().collect();
    inspect(setup, store, &kinds, |at, board, kinds, found: &mut BTreeMap<String, Candidate>| {
        let columns = at.catalog.columns_to_compare(board, kinds);
        let items = at.placed_items(board, kinds, ids, &columns)?.unwrap_or_default();
        for placed in items.into_iter().filter(|placed| placed.is_on(board)) {
            found.insert(placed.item.id.clone(), candidate(&placed.item, BTreeSet::new()));
        }
        Ok(())
    })
}

fn candidate(item: &Item, why: BTreeSet<MatchReason>) -> Candidate {
    Candidate {
        item_id: item.id.clone(),
        name: item.name.clone(),
        why,
        observed: sent::all_observed(&content_of(item)),
    }
}

/// Features by which an entity can be recognised.
struct Features {
    key: String,
    identity: Option<Vec<String>>,
    name: Option<String>,
}

/// Index of the items of a board by what they can be recognised by.
#[derive(Default)]
struct Index<'i> {
    by_key: HashMap<String, Vec<&'i Item>>,
    by_identity: HashMap<Vec<String>, Vec<&'i Item>>,
    by_name: HashMap<String, Vec<&'i Item>>,
}

impl<'i> Index<'i> {
    fn of(setup: Setup<'_>, store: &Store, kind: Kind, items: &'i [Item]) -> anyhow::Result<Index<'i>> {
        let config = setup.kind(kind);
        let key_column = config.target().map(|target| target.key_column);
        let mut index = Index::default();
        for item in items {
            let key = key_column.and_then(|column| item.columns.get(column)).and_then(key_text);
            if let Some(key) = &key {
                index.by_key.entry(key.clone()).or_default().push(item);
            }
            // An item with the key of an entity is that entity's, and no candidate for another one.
            if is_key_of_an_entity(store, key.as_deref())? {
                continue;
            }
            let identity = identity_observed(config, item);
            if let Some(identity) = identity {
                index.by_identity.entry(identity).or_default().push(item);
            }
            index.by_name.entry(case_folded(item.name.trim())).or_default().push(item);
        }
        Ok(index)
    }

    fn candidates(&self, features: &Features, is_free: impl Fn(&Item) -> bool) -> Vec<Candidate> {
        let identified = features.identity.as_ref().and_then(|identity| self.by_identity.get(identity));
        let named = features.name.as_ref().and_then(|name| self.by_name.get(&case_folded(name.trim())));
        let reasons = [
            (MatchReason::Key, self.by_key.get(&features.key)),
            (MatchReason::Identity, identified),
            (MatchReason::Name, named),
        ];
        let mut found: BTreeMap<&str, (&Item, BTreeSet<MatchReason>)> = BTreeMap::new();
        for (reason, items) in reasons {
            for item in items.into_iter().flatten().filter(|item| is_free(item)) {
                found.entry(&item.id).or_insert_with(|| (item, BTreeSet::new())).1.insert(reason);
            }
        }
        let mut found: Vec<Candidate> = found.into_values().map(|(item, why)| candidate(item, why)).collect();
        // The best first; of equals the older item.
        found.sort_by_key(|candidate| {
            let rank = candidate.why.first().copied();
            (rank, std::cmp::Reverse(candidate.why.len()), candidate.item_id.len(), candidate.item_id.clone())
        });
        found
    }
}

/// Whether a key is that of an entity that there is.
fn is_key_of_an_entity(store: &Store, key: Option<&str>) -> anyhow::Result<bool> {
    // What `key_text` gives of a key is its selector; whatever else stands there names nobody.
    let Some(key) = key.and_then(|key| key.parse::<EntityKey>().ok()) else { return Ok(false) };
    Ok(store.find(key.kind, &key.key)?.is_some_and(|found| !found.is_deleted()))
}

fn features(setup: Setup<'_>, catalog: &Catalog<'_>, store: &Store, stored: &Entity) -> anyhow::Result<Features> {
    let key = stored.row.entity_key().to_string();
    let Some(wanted) = wanted_of(setup, store, catalog.columns_of(stored.row.kind), stored)? else {
        return Ok(Features { key, identity: None, name: None });
    };
    let identity = identity_of(setup.kind(stored.row.kind), &wanted);
    let name = wanted.columns.get(NAME).and_then(Value::as_str).map(str::to_owned);
    Ok(Features { key, identity, name })
}

/// Items that several entities could claim are left to people: takes them out of what a machine may choose.
pub(crate) fn claimed_once(searches: &[ItemSearch]) -> HashSet<String> {
    let mut claims: HashMap<&str, u32> = HashMap::new();
    for candidate in searches.iter().filter_map(ItemSearch::only_one) {
        *claims.entry(&candidate.item_id).or_default() += 1;
    }
    claims.into_iter().filter(|(_, count)| *count == 1).map(|(item, _)| item.to_owned()).collect()
}
