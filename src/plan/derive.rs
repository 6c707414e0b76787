//! What follows from a record by the configuration: the entity's name, whether it is outside `only`, and the values by which
//! parents and children find each other. Pure: no clock, no network, no store.

use crate::config::{Config, KindConfig, Source};
use crate::entity::{BadRecord, Kind, Record, Relation};
use crate::monday::column::Blanks;
use crate::plan::map;
use crate::store::{Derived, Entity};
use crate::text::{caseless, fold_into};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Stands between the values of several properties; no text from HApi holds it.
const SEPARATOR: char = '\u{1f}';

/// Names and codes are searched, not remarks: a longer text, in bytes, is left out.
const LONGEST_SEARCHED: usize = 100;
/// Another one whenever something else is derived from the same record than before.
const RULES: &str = "3";

/// Rules of all kinds by which more follows from a record.
#[derive(Debug)]
pub(crate) struct DerivationRules(Vec<KindRules>);

/// Rules of one kind.
#[derive(Debug)]
pub(crate) struct KindRules {
    /// The kind.
    pub(crate) kind: Kind,
    /// The properties that HApi was found to have: a record that lacks one of them holds null there.
    known: BTreeSet<String>,
    entity: KindConfig,
    blanks: Blanks,
    /// How it names its parents by its own properties: parent, own properties, the parent's properties.
    parents: Vec<ParentRule>,
    /// The properties, in groups, by which children name it.
    named_by: BTreeSet<Vec<String>>,
    /// The properties whose change children have to know of.
    watched: BTreeSet<String>,
    /// The kinds among its children through which grandchildren find it.
    between: BTreeSet<Kind>,
    /// Whether any child's column depends on it at all.
    has_dependants: bool,
}

/// Rule by which a parent is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ParentRule {
    /// The parent's kind.
    pub(crate) parent: Kind,
    /// Own properties.
    pub(crate) own: Vec<String>,
    /// The parent's properties that equal them.
    pub(crate) theirs: Vec<String>,
}

impl DerivationRules {
    /// The rules that follow from a configuration.
    pub(crate) fn of(config: &Config) -> DerivationRules {
        DerivationRules(Kind::all().map(|kind| KindRules::of(kind, config)).collect())
    }

    /// The same rules of every kind, to be changed.
    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut KindRules> {
        self.0.iter_mut()
    }

    /// The rules of a kind.
    pub(crate) fn get(&self, kind: Kind) -> &KindRules {
        &self.0[kind.index()]
    }
}

impl KindRules {
    fn of(kind: Kind, config: &Config) -> KindRules {
        let entity = config.kind(kind).clone();
        let parents = entity
            .relations
            .iter()
            .filter_map(|(&parent, relation)| match relation {
                Relation::Fields(pairs) => Some(ParentRule {
                    parent,
                    own: pairs.iter().map(|(own, _)| own.clone()).collect(),
                    theirs: pairs.iter().map(|(_, theirs)| theirs.clone()).collect(),
                }),
                Relation::Through(_) => None,
            })
            .collect();
        let mut rules = KindRules {
            kind,
            known: BTreeSet::new(),
            entity,
            blanks: config.sync.blank.clone(),
            parents,
            named_by: BTreeSet::new(),
            watched: BTreeSet::new(),
            between: BTreeSet::new(),
            has_dependants: false,
        };
        for child in config.kinds.iter().filter(|child| child.enabled) {
            rules.note_child(child);
        }
        rules
    }

    /// Takes over which properties HApi was found to have.
    pub(super) fn learn(&mut self, known: BTreeSet<String>) {
        self.known = known;
    }

    /// Notes what a kind of children needs to know of this one.
    fn note_child(&mut self, child: &KindConfig) {
        match child.relations.get(&self.kind) {
            None => {}
            Some(Relation::Fields(pairs)) => {
                let theirs: Vec<String> = pairs.iter().map(|(_, theirs)| theirs.clone()).collect();
                self.watched.extend(theirs.iter().cloned());
                self.named_by.insert(theirs);
            }
            Some(Relation::Through(between)) => {
                self.between.insert(*between);
            }
        }
        for column in child.columns.values() {
            if column.of == Some(self.kind) {
                self.has_dependants = true;
                match &column.source {
                    Source::Field(property) => {
                        self.watched.insert(property.clone());
                    }
                    Source::Template(template) => self.watched.extend(template.properties().map(str::to_owned)),
                    Source::Relation(_) => {}
                }
            }
            self.has_dependants |= matches!(column.source, Source::Relation(kind) if kind == self.kind);
        }
        // A grandchild finds its grandparent through this kind, so that its own parents matter to it.
        for relation in child.relations.values() {
            if *relation == Relation::Through(self.kind) {
                self.has_dependants = true;
                self.watched.extend(self.parents.iter().flat_map(|rule| rule.own.iter().cloned()));
            }
        }
    }

    /// A record of this kind, in which what HApi is known to have and left out is null.
    ///
    /// # Errors
    /// Where it is no record.
    pub(crate) fn record<'r>(&'r self, json: &'r str) -> Result<Record<'r>, BadRecord> {
        Record::parse(json).map(|record| record.with_nulls(&self.known))
    }

    /// The same as text, for whoever has only that.
    pub(crate) fn complete(&self, mut stored: Entity) -> Entity {
        let Ok(record) = Record::parse(&stored.record) else { return stored };
        let missing: Vec<&String> = self.known.iter().filter(|name| record.raw(name).is_none()).collect();
        let open = stored.record.trim_end().strip_suffix('}').map(str::trim_end);
        if let (false, Some(open)) = (missing.is_empty(), open) {
            let mut text = open.to_owned();
            for name in missing {
                let comma = if text.ends_with('{') { "" } else { "," };
                text.push_str(&format!("{comma}{}:null", serde_json::Value::from(name.as_str())));
            }
            text.push('}');
            stored.record = text;
        }
        stored
    }

    /// What follows from a record of this kind.
    pub(crate) fn derive(&self, json: &str) -> Derived {
        let Ok(record) = self.record(json) else { return Derived::default() };
        let name = map::name(&self.entity, &record, &self.blanks).ok().flatten().unwrap_or_default();
        let mut search = String::with_capacity(json.len() / 2);
        fold_into(&mut search, &name);
        for text in record.strings().filter(|text| !text.is_empty() && text.len() <= LONGEST_SEARCHED) {
            search.push('\n');
            fold_into(&mut search, &text);
        }
        Derived {
            name,
            search,
            is_off: self.is_off(&record),
            refs: self
                .parents
                .iter()
                .filter_map(|rule| Some((rule.parent, caseless(&joined(&record, &rule.own)?))))
                .collect(),
            lookups: self
                .named_by
                .iter()
                .filter(|properties| **properties != self.entity.key)
                .filter_map(|properties| Some((properties.join(","), caseless(&joined(&record, properties)?))))
                .collect(),
        }
    }

    /// Outside `only`: one of its properties has none of the values listed, whatever their case. One that was not received
    /// decides nothing: as long as that is so, nothing of the kind is pushed (`plan/properties.rs`).
    fn is_off(&self, record: &Record<'_>) -> bool {
        self.entity.only.iter().any(|(property, values)| match record.text(property) {
            Ok(Some(text)) => !values.contains(&text) && !values.iter().any(|value| caseless(value) == caseless(&text)),
            _ => false,
        })
    }

    /// The values by which its children may name an entity, without case.
    pub(crate) fn names_for_children(&self, json: &str) -> BTreeSet<String> {
        let Ok(record) = Record::parse(json) else { return BTreeSet::new() };
        self.named_by.iter().filter_map(|properties| Some(caseless(&joined(&record, properties)?))).collect()
    }

    /// The kinds among its children whose own children look to this one.
    pub(crate) fn between(&self) -> &BTreeSet<Kind> {
        &self.between
    }

    /// Whether anything of a child depends on it.
    pub(crate) fn has_dependants(&self) -> bool {
        self.has_dependants
    }

    /// Whether what changed in a record can matter to a child.
    pub(crate) fn concerns_children(&self, before: &str, after: &str) -> bool {
        let (Ok(before), Ok(after)) = (Record::parse(before), Record::parse(after)) else { return true };
        self.has_dependants && self.watched.iter().any(|property| before.text(property) != after.text(property))
    }

    /// How its parent of a kind is named by its own properties.
    pub(crate) fn parent_rule(&self, parent: Kind) -> Option<&ParentRule> {
        self.parents.iter().find(|rule| rule.parent == parent)
    }

    /// The value by which a record names a parent; `None` where one of the properties is blank or was not received.
    pub(crate) fn value_of(rule: &ParentRule, record: &Record<'_>) -> Option<String> {
        joined(record, &rule.own)
    }

    /// The codes that a value by which a parent is named consists of.
    pub(crate) fn codes_of(value: &str) -> impl Iterator<Item = &str> {
        value.split(SEPARATOR)
    }

    /// The value by which children name their parent by such a rule; `None` where one of the properties is blank.
    pub(crate) fn value_named(rule: &ParentRule, parent: &Record<'_>) -> Option<String> {
        joined(parent, &rule.theirs)
    }

    /// A fingerprint of all that [`KindRules::derive`] depends on.
    pub(crate) fn fingerprint(&self) -> String {
        let mut parts: BTreeMap<&str, String> = BTreeMap::new();
        parts.insert("blank", format!("{:?}", self.blanks.given()));
        parts.insert("key", self.entity.key.join(","));
        // Whether a property that a record lacks is null decides who is wanted.
        let known: Vec<&String> = self.entity.only.keys().filter(|property| self.known.contains(*property)).collect();
        if !known.is_empty() {
            parts.insert("known", format!("{known:?}"));
        }
        parts.insert("name", self.entity.name.to_string());
        parts.insert("named_by", format!("{:?}", self.named_by));
        parts.insert("only", format!("{:?}", self.entity.only));
        parts.insert("parents", spelt_out(&self.parents));
        parts.insert("rules", RULES.to_owned());
        let digest = Sha256::digest(format!("{parts:?}"));
        digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The rules in the form in which every store so far has them in its fingerprints: another one would make everything due once.
fn spelt_out(rules: &[ParentRule]) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    };
    let rule = |rule: &ParentRule| {
        let parent: String = rule.parent.name().split('-').map(word).collect();
        format!("ParentRule {{ parent: {parent}, own: {:?}, theirs: {:?} }}", rule.own, rule.theirs)
    };
    format!("[{}]", rules.iter().map(rule).collect::<Vec<_>>().join(", "))
}

/// The key that a value of key properties spells.
pub(crate) fn key_of_value(value: &str) -> String {
    let parts: Vec<String> = value.split(SEPARATOR).map(|part| part.replace('%', "%25").replace('-', "%2D")).collect();
    parts.join("-")
}

/// The values of several properties as one; `None` where one is blank, unreadable or was not received.
fn joined(record: &Record<'_>, properties: &[String]) -> Option<String> {
    let mut value = String::new();
    for (index, property) in properties.iter().enumerate() {
        let text = record.text(property).ok().flatten().filter(|text| !text.is_empty())?;
        if index > 0 {
            value.push(SEPARATOR);
        }
        value.push_str(&text);
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::config;

    const UNITS: &str = "[entities.unit]\nname = '{BuildingCode}-{UnitCode}'\nonly = { Status = ['L', '1'] }\n\
                         [entities.tenant.columns]\na = { field = 'Floor', of = 'unit' }\nb = { relation = 'unit' }\n";

    fn rules(toml: &str, kind: Kind) -> KindRules {
        KindRules::of(kind, &config(toml))
    }

    fn derived(json: &str) -> Derived {
        rules(UNITS, Kind::UNIT).derive(json)
    }

    const UNIT: &str =
        r#"{"Id":7,"CompanyNo":3.0,"DivisionNo":1,"BuildingCode":"b1 ","UnitCode":"Été","Status":"l","Floor":2}"#;

    #[test]
    fn a_record_gives_the_name_and_the_values_by_which_parents_and_children_are_found() {
        let derived = derived(UNIT);
        assert_eq!(derived.name, "b1-Été");
        assert_eq!(derived.search.lines().collect::<Vec<_>>(), ["b1-ete", "b1", "ete", "l"]);
        let building = ["3", "1", "b1"].join(&SEPARATOR.to_string());
        assert_eq!(
            derived.refs,
            BTreeSet::from([(Kind::BUILDING, building.clone())]),
            "without case, numbers as numbers"
        );
        let named = format!("{building}{SEPARATOR}été");
        let by = "CompanyNo,DivisionNo,BuildingCode,UnitCode".to_owned();
        assert_eq!(derived.lookups, BTreeSet::from([(by, named)]), "so tenants name it");
    }

    #[test]
    fn a_blank_or_missing_property_names_nobody() {
        for json in [r#"{"CompanyNo":3,"DivisionNo":1,"BuildingCode":" "}"#, r#"{"CompanyNo":3,"DivisionNo":1}"#, "[]"]
        {
            assert_eq!((derived(json).refs.len(), derived(json).lookups.len()), (0, 0), "{json}");
        }
    }

    #[test]
    fn who_has_none_of_the_values_listed_is_off_and_what_was_not_received_decides_nothing() {
        for (json, is_off) in [
            (r#"{"Status":"L"}"#, false),
            (r#"{"Status":" l "}"#, false),
            (r#"{"Status":1.0}"#, false),
            (r#"{"Status":"V"}"#, true),
            (r#"{"Status":null}"#, true),
            (r#"{"Other":"V"}"#, false),
        ] {
            assert_eq!(derived(json).is_off, is_off, "{json}");
        }
        let mut rules = rules(UNITS, Kind::UNIT);
        let before = rules.fingerprint();
        rules.learn(BTreeSet::from(["Status".to_owned()]));
        assert!(rules.derive(r#"{"Other":"V"}"#).is_off, "what HApi has, and this record lacks, is null");
        assert_ne!(rules.fingerprint(), before, "so that all are derived anew");
        rules.learn(BTreeSet::from(["Status".to_owned(), "Floor".to_owned()]));
        let with_another = rules.fingerprint();
        rules.learn(BTreeSet::from(["Status".to_owned()]));
        assert_eq!(rules.fingerprint(), with_another, "what `only` does not name changes nothing");
    }

    #[test]
    fn children_have_to_know_of_what_names_or_shows_their_parent_and_of_nothing_else() {
        let rules = rules(UNITS, Kind::UNIT);
        let change = |from: &str, to: &str| rules.concerns_children(UNIT, &UNIT.replace(from, to));
        assert!(change("\"Floor\":2", "\"Floor\":3"), "a column of tenants shows it");
        assert!(change("Été", "Hiver"), "tenants name it by its code");
        assert!(!change("\"Status\":\"l\"", "\"Status\":\"v\""));
        assert!(!change("\"Floor\":2", "\"Floor\":2.0"), "the same number");
        let alone = self::rules("[entities.tenant]\nenabled = false\n", Kind::UNIT);
        assert!(!alone.has_dependants() && !alone.concerns_children(UNIT, &UNIT.replace("Été", "Hiver")));
    }

    #[test]
    fn grandchildren_are_found_through_those_between() {
        let rules = rules("", Kind::BUILDING);
        assert!(rules.between().contains(&Kind::PARKING), "a parking lease's building is its parking's");
        let parking = self::rules("", Kind::PARKING);
        let moved = |to: &str| parking.concerns_children(UNIT, &UNIT.replace("b1 ", to));
        assert!(moved("b2") && !moved("b1"));
    }

    #[test]
    fn a_fingerprint_changes_with_what_is_derived_and_with_nothing_else() {
        let of = |toml: &str| rules(toml, Kind::UNIT).fingerprint();
        let plain = of("");
        assert_eq!(of("[entities.unit]\nboard = 5\nkey_column = 'k'\n[entities.unit.columns]\nx = 'Rent'\n"), plain);
        for other in [
            "[entities.unit]\nname = '{UnitCode}'\n",
            "[entities.unit]\nonly = { Status = ['L'] }\n",
            "[entities.unit]\nkey = ['UnitCode']\n",
            "[entities.unit.relations]\nbuilding = { BuildingId = 'Id' }\n",
            "[sync]\nblank = ['?']\n",
        ] {
            assert_ne!(of(other), plain, "{other}");
        }
    }

    #[test]
    fn what_hapi_has_and_a_record_lacks_is_null_in_its_text_too() {
        use crate::store::EntityRow;
        let mut rules = rules("", Kind::UNIT);
        rules.learn(BTreeSet::from(["Rent".to_owned(), "UnitCode".to_owned()]));
        let row = EntityRow { id: 1, kind: Kind::UNIT, key: "7".to_owned(), board: None, item_id: None };
        let entity =
            |record: &str| Entity { row: row.clone(), name: String::new(), record: record.to_owned(), deleted: None };
        let complete = |record: &str| rules.complete(entity(record)).record;
        assert_eq!(complete(r#"{"UnitCode":"a"}"#), r#"{"UnitCode":"a","Rent":null}"#);
        assert_eq!(complete("{}"), r#"{"Rent":null,"UnitCode":null}"#);
        assert_eq!(complete(r#"{"rent":1,"UnitCode":2}"#), r#"{"rent":1,"UnitCode":2}"#, "in any case");
    }
}
