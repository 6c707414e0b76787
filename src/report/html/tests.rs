//! The pages through an HTML parser: no error, every element closed, nothing that runs or is loaded, and text that stays text.

use super::writer::CSS;
use super::*;
use crate::entity::{EntityKey, Kind};
use crate::failure::{FailureCause, Outcome, Stage, Subject};
use crate::message::{Lang, Message};
use crate::report::status::{EntityEntry, KindEntry, StatusDocument};
use crate::run::{ChangeEntry, FailurePart, RunDocument};
use crate::store::{ChangeAction, ColumnChange, DayFigures, EntityRow, FailureRow, State, StateRow};
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Text that would do harm where it was not escaped.
const HOSTILE: &str = "</td><script>alert(1)</script><img src=x onerror=\"alert(2)\">&amp;'";

/// Elements that have no end.
const VOID: [&str; 4] = ["meta", "br", "img", "hr"];

/// Reader of a page's tokens.
#[derive(Default)]
struct Reading {
    open: RefCell<Vec<String>>,
    tags: RefCell<Vec<Tag>>,
    text: RefCell<String>,
    errors: RefCell<Vec<String>>,
}

impl TokenSink for Reading {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::ParseError(error) => self.errors.borrow_mut().push(error.into_owned()),
            Token::CharacterTokens(text) => self.text.borrow_mut().push_str(&text),
            Token::TagToken(tag) => self.tag(tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Reading {
    fn tag(&self, tag: Tag) {
        let name = tag.name.to_string();
        match tag.kind {
            TagKind::StartTag if VOID.contains(&name.as_str()) || tag.self_closing => {}
            TagKind::StartTag => self.open.borrow_mut().push(name),
            TagKind::EndTag => {
                let opened = self.open.borrow_mut().pop();
                if opened.as_ref() != Some(&name) {
                    self.errors.borrow_mut().push(format!("{name} closes {opened:?}"));
                }
            }
        }
        self.tags.borrow_mut().push(tag);
    }

    /// A page that is sound, runs nothing and loads nothing.
    #[track_caller]
    fn of(page: &str) -> Reading {
        let input = BufferQueue::default();
        input.push_back(page.into());
        let options = TokenizerOpts { exact_errors: true, ..TokenizerOpts::default() };
        let tokenizer = Tokenizer::new(Reading::default(), options);
        let _ = tokenizer.feed(&input);
        tokenizer.end();
        let reading = tokenizer.sink;
        assert_eq!(*reading.errors.borrow(), Vec::<String>::new());
        assert!(reading.open.borrow().is_empty(), "{:?} are open", reading.open.borrow());
        for tag in reading.tags.borrow().iter() {
            assert!(!["script", "link", "iframe", "img", "object"].contains(&&*tag.name), "{tag:?}");
            for attribute in &tag.attrs {
                let name = &*attribute.name.local;
                assert!(!name.starts_with("on") && name != "src", "{tag:?}");
                assert!(name != "href" || attribute.value.starts_with("https://"), "{tag:?}");
            }
        }
        assert!(!CSS.contains("url(") && !CSS.contains("@import"));
        reading
    }

    fn links(&self) -> Vec<String> {
        let tags = self.tags.borrow();
        let links = tags.iter().flat_map(|tag| &tag.attrs).filter(|attribute| &*attribute.name.local == "href");
        links.map(|attribute| attribute.value.to_string()).collect()
    }
}

fn now() -> Timestamp {
    "2026-11-22T05:00:00Z".parse().expect("a time")
}

fn names(shows_names: bool) -> PageNames {
    let column = |title: &str, column_type: &str| (title.to_owned(), column_type.to_owned());
    let columns = BTreeMap::from([
        ("numbers_1".to_owned(), column("Loyer", "numbers")),
        ("text_1".to_owned(), column("Note", "text")),
    ]);
    PageNames {
        boards: BTreeMap::from([(
            Kind::UNIT,
            BoardNames { url: Some("https://acme.monday.com/boards/5/".to_owned()), columns },
        )]),
        items: BTreeMap::from([(EntityKey::new(Kind::UNIT, "1"), "77".to_owned())]),
        names: BTreeMap::from([(EntityKey::new(Kind::UNIT, "1"), format!("Marie {HOSTILE}"))]),
        shows_names,
    }
}

fn failure(key: &str, cause: FailureCause) -> FailurePart {
    let entity = EntityKey::new(Kind::UNIT, key);
    FailurePart {
        error: format!("item of {entity} refuses {HOSTILE}"),
        entity: Subject::Entity(entity),
        stage: Stage::Push,
        column: Some("numbers_1".to_owned()),
        column_title: None,
        cause,
        hint: Some("mend it".to_owned()),
    }
}

fn run_page(shows_names: bool) -> RunPage {
    let part = |old: &str, new: &str| ColumnChange { old: Some(old.to_owned()), new: Some(new.to_owned()) };
    let columns = BTreeMap::from([
        ("numbers_1".to_owned(), part("900", "950")),
        ("text_1".to_owned(), part("Marie", HOSTILE)),
        ("gone".to_owned(), part("same", "same")),
    ]);
    let entity = EntityKey::new(Kind::UNIT, "1");
    RunPage {
        document: RunDocument {
            failures: vec![
                failure("3", FailureCause::ItemMissing),
                failure("1", FailureCause::ValueUnfit),
                failure("2", FailureCause::ValueUnfit),
            ],
            notes: vec![HOSTILE.to_owned()],
            ..RunDocument::bare(17, "sync", now(), Outcome::Partial, Some(3))
        },
        changes: vec![ChangeEntry { entity, action: ChangeAction::Update, columns, run: Some(17), at: now() }],
        change_count: 1_200,
        names: names(shows_names),
        now: now(),
    }
}

fn status_page() -> StatusPage {
    let mut unit = KindEntry { is_enabled: true, ..KindEntry::new(Kind::UNIT) };
    unit.add(State::Error, true, 2);
    let row = StateRow {
        entity: EntityRow { id: 1, kind: Kind::UNIT, key: "1".to_owned(), board: None, item_id: Some("77".to_owned()) },
        name: HOSTILE.to_owned(),
        state: State::Error,
        received_at: now(),
        pushed_at: None,
    };
    let failure = FailureRow {
        column: None,
        cause: FailureCause::ItemMissing,
        message: Message::foreign(HOSTILE),
        hint: Some(Message::foreign("mend it")),
        value: None,
        tries: 1,
        next_try_at: None,
        keeps_value: false,
    };
    let day = |at: u64| DayFigures { day: format!("2026-11-{at:02}"), runs: at, changes: 0, monday_calls: at * 9 };
    StatusPage {
        document: StatusDocument { kinds: vec![unit], ..StatusDocument::default() },
        troubles: vec![EntityEntry::new(&row, &[failure], None)],
        trouble_count: 3,
        days: (1..=30).map(day).collect(),
        names: names(false),
        now: now(),
    }
}

#[test]
fn a_run_is_a_sound_page_in_which_text_stays_text() {
    for lang in [Lang::En, Lang::Fr] {
        let reading = Reading::of(&run_page(true).html(lang, &TimeZone::UTC));
        let text = reading.text.borrow();
        assert!(text.contains(HOSTILE) && text.contains("Loyer") && text.contains("950"), "{text}");
        let link = "https://acme.monday.com/boards/5/pulses/77".to_owned();
        assert!(reading.links().iter().all(|other| *other == link) && reading.links().len() >= 2);
    }
}

#[test]
fn failures_of_one_cause_stand_together_and_their_remedy_once() {
    let page = run_page(false).html(Lang::En, &TimeZone::UTC);
    assert_eq!(page.matches("What to do: mend it").count(), 2, "two causes");
    let (first, second) = page.split_once("1 × ").expect("the smaller one");
    assert!(first.contains("2 × ") && first.contains("unit:2") && second.contains("unit:3"), "{page}");
    assert!(page.contains("1,199 more are not on this page"), "{page}");
}

#[test]
fn names_of_persons_stand_on_a_page_only_where_they_are_asked_for() {
    let (without, with) =
        (run_page(false).html(Lang::Fr, &TimeZone::UTC), run_page(true).html(Lang::Fr, &TimeZone::UTC));
    assert!(with.contains("Marie") && !without.contains("Marie"), "{without}");
    assert!(without.contains("•••") && without.contains("950"), "a number names nobody");
}

#[test]
fn the_state_of_everything_is_a_sound_page_with_a_bar_for_each_day() {
    for lang in [Lang::En, Lang::Fr] {
        let page = status_page().html(lang, &TimeZone::UTC);
        let reading = Reading::of(&page);
        assert!(reading.text.borrow().contains(HOSTILE));
        let bars =
            reading.tags.borrow().iter().filter(|tag| &*tag.name == "rect" && tag.kind == TagKind::StartTag).count();
        assert_eq!(bars, 90);
        assert!(page.contains(&format!("lang=\"{}\"", lang.code())));
    }
}
