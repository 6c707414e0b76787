//! What a key, or an action's end, does to the model. Pure: what has to be done outside is returned.

use crate::commands::pause::end_of_pause;
use crate::entity::EntityKey;
use crate::failure::Failure;
use crate::message::{DashboardText, Message};
use crate::report::dashboard::{
    Ask, Dialog, Focus, JsonTab, JsonView, Model, Notice, PauseField, StoryView, Target, View, Work,
};
use crate::store::State;
use crate::terminal::Key;
use jiff::{Timestamp, Zoned};

/// Longest text that is typed.
const LONGEST_TYPED: usize = 200;

/// Effect: what has to be done outside of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    /// The command with these words is to be run.
    Run(Vec<String>),
    /// The dashboard ends.
    Quit,
}

/// End of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Done {
    /// Its exit code, `None` where a signal ended it; or why it could not begin.
    pub(super) exit: Result<Option<i32>, String>,
    /// What it wrote.
    pub(super) lines: Vec<String>,
}

/// What a key does.
pub(super) fn pressed(model: &mut Model, key: Key) -> Option<Effect> {
    if key == Key::Interrupt {
        return Some(Effect::Quit);
    }
    if model.dialog.is_some() {
        return in_dialog(model, key);
    }
    if model.is_searching {
        in_search(model, key);
        return None;
    }
    model.notice = None;
    match &model.view {
        View::Lists => in_lists(model, key),
        View::Story(_) => in_story(model, key),
        View::Json(_) => {
            in_json(model, key);
            None
        }
        View::Help => {
            if matches!(key, Key::Escape | Key::Enter | Key::Char('?' | 'h' | 'q')) {
                model.view = View::Lists;
            }
            None
        }
    }
}

/// An action has begun.
pub(super) fn began(model: &mut Model, words: &[String], now: Timestamp) {
    model.notice = None;
    model.work = Some(Work { command: model.command_line(words), since: now, last_line: None });
}

/// An action has ended.
pub(super) fn ended(model: &mut Model, done: Done, took: String) {
    let Some(work) = model.work.take() else { return };
    let command = work.command;
    let (title, is_bad): (Message, bool) = match done.exit {
        Ok(Some(0)) => (DashboardText::WorkDone { command, took }.into(), false),
        Ok(Some(exit)) => (DashboardText::WorkFailed { command, exit: exit.to_string() }.into(), true),
        Ok(None) => (DashboardText::WorkKilled { command }.into(), true),
        Err(why) => (DashboardText::WorkNotStarted { why }.into(), true),
    };
    if !is_bad {
        model.marked.clear();
    }
    model.notice = Some(Notice { title, lines: done.lines, is_bad });
}

fn in_lists(model: &mut Model, key: Key) -> Option<Effect> {
    match key {
        Key::Char('q') => return Some(Effect::Quit),
        Key::Char('?' | 'h') => model.view = View::Help,
        Key::Char('/') => (model.is_searching, model.focus) = (true, Focus::Entities),
        Key::Char(digit @ '0'..='5') => filter(model, digit),
        Key::Char(' ') => mark(model),
        Key::Escape => clear(model),
        Key::Tab | Key::Left | Key::Right => move_focus(model, key),
        Key::Enter => open(model),
        Key::Char('j') => {
            let entity = model.chosen().and_then(Target::of).map(|target| target.entity);
            entity.into_iter().for_each(|entity| open_json(model, entity, None));
        }
        Key::Char(letter) => ask(model, letter, targets(model)),
        _ => move_by(model, key),
    }
    None
}

/// The state that a digit stands for; 0 for all.
fn filter(model: &mut Model, digit: char) {
    model.filter = match digit {
        '1' => Some(State::Error),
        '2' => Some(State::Pending),
        '3' => Some(State::Paused),
        '4' => Some(State::Unlinked),
        '5' => Some(State::Synced),
        _ => None,
    };
    (model.entity_at, model.focus) = (0, Focus::Entities);
}

fn mark(model: &mut Model) {
    let Some(target) = model.chosen().and_then(Target::of) else { return };
    if model.marked.remove(&target.entity).is_none() {
        model.marked.insert(target.entity.clone(), target);
    }
    move_by(model, Key::Down);
}

/// One thing less: the marks, the search, the filter.
fn clear(model: &mut Model) {
    if !model.marked.is_empty() {
        model.marked.clear();
    } else if !model.search.is_empty() {
        model.search.clear();
        model.entity_at = 0;
    } else {
        (model.filter, model.entity_at) = (None, 0);
    }
}

fn move_focus(model: &mut Model, key: Key) {
    model.focus = match (key, model.focus) {
        (Key::Left, _) | (Key::Tab, Focus::Entities) => Focus::Kinds,
        _ => Focus::Entities,
    };
}

fn open(model: &mut Model) {
    if model.focus == Focus::Kinds {
        model.focus = Focus::Entities;
    } else if let Some(target) = model.chosen().and_then(Target::of) {
        model.view = View::Story(Box::new(story_of(target.entity, Vec::new())));
    }
}

fn story_of(entity: EntityKey, before: Vec<EntityKey>) -> StoryView {
    StoryView { entity, read: None, relative_at: None, scroll: 0, before }
}

fn open_json(model: &mut Model, entity: EntityKey, below: Option<Box<StoryView>>) {
    model.view = View::Json(JsonView { entity, read: None, tab: JsonTab::Received, scroll: 0, below });
}

/// The entities that an action is about: those that are marked, or the chosen one.
fn targets(model: &Model) -> Vec<Target> {
    match model.marked.is_empty() {
        true => model.chosen().and_then(Target::of).into_iter().collect(),
        false => model.marked.values().cloned().collect(),
    }
}

fn move_by(model: &mut Model, key: Key) {
    let page = model.page_length();
    let (at, count) = match model.focus {
        Focus::Kinds => (model.kind_at as u64, model.status.kinds.len() as u64 + 1),
        Focus::Entities => (model.entity_at, model.page.total),
    };
    let last = count.saturating_sub(1);
    let at = match key {
        Key::Up => at.saturating_sub(1),
        Key::Down => at.saturating_add(1),
        Key::PageUp => at.saturating_sub(page),
        Key::PageDown => at.saturating_add(page),
        Key::Home => 0,
        Key::End => last,
        _ => return,
    };
    match model.focus {
        Focus::Kinds => {
            (model.kind_at, model.entity_at) = (usize::try_from(at.min(last)).unwrap_or(0), 0);
        }
        Focus::Entities => model.entity_at = at.min(last),
    }
}

fn in_search(model: &mut Model, key: Key) {
    match key {
        Key::Escape => {
            model.search.clear();
            model.is_searching = false;
        }
        Key::Enter => model.is_searching = false,
        Key::Up | Key::Down | Key::PageUp | Key::PageDown => return move_by(model, key),
        _ => typed(&mut model.search, key),
    }
    model.entity_at = 0;
}

fn typed(text: &mut String, key: Key) {
    match key {
        Key::Char(letter) if text.chars().count() < LONGEST_TYPED => text.push(letter),
        Key::Backspace => drop(text.pop()),
        _ => {}
    }
}

fn in_story(model: &mut Model, key: Key) -> Option<Effect> {
    let View::Story(view) = &mut model.view else { return None };
    let relatives = view.read.as_ref().map(|read| read.relatives()).unwrap_or_default();
    match key {
        Key::Char('q') => return Some(Effect::Quit),
        Key::Escape | Key::Left => match view.before.pop() {
            Some(before) => **view = story_of(before, std::mem::take(&mut view.before)),
            None => model.view = View::Lists,
        },
        Key::Tab if !relatives.is_empty() => {
            view.relative_at = Some(view.relative_at.map_or(0, |at| (at + 1) % relatives.len()));
        }
        Key::Enter => {
            if let Some(relative) = view.relative_at.and_then(|at| relatives.get(at)) {
                let mut before = std::mem::take(&mut view.before);
                before.push(view.entity.clone());
                **view = story_of(relative.entity.clone(), before);
            }
        }
        Key::Char('j') => {
            let view = view.clone();
            open_json(model, view.entity.clone(), Some(view));
        }
        Key::Char(letter) => {
            let target = view.read.as_ref().and_then(|read| Target::of(&read.story.entry));
            ask(model, letter, target.into_iter().collect());
        }
        _ => view.scroll = scrolled(view.scroll, key, model.height),
    }
    None
}

fn scrolled(scroll: u16, key: Key, height: u16) -> u16 {
    let page = height.saturating_sub(6).max(1);
    match key {
        Key::Up => scroll.saturating_sub(1),
        Key::Down => scroll.saturating_add(1),
        Key::PageUp => scroll.saturating_sub(page),
        Key::PageDown => scroll.saturating_add(page),
        Key::Home => 0,
        _ => scroll,
    }
}

fn in_json(model: &mut Model, key: Key) {
    let height = model.height;
    let View::Json(view) = &mut model.view else { return };
    match key {
        Key::Tab | Key::Right => (view.tab, view.scroll) = (view.tab.next(), 0),
        Key::Escape | Key::Left | Key::Char('q' | 'j') => {
            model.view = view.below.take().map_or(View::Lists, View::Story);
        }
        _ => view.scroll = scrolled(view.scroll, key, height),
    }
}

/// Asks before the action that a letter stands for.
fn ask(model: &mut Model, letter: char, targets: Vec<Target>) {
    if targets.is_empty() || !"pruo".contains(letter) {
        return;
    }
    if model.work.is_some() && letter != 'o' {
        model.notice = Some(Notice { title: DashboardText::OneAtATime {}.into(), lines: Vec::new(), is_bad: true });
        return;
    }
    let is_paused = targets.iter().all(|target| target.state == State::Paused);
    let ask = match letter {
        'p' if is_paused => Ask::Resume,
        'p' => Ask::Pause { reason: String::new(), until: String::new(), field: PauseField::Reason },
        'r' => Ask::Resync,
        'u' => Ask::Unlink(String::new()),
        // The address is read by whoever knows the store.
        _ => Ask::Address(None),
    };
    model.dialog = Some(Dialog { targets, ask, error: None });
}

fn in_dialog(model: &mut Model, key: Key) -> Option<Effect> {
    let here = model.now.to_zoned(model.zone.clone());
    let dialog = model.dialog.as_mut()?;
    let is_agreed = match (&mut dialog.ask, key) {
        (_, Key::Escape) => {
            model.dialog = None;
            return None;
        }
        // Who types a reason and Enter goes on to the next field: a pause without an end is not begun in passing.
        (Ask::Pause { field: field @ PauseField::Reason, .. }, Key::Enter) => {
            *field = PauseField::Until;
            false
        }
        (Ask::Pause { until, .. }, Key::Enter) => match end_is_good(until, &here) {
            Ok(()) => true,
            Err(error) => {
                dialog.error = Some(error);
                return None;
            }
        },
        (Ask::Pause { reason, until, field }, key) => {
            match (key, *field) {
                (Key::Tab | Key::Down | Key::Up, PauseField::Reason) => *field = PauseField::Until,
                (Key::Tab | Key::Down | Key::Up, PauseField::Until) => *field = PauseField::Reason,
                (key, PauseField::Reason) => typed(reason, key),
                (key, PauseField::Until) => typed(until, key),
            }
            dialog.error = None;
            false
        }
        (Ask::Resume | Ask::Resync, Key::Enter) => true,
        (Ask::Unlink(agreed), Key::Enter) => is_yes(agreed),
        (Ask::Unlink(agreed), key) => {
            typed(agreed, key);
            false
        }
        (Ask::Address(_), Key::Enter | Key::Char('o' | 'q')) => {
            model.dialog = None;
            return None;
        }
        _ => false,
    };
    let words = model.dialog.take_if(|_| is_agreed)?.words();
    Some(Effect::Run(words))
}

/// Whether what was typed agrees. A word and Enter, since a lone letter may be meant for what was there before.
fn is_yes(typed: &str) -> bool {
    ["y", "yes", "o", "oui"].contains(&typed.trim().to_lowercase().as_str())
}

/// Whether the end of a pause is one that `pause` takes.
fn end_is_good(until: &str, here: &Zoned) -> Result<(), Message> {
    if until.trim().is_empty() {
        return Ok(());
    }
    let refused = |error: anyhow::Error| match error.downcast_ref::<Failure>() {
        Some(failure) => failure.what.clone(),
        None => Message::foreign(error.to_string()),
    };
    end_of_pause(until, here).map(drop).map_err(refused)
}

#[cfg(test)]
mod tests;
