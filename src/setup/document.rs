//! The configuration's document, as it is written for people: what is set in it stays as it is, comments included. Pure.

use super::proposal::{KEY_COLUMN, Proposal};
use crate::config::{Column, Source};
use crate::entity::Kind;
use crate::message::{InitText, Lang, Message};
use crate::monday::column::ColumnType;
use std::collections::BTreeMap;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Key, Table, TomlError, Value};

/// Draft of a configuration.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    /// The comment that it begins with.
    heading: String,
    document: DocumentMut,
    lang: Lang,
}

impl Draft {
    /// An empty one that begins with this comment.
    pub(crate) fn new(lang: Lang, heading: impl Into<Message>) -> Draft {
        let heading = format!("{}\n\n", comment(&heading.into().text(lang)));
        Draft { heading, document: DocumentMut::new(), lang }
    }

    /// The one that a text holds.
    ///
    /// # Errors
    /// Where the text is no TOML.
    pub(crate) fn of(text: &str, lang: Lang) -> Result<Draft, TomlError> {
        let document: DocumentMut = text.parse()?;
        // Comments alone stay above what comes to them.
        let heading = if document.is_empty() && !text.trim().is_empty() {
            format!("{}\n\n", text.trim_end())
        } else {
            String::new()
        };
        let document = if heading.is_empty() { document } else { DocumentMut::new() };
        Ok(Draft { heading, document, lang })
    }

    /// Whether a setting stands in it; a section's name is empty for what stands at the top.
    pub(crate) fn has(&self, section: &str, key: &str) -> bool {
        match section {
            "" => self.document.contains_key(key),
            _ => self.document.get(section).and_then(|section| section.get(key)).is_some(),
        }
    }

    /// A setting that is a text.
    pub(crate) fn text_of(&self, section: &str, key: &str) -> Option<&str> {
        match section {
            "" => self.document.get(key)?.as_str(),
            _ => self.document.get(section)?.get(key)?.as_str(),
        }
    }

    /// Sets what is not set yet, with a comment behind it.
    pub(crate) fn set(&mut self, section: &str, key: &str, value: impl Into<Value>, remark: Option<Message>) {
        if self.has(section, key) {
            return;
        }
        let mut value = value.into();
        if let Some(remark) = remark {
            value.decor_mut().set_suffix(format!("   # {}", remark.text(self.lang)));
        }
        let table = match section {
            "" => self.document.as_table_mut(),
            _ => self.section(section),
        };
        table.insert(key, Item::Value(value));
    }

    /// Takes a setting out again.
    pub(crate) fn unset(&mut self, section: &str, key: &str) {
        if self.has(section, key) {
            self.section(section).remove(key);
        }
    }

    fn section(&mut self, name: &str) -> &mut Table {
        let item = self.document.entry(name).or_insert_with(|| {
            let mut table = Table::new();
            table.decor_mut().set_prefix("\n");
            Item::Table(table)
        });
        as_table(item)
    }

    /// Whether the columns of a kind stand in it already, or that it is not to be synced.
    pub(crate) fn decides_on(&self, kind: Kind) -> bool {
        let Some(table) = self.kind(kind) else { return false };
        let is_off = table.get("enabled").is_some_and(|enabled| enabled.as_bool() != Some(true));
        is_off || ["columns", "push"].iter().any(|key| table.get(key).is_some())
    }

    fn kind(&self, kind: Kind) -> Option<&Item> {
        let entities = self.document.get("entities")?.as_table_like()?;
        entities.iter().find(|(name, _)| Kind::parse(name) == Some(kind)).map(|(_, item)| item)
    }

    /// The columns of a kind, in the order in which people read them there.
    pub(crate) fn columns_of(&self, kind: Kind) -> Vec<String> {
        let columns = self.kind(kind).and_then(|table| table.get("columns")).and_then(Item::as_table_like);
        columns.into_iter().flat_map(|columns| columns.iter()).map(|(id, _)| id.to_owned()).collect()
    }

    /// The table of a kind, whatever the spelling of its name; made where there is none.
    fn kind_mut(&mut self, kind: Kind) -> &mut Table {
        let entities = self.document.entry("entities").or_insert_with(|| {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        });
        let entities = as_table(entities);
        let name = entities.iter().map(|(name, _)| name.to_owned()).find(|name| Kind::parse(name) == Some(kind));
        let item = entities.entry(name.as_deref().unwrap_or(kind.name())).or_insert_with(|| Item::Table(Table::new()));
        as_table(item)
    }

    /// Adds a kind with the mapping proposed for it, and what is worth knowing above it.
    pub(crate) fn add_kind(&mut self, proposal: &Proposal, remarks: &[Message], below: Option<Message>) {
        let lang = self.lang;
        let table = self.kind_mut(proposal.kind);
        remark_above(table, remarks, lang);
        if !proposal.only.is_empty() && !table.contains_key("only") {
            let only: InlineTable = proposal.only.iter().map(|(property, values)| (property, list(values))).collect();
            table.insert("only", Item::Value(only.into()));
        }
        if !table.contains_key("key_column") {
            table.insert("key_column", text(KEY_COLUMN));
        }
        if let Some(name) = proposal.name.as_ref().filter(|_| !table.contains_key("name")) {
            table.insert("name", text(name));
        }
        let mut columns = Table::new();
        for (id, column) in &proposal.columns {
            columns.insert(id, Item::Value(column_value(column)));
        }
        let below: Vec<Message> = below.into_iter().collect();
        remark_above(&mut columns, &below, lang);
        table.insert("columns", Item::Table(columns));
    }

    /// Adds a kind that is not synced, and why.
    pub(crate) fn leave_out(&mut self, kind: Kind, why: &[Message]) {
        let lang = self.lang;
        let table = self.kind_mut(kind);
        remark_above(table, why, lang);
        table.insert("enabled", Item::Value(false.into()));
    }

    /// Wants a kind that an earlier draft left out; where columns stand in it, somebody else switched it off, and it stays so.
    pub(crate) fn choose(&mut self, kind: Kind) {
        let is_left_out = |table: &Item| {
            table.get("enabled").and_then(Item::as_bool) == Some(false) && table.get("columns").is_none()
        };
        if !self.kind(kind).is_some_and(is_left_out) {
            return;
        }
        let remarks = [Lang::En, Lang::Fr].map(|lang| comment(&InitText::RemarkNotChosen {}.text(lang)));
        let table = self.kind_mut(kind);
        table.remove("enabled");
        let known = table.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or("\n").to_owned();
        let kept = known.split_inclusive('\n').filter(|line| !remarks.iter().any(|remark| line.trim_end() == remark));
        table.decor_mut().set_prefix(kept.collect::<String>());
    }

    /// Adds to a kind which values of a property are pushed, where nothing is said of it. Returns whether the kind says so now.
    pub(crate) fn set_only(&mut self, kind: Kind, property: &str, values: &[String]) -> bool {
        let wanted = list(values).to_string();
        let is_all = values.iter().any(|value| value == "*");
        let table = self.kind_mut(kind);
        match table.get_mut("only").map(Item::as_table_like_mut) {
            None if is_all => true,
            None => {
                let only: InlineTable = [(property, list(values))].into_iter().collect();
                table.insert("only", Item::Value(only.into()));
                true
            }
            Some(None) => false,
            Some(Some(only)) => match only.get(property) {
                Some(known) => !is_all && known.to_string().trim() == wanted.trim(),
                None if is_all => true,
                None => {
                    only.insert(property, Item::Value(list(values)));
                    true
                }
            },
        }
    }

    /// Sets the board of a kind, and its key column.
    pub(crate) fn set_board(&mut self, kind: Kind, board: &str, key_column: &str) {
        let table = self.kind_mut(kind);
        let number = board.parse::<i64>().map_or_else(|_| Value::from(board), Value::from);
        put_first(table, "board", number);
        if table.get("key_column").and_then(Item::as_str) != Some(key_column) {
            table.insert("key_column", text(key_column));
        }
    }

    /// The document's text.
    pub(crate) fn text(&self) -> String {
        format!("{}{}", self.heading, self.document)
    }
}

/// An item as a table; what is written as an inline one becomes one of lines of its own.
fn as_table(item: &mut Item) -> &mut Table {
    if !item.is_table() {
        let table = std::mem::take(item).into_table().unwrap_or_default();
        *item = Item::Table(table);
    }
    item.as_table_mut().expect("it was just made one")
}

fn text(text: &str) -> Item {
    Item::Value(text.into())
}

fn list(values: &[String]) -> Value {
    values.iter().map(String::as_str).collect::<Array>().into()
}

/// Puts a key before those that are there, so that it stands where people look first.
fn put_first(table: &mut Table, key: &str, value: Value) {
    if let Some(known) = table.get_mut(key) {
        *known = Item::Value(value);
        return;
    }
    let others: Vec<(Key, Item)> = table
        .iter()
        .filter(|(_, item)| item.is_value())
        .map(|(name, _)| name.to_owned())
        .collect::<Vec<_>>()
        .iter()
        .filter_map(|name| table.remove_entry(name))
        .collect();
    table.insert(key, Item::Value(value));
    for (name, item) in others {
        table.insert_formatted(&name, item);
    }
}

fn column_value(column: &Column) -> Value {
    if let (Source::Field(property), Some(ColumnType::Text) | None) = (&column.source, column.column_type) {
        return property.as_str().into();
    }
    let mut table = InlineTable::new();
    match &column.source {
        Source::Field(property) => table.insert("field", property.as_str().into()),
        Source::Template(template) => table.insert("template", template.as_str().into()),
        Source::Relation(parent) => table.insert("relation", parent.name().into()),
    };
    let is_relation = matches!(column.source, Source::Relation(_));
    let options = [
        ("type", column.column_type.filter(|_| !is_relation).map(|column_type| column_type.name().to_owned())),
        ("country", column.country.clone()),
    ];
    for (name, value) in options {
        if let Some(value) = value {
            table.insert(name, value.into());
        }
    }
    if !column.values.is_empty() {
        table.insert("values", labels(&column.values).into());
    }
    if let Some(default) = &column.default {
        table.insert("default", default.as_str().into());
    }
    table.into()
}

fn labels(values: &BTreeMap<String, String>) -> InlineTable {
    values.iter().map(|(code, label)| (code.as_str(), Value::from(label.as_str()))).collect()
}

/// Comments above a table's head, after what stands there already.
fn remark_above(table: &mut Table, remarks: &[Message], lang: Lang) {
    let known = table.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or("\n").to_owned();
    let lines: Vec<String> = remarks.iter().map(|remark| format!("{}\n", comment(&remark.text(lang)))).collect();
    table.decor_mut().set_prefix(format!("{known}{}", lines.concat()));
}

/// A text as a comment, each of its lines.
fn comment(text: &str) -> String {
    text.lines().map(|line| format!("# {line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::{column, config};

    fn proposal() -> Proposal {
        let columns = [
            ("text_code", "'UnitCode'"),
            (
                "status_1",
                "{ field = 'TenantType', type = 'status', values = { L = 'Actuel', 'X Y' = 'x' }, default = 'Autre' }",
            ),
            ("phone_1", "{ field = 'Cell', type = 'phone', country = 'CA' }"),
            ("link_unit", "{ relation = 'unit' }"),
        ];
        let columns = columns.map(|(id, toml)| (id.to_owned(), column(Kind::TENANT, toml)));
        Proposal {
            kind: Kind::TENANT,
            name: Some("{LastName}".to_owned()),
            columns: columns.to_vec(),
            only: BTreeMap::from([("TenantType".to_owned(), vec!["A".to_owned(), "L".to_owned()])]),
            left_out: Vec::new(),
        }
    }

    #[test]
    fn what_is_proposed_is_read_again_as_it_was_meant() {
        let mut draft = Draft::new(Lang::Fr, InitText::Heading {});
        draft.set("", "language", "fr", None);
        draft.set("hapi", "url", "https://h.example", None);
        draft.add_kind(&proposal(), &[InitText::Heading {}.into()], None);
        draft.set_board(Kind::TENANT, "9007199254741001", "k");
        let text = draft.text();
        let read = config(&text);
        let tenant = read.kind(Kind::TENANT);
        assert_eq!(tenant.board.as_deref(), Some("9007199254741001"), "{text}");
        assert_eq!(tenant.columns, proposal().columns.into_iter().collect(), "{text}");
        assert_eq!((tenant.only.clone(), tenant.name.as_str()), (proposal().only, "{LastName}"));
        assert_eq!((read.hapi.url.as_deref(), read.language), (Some("https://h.example"), Some(Lang::Fr)));
        assert!(text.contains("[entities.tenant]\nboard = 9007199254741001\n"), "{text}");
        let order: Vec<String> = proposal().columns.into_iter().map(|(id, _)| id).collect();
        assert_eq!((draft.columns_of(Kind::TENANT), draft.columns_of(Kind::UNIT)), (order, Vec::new()));
    }

    #[test]
    fn what_stands_in_a_document_stays_with_its_comments() {
        let before = "# mine\n[hapi]\nurl = 'https://a' # here\n\n# my units\n[entities.'Unités']\n# named so\nname = '{UnitCode}'\n";
        let mut draft = Draft::of(before, Lang::En).expect("TOML");
        draft.set("hapi", "url", "https://b", None);
        draft.set("hapi", "username", "me", None);
        assert!(!draft.decides_on(Kind::UNIT));
        draft.add_kind(&Proposal { kind: Kind::UNIT, ..proposal() }, &[], None);
        draft.set_board(Kind::UNIT, "5", "k");
        assert!(draft.decides_on(Kind::UNIT));
        let text = draft.text();
        for kept in [
            "# mine\n[hapi]\nurl = 'https://a' # here\n",
            "# my units\n[entities.'Unités']\n",
            "# named so\nname = '{UnitCode}'\n",
            "board = 5\n",
        ] {
            assert!(text.contains(kept), "{kept} in {text}");
        }
        assert!(text.contains("username = \"me\"") && !text.contains("https://b"), "{text}");
    }

    #[test]
    fn a_kind_that_hapi_does_not_give_says_why_it_is_left_out() {
        let mut draft = Draft::new(Lang::En, InitText::Heading {});
        draft.leave_out(Kind::STORAGE, &[Message::foreign("HApi answers 403")]);
        assert!(draft.text().contains("# HApi answers 403\n[entities.storage]\nenabled = false\n"), "{}", draft.text());
        assert!(draft.decides_on(Kind::STORAGE));
    }

    #[test]
    fn a_kind_that_was_left_out_can_be_chosen_later_and_one_that_was_switched_off_stays_so() {
        let mut draft = Draft::new(Lang::Fr, InitText::Heading {});
        draft.leave_out(Kind::STORAGE, &[InitText::RemarkNotChosen {}.into()]);
        draft.choose(Kind::STORAGE);
        assert!(!draft.decides_on(Kind::STORAGE) && !draft.text().contains("non choisi"), "{}", draft.text());
        let off = "[entities.unit]\nenabled = false\n[entities.unit.columns]\nx = 'Rent'\n";
        let mut draft = Draft::of(off, Lang::Fr).expect("TOML");
        draft.choose(Kind::UNIT);
        assert_eq!(draft.text(), off);
        let on = Draft::of("[entities.unit]\nenabled = true\n", Lang::Fr).expect("TOML");
        assert!(!on.decides_on(Kind::UNIT), "it wants columns");
    }

    #[test]
    fn only_is_written_for_each_property_and_what_stands_there_stays() {
        let mut draft = Draft::new(Lang::En, InitText::Heading {});
        let values = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
        let only = BTreeMap::from([("A".to_owned(), values(&["1"])), ("B".to_owned(), values(&["2", "3"]))]);
        draft.add_kind(&Proposal { only, ..proposal() }, &[], None);
        assert!(draft.text().contains(r#"only = { A = ["1"], B = ["2", "3"] }"#), "{}", draft.text());
        assert!(draft.set_only(Kind::TENANT, "B", &values(&["2", "3"])), "it says so already");
        assert!(
            !draft.set_only(Kind::TENANT, "B", &values(&["2"])) && !draft.set_only(Kind::TENANT, "B", &values(&["*"]))
        );
        assert!(
            draft.set_only(Kind::TENANT, "C", &values(&["4"])) && draft.set_only(Kind::TENANT, "D", &values(&["*"]))
        );
        assert!(
            draft.text().contains(r#"B = ["2", "3"]"#) && draft.text().contains(r#"C = ["4"]"#),
            "{}",
            draft.text()
        );
    }
}
