//! What a command did on either side, judged by what it may do and by what stood on the boards before.

use crate::check::mirror;
use crate::happening::{WRITTEN_BY_HAND, key_of};
use crate::ledger::Ledger;
use crate::stage::{Ended, Stage};
use crate::story::{ALL_KINDS, Configuration};
use crate::world::{Addressee, World};
use hopem_sandbox::Monday;
use hopem_sandbox::monday::ItemView;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// So many items of a kind may always go at once, and one in ten of more: `max_deletes`.
const ALWAYS_MAY_GO: usize = 5;

/// Commands that ask nobody anything, whatever their flags.
const LOCAL: [&str; 10] =
    ["pause", "resume", "forget", "explain", "runs", "export", "config", "backup", "unlink", "version"];
/// Commands after which items may go.
const LETTING_GO: [&str; 5] = ["pull", "unlink", "forget", "link", "resume"];
/// Commands that change items.
const WRITING: [&str; 4] = ["sync", "push", "listen", "resync"];

/// What the store holds of what is to be done. It is read after each command that may change it, and not before the next: to open a
/// store that a kill left would mend it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pending {
    /// How many items of each kind people, or an earlier command, let go.
    let_go: BTreeMap<String, usize>,
    has_open_calls: bool,
    /// The items that entities hold.
    held: BTreeMap<String, String>,
}

/// What stood on the boards before a command, and what was to be done; `None`: nobody knows.
pub(crate) struct Before {
    items: BTreeMap<String, ItemView>,
    pending: Option<Pending>,
    calls: u64,
}

impl Before {
    pub(crate) fn of(stage: &Stage) -> Before {
        let world = stage.universe.world();
        Before { items: items_of(&world), pending: stage.pending.clone(), calls: world.calls.monday }
    }
}

impl Before {
    /// Whether it is known that no call was left of which nobody knows what became of it.
    pub(crate) fn is_settled(&self) -> bool {
        self.pending.as_ref().is_some_and(|pending| !pending.has_open_calls)
    }
}

fn items_of(world: &World) -> BTreeMap<String, ItemView> {
    let items = world.boards.iter().flat_map(|board| world.monday.items(&board.board_id));
    items.map(|item| (item.id.clone(), item)).collect()
}

/// Whether a command pushes whatever is to be pushed, and not only what it names.
pub(crate) fn pushes_everything(line: &str) -> bool {
    let is_named = |word: &str| word.contains(':') || ALL_KINDS.contains(&word);
    ["sync", "push"].contains(&verb_of(line)) && !line.contains("--dry-run") && !line.split(' ').any(is_named)
}

/// What a command did that it may not do.
pub(crate) fn forbidden(stage: &mut Stage, line: &str, before: &Before, ended: &Ended) -> Vec<String> {
    let mut wrong = Vec::new();
    wrong.extend(out_of_reach(line, ended));
    wrong.extend(too_early(stage, line, ended));
    let ledger = (!ended.had_no_room && WRITING.contains(&verb_of(line))).then(|| Ledger::open(&stage.store()));
    {
        let world = stage.universe.world();
        wrong.extend(over_max_calls(line, world.calls.monday - before.calls));
        let mut gone = items_of(&world);
        gone.retain(|id, item| item.state != "active" && !world.taken_by_people.contains(id));
        // `on_delete` is "archive".
        let deleted = gone.iter().filter(|(_, item)| item.state == "deleted");
        wrong.extend(deleted.map(|(id, _)| format!("item {id} is deleted")));
        if let Some(pending) = &before.pending {
            wrong.extend(past_the_guard(&world, line, before, &pending.let_go, &gone));
        }
    }
    // What became of an earlier command's calls is none of this one's deeds.
    if let (Some(ledger), Some(Pending { has_open_calls: false, .. })) = (&ledger, &before.pending) {
        wrong.extend(over_limit(line, ledger));
        wrong.extend(in_spite_of_people(stage, before, &ledger.unlinked()));
        wrong.extend(in_spite_of_settings(stage, before));
        wrong.extend(made_beside(stage, before, ended));
    }
    if let Some(ledger) = &ledger {
        wrong.extend(emptied(stage, before, ledger));
    }
    match ledger {
        Some(ledger) => {
            let (let_go, has_open_calls, held) = (ledger.let_go(), ledger.has_open_calls(), ledger.held());
            stage.pending = Some(Pending { let_go, has_open_calls, held });
        }
        None if ended.had_no_room || LETTING_GO.contains(&verb_of(line)) => stage.pending = None,
        None => {}
    }
    wrong
}

fn verb_of(line: &str) -> &str {
    line.split_whitespace().next().unwrap_or_default()
}

/// `pull` never talks to monday, `push` never to HApi, and nothing but a run that is no rehearsal changes anything.
fn out_of_reach(line: &str, ended: &Ended) -> Option<String> {
    let verb = verb_of(line);
    let may_reach = |to: Addressee| match to {
        _ if LOCAL.contains(&verb) => false,
        Addressee::Login | Addressee::Records => verb != "push",
        Addressee::Changes | Addressee::Files => WRITING.contains(&verb) && !line.contains("--dry-run"),
        Addressee::Looks => verb != "pull",
    };
    let mut reached = ended.plan.reached.keys();
    reached.find(|to| !may_reach(**to)).map(|to| format!("it asked {to:?}"))
}

fn over_max_calls(line: &str, calls: u64) -> Option<String> {
    let most: u64 = number_after(line, "--max-calls ")?;
    (calls > most).then(|| format!("{calls} calls"))
}

fn over_limit(line: &str, ledger: &Ledger) -> Option<String> {
    let most: u64 = number_after(line, "--limit ")?;
    let changed = ledger.changed_in_last_run();
    (changed > most).then(|| format!("{changed} entities were pushed"))
}

fn number_after(line: &str, flag: &str) -> Option<u64> {
    line.split_once(flag)?.1.split(' ').next()?.parse().ok()
}

/// Items that a run without `--allow-deletes` took away though they are too many, or all of their kind.
fn past_the_guard(
    world: &World,
    line: &str,
    before: &Before,
    let_go: &BTreeMap<String, usize>,
    gone: &BTreeMap<String, ItemView>,
) -> Vec<String> {
    if line.contains("--allow-deletes") {
        return Vec::new();
    }
    let is_active = |item: &&ItemView| item.state == "active";
    let mut wrong = Vec::new();
    for board in &world.boards {
        let is_of_kind = |item: &ItemView| key_of(item).is_some_and(|key| key.split(':').next() == Some(board.kind));
        let there = before.items.values().filter(is_active).filter(|item| is_of_kind(item));
        let (there, went): (Vec<&ItemView>, Vec<&ItemView>) = there.partition(|item| !gone.contains_key(&item.id));
        let (there, went) = (there.len() + went.len(), went.len());
        let let_go = let_go.get(board.kind).copied().unwrap_or_default();
        let is_too_much = went > ALWAYS_MAY_GO.max(there / 10) || went >= there;
        if went > let_go && is_too_much {
            wrong.push(format!("{went} of {there} items of {} went past the guard", board.kind));
        }
    }
    wrong
}

/// Items that were made or changed though their entities are paused, or made though people dissociated them.
fn in_spite_of_people(stage: &Stage, before: &Before, unlinked: &[String]) -> Vec<String> {
    let world = stage.universe.world();
    // What monday works on for a client that waits no longer may be of an earlier command.
    if world.was_given_up || stage.was_restored {
        return Vec::new();
    }
    let mut wrong = Vec::new();
    for (id, item) in items_of(&world).iter().filter(|(id, _)| !world.touched.contains(*id)) {
        let Some(entity) = key_of(item) else { continue };
        let former = before.items.get(id);
        if former.is_none() && unlinked.contains(&entity) {
            wrong.push(format!("{entity} is unlinked and got item {id}"));
        }
        let kind = entity.split(':').next().unwrap_or_default();
        if former != Some(item) && [entity.as_str(), kind].iter().any(|paused| stage.paused.contains(*paused)) {
            wrong.push(format!("{entity} is paused, and {former:?} became {item:?}"));
        }
    }
    wrong
}

/// Whether a command has to keep, and to heed, that a side asked to be left alone.
pub(crate) fn heeds_rests(line: &str) -> bool {
    ["sync", "pull", "push"].contains(&verb_of(line)) && !line.contains("--dry-run")
}

/// A side that was asked though it told an earlier run when to come again.
fn too_early(stage: &Stage, line: &str, ended: &Ended) -> Option<String> {
    let rests = &stage.universe.world().rests;
    let began = ended.plan.began;
    let is_early = |to: Addressee| rests.get(&to.is_hapi()).is_some_and(|until| began < *until);
    let mut reached = ended.plan.reached.keys().filter(|to| heeds_rests(line) && **to != Addressee::Files);
    reached.find(|to| is_early(**to)).map(|to| format!("it asked {to:?}, who is to be left alone"))
}

/// Items that were made again, or edits that were undone, though the configuration has it otherwise.
fn in_spite_of_settings(stage: &Stage, before: &Before) -> Vec<String> {
    let world = stage.universe.world();
    let Some(pending) = before.pending.as_ref().filter(|_| !world.was_given_up && !stage.was_restored) else {
        return Vec::new();
    };
    let items = items_of(&world);
    match stage.configuration {
        Configuration::MissingReported | Configuration::MissingUnlinked if !stage.has_relinked => {
            let new = items.iter().filter(|(id, _)| !before.items.contains_key(*id) && !world.touched.contains(*id));
            let again = new.filter_map(|(id, item)| key_of(item).zip(Some(id)));
            let again = again.filter_map(|(entity, id)| pending.held.get(&entity).map(|held| (entity, held, id)));
            again.map(|(entity, held, id)| format!("{entity} held item {held}, and got {id}")).collect()
        }
        Configuration::EditsKept(kept) => {
            let edits = world.edited.iter().filter(|((_, column), _)| *column == kept);
            let undone = edits.filter(|((item, column), former)| {
                let shows = |items: &BTreeMap<String, ItemView>| items.get(item)?.values.get(*column).cloned();
                let by_hand = Some(Value::from(WRITTEN_BY_HAND));
                shows(&before.items) == by_hand && shows(&items) == **former && **former != by_hand
            });
            undone.map(|((item, column), _)| format!("item {item}: what people wrote into {column} is gone")).collect()
        }
        _ => Vec::new(),
    }
}

/// How old an item is that every search finds.
const FOUND_BY_ALL: Duration = Duration::from_secs(60);

/// Items that were made though another one with the same key stood on the board, be it that somebody doubled it.
fn made_beside(stage: &Stage, before: &Before, ended: &Ended) -> Vec<String> {
    let world = stage.universe.world();
    if world.was_given_up || world.changed > ended.plan.began || before.items.is_empty() {
        return Vec::new();
    }
    let items = items_of(&world);
    let made = items.iter().filter(|(id, _)| !before.items.contains_key(*id));
    let mut wrong = Vec::new();
    for (id, item) in made {
        let Some(entity) = key_of(item) else { continue };
        let is_old = world.last_touches.get(&entity).is_none_or(|at| *at + FOUND_BY_ALL < ended.plan.began);
        let is_bearer = |other: &&ItemView| other.state == "active" && key_of(other).as_ref() == Some(&entity);
        let bearers = before.items.values().filter(is_bearer).filter(|_| is_old);
        wrong.extend(bearers.map(|other| format!("{entity} got item {id}, beside {}", other.id)));
    }
    wrong
}

/// Connections that a command emptied though they were as the store has them, and nobody touched either item.
fn emptied(stage: &Stage, before: &Before, ledger: &Ledger) -> Vec<String> {
    let world = stage.universe.world();
    if world.was_given_up {
        return Vec::new();
    }
    let (items, mut known, mut wrong) = (items_of(&world), None, Vec::new());
    let ours = |id: &String| items.get(id).filter(|item| item.state == "active" && !world.touched.contains(id));
    for (id, former) in &before.items {
        let Some((item, entity)) = ours(id).and_then(|item| Some((item, key_of(item)?))) else { continue };
        let emptied = former.values.iter().filter(|(column, linked)| {
            let is_empty = |value: Option<&Value>| value.and_then(Value::as_array).is_none_or(Vec::is_empty);
            column.starts_with("link_") && !is_empty(Some(linked)) && is_empty(item.values.get(*column))
        });
        for (column, linked) in emptied {
            let linked = linked.as_array().into_iter().flatten();
            let parents = linked.map(|parent| key_of(ours(&parent.as_str()?.to_owned())?).map(Value::from));
            let Some(parents) = parents.collect::<Option<Vec<Value>>>() else { continue };
            let (wanted, failed) = known.get_or_insert_with(|| (mirror::wanted_of(&ledger.records()), ledger.failed()));
            let is_wanted = wanted.get(&entity).and_then(|columns| columns.get(column)) == Some(&Value::Array(parents));
            if is_wanted && !failed.iter().any(|(failed, _)| *failed == entity) {
                wrong.push(format!("{entity}: {column} was right, and is emptied"));
            }
        }
    }
    wrong
}

/// The values that a call to monday writes to items that are there: item, column, and what it shows before.
pub(crate) fn values_written(monday: &Monday, body: &[u8]) -> Vec<(String, String, Option<Value>)> {
    let document: Value = serde_json::from_slice(body).unwrap_or_default();
    let variables = document["variables"].as_object().cloned().unwrap_or_default();
    let mut written = Vec::new();
    for (name, item) in &variables {
        let Some((item, number)) = item.as_str().zip(name.strip_prefix('i')) else { continue };
        let values = variables.get(&format!("v{number}")).and_then(Value::as_str).unwrap_or_default();
        let values: Map<String, Value> = serde_json::from_str(values).unwrap_or_default();
        written.extend(
            values.into_iter().map(|(column, _)| (item.to_owned(), column.clone(), shown(monday, item, &column))),
        );
    }
    written
}

/// What an item shows in a column.
pub(crate) fn shown(monday: &Monday, item: &str, column: &str) -> Option<Value> {
    let item = monday.item(item)?;
    if column == "name" { Some(Value::from(item.name)) } else { item.values.get(column).cloned() }
}

/// Those that are paused still after a command that ended well.
pub(crate) fn still_paused(paused: &mut BTreeSet<String>, line: &str) {
    let mut words = line.split(' ');
    match words.next() {
        Some("pause") => paused.extend(words.next().map(str::to_owned)),
        Some("resume") => paused.clear(),
        // People who name an entity have their way with it.
        _ => {
            let named: BTreeSet<&str> = words.collect();
            paused.retain(|entity| !named.contains(entity.as_str()));
        }
    }
}
