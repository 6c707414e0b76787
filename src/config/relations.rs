//! `[entities.KIND.relations]`: how each parent is found.

use super::forms;
use super::kind_config::KindConfig;
use super::layers::Section;
use super::value::{Member, Value, unknown_kind};
use crate::entity::{Kind, Relation};
use crate::failure::Failure;
use crate::message::ConfigText;
use std::collections::BTreeMap;

/// The relations of a kind: its defaults, each overridden by the one that is given. `parents` are the kinds before it.
pub(super) fn read(section: &Section<'_>, kind: Kind, parents: &[KindConfig]) -> BTreeMap<Kind, Relation> {
    let mut relations = kind.default_relations().clone();
    let mut throughs = Vec::new();
    for member in section.kept(given(section)).unwrap_or_default() {
        let Some(parent) = section.kept(parent(kind, &member)) else { continue };
        let value = member.value;
        section.note(&format!("relations.{parent}"), value.place());
        let Some(relation) = section.kept(relation(&value)) else { continue };
        if let Relation::Through(via) = relation {
            throughs.push((parent, via, value));
        }
        relations.insert(parent, relation);
    }
    for (parent, via, value) in throughs {
        let checked = check_through(kind, parent, via, &relations, parents);
        section.kept(checked.map_err(|text| value.refused(|place, _| text(place))));
    }
    relations
}

/// The parent that a relation is to.
fn parent(kind: Kind, member: &Member<'_>) -> anyhow::Result<Kind> {
    let place = member.place.clone();
    match Kind::parse(&member.value.key) {
        None => Err(unknown_kind(place, &member.value.key)),
        Some(parent) if parent >= kind => {
            Err(Failure::usage(ConfigText::RelationToLater { place, kind, parent }).into())
        }
        Some(parent) => Ok(parent),
    }
}

/// What the file or the variables set, the variables last.
fn given<'a>(section: &Section<'a>) -> anyhow::Result<Vec<Member<'a>>> {
    let mut given = match section.value("relations") {
        Some(value) => value.structured()?.members()?,
        None => Vec::new(),
    };
    refuse_twice(section, &given);
    for value in section.variables_below("relations") {
        // A name that is no kind's is warned about like every unknown variable.
        if Kind::parse(&value.key).is_some() {
            given.push(Member { place: value.place(), value: value.structured()? });
        }
    }
    Ok(given)
}

/// A parent that is named twice, by two spellings.
fn refuse_twice(section: &Section<'_>, given: &[Member<'_>]) {
    let mut spellings: BTreeMap<Kind, &str> = BTreeMap::new();
    for member in given {
        let Some(kind) = Kind::parse(&member.value.key) else { continue };
        if let Some(other) = spellings.insert(kind, &member.value.key) {
            let names = [other, &member.value.key].map(|name| format!("`{name}`")).to_vec();
            let place = member.place.clone();
            section.kept::<()>(Err(Failure::usage(ConfigText::SettingKindTwice { place, kind, names }).into()));
        }
    }
}

/// `{ own = "parent's" }`, a list of properties that are called the same on both sides, or the kind in between.
fn relation(value: &Value<'_>) -> anyhow::Result<Relation> {
    if value.as_text().is_some() {
        return forms::kind(value).map(Relation::Through);
    }
    let pairs: Vec<(String, String)> = if value.is_table() {
        let members = value.members()?;
        let pair = |member: Member<'_>| Ok((forms::key_as_property(&member.value)?, forms::property(&member.value)?));
        members.into_iter().map(pair).collect::<anyhow::Result<_>>()?
    } else if value.is_list() {
        value.list(forms::property)?.into_iter().map(|property| (property.clone(), property)).collect()
    } else {
        Vec::new()
    };
    // Without a pair every entity would be everyone's parent.
    if pairs.is_empty() {
        return Err(value.refused(|place, setting| ConfigText::SettingWantsRelation { place, setting }));
    }
    Ok(Relation::Fields(pairs))
}

/// A parent through another one: that one must be a relation, and itself have the parent. As parents come before their
/// children, the way ends.
fn check_through(
    kind: Kind,
    parent: Kind,
    via: Kind,
    relations: &BTreeMap<Kind, Relation>,
    parents: &[KindConfig],
) -> Result<(), impl FnOnce(String) -> ConfigText + use<>> {
    let lacking = if via == parent || !relations.contains_key(&via) {
        (kind, via)
    } else if !parents.get(via.index()).is_some_and(|entity| entity.relations.contains_key(&parent)) {
        (via, parent)
    } else {
        return Ok(());
    };
    Err(move |place| ConfigText::RelationThroughNothing { place, parent, via, lacking: lacking.0, relation: lacking.1 })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{kind_config, problem};
    use super::*;

    fn lease_problem(relation: &str) -> String {
        problem(&format!("[entities.parking-lease.relations]\n{relation}\n"))
    }

    #[test]
    fn a_relation_that_is_given_replaces_its_default_and_the_others_stay() {
        let toml =
            "[entities.bail-stationnement.relations]\nstationnement = { ParkingNo = 'No' }\nbuilding = 'parking'\n";
        let lease = kind_config(Kind::PARKING_LEASE, toml);
        let fields = |own: &str, parents: &str| Relation::Fields(vec![(own.to_owned(), parents.to_owned())]);
        assert_eq!(lease.relations.get(&Kind::PARKING), Some(&fields("ParkingNo", "No")));
        assert_eq!(lease.relations.get(&Kind::TENANT), Some(&fields("TenantId", "Id")));
        assert_eq!(lease.relations.get(&Kind::BUILDING), Some(&Relation::Through(Kind::PARKING)));
        let lease = kind_config(Kind::PARKING_LEASE, "[entities.parking-lease.relations]\nunit = 'locataire'\n");
        assert_eq!(lease.relations.get(&Kind::UNIT), Some(&Relation::Through(Kind::TENANT)));
    }

    #[test]
    fn a_way_through_a_parent_must_lead_somewhere() {
        assert_eq!(
            lease_problem("unit = 'parking'"),
            "config.toml:2:8: `unit` cannot be found through `parking`: `parking` has no relation `unit` of its own"
        );
        assert_eq!(
            lease_problem("building = 'storage'"),
            "config.toml:2:12: `building` cannot be found through `storage`: `parking-lease` has no relation `storage` of its own"
        );
        assert!(lease_problem("building = 'building'").contains("cannot be found through `building`"));
    }

    #[test]
    fn a_parent_comes_before_its_child() {
        assert_eq!(
            problem("[entities.unit.relations]\ntenant = { TenantId = 'Id' }\n"),
            "config.toml:2:1: `tenant` cannot be a parent of `unit`: parents are pushed first, and `tenant` does not come before `unit`"
        );
        assert!(problem("[entities.unit.relations]\nunit = ['A']\n").contains("cannot be a parent"));
    }

    #[test]
    fn a_relation_without_properties_is_refused() {
        for relation in ["{}", "3", "true"] {
            let message = lease_problem(&format!("tenant = {relation}"));
            assert!(
                message.starts_with("config.toml:2:10: relation `tenant` must be properties"),
                "{relation}: {message}"
            );
        }
        assert!(lease_problem("tenant = []").contains("must be a list with at least one element"));
        assert_eq!(lease_problem("tenant = { A = 3 }"), "config.toml:2:16: `A` must be text in quotes");
        assert!(lease_problem("tenant = 'tenent'").contains("unknown kind `tenent`; did you mean `tenant`?"));
        assert!(lease_problem("tenant = { 'a b' = 'c' }").contains("must name a property"));
    }
}
