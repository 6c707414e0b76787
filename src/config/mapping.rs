//! What follows from a kind's mapping: which properties it takes, and a fingerprint by which a changed mapping is noticed.

use super::column::{Column, Source};
use super::kind_config::KindConfig;
use super::settings::{Config, OnRefused};
use crate::entity::{Kind, Relation};
use crate::monday::column::ColumnType;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

impl Column {
    /// The parent that its value comes from, or that it connects to.
    pub(crate) fn parent(&self) -> Option<Kind> {
        match self.source {
            Source::Relation(kind) => Some(kind),
            _ => self.of,
        }
    }
}

impl KindConfig {
    /// The properties that mapping, key and relations need, its own and its children's: what `select = "mapped"` asks for.
    pub(crate) fn needed_properties(&self, config: &Config) -> BTreeSet<String> {
        let mut needed: BTreeSet<String> = self.key.iter().chain(self.only.keys()).cloned().collect();
        needed.extend(self.name.properties().map(str::to_owned));
        for column in self.columns.values().filter(|column| column.of.is_none()) {
            needed.extend(column.properties());
        }
        for relation in self.relations.values() {
            needed.extend(relation.pairs().iter().map(|(own, _)| own.clone()));
        }
        for child in config.kinds.iter().filter(|child| child.enabled && child.kind != self.kind) {
            if let Some(relation) = child.relations.get(&self.kind) {
                needed.extend(relation.pairs().iter().map(|(_, parents)| parents.clone()));
            }
            for column in child.columns.values().filter(|column| column.of == Some(self.kind)) {
                needed.extend(column.properties());
            }
        }
        needed
    }

    /// The properties that somebody relies on: those of columns, name, key, `only` and `identity`, and of the relations that a
    /// column goes along. What a default names and nothing uses is not among them.
    pub(crate) fn named_properties(&self, config: &Config) -> BTreeSet<String> {
        let mut named: BTreeSet<String> = self.key.iter().chain(self.only.keys()).cloned().collect();
        if self.pushed_board().is_some() {
            named.extend(self.name.properties().map(str::to_owned));
        }
        for column in self.columns.values().filter(|column| column.of.is_none()) {
            named.extend(column.properties());
        }
        let own = self.columns.values().filter_map(Column::parent).filter_map(|parent| self.relations.get(&parent));
        named.extend(own.flat_map(|relation| relation.pairs().iter().map(|(own, _)| own.clone())));
        for child in config.kinds.iter().filter(|child| child.enabled && child.kind != self.kind) {
            let used = |column: &&Column| column.parent() == Some(self.kind);
            for column in child.columns.values().filter(used) {
                let relation = child.relations.get(&self.kind).into_iter();
                named.extend(relation.flat_map(|relation| relation.pairs().iter().map(|(_, theirs)| theirs.clone())));
                if column.of == Some(self.kind) {
                    named.extend(column.properties());
                }
            }
        }
        named
    }

    /// Hex SHA-256 of everything that decides what is pushed and where; neither the group of new items nor what a hand edit is
    /// worth is in it.
    pub(crate) fn mapping_fingerprint(&self, config: &Config) -> String {
        let columns: Vec<Value> = self.columns.iter().map(|(id, column)| json!([id, column.rendered()])).collect();
        let relations: Vec<Value> =
            self.relations.keys().map(|parent| rendered_relation(config, self, *parent)).collect();
        let mapping = json!([
            "mapping 3",
            self.board,
            self.key,
            self.key_column,
            self.name.as_str(),
            columns,
            relations,
            // As arrays of pairs, so that the fingerprint does not depend on the order that JSON objects have.
            self.only.iter().collect::<Vec<_>>(),
            config.monday.create_labels,
            config.sync.on_refused == OnRefused::Clear,
            config.sync.blank.given(),
        ]);
        Sha256::digest(mapping.to_string()).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// How a parent is found, followed through the kinds in between: a lease's building changes with its parking's.
fn rendered_relation(config: &Config, entity: &KindConfig, parent: Kind) -> Value {
    match entity.relations.get(&parent) {
        None => Value::Null,
        Some(Relation::Fields(pairs)) => json!([parent.name(), pairs]),
        Some(Relation::Through(via)) => {
            json!([parent.name(), via.name(), rendered_relation(config, config.kind(*via), parent)])
        }
    }
}

impl Column {
    /// The properties that its value is made of, the parent's where there is an `of`.
    pub(crate) fn properties(&self) -> Vec<String> {
        match &self.source {
            Source::Field(property) => vec![property.clone()],
            Source::Template(template) => template.properties().map(str::to_owned).collect(),
            Source::Relation(_) => Vec::new(),
        }
    }

    fn rendered(&self) -> Value {
        let source = match &self.source {
            Source::Field(property) => json!(["field", property]),
            Source::Template(template) => json!(["template", template.as_str()]),
            Source::Relation(parent) => json!(["relation", parent.name()]),
        };
        let column_type = self.column_type.map(ColumnType::name);
        json!([
            source,
            self.of.map(Kind::name),
            column_type,
            self.values.iter().collect::<Vec<_>>(),
            self.default,
            self.country,
            self.time,
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::config;
    use super::*;

    const MAPPING: &str = "
[entities.building]
name = '{Name}'
[entities.unit]
board = 5
key_column = 'k'
name = '{UnitCode}'
only = { Status = ['V'] }
[entities.unit.columns]
a = '{Street}, {Floor}'
b = { field = 'City', of = 'building' }
c = { relation = 'building' }
d = { field = 'Occupancy', values = { V = 'Vacant' } }
[entities.parking-lease.columns]
e = { field = 'Province', of = 'building' }
";

    fn needed(kind: Kind, toml: &str) -> String {
        let config = config(toml);
        config.kind(kind).needed_properties(&config).into_iter().collect::<Vec<_>>().join(" ")
    }

    fn fingerprint(kind: Kind, toml: &str) -> String {
        let config = config(toml);
        config.kind(kind).mapping_fingerprint(&config)
    }

    #[test]
    fn what_is_asked_for_is_what_mapping_key_and_relations_need() {
        let own = "BuildingCode CompanyNo DivisionNo Floor Id Occupancy Status Street UnitCode";
        assert_eq!(needed(Kind::UNIT, MAPPING), own, "`City` is the building's");
        assert_eq!(needed(Kind::PARKING_LEASE, MAPPING), "Id ParkingId TenantId");
    }

    #[test]
    fn a_parent_is_asked_for_what_its_children_read_of_it() {
        let all = "BuildingCode City CompanyNo DivisionNo Id Name Province";
        assert_eq!(needed(Kind::BUILDING, MAPPING), all);
        let without = format!("{MAPPING}\n[entities.parking-lease]\nenabled = false\n");
        assert_eq!(needed(Kind::BUILDING, &without), "BuildingCode City CompanyNo DivisionNo Id Name");
        assert_eq!(needed(Kind::COMPANY, ""), "CompanyNo DivisionNo");
    }

    #[test]
    fn the_fingerprint_changes_with_what_is_pushed_and_with_nothing_else() {
        let before = fingerprint(Kind::UNIT, MAPPING);
        assert_eq!(before.len(), 64);
        for (old, new) in [
            ("board = 5", "board = 6"),
            ("'k'", "'kk'"),
            ("{UnitCode}", "{Code}"),
            ("['V']", "['V', 'L']"),
            ("{Street}, {Floor}", "{Street} {Floor}"),
            ("a = ", "aa = "),
            ("'City', of = 'building'", "'City'"),
            ("V = 'Vacant'", "V = 'Libre'"),
            ("'Occupancy',", "'Occupancy', default = 'x',"),
            ("'Occupancy',", "'Occupancy', type = 'status',"),
            ("[entities.building]", "[monday]\ncreate_labels = true\n[entities.building]"),
            ("[entities.building]", "[sync]\non_refused = 'keep'\n[entities.building]"),
            ("[entities.building]", "[sync]\nblank = ['?']\n[entities.building]"),
            ("[entities.unit.columns]", "relations = { building = ['BuildingId'] }\n[entities.unit.columns]"),
        ] {
            assert!(MAPPING.contains(old));
            assert_ne!(fingerprint(Kind::UNIT, &MAPPING.replace(old, new)), before, "{new}");
        }
        for (old, new) in [
            ("board = 5", "board = '5'\ngroup = 'topics'"),
            ("'Occupancy',", "'Occupancy', on_edit = 'keep',"),
            ("'{Name}'", "'{Name}!'"),
        ] {
            assert_eq!(fingerprint(Kind::UNIT, &MAPPING.replace(old, new)), before, "{new}");
        }
    }

    #[test]
    fn a_relation_in_between_counts_too() {
        let other = "[entities.parking.relations]\nbuilding = { BuildingId = 'Id' }\n";
        assert_ne!(fingerprint(Kind::PARKING_LEASE, other), fingerprint(Kind::PARKING_LEASE, ""));
    }
}
