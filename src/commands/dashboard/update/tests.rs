use super::*;
use crate::entity::Kind;
use crate::message::Lang;
use crate::report::dashboard::Page;
use crate::report::status::{EntityEntry, KindEntry};
use crate::store::{EntityRow, StateRow};

fn now() -> Timestamp {
    "2026-11-22T05:00:00Z".parse().expect("a time")
}

fn entry(key: &str, state: State) -> EntityEntry {
    let entity = EntityRow { id: 1, kind: Kind::UNIT, key: key.to_owned(), board: None, item_id: None };
    let row = StateRow { entity, name: format!("Unit {key}"), state, received_at: now(), pushed_at: None };
    EntityEntry::new(&row, &[], None)
}

/// A model with two kinds and three units.
fn model() -> Model {
    let mut model = Model::new(&now().to_zoned(jiff::tz::TimeZone::UTC), 24, Vec::new());
    model.status.kinds = vec![KindEntry::new(Kind::UNIT), KindEntry::new(Kind::named("tenant").expect("a kind"))];
    let rows = vec![entry("1", State::Error), entry("2", State::Paused), entry("3", State::Synced)];
    model.page = Page { offset: 0, total: 3, rows };
    model
}

/// Presses keys, given as letters; returns the last effect.
fn press(model: &mut Model, keys: impl IntoIterator<Item = Key>) -> Option<Effect> {
    keys.into_iter().fold(None, |_, key| pressed(model, key))
}

fn letters(text: &str) -> Vec<Key> {
    text.chars().map(Key::Char).collect()
}

fn words(effect: Option<Effect>) -> String {
    let Some(Effect::Run(words)) = effect else { panic!("{effect:?}") };
    words.join(" ")
}

#[test]
fn a_pause_asks_for_reason_and_end_and_takes_no_day_that_is_past() {
    let mut model = model();
    press(&mut model, letters("p"));
    press(&mut model, letters("moving out"));
    assert_eq!(press(&mut model, [Key::Enter]), None, "first the end is asked for");
    press(&mut model, letters("2026-11-21"));
    assert_eq!(press(&mut model, [Key::Enter]), None);
    let error = model.dialog.as_ref().and_then(|dialog| dialog.error.clone()).expect("an error");
    assert!(error.text(Lang::En).contains("2026-11-21"), "{error:?}");
    press(&mut model, std::iter::repeat_n(Key::Backspace, 5));
    press(&mut model, letters("12-01"));
    assert_eq!(words(press(&mut model, [Key::Enter])), "pause unit:1 --reason moving out --until 2026-12-01");
    assert!(model.dialog.is_none());
}

#[test]
fn what_is_paused_is_resumed_by_the_same_key() {
    let mut model = model();
    press(&mut model, [Key::Down]);
    press(&mut model, letters("p"));
    assert_eq!(words(press(&mut model, [Key::Enter])), "resume unit:2");
}

#[test]
fn what_is_marked_is_meant_in_place_of_what_is_chosen() {
    let mut model = model();
    press(&mut model, letters("  "));
    assert_eq!((model.marked.len(), model.entity_at), (2, 2));
    press(&mut model, letters("r"));
    assert_eq!(words(press(&mut model, [Key::Enter])), "resync unit:1 unit:2");
    press(&mut model, letters("u"));
    assert_eq!(press(&mut model, [Key::Enter]), None, "Enter is no consent");
    assert_eq!(press(&mut model, letters("prochain")), None, "nor is a letter");
    assert_eq!(press(&mut model, [Key::Enter]), None, "nor another word");
    press(&mut model, std::iter::repeat_n(Key::Backspace, 8));
    press(&mut model, letters("Oui"));
    assert_eq!(words(press(&mut model, [Key::Enter])), "unlink unit:1 unit:2 --yes");
    ended(&mut model, Done { exit: Ok(Some(0)), lines: Vec::new() }, String::new());
    assert_eq!(model.marked.len(), 2, "no action was under way");
    began(&mut model, &["resync".to_owned()], now());
    ended(&mut model, Done { exit: Ok(Some(3)), lines: Vec::new() }, String::new());
    assert!(model.notice.as_ref().is_some_and(|notice| notice.is_bad) && !model.marked.is_empty());
    began(&mut model, &["resync".to_owned()], now());
    ended(&mut model, Done { exit: Ok(None), lines: Vec::new() }, String::new());
    let killed = DashboardText::WorkKilled { command: "hopem-sync resync".to_owned() };
    assert_eq!(model.notice.as_ref().map(|notice| notice.title.clone()), Some(killed.into()));
    began(&mut model, &["resync".to_owned()], now());
    ended(&mut model, Done { exit: Ok(Some(0)), lines: Vec::new() }, String::new());
    assert!(model.marked.is_empty());
}

#[test]
fn one_action_at_a_time() {
    let mut model = model();
    began(&mut model, &["resync".to_owned(), "unit:1".to_owned()], now());
    press(&mut model, letters("u"));
    assert!(model.dialog.is_none() && model.notice.is_some());
}

#[test]
fn escape_takes_one_thing_back_at_a_time() {
    let mut model = model();
    press(&mut model, letters("1/tremblay"));
    assert_eq!((model.filter, model.search.as_str(), model.is_searching), (Some(State::Error), "tremblay", true));
    assert_eq!(press(&mut model, letters("q")), None, "a letter of the search");
    press(&mut model, [Key::Backspace, Key::Enter]);
    press(&mut model, letters(" "));
    assert_eq!(model.marked.len(), 1);
    press(&mut model, [Key::Escape]);
    assert_eq!((model.marked.len(), model.search.as_str()), (0, "tremblay"));
    press(&mut model, [Key::Escape]);
    assert_eq!((model.search.as_str(), model.filter), ("", Some(State::Error)));
    press(&mut model, [Key::Escape]);
    assert_eq!(model.filter, None);
    assert_eq!(press(&mut model, letters("q")), Some(Effect::Quit));
}

#[test]
fn the_choice_stays_within_the_list_and_another_kind_begins_at_its_top() {
    let mut model = model();
    press(&mut model, [Key::Up, Key::PageDown]);
    assert_eq!(model.entity_at, 2);
    press(&mut model, [Key::Left, Key::End, Key::Down]);
    assert_eq!((model.kind_at, model.kind().map(|kind| kind.name()), model.entity_at), (2, Some("tenant"), 0));
    press(&mut model, [Key::Home]);
    assert_eq!(model.kind(), None);
}

#[test]
fn a_story_leads_to_json_and_back() {
    let mut model = model();
    press(&mut model, [Key::Enter]);
    assert!(matches!(&model.view, View::Story(view) if view.entity.to_string() == "unit:1"));
    press(&mut model, letters("j"));
    press(&mut model, [Key::Tab]);
    assert!(matches!(&model.view, View::Json(view) if view.tab == JsonTab::Wanted));
    press(&mut model, [Key::Escape]);
    assert!(matches!(&model.view, View::Story(_)));
    press(&mut model, [Key::Escape]);
    assert!(matches!(&model.view, View::Lists));
    assert_eq!(press(&mut model, [Key::Interrupt]), Some(Effect::Quit));
}
