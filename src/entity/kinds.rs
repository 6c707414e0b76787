//! Table of the kinds of entity: everything that differs from kind to kind stands in its rows, and nothing else in the program
//! names a kind or knows how many there are.

use super::kind_spec::RelationSpec;
use super::{BadTemplate, Kind, KindSpec, Relation, Template};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

/// Table of the kinds of entity, parents before children.
///
/// A process has one: the built-in one ([`Kinds::builtin`]), unless [`Kinds::install`] puts another in its place before the
/// first kind is asked for. It never changes afterwards, so that a [`Kind`] is a mere index.
#[derive(Debug)]
pub struct Kinds {
    rows: Vec<Row>,
}

/// Row of the table: a [`KindSpec`] whose parents are found.
#[derive(Debug)]
pub(super) struct Row {
    /// What it was made from; its spellings begin with the name.
    pub(super) spec: KindSpec,
    pub(super) item_name: Template,
    pub(super) relations: BTreeMap<Kind, Relation>,
}

/// Reason why a table of kinds is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadKinds {
    /// More kinds than a handle can number.
    TooMany,
    /// A name that is not made of lower-case letters, digits and single hyphens between them.
    Name(String),
    /// A spelling that two kinds claim.
    SpelledTwice(String),
    /// A kind without key properties.
    NoKey(String),
    /// An item name that is no template.
    ItemName(String, BadTemplate),
    /// A parent that is no kind, or that the kind in between does not have.
    UnknownParent {
        /// The kind.
        kind: String,
        /// The parent.
        parent: String,
    },
    /// Kinds that are each other's ancestors.
    Circle(Vec<String>),
    /// A table is in use already.
    InUse,
}

impl fmt::Display for BadKinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadKinds::TooMany => write!(f, "more than {} kinds", u8::MAX),
            BadKinds::Name(name) => write!(f, "`{name}` is not made of lower-case letters, digits and single hyphens"),
            BadKinds::SpelledTwice(spelling) => write!(f, "`{spelling}` is a spelling of two kinds"),
            BadKinds::NoKey(kind) => write!(f, "`{kind}` has no key properties"),
            BadKinds::ItemName(kind, bad) => write!(f, "the item name of `{kind}` fails at character {}", bad.position),
            BadKinds::UnknownParent { kind, parent } => write!(f, "`{kind}` cannot have the parent `{parent}`"),
            BadKinds::Circle(kinds) => write!(f, "parents in a circle: {}", kinds.join(", ")),
            BadKinds::InUse => f.write_str("a table of kinds is in use already"),
        }
    }
}

impl std::error::Error for BadKinds {}

static IN_USE: OnceLock<Kinds> = OnceLock::new();

impl Kinds {
    /// Builds a table. Its order follows from the relations, parents before children; where they leave a choice, from that of
    /// `specs`.
    ///
    /// # Errors
    /// Where two kinds could be taken for each other, a kind has no usable name, key or item name, or the relations name a
    /// parent that is none or go in a circle.
    pub fn new(specs: Vec<KindSpec>) -> Result<Kinds, BadKinds> {
        if specs.len() > usize::from(u8::MAX) {
            return Err(BadKinds::TooMany);
        }
        check_spellings(&specs)?;
        let ordered = parents_first(specs)?;
        let handles: BTreeMap<String, Kind> =
            (0..).zip(&ordered).map(|(i, spec)| (spec.name.clone(), Kind(i))).collect();
        let rows: Vec<Row> = ordered.into_iter().map(|spec| row(spec, &handles)).collect::<Result<_, _>>()?;
        let kinds = Kinds { rows };
        kinds.check_throughs()?;
        Ok(kinds)
    }

    /// The table of the kinds that are built in.
    pub fn builtin() -> Kinds {
        Kinds::new(KindSpec::builtin()).expect("a test builds it")
    }

    /// Makes this the table of the process; to be called before anything asks for a kind, such as parsing a command line.
    ///
    /// # Errors
    /// Where one is in use already.
    pub fn install(self) -> Result<(), BadKinds> {
        IN_USE.set(self).map_err(|_| BadKinds::InUse)
    }

    /// The table of the process; the built-in one from now on, where none was installed.
    pub(super) fn in_use() -> &'static Kinds {
        IN_USE.get_or_init(Kinds::builtin)
    }

    pub(super) fn row(&self, kind: Kind) -> &Row {
        &self.rows[kind.index()]
    }

    pub(super) fn handles(&self) -> impl DoubleEndedIterator<Item = Kind> + ExactSizeIterator + Clone + use<> {
        // There are at most 255 rows.
        let count = self.rows.len() as u8;
        (0..count).map(Kind)
    }

    /// Checks that a parent that is found through another one is a parent of it, and that one a parent of the kind.
    fn check_throughs(&self) -> Result<(), BadKinds> {
        for row in &self.rows {
            for (&parent, relation) in &row.relations {
                if let Relation::Through(via) = *relation
                    && !(row.relations.contains_key(&via) && self.row(via).relations.contains_key(&parent))
                {
                    return Err(unknown_parent(&row.spec.name, &self.row(parent).spec.name));
                }
            }
        }
        Ok(())
    }
}

fn unknown_parent(kind: &str, parent: &str) -> BadKinds {
    BadKinds::UnknownParent { kind: kind.to_owned(), parent: parent.to_owned() }
}

/// Whether a name can stand in selectors, in variables and in `name:key`.
fn is_name(name: &str) -> bool {
    let is_word = |word: &str| word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()) && !word.is_empty();
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.split('-').all(is_word)
}

fn check_spellings(specs: &[KindSpec]) -> Result<(), BadKinds> {
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for spec in specs {
        if !is_name(&spec.name) {
            return Err(BadKinds::Name(spec.name.clone()));
        }
        if taken.insert(&spec.name, &spec.name).is_some() {
            return Err(BadKinds::SpelledTwice(spec.name.clone()));
        }
        for spelling in &spec.spellings {
            if taken.insert(spelling, &spec.name).is_some_and(|other| other != spec.name) {
                return Err(BadKinds::SpelledTwice(spelling.clone()));
            }
        }
    }
    Ok(())
}

/// Orders specs topologically, and otherwise as they stand.
fn parents_first(mut waiting: Vec<KindSpec>) -> Result<Vec<KindSpec>, BadKinds> {
    let mut ordered: Vec<KindSpec> = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let is_ready = |spec: &KindSpec| {
            spec.relations.iter().all(|(parent, _)| ordered.iter().any(|placed| placed.name == *parent))
        };
        match waiting.iter().position(is_ready) {
            Some(next) => ordered.push(waiting.remove(next)),
            None => return Err(never_ready(&waiting, &ordered)),
        }
    }
    Ok(ordered)
}

/// Why none of the kinds that wait has all its parents.
fn never_ready(waiting: &[KindSpec], ordered: &[KindSpec]) -> BadKinds {
    let is_kind = |name: &String| waiting.iter().chain(ordered).any(|spec| spec.name == *name);
    for spec in waiting {
        if let Some((parent, _)) = spec.relations.iter().find(|(parent, _)| !is_kind(parent)) {
            return unknown_parent(&spec.name, parent);
        }
    }
    BadKinds::Circle(waiting.iter().map(|spec| spec.name.clone()).collect())
}

fn row(mut spec: KindSpec, handles: &BTreeMap<String, Kind>) -> Result<Row, BadKinds> {
    if spec.key.is_empty() {
        return Err(BadKinds::NoKey(spec.name));
    }
    let item_name = Template::parse(&spec.item_name).map_err(|bad| BadKinds::ItemName(spec.name.clone(), bad))?;
    let mut relations = BTreeMap::new();
    for (parent, relation) in &spec.relations {
        let handle = |name: &String| handles.get(name).copied().ok_or_else(|| unknown_parent(&spec.name, name));
        let relation = match relation {
            RelationSpec::Fields(pairs) => Relation::Fields(pairs.clone()),
            RelationSpec::Through(via) => Relation::Through(handle(via)?),
        };
        relations.insert(handle(parent)?, relation);
    }
    let mut spellings = vec![spec.name.clone()];
    spellings.extend(spec.spellings.into_iter().filter(|spelling| *spelling != spec.name));
    spec.spellings = spellings;
    Ok(Row { spec, item_name, relations })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(specs: Vec<KindSpec>) -> Result<String, BadKinds> {
        let kinds = Kinds::new(specs)?;
        Ok(kinds.rows.iter().map(|row| row.spec.name.as_str()).collect::<Vec<_>>().join(" "))
    }

    fn spec(name: &str) -> KindSpec {
        KindSpec::new(name)
    }

    #[test]
    fn the_order_follows_from_the_relations_and_then_from_the_list() {
        let child = || spec("c").parent("a", &["A"]).parent_through("b", "a");
        let specs = vec![child(), spec("z"), spec("a").parent("b", &["B"]), spec("b")];
        assert_eq!(names(specs).as_deref(), Ok("z b a c"));
        let mut reversed = KindSpec::builtin();
        reversed.reverse();
        let reversed = Kinds::new(reversed).expect("a table");
        for row in &reversed.rows {
            let place = |name: &str| reversed.rows.iter().position(|row| row.spec.name == name);
            assert!(row.relations.keys().all(|&kind| Some(kind.index()) < place(&row.spec.name)), "{}", row.spec.name);
        }
    }

    #[test]
    fn kinds_that_could_be_taken_for_each_other_are_refused() {
        let twice = |word: &str| Err(BadKinds::SpelledTwice(word.to_owned()));
        assert_eq!(names(vec![spec("a"), spec("a")]), twice("a"));
        assert_eq!(names(vec![spec("a"), spec("b").spelled(&["bs", "a"])]), twice("a"));
        assert_eq!(names(vec![spec("a").spelled(&["É"]), spec("b").spelled(&["e\u{301}"])]), twice("é"));
        assert_eq!(names(vec![spec("a").spelled(&["a", "A"])]).as_deref(), Ok("a"));
        for bad in ["", "A", "a b", "a:b", "-a", "a-", "a--b", "é", "a_b", "1a"] {
            assert_eq!(names(vec![spec(bad)]), Err(BadKinds::Name(bad.to_owned())));
        }
    }

    #[test]
    fn parents_that_are_none_and_circles_are_refused() {
        let unknown = |kind: &str, parent: &str| Err(unknown_parent(kind, parent));
        assert_eq!(names(vec![spec("a").parent("b", &["B"])]), unknown("a", "b"));
        assert_eq!(names(vec![spec("b"), spec("a").parent_through("b", "x")]), unknown("a", "x"));
        let between = vec![spec("b"), spec("c"), spec("a").parent("c", &["C"]).parent_through("b", "c")];
        assert_eq!(names(between), unknown("a", "b"));
        let circle = vec![spec("z"), spec("a").parent("b", &["B"]), spec("b").parent("a", &["A"])];
        assert_eq!(names(circle), Err(BadKinds::Circle(vec!["a".to_owned(), "b".to_owned()])));
    }

    #[test]
    fn a_kind_needs_a_key_and_a_template() {
        assert_eq!(names(vec![spec("a").key(&[])]), Err(BadKinds::NoKey("a".to_owned())));
        let bad = BadTemplate { position: 0 };
        assert_eq!(names(vec![spec("a").item_name("{")]), Err(BadKinds::ItemName("a".to_owned(), bad)));
        let many = (0..256).map(|number| spec(&format!("k{number}"))).collect();
        assert_eq!(names(many), Err(BadKinds::TooMany));
    }

    #[test]
    fn a_table_in_use_stays() {
        assert_eq!(Kind::all().next(), Some(Kind::COMPANY));
        assert_eq!(Kinds::builtin().install(), Err(BadKinds::InUse));
    }
}
