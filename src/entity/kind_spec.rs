//! Description of a kind, as the table of kinds is made of.

/// Description of a kind: what its row in the table ([`Kinds`](super::Kinds)) says, parents by name.
#[derive(Debug, Clone)]
pub struct KindSpec {
    pub(super) name: String,
    pub(super) spellings: Vec<String>,
    pub(super) french: Option<String>,
    pub(super) plural_en: String,
    pub(super) plural_fr: String,
    pub(super) entity_set: String,
    pub(super) event: Option<String>,
    pub(super) key: Vec<String>,
    pub(super) item_name: String,
    pub(super) relations: Vec<(String, RelationSpec)>,
    pub(super) usual_number: u32,
}

/// Way to a parent, kinds by name.
#[derive(Debug, Clone)]
pub(super) enum RelationSpec {
    Fields(Vec<(String, String)>),
    Through(String),
}

impl KindSpec {
    /// A kind of this name with the key `Id`, without parents, in the set of its name, called so on every screen.
    pub fn new(name: &str) -> KindSpec {
        KindSpec {
            name: name.to_owned(),
            spellings: Vec::new(),
            french: None,
            plural_en: name.to_owned(),
            plural_fr: name.to_owned(),
            entity_set: name.to_owned(),
            event: None,
            key: vec!["Id".to_owned()],
            item_name: String::new(),
            relations: Vec::new(),
            usual_number: 0,
        }
    }

    /// Other spellings on the command line and in the configuration, beside the name.
    pub fn spelled(mut self, spellings: &[&str]) -> KindSpec {
        self.spellings.extend(spellings.iter().map(|spelling| crate::text::caseless(spelling)));
        self
    }

    /// The name in French, which is a spelling too.
    pub fn french(mut self, name: &str) -> KindSpec {
        self.french = Some(name.to_owned());
        self.spelled(&[name])
    }

    /// The plurals that people read, in English and in French.
    pub fn plurals(mut self, english: &str, french: &str) -> KindSpec {
        (self.plural_en, self.plural_fr) = (english.to_owned(), french.to_owned());
        self
    }

    /// The HApi entity set.
    pub fn entity_set(mut self, set: &str) -> KindSpec {
        self.entity_set = set.to_owned();
        self
    }

    /// The name in webhooks, where it is not the entity set in the singular.
    pub fn event(mut self, name: &str) -> KindSpec {
        self.event = Some(name.to_owned());
        self
    }

    /// The properties of the key.
    pub fn key(mut self, properties: &[&str]) -> KindSpec {
        self.key = owned(properties);
        self
    }

    /// The template of the item's name.
    pub fn item_name(mut self, template: &str) -> KindSpec {
        self.item_name = template.to_owned();
        self
    }

    /// A parent with the same values of these properties.
    pub fn parent(self, parent: &str, properties: &[&str]) -> KindSpec {
        let pairs: Vec<(&str, &str)> = properties.iter().map(|&property| (property, property)).collect();
        self.parent_by(parent, &pairs)
    }

    /// A parent whose second properties equal the own first ones.
    pub fn parent_by(mut self, parent: &str, pairs: &[(&str, &str)]) -> KindSpec {
        let pairs = pairs.iter().map(|&(own, parents)| (own.to_owned(), parents.to_owned())).collect();
        self.relations.push((parent.to_owned(), RelationSpec::Fields(pairs)));
        self
    }

    /// A parent that is the parent of another parent.
    pub fn parent_through(mut self, parent: &str, via: &str) -> KindSpec {
        self.relations.push((parent.to_owned(), RelationSpec::Through(via.to_owned())));
        self
    }

    /// About how many entities there are for each ten buildings, where that is many.
    pub fn usual_number(mut self, number: u32) -> KindSpec {
        self.usual_number = number;
        self
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}
