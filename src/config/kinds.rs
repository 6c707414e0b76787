//! `[entities.KIND]`: what one kind is, where it comes from and where it goes.

use super::columns::{self, Columns};
use super::kind_config::{KindConfig, Select};
use super::layers::{Layers, Section};
use super::value::{Value, unknown_kind};
use super::{forms, known, relations};
use crate::entity::Kind;
use crate::failure::Failure;
use crate::message::ConfigText;
use std::collections::BTreeMap;
use toml::de::DeTable;

/// Every kind's settings, in the order of [`Kind::all`].
pub(super) fn read<'a>(layers: &'a Layers<'a>) -> Vec<KindConfig> {
    let tables = tables(layers);
    let mut kinds = Vec::with_capacity(Kind::all().len());
    for kind in Kind::all() {
        let section = layers.section_of(&format!("entities.{kind}"), known::ENTITY, tables.get(&kind).copied());
        let config = kind_config(&section, kind, &kinds);
        kinds.push(config);
    }
    kinds
}

/// The tables below `[entities]` by kind, whatever the spelling of its name.
fn tables<'a>(layers: &'a Layers<'a>) -> BTreeMap<Kind, &'a DeTable<'a>> {
    let (mut tables, mut spellings) = (BTreeMap::new(), BTreeMap::new());
    let entities = layers.root.get("entities").and_then(|entities| layers.kept(layers.table("entities", entities)));
    let mut entities: Vec<_> = entities.into_iter().flatten().collect();
    entities.sort_by_key(|(name, _)| name.span().start);
    for (name, value) in entities {
        let place = layers.document.place(name.span().start);
        let kind = Kind::parse(name.get_ref()).ok_or_else(|| unknown_kind(place.clone(), name.get_ref()));
        let (Some(kind), Some(table)) = (layers.kept(kind), layers.kept(layers.table(name.get_ref(), value))) else {
            continue;
        };
        let spelling = format!("[entities.{}]", name.get_ref());
        if let Some(other) = spellings.insert(kind, spelling.clone()) {
            let names = vec![other, spelling];
            layers.kept::<()>(Err(Failure::usage(ConfigText::SettingKindTwice { place, kind, names }).into()));
        }
        tables.insert(kind, table);
    }
    tables
}

fn kind_config(section: &Section<'_>, kind: Kind, parents: &[KindConfig]) -> KindConfig {
    let configured_endpoint = section.read("endpoint", endpoint);
    let endpoint_is_configured = configured_endpoint.is_some();
    let endpoint = configured_endpoint.unwrap_or_else(|| kind.default_endpoint().to_owned());
    let event = section.read("event", Value::name).unwrap_or_else(|| default_event(kind, &endpoint));
    let relations = relations::read(section, kind, parents);
    let columns = columns::read(section, kind, &relations);
    let board = section.value("board");
    let config = KindConfig {
        kind,
        enabled: section.read("enabled", Value::boolean).unwrap_or(true),
        push: section.read("push", Value::boolean).unwrap_or(true),
        endpoint,
        endpoint_is_configured,
        event,
        key: read_list(section, "key", forms::property).unwrap_or_else(|| kind.default_key().to_vec()),
        filter: section.read("filter", Value::optional).flatten(),
        only: section.read("only", only).unwrap_or_default(),
        select: section.read("select", select).unwrap_or(Select::Mapped),
        board: board.as_ref().and_then(|board| section.kept_as("board", board_id(board))).flatten(),
        group: section.read("group", Value::optional).flatten(),
        key_column: section.read("key_column", |value| key_column(value, &columns)).flatten(),
        name: section.read("name", forms::template).unwrap_or_else(|| kind.default_name().clone()),
        identity: section.read("identity", |value| identity(value, &columns)).unwrap_or_default(),
        columns: columns.read,
        relations,
    };
    // A key column that was refused is a mistake of its own.
    let lacks_key_column = section.value("key_column").is_none_or(|value| matches!(value.optional(), Ok(None)));
    if let Some(board) =
        board.filter(|_| config.board.is_some() && lacks_key_column && !section.is_mistaken("key_column"))
    {
        let text = |place, _| ConfigText::BoardWithoutKeyColumn { place, kind };
        section.kept::<()>(Err(board.refused(text)));
    }
    config
}

fn read_list<'a>(
    section: &Section<'a>,
    key: &str,
    convert: impl Fn(&Value<'a>) -> anyhow::Result<String>,
) -> Option<Vec<String>> {
    section.read(key, |value| value.clone().structured()?.list(convert))
}

/// An entity set's name, perhaps below a path.
pub(super) fn endpoint(value: &Value<'_>) -> anyhow::Result<String> {
    let text = value.name()?.trim_matches('/').to_owned();
    if text.is_empty() || text.contains(|c: char| c.is_whitespace() || c.is_control() || "?#%".contains(c)) {
        return Err(value.refused(|place, setting| ConfigText::SettingWantsEndpoint { place, setting }));
    }
    Ok(text)
}

/// The name in webhooks: the kind's own, else the entity set in the singular.
fn default_event(kind: Kind, endpoint: &str) -> String {
    if let Some(event) = kind.default_event() {
        return event.to_owned();
    }
    let set = endpoint.rsplit('/').next().unwrap_or(endpoint);
    set.strip_suffix('s').unwrap_or(set).to_owned()
}

fn only(value: &Value<'_>) -> anyhow::Result<BTreeMap<String, Vec<String>>> {
    let mut only = BTreeMap::new();
    for member in value.clone().structured()?.members()? {
        let property = forms::key_as_property(&member.value)?;
        only.insert(property, member.value.list(|value| Ok(value.plain()?.trim().to_owned()))?);
    }
    Ok(only)
}

fn select(value: &Value<'_>) -> anyhow::Result<Select> {
    let value = value.clone().structured()?;
    if value.is_list() {
        return value.list(forms::property).map(Select::These);
    }
    let is_all = value.choice(&[("mapped", false), ("all", true)])?;
    Ok(if is_all { Select::All } else { Select::Mapped })
}

/// A board's number, written as a number or as text; none or 0 is no board.
fn board_id(value: &Value<'_>) -> anyhow::Result<Option<String>> {
    let refused = || value.refused(|place, setting| ConfigText::SettingWantsBoard { place, setting });
    let text = value.plain().map_err(|_| refused())?;
    match text.trim() {
        "" => Ok(None),
        digits => match digits.parse::<u64>() {
            Ok(0) => Ok(None),
            Ok(board) => Ok(Some(board.to_string())),
            Err(_) => Err(refused()),
        },
    }
}

fn key_column(value: &Value<'_>, columns: &Columns) -> anyhow::Result<Option<String>> {
    match value.optional()? {
        Some(column) if columns.given.contains(&column) => {
            Err(value.refused(|place, _| ConfigText::KeyColumnMapped { place, column }))
        }
        column => Ok(column),
    }
}

/// The identity columns: each must be mapped, or nothing would be known to look for.
fn identity(value: &Value<'_>, columns: &Columns) -> anyhow::Result<Vec<String>> {
    let value = value.clone().structured()?;
    if value.is_list() && value.elements().is_empty() {
        return Ok(Vec::new());
    }
    value.list(|element| {
        let column = element.name()?;
        if columns.given.contains(&column) {
            return Ok(column);
        }
        let columns = columns.given.iter().cloned().collect();
        Err(element.refused(|place, _| ConfigText::IdentityUnmapped { place, column, columns }))
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{config, kind_config, problem};
    use super::*;

    #[test]
    fn the_default_event_is_the_set_in_the_singular() {
        assert_eq!(default_event(Kind::UNIT, "TenantParkings"), "TenantParking");
        assert_eq!(default_event(Kind::UNIT, "v2/Units"), "Unit");
        assert_eq!(default_event(Kind::UNIT, "Storage"), "Storage");
    }

    #[test]
    fn a_kind_is_found_by_any_spelling_but_only_once() {
        assert!(!kind_config(Kind::UNIT, "[entities.'Unités']\nenabled = false").enabled);
        assert_eq!(
            problem("[entities.unit]\n[entities.invoice]\n"),
            "config.toml:2:11: unknown kind `invoice`; the kinds are company, building, unit, parking, storage, tenant, \
             parking-lease, locker-lease"
        );
        assert!(
            problem("[entities.unit]\n[entities.units]\n")
                .contains("[entities.unit], [entities.units] name the same kind")
        );
    }

    #[test]
    fn a_board_is_a_number_however_it_is_written_and_0_is_none() {
        let board =
            |text: &str| kind_config(Kind::UNIT, &format!("[entities.unit]\nkey_column = 'k'\nboard = {text}")).board;
        assert_eq!(board("1234567890").as_deref(), Some("1234567890"));
        assert_eq!(board("' 0018 '").as_deref(), Some("18"));
        assert_eq!((board("0"), board("''"), board("'0'")), (None, None, None));
        for text in ["-5", "1.5", "'18a'", "true", "[1]"] {
            let message = problem(&format!("[entities.unit]\nboard = {text}"));
            assert!(message.starts_with("config.toml:2:9: `board` must be a board's number"), "{text}: {message}");
        }
    }

    #[test]
    fn a_board_needs_a_key_column_of_its_own() {
        let message = problem("[entities.unit]\nboard = 5\n");
        assert!(message.starts_with("config.toml:2:9: `unit` has a `board` but no `key_column`"), "{message}");
        let message = problem("[entities.unit]\nkey_column = 'k'\n[entities.unit.columns]\nk = 'A'\n");
        assert!(message.starts_with("config.toml:2:14: `k` is both `key_column` and one of `columns`"), "{message}");
        assert_eq!(kind_config(Kind::UNIT, "[entities.unit]\nboard = 0\n").board, None);
    }

    #[test]
    fn only_takes_one_value_or_many_and_compares_text() {
        let toml = "[entities.unit]\nonly = { A = 'V', B = [1.50, 0x10, true], C = [' '] }";
        let only = kind_config(Kind::UNIT, toml).only;
        let of = |property: &str| only.get(property).map(|values| values.join("|"));
        assert_eq!(of("A").as_deref(), Some("V"));
        assert_eq!(of("B").as_deref(), Some("1.5|16|true"));
        assert_eq!(of("C").as_deref(), Some(""));
        assert!(problem("[entities.unit]\nonly = { A = [] }").starts_with("config.toml:2:14: `A` must be a list"));
        assert!(problem("[entities.unit]\nonly = ['A']").contains("must be a table"));
    }

    #[test]
    fn lists_hold_names_that_are_not_empty_and_stand_once() {
        assert_eq!(
            problem("[entities.unit]\nkey = []"),
            "config.toml:2:7: `key` must be a list with at least one element, such as `[\"Id\"]`"
        );
        assert_eq!(problem("[entities.unit]\nkey = ['A', 'A']"), "config.toml:2:13: `A` stands twice in `key`");
        assert_eq!(problem("[entities.unit]\nkey = ['A', ' ']"), "config.toml:2:13: `key` must not be empty");
        assert_eq!(problem("[entities.unit]\nkey = [3]"), "config.toml:2:8: `key` must be text in quotes");
        let message = problem("[entities.unit]\nidentity = ['b']\n[entities.unit.columns]\na = 'A'");
        assert_eq!(message, "config.toml:2:13: `identity` names `b`, which is not one of `columns` (a)");
    }

    #[test]
    fn select_is_a_word_or_a_list() {
        let select = |text: &str| kind_config(Kind::UNIT, &format!("[entities.unit]\nselect = {text}")).select;
        assert_eq!(select("'mapped'"), Select::Mapped);
        assert_eq!(select("'all'"), Select::All);
        assert_eq!(select("['Id', 'Rent']"), Select::These(vec!["Id".to_owned(), "Rent".to_owned()]));
        assert!(problem("[entities.unit]\nselect = 'maped'").contains("did you mean `mapped`?"));
    }

    #[test]
    fn an_endpoint_counts_as_configured_only_where_it_is_set() {
        let config = config("[entities.storage]\nendpoint = '/Lockers/'\n[entities.unit]\nenabled = true\n");
        let storage = config.kind(Kind::STORAGE);
        assert_eq!((storage.endpoint.as_str(), storage.event.as_str()), ("Lockers", "Locker"));
        assert!(storage.endpoint_is_configured && !config.kind(Kind::UNIT).endpoint_is_configured);
        assert!(problem("[entities.unit]\nendpoint = 'Units?x'").contains("must be the name of an entity set"));
    }

    #[test]
    fn a_bad_name_says_which_character() {
        let message = problem("[entities.unit]\nname = 'é{A'");
        assert_eq!(message, "config.toml:2:8: `name` has an unmatched brace or an empty `{}` at its character 2");
    }
}
