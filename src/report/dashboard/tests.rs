//! The screens of the dashboard at 80 by 24, in both languages, as they stand in `screens/`: read a changed one as prose.

use super::*;
use crate::entity::{EntityKey, Kind};
use crate::failure::{FailureCause, FailureDetail, Outcome, Stage};
use crate::message::{DashboardText, Lang, Message, RunText};
use crate::plan::verdict::{ExplainedColumn, Explanation, Reason, Verdict};
use crate::report::status::{EntityEntry, KindEntry, LastRun};
use crate::report::story::{ChildEntry, ParentState, RelationEntry, Story};
use crate::report::surface::Surface;
use crate::report::trouble::Trouble;
use crate::store::{EntityRow, FailureRow, State, StateRow};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde_json::json;
use std::collections::BTreeMap;

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn style(lang: Lang) -> Style<'static> {
    Style::bare(lang, Surface { is_terminal: true, is_coloured: false, width: 80 })
}

/// What stands on a terminal of this size.
fn drawn_at(model: &Model, lang: Lang, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
    terminal.draw(|frame| draw(model, style(lang), frame)).expect("drawn");
    let buffer = terminal.backend().buffer().clone();
    let text = |y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
    (0..height).map(|y| format!("{}\n", text(y).trim_end())).collect()
}

/// Compares a screen with the one that is kept. Where they differ, the new one stands in the target folder.
fn assert_screen(model: &Model, name: &str) {
    for lang in [Lang::En, Lang::Fr] {
        let shown = drawn_at(model, lang, 80, 24);
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let file = format!("{name}_{}.txt", lang.code());
        let kept = std::fs::read_to_string(root.join("src/report/dashboard/screens").join(&file)).unwrap_or_default();
        if shown != kept {
            let new = root.join("target/screens");
            std::fs::create_dir_all(&new).and_then(|()| std::fs::write(new.join(&file), &shown)).expect("written");
        }
        assert_eq!(shown, kept, "{file}: the new one is in target/screens");
    }
}

fn row(kind: Kind, key: &str, name: &str, state: State) -> StateRow {
    StateRow {
        entity: EntityRow {
            id: 1,
            kind,
            key: key.to_owned(),
            board: Some("5566778899".to_owned()),
            item_id: Some("18273645".to_owned()),
        },
        name: name.to_owned(),
        state,
        received_at: time("2026-11-22T04:00:00Z"),
        pushed_at: Some(time("2026-11-21T05:00:00Z")),
    }
}

fn failure(column: Option<&str>, text: &str) -> FailureRow {
    FailureRow {
        column: column.map(str::to_owned),
        cause: FailureCause::ValueUnfit,
        message: Message::foreign(text),
        hint: Some(RunText::RunPull {}.into()),
        value: None,
        tries: 2,
        next_try_at: Some(time("2026-11-22T06:00:00Z")),
        keeps_value: false,
    }
}

fn kind_entry(kind: Kind, counts: &[(State, u64)]) -> KindEntry {
    let mut entry = KindEntry { is_enabled: true, ..KindEntry::new(kind) };
    counts.iter().for_each(|(state, count)| entry.add(*state, true, *count));
    entry
}

/// A model with three kinds, one of them in trouble, and a page of entities.
fn model() -> Model {
    let mut model = Model::new(&time("2026-11-22T05:12:00Z").to_zoned(TimeZone::UTC), 24, Vec::new());
    let mut parkings = kind_entry(Kind::named("parking").expect("a kind"), &[(State::Synced, 40)]);
    let detail = FailureDetail::new(FailureCause::ValueUnfit, Message::foreign("the board 77 is not there"));
    parkings.set_failures(vec![Trouble::new(Stage::Push, detail, None)]);
    model.status.kinds = vec![
        kind_entry(Kind::UNIT, &[(State::Synced, 6_472), (State::Pending, 6)]),
        kind_entry(tenant(), &[(State::Error, 2), (State::Paused, 2), (State::Synced, 9_024)]),
        parkings,
    ];
    model.status.last_run = Some(LastRun {
        run: 17,
        outcome: Some(Outcome::Partial),
        finished_at: Some(time("2026-11-22T05:00:00Z")),
        started_at: time("2026-11-22T04:59:19Z"),
        command: "sync".to_owned(),
        exit_code: Some(3),
    });
    (model.status.monday_calls_today, model.status.daily_calls) = (40, std::num::NonZeroU64::new(500));
    let rows = [
        (
            row(tenant(), "7535", "Tremblay, Marie-\u{1b}[31mÈve", State::Error),
            vec![failure(Some("numbers_1"), "« N/D » is no number")],
        ),
        (row(tenant(), "9031", "Nguyễn, Văn An", State::Pending), vec![]),
        (row(tenant(), "4410", "漢字漢字漢字漢字漢字漢字", State::Paused), vec![]),
        (row(Kind::UNIT, "1472", "A-101", State::Synced), vec![]),
    ];
    model.page.total = 4;
    model.page.rows = rows.iter().map(|(row, failures)| EntityEntry::new(row, failures, None)).collect();
    model
}

fn tenant() -> Kind {
    Kind::named("tenant").expect("a kind")
}

fn entity() -> EntityKey {
    EntityKey::new(tenant(), "7535")
}

fn target() -> Target {
    Target { entity: entity(), name: "Tremblay, Marie".to_owned(), state: State::Error, is_item_missing: false }
}

fn step(column: &str, hopem: &str, sent: &str, verdict: Verdict) -> ExplainedColumn {
    ExplainedColumn {
        column: column.to_owned(),
        column_type: "numbers".to_owned(),
        source: "Rent".to_owned(),
        of: None,
        raw: vec![("Rent".to_owned(), Some(hopem.to_owned()))],
        trimmed: Some(hopem.to_owned()),
        mapped: None,
        wanted: Some(json!(hopem)),
        sent: Some(json!(sent)),
        is_sent_now: false,
        reason: Reason { verdict, why: vec![Message::foreign("monday refuses it")], hint: None },
    }
}

fn story() -> Story {
    let failures = vec![failure(Some("numbers_1"), "« N/D » is no number")];
    let unit = row(Kind::UNIT, "1472", "A-101", State::Synced);
    Story {
        why: None,
        former_item: None,
        entry: EntityEntry::new(&row(tenant(), "7535", "Tremblay, Marie", State::Error), &failures, None),
        origin: None,
        board: Some("5566778899".to_owned()),
        board_name: Some("Locataires".to_owned()),
        board_url: Some("https://acme.monday.com/boards/5566778899".to_owned()),
        failures,
        relations: BTreeMap::from([(
            Kind::UNIT,
            RelationEntry {
                entity: Some(EntityKey::new(Kind::UNIT, "1472")),
                name: Some("A-101".to_owned()),
                state: ParentState::Known(State::Synced),
                item_id: None,
            },
        )]),
        children: vec![ChildEntry::from(unit)],
        changes: Vec::new(),
        events: Vec::new(),
    }
}

fn story_view() -> StoryView {
    let steps = vec![
        step("name", "Tremblay, Marie", "Tremblay, Marie", Verdict::Same),
        step("numbers_1", "N/D", "900", Verdict::Refused),
    ];
    let read = StoryRead {
        story: story(),
        columns: Some(Explanation { steps, is_board_known: true }),
        titles: BTreeMap::from([("numbers_1".to_owned(), "Loyer".to_owned())]),
    };
    StoryView { entity: entity(), read: Some(read), relative_at: Some(0), scroll: 0, before: Vec::new() }
}

#[test]
fn the_lists() {
    assert_screen(&model(), "lists");
}

#[test]
fn a_kind_in_trouble_says_why_and_a_run_under_way_has_a_bar() {
    let mut model = model();
    (model.kind_at, model.focus) = (3, Focus::Kinds);
    let since = time("2026-11-22T05:10:00Z");
    model.live = Some(LiveRun { command: "sync".to_owned(), pid: 4_312, since, done: 30, pending: 10 });
    assert_screen(&model, "trouble");
}

#[test]
fn a_search_that_finds_nothing() {
    let mut model = model();
    (model.is_searching, model.search) = (true, "tremblay".to_owned());
    model.page = Page::default();
    assert_screen(&model, "search");
}

#[test]
fn the_keys() {
    assert_screen(&Model { view: View::Help, ..model() }, "help");
}

#[test]
fn a_story_has_columns_by_title_and_relatives() {
    assert_screen(&Model { view: View::Story(Box::new(story_view())), ..model() }, "story");
}

#[test]
fn the_json_marks_what_differs() {
    let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<String>>();
    let read = JsonRead {
        received: lines(&["{", "  \"Rent\": \"\u{1b}[31mN/D\"", "}"]),
        wanted: lines(&["{", "  \"numbers_1\": \"950\",", "  \"text\": \"a\"", "}"]),
        sent: lines(&["{", "  \"numbers_1\": \"900\",", "  \"text\": \"a\"", "}"]),
        different: std::iter::once("numbers_1".to_owned()).collect(),
    };
    let view = JsonView { entity: entity(), read: Some(read), tab: JsonTab::Wanted, scroll: 0, below: None };
    let model = Model { view: View::Json(view), ..model() };
    assert_screen(&model, "json");
    let wide = drawn_at(&model, Lang::En, 160, 24);
    for expected in
        ["≠   \"numbers_1\": \"950\"", "≠   \"numbers_1\": \"900\"", "\\u001b[31mN/D", "show-json tenant:7535 --sent"]
    {
        assert!(wide.contains(expected), "{expected} in {wide}");
    }
}

#[test]
fn every_question_shows_the_command_that_it_equals() {
    let pause =
        Ask::Pause {
            reason: "adresse contestée".to_owned(), until: "2027-01-15".to_owned(), field: PauseField::Until
        };
    let asked = |ask: Ask, targets: Vec<Target>| Model {
        dialog: Some(Dialog { targets, ask, error: None }),
        flags: vec!["--profile".to_owned(), "acme".to_owned()],
        ..model()
    };
    assert_screen(&asked(pause, vec![target()]), "pause");
    let command = |ask: Ask, targets: Vec<Target>| {
        let shown = drawn_at(&asked(ask, targets), Lang::En, 160, 24);
        let line = shown.lines().find_map(|line| line.split_once("$ ")).expect("a command").1.to_owned();
        line.trim_end_matches([' ', '│']).trim_end().split("  ").next().unwrap_or_default().to_owned()
    };
    let unlinked = Target { state: State::Unlinked, ..target() };
    assert_eq!(command(Ask::Resume, vec![target()]), "hopem-sync resume tenant:7535 --profile acme");
    assert_eq!(command(Ask::Resync, vec![unlinked]), "hopem-sync resync tenant:7535 --relink --profile acme");
    let two = vec![target(), Target { entity: EntityKey::new(Kind::UNIT, "1"), ..target() }];
    assert_eq!(command(Ask::Unlink(String::new()), two), "hopem-sync unlink tenant:7535 unit:1 --yes --profile acme");
}

#[test]
fn what_came_of_an_action_stands_at_the_foot() {
    let mut model = model();
    let command = "hopem-sync resync tenant:7535".to_owned();
    let title = DashboardText::WorkFailed { command, exit: "3".to_owned() }.into();
    model.notice = Some(Notice { title, lines: vec!["one".to_owned(), "\u{1b}[2Jtwo".to_owned()], is_bad: true });
    model.marked.insert(entity(), target());
    assert_screen(&model, "notice");
}

#[test]
fn no_size_of_a_terminal_breaks_it() {
    let models = [
        model(),
        Model { view: View::Story(Box::new(story_view())), ..model() },
        Model { view: View::Help, ..model() },
    ];
    for model in models {
        for (width, height) in [(1, 1), (10, 3), (20, 8), (200, 60)] {
            drawn_at(&model, Lang::Fr, width, height);
        }
    }
}
