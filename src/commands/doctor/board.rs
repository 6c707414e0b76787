//! Judging a board: whether the configuration fits it, and what would keep items from being written. Pure: it asks nobody, and what
//! the push would refuse is judged by the push's own verdicts.

use super::checks::{Problem, name};
use crate::boards::catalog::unfitness;
use crate::config::{Column, Config, KindConfig, Source};
use crate::entity::Kind;
use crate::message::{DoctorText, MondayText};
use crate::monday::column::{BoardColumn, ColumnType};
use crate::monday::diagnosis::{BoardDiagnosis, connected_boards, has_managed_labels};
use crate::plan::map::column_type;
use std::collections::{BTreeMap, BTreeSet};

/// A board is nearly full where less than this share of its items is free: one in ten.
const FREE_SHARE: u64 = 10;

/// Judgement of one check: its subject, and what is wrong with it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Judged {
    /// Which check.
    pub(super) check: &'static str,
    /// What it is about.
    pub(super) subject: String,
    /// What is wrong.
    pub(super) problems: Vec<Problem>,
}

impl Judged {
    fn new(check: &'static str, subject: impl Into<String>, problems: impl IntoIterator<Item = Problem>) -> Judged {
        Judged { check, subject: subject.into(), problems: problems.into_iter().collect() }
    }
}

/// Judges the board of a kind. `boards`: those of all kinds; `new_items`: how many items are to be made.
pub(super) fn judge(
    config: &Config,
    kind: Kind,
    board: Option<&BoardDiagnosis>,
    boards: &BTreeMap<Kind, Option<BoardDiagnosis>>,
    new_items: u64,
) -> Vec<Judged> {
    let entity = config.kind(kind);
    let Some(target) = entity.target() else { return Vec::new() };
    let subject = format!("{kind} ({})", target.board);
    let unfit = unfitness(target, board.map(|found| &found.board)).map(Problem::of);
    let Some(found) = board else { return vec![Judged::new(name::BOARD, subject, unfit)] };
    let mut judged = vec![
        Judged::new(name::BOARD, subject.clone(), whole_board(config, entity, found, new_items)),
        Judged::new(name::KEY_COLUMN, subject.clone(), unfit.into_iter().chain(archived_key(entity, found))),
        Judged::new(name::DUPLICATES, subject, duplicates(found)),
    ];
    for (id, column) in &entity.columns {
        judged.push(Judged::new(
            name::COLUMN,
            format!("{kind}.{id}"),
            column_problems(config, entity, id, column, found),
        ));
        if let Source::Relation(parent) = column.source {
            let problem = connection(entity, id, parent, found, boards);
            judged.push(Judged::new(name::CONNECTION, format!("{kind}.{id}"), problem));
        }
    }
    judged
}

/// What holds for all items of a board.
fn whole_board(config: &Config, entity: &KindConfig, found: &BoardDiagnosis, new_items: u64) -> Vec<Problem> {
    let kind = entity.kind;
    let mut problems = Vec::new();
    let has_same = |other: &&KindConfig| other.kind < kind && other.pushed_board() == entity.pushed_board();
    if let Some(other) = config.kinds.iter().find(has_same) {
        let what = DoctorText::BoardOfTwoKinds { other: other.kind };
        problems.push(Problem::warning(what).hint(DoctorText::GiveOwnBoard { kind }));
    }
    if !found.is_active {
        problems.push(Problem::error(DoctorText::BoardArchived {}).hint(DoctorText::RestoreBoard { kind }));
    }
    if found.is_read_only {
        problems.push(Problem::error(DoctorText::BoardReadOnly {}).hint(DoctorText::GiveEditRights {}));
    }
    if found.is_multi_level {
        problems.push(Problem::warning(DoctorText::BoardMultiLevel {}).hint(DoctorText::UseClassicBoard {}));
    }
    problems.extend(room(found, new_items));
    let filled = |column: &&String| entity.columns.contains_key(*column) || entity.key_column.as_ref() == Some(*column);
    let unfilled: Vec<String> =
        found.required_columns.iter().filter(|column| !filled(column) && *column != "name").cloned().collect();
    if !unfilled.is_empty() {
        problems.push(
            Problem::error(DoctorText::ColumnsRequired { columns: unfilled }).hint(DoctorText::MapRequired { kind }),
        );
    }
    if found.has_rules {
        problems.push(Problem::warning(DoctorText::BoardHasRules {}).hint(DoctorText::LookAtRules {}));
    }
    problems
}

/// Whether what is to be made has room.
fn room(found: &BoardDiagnosis, new_items: u64) -> Option<Problem> {
    let (limit, count) = (found.items_limit?, found.board.items_count?);
    let free = limit.saturating_sub(count);
    let what = DoctorText::BoardFull { count, limit, wanted: new_items };
    match () {
        () if new_items > free => Some(Problem::error(what).hint(DoctorText::MakeRoomOnBoard {})),
        () if free.saturating_mul(FREE_SHARE) < limit => {
            Some(Problem::warning(what).hint(DoctorText::MakeRoomOnBoard {}))
        }
        () => None,
    }
}

fn archived_key(entity: &KindConfig, found: &BoardDiagnosis) -> Option<Problem> {
    let column = entity.key_column.clone().filter(|column| found.archived_columns.contains(column))?;
    Some(Problem::error(DoctorText::ColumnArchived { column }).hint(MondayText::CheckKeyColumn { kind: entity.kind }))
}

/// Keys that stand on several of the items that were looked at.
fn duplicates(found: &BoardDiagnosis) -> Option<Problem> {
    let (mut once, mut twice) = (BTreeSet::new(), BTreeSet::new());
    for key in &found.keys {
        if !once.insert(key) {
            twice.insert(key);
        }
    }
    let example = (*twice.first()?).clone();
    let what = DoctorText::KeysTwice { count: twice.len() as u64, example };
    Some(Problem::error(what).hint(MondayText::MendDoubled {}))
}

/// Whether a column takes what it is to show.
fn column_problems(
    config: &Config,
    entity: &KindConfig,
    id: &str,
    column: &Column,
    found: &BoardDiagnosis,
) -> Vec<Problem> {
    let kind = entity.kind;
    let written_as = match column_type(entity, id, column, Some(&found.board.columns)) {
        Ok(written_as) => written_as,
        Err(detail) => return vec![Problem::of(*detail)],
    };
    let Some(there) = found.board.columns.get(id) else { return Vec::new() };
    let mut problems = Vec::new();
    if found.archived_columns.contains(id) {
        let what = DoctorText::ColumnArchived { column: id.to_owned() };
        problems.push(Problem::error(what).hint(MondayText::CheckColumn { kind }));
    }
    problems.extend(missing_labels(config, kind, column, written_as, there));
    problems
}

/// Labels that `values` and `default` name and the column does not have, where monday may not make them.
fn missing_labels(
    config: &Config,
    kind: Kind,
    column: &Column,
    written_as: ColumnType,
    there: &BoardColumn,
) -> Option<Problem> {
    let is_managed = has_managed_labels(there);
    let makes_them = config.monday.create_labels && !is_managed;
    if makes_them || !matches!(written_as, ColumnType::Status | ColumnType::Dropdown) {
        return None;
    }
    let known = there.labels()?;
    let named: BTreeSet<&String> = column.values.values().chain(&column.default).collect();
    let is_missing =
        |label: &&&String| known.find(label).is_none_or(|found| found.is_deactivated) && !label.trim().is_empty();
    let missing: Vec<String> = named.iter().filter(is_missing).map(|label| (*label).clone()).collect();
    (!missing.is_empty()).then(|| {
        let hint = if is_managed { DoctorText::AddManagedLabels {} } else { DoctorText::AddLabels { kind } };
        Problem::error(DoctorText::LabelsMissing { labels: missing }).hint(hint)
    })
}

/// Whether a connect-boards column leads to the board of the parents.
fn connection(
    entity: &KindConfig,
    id: &str,
    parent: Kind,
    found: &BoardDiagnosis,
    boards: &BTreeMap<Kind, Option<BoardDiagnosis>>,
) -> Option<Problem> {
    let Some(there) = boards.get(&parent) else {
        return Some(
            Problem::error(DoctorText::ParentHasNoBoard { parent }).hint(DoctorText::GiveParentBoard { parent }),
        );
    };
    let targets = connected_boards(found.board.columns.get(id)?)?;
    let wanted = there.as_ref()?.board.id.clone();
    (!targets.contains(&wanted)).then(|| {
        let what = DoctorText::ConnectedElsewhere { parent, board: wanted, targets };
        Problem::error(what).hint(DoctorText::ConnectToParents { kind: entity.kind })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::config;
    use crate::message::Lang;
    use crate::monday::diagnosis::board_diagnosis;
    use serde_json::{Value, json};

    const UNIT: &str = "[entities.building]\nboard = 7\nkey_column = 'k'\n[entities.unit]\nboard = 5\nkey_column = 'k'\n\
         [entities.unit.columns]\na = 'A'\ns = { field = 'S', values = { V = 'Vacant' } }\nb = { relation = 'building' }\n";

    fn columns() -> Value {
        json!([{"id": "k", "title": "K", "type": "text"}, {"id": "a", "title": "A", "type": "text"},
            {"id": "s", "title": "S", "type": "status", "settings": {"labels": [{"id": 1, "label": "Vacant"}]}},
            {"id": "b", "title": "B", "type": "board_relation", "settings": {"boardIds": ["7"]}}])
    }

    fn board(change: Value, columns: Value) -> BoardDiagnosis {
        let mut board = json!({"id": "5", "name": "Units", "state": "active", "items_count": 10, "items_limit": 1000,
            "columns": columns, "items_page": {"cursor": null, "items": []}});
        let mut data = json!({"validations": null});
        for (name, value) in change.as_object().expect("an object") {
            match name.as_str() {
                "validations" => data["validations"] = value.clone(),
                _ => board[name] = value.clone(),
            }
        }
        data["boards"] = json!([board]);
        board_diagnosis(data.as_object().expect("an object")).expect("a board")
    }

    fn findings_of(toml: &str, found: Option<BoardDiagnosis>, new_items: u64) -> Vec<String> {
        let config = config(toml);
        let parents = board(json!({"id": "7"}), json!([]));
        let boards = BTreeMap::from([(Kind::UNIT, found.clone()), (Kind::BUILDING, Some(parents))]);
        let judged = judge(&config, Kind::UNIT, found.as_ref(), &boards, new_items);
        let line = |judged: Judged| {
            let Judged { check, problems, .. } = judged;
            problems.into_iter().map(move |problem| format!("{check}: {}", problem.message.text(Lang::En)))
        };
        judged.into_iter().flat_map(line).collect()
    }

    #[test]
    fn a_board_that_fits_has_nothing_wrong() {
        assert_eq!(findings_of(UNIT, Some(board(json!({}), columns())), 5), [""; 0]);
    }

    #[test]
    fn what_holds_for_the_whole_board_is_reported() {
        for (change, check, part) in [
            (json!({"state": "archived"}), "board", "archived"),
            (json!({"access_level": "view"}), "board", "only look"),
            (json!({"hierarchy_type": "multi_level"}), "board", "levels"),
            (json!({"items_count": 950}), "board", "950"),
            (json!({"validations": {"required_column_ids": ["z", "a"]}}), "board", "z"),
            (json!({"validations": {"rules": [1]}}), "board", "rules"),
            (
                json!({"items_page": {"cursor": null, "items": [
                    {"id": "1", "column_values": [{"id": "k", "text": "unit:1"}]},
                    {"id": "2", "column_values": [{"id": "k", "text": "unit:1"}]}]}}),
                "duplicates",
                "unit:1",
            ),
        ] {
            let found = findings_of(UNIT, Some(board(change.clone(), columns())), 5);
            let is_reported = found.len() == 1 && found[0].starts_with(check) && found[0].contains(part);
            assert!(is_reported, "{change}: {found:?}");
        }
        assert!(findings_of(UNIT, Some(board(json!({}), columns())), 991)[0].contains("991"));
        assert!(findings_of(UNIT, None, 0)[0].contains('5'));
        let shared = findings_of(&UNIT.replace("board = 7", "board = 5"), Some(board(json!({}), columns())), 5);
        assert_eq!(shared, ["board: `building` has the same board"]);
    }

    #[test]
    fn columns_that_do_not_take_what_they_are_to_show_are_reported() {
        let changed = |id: usize, name: &str, value: Value| {
            let mut columns = columns();
            columns[id][name] = value;
            findings_of(UNIT, Some(board(json!({}), columns)), 0)
        };
        let one = |found: Vec<String>, check: &str, part: &str| {
            assert!(
                found.len() == 1 && found[0].starts_with(check) && found[0].contains(part),
                "{check} {part}: {found:?}"
            );
        };
        one(changed(0, "type", json!("numbers")), "key-column", "numbers");
        one(changed(1, "type", json!("formula")), "column", "formula");
        one(changed(1, "id", json!("other")), "column", "`a`");
        one(changed(1, "archived", json!(true)), "column", "archived");
        one(changed(2, "settings", json!({"labels": []})), "column", "Vacant");
        one(changed(3, "settings", json!({"boardIds": ["8"]})), "connection", "8");
        let typed = UNIT.replace("a = 'A'", "a = { field = 'A', type = 'date' }");
        one(findings_of(&typed, Some(board(json!({}), columns())), 0), "column", "date");
        let makes_them = format!("{UNIT}[monday]\ncreate_labels = true\n");
        let mut bare = columns();
        bare[2]["settings"] = json!({"labels": []});
        assert_eq!(findings_of(&makes_them, Some(board(json!({}), bare.clone())), 0), [""; 0]);
        bare[2]["settings"] = json!({"labels": [], "managed_column_id": "m"});
        one(findings_of(&makes_them, Some(board(json!({}), bare)), 0), "column", "Vacant");
    }
}
