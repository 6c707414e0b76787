//! A changed `key`: each entity gets the new one from its stored record, and keeps its item, its links and its story.

use crate::entity::{BadRecord, EntityKey, Kind, Record};
use crate::failure::Failure;
use crate::message::{Message, OwnershipText};
use crate::store::{Entity, Store, Tx};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Plan of what a kind's keys become.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct RekeyPlan {
    /// The properties that they are made of from now on.
    properties: Vec<String>,
    /// Old and new key by entity, where they differ.
    keys: BTreeMap<i64, (String, String)>,
    /// The entities that are gone and get no key: they are removed.
    over: Vec<i64>,
}

impl RekeyPlan {
    /// What people should know of it.
    pub(crate) fn note(&self, kind: Kind) -> Option<Message> {
        let count = self.keys.len() as u64;
        (count > 0).then(|| OwnershipText::Rekeyed { kind, count }.into())
    }

    /// Writes it.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn apply(&self, tx: &Tx<'_>, kind: Kind) -> anyhow::Result<()> {
        if !self.keys.is_empty() || !self.over.is_empty() {
            tx.rekey(kind, &self.keys, &self.over)?;
        }
        tx.set_key_properties(kind, &self.properties)
    }
}

/// What is to be done where a kind's `key` is not the one that its stored keys are made of; `None`: nothing.
///
/// # Errors
/// As usage where keys would differ and that was not asked for, or where they cannot be made; and where the store cannot be
/// read.
pub(crate) fn plan(
    store: &Store,
    kind: Kind,
    properties: &[String],
    command: &str,
    is_asked: bool,
) -> anyhow::Result<Option<RekeyPlan>> {
    let known = store.key_properties(kind)?;
    if known.as_deref() == Some(properties) {
        return Ok(None);
    }
    let all = store.all_and_deleted(kind)?;
    let same = RekeyPlan { properties: properties.to_vec(), ..RekeyPlan::default() };
    if is_made_of(&all, properties, known.is_some()) {
        return Ok(Some(same));
    }
    if !is_asked {
        let given = properties.to_vec();
        let what = match known {
            Some(known) => OwnershipText::KeyChanged { kind, known, given },
            None => OwnershipText::KeyDiffers { kind, given },
        };
        return Err(Failure::usage(what).help(OwnershipText::UseRekey { command: command.to_owned() }).into());
    }
    let count = store.count_under_way(kind)?;
    if count > 0 {
        let failure = Failure::usage(OwnershipText::RekeyUnderWay { kind, count });
        return Err(failure.help(OwnershipText::RekeyUnderWayHint { kind }).into());
    }
    new_keys(kind, &all, properties).map(Some)
}

/// Whether the keys are what these properties make of the records. `is_strict`: also those that cannot be made count as others.
/// Else, where nobody noted what they are made of, it will do that most come out the same: an older version may have spelt some
/// otherwise.
fn is_made_of(all: &[Entity], properties: &[String], is_strict: bool) -> bool {
    let mut made =
        all.iter().filter(|entity| !entity.is_over()).map(|entity| (key_of(entity, properties), &entity.row.key));
    match is_strict {
        true => made.all(|(made, key)| made.as_ref() == Ok(key)),
        false => {
            let same: Vec<bool> = made.filter_map(|(made, key)| Some(made.ok()? == *key)).collect();
            let count = same.iter().filter(|is_same| **is_same).count();
            count * 2 > same.len() || all.iter().all(|entity| entity.is_over())
        }
    }
}

fn key_of(entity: &Entity, properties: &[String]) -> Result<String, BadRecord> {
    Record::parse(&entity.record)?.key(properties)
}

/// The new keys, and the entities that are gone and stand in the way of one, or can have none.
fn new_keys(kind: Kind, all: &[Entity], properties: &[String]) -> anyhow::Result<RekeyPlan> {
    let mut owners: BTreeMap<String, &Entity> = BTreeMap::new();
    let (mut over, mut without, mut twice) = (Vec::new(), Vec::new(), Vec::new());
    // Entities that are there go before deleted ones where both would get the same key.
    let (past, present): (Vec<&Entity>, Vec<&Entity>) = all.iter().partition(|entity| entity.is_over());
    for entity in present.into_iter().chain(past) {
        match key_of(entity, properties) {
            Ok(key) => match owners.entry(key) {
                Entry::Vacant(place) => _ = place.insert(entity),
                Entry::Occupied(_) if entity.is_over() => over.push(entity.row.id),
                Entry::Occupied(owner) => twice.push((*owner.get(), entity, owner.key().clone())),
            },
            Err(_) if entity.is_over() => over.push(entity.row.id),
            Err(why) => without.push((entity, why)),
        }
    }
    let name = |key: &str| EntityKey::new(kind, key).to_string();
    if let Some((entity, why)) = without.first() {
        let property = match why {
            BadRecord::NoKey { property } => property.clone(),
            _ => properties.join(", "),
        };
        let (count, example) = (without.len() as u64, name(&entity.row.key));
        let failure = Failure::usage(OwnershipText::RekeyWithout { kind, count, property: property.clone(), example });
        return Err(failure.help(OwnershipText::RekeyWithoutHint { kind, property }).into());
    }
    if let Some((first, second, key)) = twice.first() {
        let (count, key) = (twice.len() as u64, name(key));
        let (first, second) = (name(&first.row.key), name(&second.row.key));
        let failure = Failure::usage(OwnershipText::RekeyTwice { kind, count, first, second, key });
        return Err(failure.help(OwnershipText::RekeyTwiceHint { kind }).into());
    }
    let keys = owners.into_iter().map(|(key, entity)| (entity.row.id, (entity.row.key.clone(), key)));
    let keys = keys.filter(|(_, (old, new))| old != new).collect();
    Ok(RekeyPlan { properties: properties.to_vec(), keys, over })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{DeletionReason, EntityRow};
    use serde_json::json;

    fn entity(id: i64, code: &str, is_over: bool) -> Entity {
        with_record(id, json!({"Id": id, "Code": code}).to_string(), is_over)
    }

    fn with_record(id: i64, record: String, is_over: bool) -> Entity {
        let row = EntityRow { id, kind: Kind::UNIT, key: id.to_string(), board: None, item_id: None };
        Entity { row, name: String::new(), record, deleted: is_over.then_some(DeletionReason::Gone) }
    }

    fn keys_of(all: &[Entity]) -> Result<(Vec<String>, Vec<i64>), String> {
        let plan = new_keys(Kind::UNIT, all, &["Code".to_owned()]).map_err(|error| error.to_string())?;
        Ok((plan.keys.into_values().map(|(old, new)| format!("{old}>{new}")).collect(), plan.over))
    }

    #[test]
    fn every_entity_gets_its_key_from_its_record() {
        let all = [entity(1, "2", false), entity(2, "1", false), entity(3, "3", false)];
        assert_eq!(keys_of(&all), Ok((vec!["1>2".to_owned(), "2>1".to_owned()], Vec::new())), "they may change places");
    }

    #[test]
    fn two_entities_with_one_key_are_refused_but_not_for_one_that_is_over() {
        let keys = keys_of(&[entity(1, "A", false), entity(2, "B", false), entity(3, "A ", false)]);
        assert!(keys.as_ref().is_err_and(|keys| keys.contains("unit:1 and unit:3 would both be unit:A")), "{keys:?}");
        let all = [entity(1, "A", true), entity(2, "A", false), entity(3, "B", true), entity(4, "B", true)];
        assert_eq!(keys_of(&all), Ok((vec!["2>A".to_owned(), "3>B".to_owned()], vec![1, 4])));
    }

    #[test]
    fn a_record_without_the_property_is_refused_by_name() {
        let bare = |is_over| with_record(7, "{\"Id\":7}".to_owned(), is_over);
        let keys = keys_of(&[entity(1, "A", false), bare(false)]);
        assert!(keys.as_ref().is_err_and(|keys| keys.contains("no `Code`") && keys.contains("unit:7")), "{keys:?}");
        assert_eq!(keys_of(&[entity(1, "A", false), bare(true)]), Ok((vec!["1>A".to_owned()], vec![7])));
    }

    #[test]
    fn a_key_that_comes_out_the_same_is_no_change() {
        let all = [entity(1, "1", false), entity(2, "2 ", false)];
        assert!(is_made_of(&all, &["Code".to_owned()], true));
        for is_strict in [true, false] {
            assert!(!is_made_of(&all, &["Nothing".to_owned()], is_strict));
            assert!(is_made_of(&[], &["Nothing".to_owned()], is_strict));
        }
        let bare = with_record(7, String::new(), false);
        let all = [entity(1, "1", false), bare];
        assert!(is_made_of(&all, &["Code".to_owned()], false), "of an older store nobody noted it");
        assert!(!is_made_of(&all, &["Code".to_owned()], true));
        let all = [entity(1, "1", false), entity(2, "2", false), entity(3, "x", false)];
        assert!(is_made_of(&all, &["Code".to_owned()], false));
        assert!(!is_made_of(&all[1..], &["Code".to_owned()], false));
    }
}
