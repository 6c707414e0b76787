//! The layers a setting may stand in: the environment over the file. Hands out one section at a time, and gathers what is wrong:
//! a setting that is refused counts as not set, so that all mistakes are found at once.

use super::document::Document;
use super::known;
use super::value::{Origin, Value};
use crate::failure::Failure;
use crate::message::ConfigText;
use crate::text::nearest;
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Environment and file, and where each setting that was asked for came from.
pub(super) struct Layers<'a> {
    pub(super) document: &'a Document,
    pub(super) root: &'a DeTable<'a>,
    pub(super) environment: &'a BTreeMap<String, String>,
    origins: RefCell<BTreeMap<String, String>>,
    faults: RefCell<Vec<anyhow::Error>>,
    mistaken: RefCell<BTreeSet<String>>,
}

impl<'a> Layers<'a> {
    /// Environment over file.
    pub(super) fn new(
        document: &'a Document,
        root: &'a DeTable<'a>,
        environment: &'a BTreeMap<String, String>,
    ) -> Layers<'a> {
        let (origins, faults, mistaken) = (RefCell::default(), RefCell::default(), RefCell::default());
        Layers { document, root, environment, origins, faults, mistaken }
    }

    /// A variable and its value, unless it is empty.
    pub(super) fn variable(&self, name: &str) -> Option<(&'a str, &'a str)> {
        let (name, value) = self.environment.get_key_value(name)?;
        (!value.trim().is_empty()).then_some((name.as_str(), value.as_str()))
    }

    /// The top of the configuration.
    pub(super) fn top(&'a self) -> Section<'a> {
        self.section_of("", known::TOP, Some(self.root))
    }

    /// A section such as `[hapi]`.
    pub(super) fn section(&'a self, name: &str) -> Section<'a> {
        let table = self.root.get(name).and_then(|value| self.kept(self.table(name, value)));
        self.section_of(name, known::keys(name), table)
    }

    /// A section given by its table; `path` is its name in messages and variables, such as `entities.unit`.
    pub(super) fn section_of(
        &'a self,
        path: &str,
        keys: &'static [&'static str],
        table: Option<&'a DeTable<'a>>,
    ) -> Section<'a> {
        let section = Section { layers: self, path: path.to_owned(), keys, table };
        section.refuse_unknown_keys();
        section
    }

    /// The table that a section must be.
    pub(super) fn table(&self, setting: &str, value: &'a Spanned<DeValue<'a>>) -> anyhow::Result<&'a DeTable<'a>> {
        value.get_ref().as_table().ok_or_else(|| {
            let place = self.document.place(value.span().start);
            Failure::usage(ConfigText::SettingWantsTable { place, setting: setting.to_owned() }).into()
        })
    }

    /// What was understood; what was not is a mistake, and noted.
    pub(super) fn kept<T>(&self, read: anyhow::Result<T>) -> Option<T> {
        read.map_err(|fault| self.faults.borrow_mut().push(fault)).ok()
    }

    /// Where each setting came from that is not at its default: `sync.on_delete` → a variable's name, or file:line:column. And
    /// every mistake, in the order in which they were met.
    pub(super) fn into_parts(self) -> (BTreeMap<String, String>, Vec<anyhow::Error>) {
        (self.origins.into_inner(), self.faults.into_inner())
    }

    /// Settings that were refused, or meant by a key that is not known, such as `hapi.username` by `usernme` in `[hapi]`.
    pub(super) fn mistaken(&self) -> BTreeSet<String> {
        self.mistaken.borrow().clone()
    }

    /// Notes where a setting came from.
    pub(super) fn note(&self, setting: String, origin: String) {
        self.origins.borrow_mut().insert(setting, origin);
    }
}

/// Section of the configuration, with the variables that stand over it.
pub(super) struct Section<'a> {
    pub(super) layers: &'a Layers<'a>,
    path: String,
    keys: &'static [&'static str],
    table: Option<&'a DeTable<'a>>,
}

impl<'a> Section<'a> {
    /// A setting's value from the environment or else from the file.
    pub(super) fn value(&self, key: &str) -> Option<Value<'a>> {
        debug_assert!(self.keys.contains(&key), "`{key}` is missing in the keys of [{}]", self.path);
        let value = match self.layers.variable(&self.variable(key)) {
            Some((name, text)) => {
                Value::new(key, Origin::Variable(name), 0, DeValue::String(Cow::Borrowed(text.trim())))
            }
            None => self.value_in_file(key)?,
        };
        self.layers.note(self.setting(key), value.place());
        Some(value)
    }

    /// A setting's value in the file, whatever the environment says.
    pub(super) fn value_in_file(&self, key: &str) -> Option<Value<'a>> {
        let value = self.table?.get(key)?;
        Some(Value::new(key, Origin::File(self.layers.document), value.span().start, value.get_ref().clone()))
    }

    /// A setting as `convert` understands it; `None` when it is not set, or refused.
    pub(super) fn read<T>(&self, key: &str, convert: impl FnOnce(&Value<'a>) -> anyhow::Result<T>) -> Option<T> {
        self.value(key).and_then(|value| self.kept_as(key, convert(&value)))
    }

    /// What was understood of a setting; what was not is a mistake, and noted.
    pub(super) fn kept_as<T>(&self, key: &str, read: anyhow::Result<T>) -> Option<T> {
        if read.is_err() {
            self.layers.mistaken.borrow_mut().insert(self.setting(key));
        }
        self.kept(read)
    }

    /// What was understood; what was not is a mistake, and noted.
    pub(super) fn kept<T>(&self, read: anyhow::Result<T>) -> Option<T> {
        self.layers.kept(read)
    }

    /// What the variables set one by one below `key`, such as `HOPEM_SYNC_ENTITIES_UNIT_COLUMNS_TEXT_CODE`; each value's key
    /// is the rest of the variable's name in lower case.
    pub(super) fn variables_below(&self, key: &str) -> Vec<Value<'a>> {
        let prefix = known::variable(&self.path, &format!("{key}_"));
        let below = self.layers.environment.range(prefix.clone()..).take_while(|(name, _)| name.starts_with(&prefix));
        below
            .filter_map(|(name, text)| {
                let key = name.strip_prefix(&prefix).filter(|rest| !rest.is_empty())?.to_lowercase();
                let text = Some(text.trim()).filter(|text| !text.is_empty())?;
                Some(Value::new(key, Origin::Variable(name), 0, DeValue::String(Cow::Borrowed(text))))
            })
            .collect()
    }

    /// A setting's name with its section: `sync.on_delete`.
    pub(super) fn setting(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// The variable that sets `key`.
    pub(super) fn variable(&self, key: &str) -> String {
        known::variable(&self.path, key)
    }

    /// Notes where `key` is taken from, where that is not one of the layers.
    pub(super) fn note(&self, key: &str, origin: String) {
        self.layers.note(self.setting(key), origin);
    }

    /// Whether `key` was refused, or meant by one that is not known.
    pub(super) fn is_mistaken(&self, key: &str) -> bool {
        self.layers.mistaken.borrow().contains(&self.setting(key))
    }

    fn refuse_unknown_keys(&self) {
        let keys = self.table.into_iter().flat_map(DeTable::keys);
        let mut unknown: Vec<_> = keys.filter(|key| !self.keys.contains(&&**key.get_ref())).collect();
        unknown.sort_by_key(|key| key.span().start);
        for key in unknown {
            let place = self.layers.document.place(key.span().start);
            if let Some(meant) = meant(key.get_ref(), self.keys) {
                self.layers.mistaken.borrow_mut().insert(self.setting(meant));
            }
            self.kept::<()>(Err(unknown_key(place, key.get_ref(), self.keys)));
        }
    }
}

/// The key that somebody seems to have meant.
fn meant<'k>(key: &str, keys: &[&'k str]) -> Option<&'k str> {
    nearest(&key.to_lowercase().replace('-', "_"), keys.iter().copied())
}

/// The refusal of a key that is not known where it stands.
pub(super) fn unknown_key(place: String, key: &str, keys: &[&str]) -> anyhow::Error {
    let key = key.to_owned();
    let text = if let Some(nearest) = meant(&key, keys) {
        ConfigText::SettingUnknownNear { place, key, nearest: nearest.to_owned() }
    } else if known::TOP.contains(&key.as_str()) {
        ConfigText::SettingUnknownBelow { place, key }
    } else if let Some(section) = known::section_with(&key) {
        ConfigText::SettingUnknownHere { place, key, section }
    } else {
        let known = keys.iter().map(|&key| key.to_owned()).collect();
        ConfigText::SettingUnknown { place, key, known }
    };
    Failure::usage(text).into()
}
