//! Every mistake of a configuration at once, and what is odd in it though each setting by itself is sound. Asks nobody.

use super::column::{Column, Source};
use super::kind_config::KindConfig;
use super::known;
use super::load::{Loaded, ReadConfig, read_config, read_file};
use super::request::Request;
use super::settings::Config;
use crate::entity::Kind;
use crate::failure::Failure;
use crate::message::{ConfigText, Lang, Message};
use crate::monday::column::ColumnType;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Configuration that was checked.
#[derive(Debug)]
pub(crate) struct Checked {
    /// The file.
    pub(crate) file: PathBuf,
    /// What is wrong: each a failure of usage.
    pub(crate) mistakes: Vec<anyhow::Error>,
    /// What is not wrong but unwise.
    pub(crate) warnings: Vec<Message>,
    /// `language`, as far as it could be read.
    pub(crate) language: Option<Lang>,
    /// How many settings are not at their defaults.
    pub(crate) settings: usize,
}

impl Config {
    /// Checks the configuration.
    ///
    /// # Errors
    /// Where there is none, or it cannot be read.
    pub(crate) fn check(request: &Request<'_>) -> anyhow::Result<Checked> {
        let document = read_file(request)?;
        let file = document.file.clone();
        let mut mistakes = document.syntax_mistakes();
        if !mistakes.is_empty() {
            mistakes.sort_by_key(|mistake| document.position(&mistake.to_string()));
            return Ok(Checked { file, mistakes, warnings: Vec::new(), language: None, settings: 0 });
        }
        let root = document.parse()?;
        let mut read = read_config(request, &document, &root);
        let inconsistent = inconsistencies(&read);
        let mut mistakes = std::mem::take(&mut read.mistakes);
        mistakes.extend(inconsistent.into_iter().map(|text| Failure::usage(text).into()));
        mistakes.sort_by_key(|mistake| document.position(&mistake.to_string()));
        let mut warnings = read.loaded.warnings.clone();
        warnings.extend(oddities(&read).into_iter().map(Message::from));
        warnings.sort_by_key(|warning| document.position(&warning.to_string()));
        let loaded = read.loaded;
        let language = loaded.config.language;
        Ok(Checked { file, mistakes, warnings, language, settings: loaded.origins.len() })
    }
}

impl ReadConfig {
    /// Whether somebody meant to set it, though it was refused, or its name is mistaken: what lacks it is no mistake of its own.
    fn was_meant(&self, setting: &str) -> bool {
        let section = setting.split('.').next().unwrap_or(setting);
        self.mistaken.contains(setting) || self.mistaken.contains(section)
    }
}

/// Where a setting stands.
fn place(loaded: &Loaded, setting: &str) -> String {
    loaded.origins.get(setting).cloned().unwrap_or_else(|| loaded.config.file.display().to_string())
}

/// What cannot work, though each setting by itself is sound.
fn inconsistencies(read: &ReadConfig) -> Vec<ConfigText> {
    let loaded = &read.loaded;
    let config = &loaded.config;
    let mut found = missing_settings(read);
    found.extend(shared_boards(loaded));
    for entity in config.kinds.iter().filter(|entity| entity.pushed_board().is_some()) {
        let kind = entity.kind;
        for (column, mapped) in &entity.columns {
            let place = || place(loaded, &format!("entities.{kind}.columns.{column}"));
            found.extend(parent_mistake(read, kind, column, mapped, place));
            found.extend(idle_option(mapped, place));
        }
    }
    found
}

/// Without these nothing can be read.
fn missing_settings(read: &ReadConfig) -> Vec<ConfigText> {
    let config = &read.loaded.config;
    let missing = config.hapi.without_default().into_iter();
    let missing = missing.filter(|(key, value)| value.is_none() && !read.was_meant(&format!("hapi.{key}")));
    let text = |(key, _)| ConfigText::SettingMissingInFile {
        place: config.file.display().to_string(),
        setting: format!("[hapi] {key}"),
        variable: known::variable("hapi", key),
    };
    missing.map(text).collect()
}

/// Boards that several kinds are pushed to: the deletes, groups and counts of one would be the other's.
fn shared_boards(loaded: &Loaded) -> Vec<ConfigText> {
    let mut first: BTreeMap<&str, Kind> = BTreeMap::new();
    let mut found = Vec::new();
    for entity in &loaded.config.kinds {
        let Some(board) = entity.pushed_board() else { continue };
        let other = *first.entry(board).or_insert(entity.kind);
        if other != entity.kind {
            let place = place(loaded, &format!("entities.{}.board", entity.kind));
            found.push(ConfigText::BoardShared { place, kind: entity.kind, other, board: board.to_owned() });
        }
    }
    found
}

/// A column that needs a parent which has no items to connect to, or is not even read.
fn parent_mistake(
    read: &ReadConfig,
    kind: Kind,
    column: &str,
    mapped: &Column,
    place: impl Fn() -> String,
) -> Option<ConfigText> {
    let (config, parent) = (&read.loaded.config, mapped.parent()?);
    let column = column.to_owned();
    if !config.kind(parent).enabled {
        return Some(ConfigText::ParentNotRead { place: place(), kind, column, parent });
    }
    let is_connection = matches!(mapped.source, Source::Relation(_));
    // One that is not pushed may have items all the same.
    let has_board = config.kind(parent).board.is_some() || read.was_meant(&format!("entities.{parent}.board"));
    (is_connection && !has_board).then(|| ConfigText::ConnectionWithoutBoard { place: place(), kind, column, parent })
}

/// An option that means nothing for the type that is written beside it.
fn idle_option(mapped: &Column, place: impl Fn() -> String) -> Option<ConfigText> {
    let column_type = mapped.column_type?;
    let is_for = |types: &[ColumnType]| types.contains(&column_type);
    let option = if mapped.time && !is_for(&[ColumnType::Date]) {
        "time"
    } else if mapped.country.is_some() && !is_for(&[ColumnType::Phone]) {
        "country"
    } else {
        return None;
    };
    let column_type = column_type.name().to_owned();
    Some(ConfigText::ColumnOptionOfOtherType { place: place(), option: option.to_owned(), column_type })
}

/// What is allowed and hardly meant.
fn oddities(read: &ReadConfig) -> Vec<ConfigText> {
    let ReadConfig { loaded, .. } = read;
    let config = &loaded.config;
    let is_idle = |entity: &&KindConfig| {
        let is_pushed = entity.enabled && entity.push;
        is_pushed && entity.board.is_none() && !read.was_meant(&format!("entities.{}.board", entity.kind))
    };
    let idle = config.kinds.iter().filter(is_idle).filter(|entity| !entity.columns.is_empty());
    let text = |entity: &KindConfig| ConfigText::ColumnsWithoutBoard {
        place: place(loaded, &format!("entities.{}.columns", entity.kind)),
        kind: entity.kind,
    };
    idle.map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::Folder;
    use super::*;
    use crate::failure::render;

    const HAPI: &str = "[hapi]\nurl = 'https://h'\nusername = 'u'\n";

    fn checked(toml: &str) -> (Vec<String>, Vec<String>) {
        let folder = Folder::new(toml);
        let checked = Config::check(&folder.request()).expect("a configuration");
        let mistakes = checked.mistakes.iter().map(|mistake| folder.without_path(&render(mistake, Lang::En).message));
        let warnings = checked.warnings.iter().map(|warning| folder.without_path(&warning.text(Lang::En)));
        (mistakes.collect(), warnings.collect())
    }

    fn mistakes(toml: &str) -> Vec<String> {
        checked(&format!("{HAPI}{toml}")).0
    }

    #[test]
    fn every_mistake_is_found_at_once_with_its_line() {
        let found = mistakes(
            "pasword = 'x'\npage_size = 'many'\n[sync]\non_delete = 'archiv'\nfull_every = 3\nfoo = 1\nbar = 2\n\
             [entities.unit]\nboard = 'x'\nkey = []\nkey_column = 'a'\n[entities.unit.columns]\na = 'A'\n\
             b = { feild = 'B', type = 'nummer', on_edit = 'kep', field = 'B' }\nc = { relation = 'tenant' }\n\
             [entities.boat]\n[entities.parking-lease.relations]\nbuilding = 'storage'\nunti = ['A']\n",
        );
        let places: Vec<&str> = found.iter().filter_map(|message| message.split(' ').next()).collect();
        let lines = [
            "4:1", "5:13", "7:13", "8:14", "9:1", "10:1", "12:9", "13:7", "14:14", "17:7", "17:27", "17:47", "18:18",
            "19:11", "21:12", "22:1",
        ];
        let expected: Vec<String> = lines.iter().map(|line| format!("config.toml:{line}:")).collect();
        assert_eq!(places, expected, "{found:#?}");
    }

    #[test]
    fn what_stands_in_the_way_of_the_rest_is_reported_alone_but_whole() {
        let found = mistakes("[sync\non_delete = archive\nfull_every = '1h'\nblank = [\n");
        assert!(found.len() >= 2, "{found:?}");
        assert!(found.iter().all(|message| message.contains("not valid TOML")), "{found:?}");
        assert!(!found.concat().contains("archive"), "{found:?}");
    }

    #[test]
    fn what_a_wrong_setting_would_have_said_is_no_second_mistake() {
        let found =
            mistakes("[entities.unit]\nboard = 5\nkey_column = 3\nidentity = ['a']\n[entities.unit.columns]\na = 7\n");
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn a_mistaken_name_is_one_mistake_and_mistakes_are_reported_in_the_order_of_the_file() {
        let (mistakes, warnings) = checked(
            "[sync]\non_delete = 'archiv'\n[hapi]\nurl = 'https://h'\nusernme = 'u'\n[entities.unit]\nboadr = 5\nkey_column = 'k'\n\
             [entities.unit.columns]\na = 'A'\nb = { relation = 'building' }\n[entities.building]\nboard = 6\nkey_colum = 'k'\n\
             [entities.tenant]\nboard = 'x'\nkey_column = 'k'\n[entities.tenant.columns]\na = 'A'\n",
        );
        let places: Vec<&str> = mistakes.iter().filter_map(|mistake| mistake.split(": ").next()).collect();
        assert_eq!(
            places,
            ["config.toml:2:13", "config.toml:5:1", "config.toml:7:1", "config.toml:14:1", "config.toml:16:9"]
        );
        assert_eq!(warnings, [""; 0]);
        let (_, warnings) = checked(&format!("{HAPI}[entities.unit]\nboard = 0\n[entities.unit.columns]\na = 'A'\n"));
        assert_eq!(warnings.len(), 1, "no board is no mistake: {warnings:?}");
        let (mistakes, _) = checked("[happi]\nurl = 'https://h'\nusername = 'u'\n");
        assert!(mistakes.len() == 1 && mistakes[0].contains("`happi`"), "{mistakes:?}");
    }

    #[test]
    fn kinds_that_share_a_board_and_columns_without_their_parents_are_mistakes() {
        let unit = "[entities.unit]\nboard = 5\nkey_column = 'k'\n[entities.unit.columns]\n";
        let found = mistakes(&format!("{unit}a = 'A'\n[entities.tenant]\nboard = 5\nkey_column = 'k'\n"));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("config.toml:10:9: `tenant` and `unit` have the same board 5"), "{found:?}");
        let found = mistakes(&format!("{unit}a = {{ relation = 'building' }}\n"));
        assert!(found.len() == 1 && found[0].starts_with("config.toml:8:5: column `a`"), "{found:?}");
        let off = "[entities.building]\nenabled = false\n";
        let found = mistakes(&format!("{unit}a = {{ field = 'City', of = 'building' }}\n{off}"));
        assert!(found.len() == 1 && found[0].contains("`building` is not read"), "{found:?}");
        let found = mistakes("[entities.unit]\nboard = 5\n");
        assert!(found.len() == 1 && found[0].contains("no `key_column`"), "{found:?}");
        let found = mistakes(&format!("{unit}a = {{ field = 'A', type = 'text', country = 'CA' }}\n"));
        assert!(found.len() == 1 && found[0].contains("`country` means nothing"), "{found:?}");
    }

    #[test]
    fn a_kind_that_is_named_by_two_spellings_is_reported_with_both() {
        let found = mistakes("[entities.unit]\nfilter = 'a'\n[entities.Units]\nfilter = 'b'\n");
        assert_eq!(
            found,
            ["config.toml:6:11: [entities.unit], [entities.Units] name the same kind, `unit`; make them one"]
        );
        let found = mistakes("[entities.unit.relations]\nbuilding = ['A']\nimmeubles = ['B']\n");
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("`building`, `immeubles` name the same kind, `building`"), "{found:?}");
    }

    #[test]
    fn a_sound_configuration_has_no_mistakes_and_what_is_odd_is_a_warning() {
        assert_eq!(checked(HAPI), (vec![], vec![]));
        let (mistakes, warnings) = checked(&format!("{HAPI}[entities.unit.columns]\na = 'A'\n"));
        assert_eq!(mistakes, [""; 0]);
        assert!(warnings.len() == 1 && warnings[0].starts_with("config.toml:4:1"), "{warnings:?}");
        assert_eq!(checked("").0.len(), 2);
    }
}
