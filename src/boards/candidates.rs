//! Finding the item that an entity belongs to: by its key, by the columns that identify it, by its name.

use crate::boards::drift::{Looked, look};
use crate::entity::{Kind, Record};
use crate::monday::Item;
use crate::monday::column::shown_text;
use crate::plan::keys::key_text;
use crate::plan::map::{self, NAME, Rules};
use crate::plan::relations::parent_of;
use crate::plan::sent;
use crate::push::adoption::everything_of;
use crate::push::engine::Engine;
use crate::push::run::Push;
use crate::store::{Store, Stored};
use crate::text::{folded, nfc, trimmed};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// What speaks for an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Its key column holds the entity's key.
    Key,
    /// Its identity columns show what the entity's do.
    Identity,
    /// It has the entity's name.
    Name,
}

impl Reason {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Reason::Key => "key",
            Reason::Identity => "identity",
            Reason::Name => "name",
        }
    }
}

/// An item that an entity may belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The item.
    pub item_id: String,
    /// Its name.
    pub name: String,
    /// What speaks for it, the strongest first.
    pub why: BTreeSet<Reason>,
    /// What it shows, to be kept in place of what was sent.
    pub shows: String,
}

/// An entity and the items that it may belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The entity.
    pub entity: Stored,
    /// The items.
    pub candidates: Vec<Candidate>,
}

impl Wanted {
    /// The one item that a machine may choose: the only one with the key, or, where there is none, the only one that is
    /// identified.
    pub fn only_one(&self) -> Option<&Candidate> {
        for reason in [Reason::Key, Reason::Identity] {
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
    pub fn to_choose_from(&self) -> Vec<&Candidate> {
        let with = |reason: Reason| self.candidates.iter().filter(move |candidate| candidate.why.contains(&reason));
        let by_key: Vec<&Candidate> = with(Reason::Key).collect();
        if by_key.is_empty() { with(Reason::Identity).collect() } else { by_key }
    }
}

/// Looks for the items of entities without one. Items that another entity holds, or that bear the key of another one, are
/// nobody's candidates.
pub fn candidates(push: &Push<'_>, store: &mut Store, wanted: &[Stored]) -> anyhow::Result<Looked<Vec<Wanted>>> {
    look(push, store, |engine, board, kinds, found: &mut Vec<Wanted>| {
        let columns = engine.columns_to_compare(board, kinds);
        let Some(items) = engine.items_or_failure(board, kinds, &columns)? else { return Ok(()) };
        let linked = engine.store.linked(board, engine.now())?;
        let holders: HashMap<&str, i64> = linked.iter().map(|linked| (linked.item_id.as_str(), linked.id)).collect();
        for &kind in kinds {
            let index = engine.index(kind, &items)?;
            for entity in wanted.iter().filter(|entity| entity.kind == kind) {
                let is_free = |item: &Item| holders.get(item.id.as_str()).is_none_or(|holder| *holder == entity.id);
                let candidates = index.candidates(&engine.features(entity)?, is_free);
                found.push(Wanted { entity: entity.clone(), candidates });
            }
        }
        Ok(())
    })
}

/// One item, wherever it is, with what it shows; `None` where it is not active on the board of the kind.
pub fn item(
    push: &Push<'_>,
    store: &mut Store,
    kind: Kind,
    ids: &[&str],
) -> anyhow::Result<Looked<BTreeMap<String, Candidate>>> {
    look(push, store, |engine, board, kinds, found: &mut BTreeMap<String, Candidate>| {
        if !kinds.contains(&kind) {
            return Ok(());
        }
        let columns = engine.columns_to_compare(board, &[kind]);
        let items = engine.placed_items(board, &[kind], ids, &columns)?.unwrap_or_default();
        for placed in items.into_iter().filter(|placed| placed.is_on(board)) {
            found.insert(placed.item.id.clone(), candidate(&placed.item, BTreeSet::new()));
        }
        Ok(())
    })
}

fn candidate(item: &Item, why: BTreeSet<Reason>) -> Candidate {
    Candidate { item_id: item.id.clone(), name: item.name.clone(), why, shows: sent::marks(&everything_of(item)) }
}

/// By what an entity can be recognised.
struct Features {
    key: String,
    identity: Option<Vec<String>>,
    name: Option<String>,
}

/// The items of a board by what they can be recognised by.
#[derive(Default)]
struct Index<'i> {
    by_key: HashMap<String, Vec<&'i Item>>,
    by_identity: HashMap<Vec<String>, Vec<&'i Item>>,
    by_name: HashMap<String, Vec<&'i Item>>,
}

impl Index<'_> {
    fn candidates(&self, features: &Features, is_free: impl Fn(&Item) -> bool) -> Vec<Candidate> {
        let identified = features.identity.as_ref().and_then(|identity| self.by_identity.get(identity));
        let named = features.name.as_ref().and_then(|name| self.by_name.get(&folded(name.trim())));
        let reasons =
            [(Reason::Key, self.by_key.get(&features.key)), (Reason::Identity, identified), (Reason::Name, named)];
        let mut found: BTreeMap<&str, (&Item, BTreeSet<Reason>)> = BTreeMap::new();
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

impl Engine<'_, '_> {
    fn index<'i>(&self, kind: Kind, items: &'i [Item]) -> anyhow::Result<Index<'i>> {
        let entity = self.entity(kind);
        let key_column = entity.key_column.as_deref().unwrap_or_default();
        let mut index = Index::default();
        for item in items {
            let key = item.columns.get(key_column).and_then(key_text);
            if let Some(key) = &key {
                index.by_key.entry(key.clone()).or_default().push(item);
            }
            // What bears the key of an entity is that one's, however much it looks like another.
            if self.is_key_of_an_entity(key.as_deref())? {
                continue;
            }
            let identity = self.identity_shown(kind, item).filter(|identity| !identity.is_empty());
            if let Some(identity) = identity {
                index.by_identity.entry(identity).or_default().push(item);
            }
            index.by_name.entry(folded(item.name.trim())).or_default().push(item);
        }
        Ok(index)
    }

    /// Whether a key is that of an entity that there is.
    fn is_key_of_an_entity(&self, key: Option<&str>) -> anyhow::Result<bool> {
        let Some((kind, key)) = key.and_then(|key| key.split_once(':')) else { return Ok(false) };
        let Some(kind) = Kind::all().find(|known| known.name() == kind) else { return Ok(false) };
        Ok(self.store.find(kind, key)?.is_some_and(|found| !found.is_deleted))
    }

    fn features(&self, stored: &Stored) -> anyhow::Result<Features> {
        let key = format!("{}:{}", stored.kind, stored.key);
        let entity = self.entity(stored.kind);
        let board = entity.board.as_deref().and_then(|board| self.boards.get(board)).map(|board| &board.columns);
        let Ok(record) = Record::parse(&stored.record) else {
            return Ok(Features { key, identity: None, name: None });
        };
        let (push, store) = (self.push, &*self.store);
        let rules = Rules { create_labels: true, ..Rules::of(push.config) };
        let mapped = map::map(entity, &stored.key, &record, board, rules, |parent| {
            parent_of(store, push.config, push.shapes, stored.kind, &record, parent)
        })?;
        let identity = (!entity.identity.is_empty())
            .then(|| entity.identity.iter().map(|column| shown_text(mapped.columns.get(column)?)).collect())
            .flatten();
        let name = mapped.columns.get(NAME).and_then(Value::as_str).map(str::to_owned);
        Ok(Features { key, identity, name })
    }

    /// What an item shows in the columns that identify a kind; `None` where one of them is blank.
    pub(crate) fn identity_shown(&self, kind: Kind, item: &Item) -> Option<Vec<String>> {
        let text = |column: &String| {
            let text = item.columns.get(column)?.text.as_deref().map(|text| nfc(trimmed(text)).into_owned());
            text.filter(|text| !text.is_empty())
        };
        self.entity(kind).identity.iter().map(text).collect()
    }
}

/// Items that several entities could claim are left to people: takes them out of what a machine may choose.
pub fn claimed_once(wanted: &[Wanted]) -> HashSet<String> {
    let mut claims: HashMap<&str, u32> = HashMap::new();
    for candidate in wanted.iter().filter_map(Wanted::only_one) {
        *claims.entry(&candidate.item_id).or_default() += 1;
    }
    claims.into_iter().filter(|(_, count)| *count == 1).map(|(item, _)| item.to_owned()).collect()
}
