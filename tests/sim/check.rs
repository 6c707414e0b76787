//! What must be true after a run, and after a story.

#[path = "../common/mirror.rs"]
pub(crate) mod mirror;

use crate::deeds::{Before, forbidden};
use crate::happening::{WRITTEN_BY_HAND, key_of};
use crate::ledger::Ledger;
use crate::reasons::not_so;
use crate::stage::{Ended, Stage};
use crate::story::{ALL_KINDS, Configuration, Run};
use crate::well::{not_so_well, not_so_well_beside, processed_unread};
use crate::world::World;
use hopem_sandbox::monday::{ItemView, TOKEN};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

/// The same is not put to monday more often in a run: `[network] retries` once it found no connection, and again after a look.
const MOST_REPETITIONS: u64 = 14;

/// What must be true after a run that was not killed.
///
/// # Errors
/// What is not.
pub(crate) fn run(stage: &mut Stage, line: &str, before: &Before, ended: &Ended) -> Result<(), String> {
    let is_work = ["sync", "pull", "push", "listen"].iter().any(|verb| line.starts_with(verb));
    let mut wrong = Vec::new();
    // Who looks at the boards spends calls too, and heeds what monday asked.
    let is_unknown = stage.configuration == Configuration::OtherUser;
    let may_be_put_off = stage.capped_calls > 0 || stage.universe.world().rests.contains_key(&false);
    wrong.extend(wrong_code(line, is_work, (may_be_put_off, is_unknown), ended));
    wrong.extend(overrun(line, ended));
    // Each of the many syncs of a listener waits a while for a board that somebody else writes to all the time.
    if !(line.starts_with("listen") && stage.universe.world().has_locked) {
        wrong.extend(hammered(ended));
    }
    wrong.extend(forbidden(stage, line, before, ended));
    {
        let world = stage.universe.world();
        wrong.extend(secrets(&world, ended));
        if is_work && line.contains(" -q") {
            wrong.extend(people(&world, ended));
        }
        wrong.extend(gone_for_nothing(&world, stage));
        if world.monday.parallel_mutations() > 0 && !world.was_given_up {
            wrong.push("two calls at a time for one board".to_owned());
        }
        wrong.extend(made_twice(&world));
    }
    if is_work && !ended.had_no_room {
        let ledger = Ledger::open(&stage.store());
        wrong.extend(in_store(stage, &ledger, ended));
        wrong.extend(processed_unread(stage, &ledger));
        wrong.extend(miscounted(stage, &ledger));
        wrong.extend(not_so(stage, &ledger, ended));
        wrong.extend(blamed_for_an_outage(stage, line, &ledger, ended));
        stage.blamed.extend(ledger.blamed().into_iter().map(|(entity, _)| entity));
        wrong.extend(green_and_wrong(stage, &ledger, ended)?);
    }
    wrong.extend(not_so_well(stage, line, before, ended));
    wrong.extend(not_so_well_beside(stage, line, before, ended));
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(format!("after `{line}`: {}", wrong.join("\n"))),
    }
}

/// An exit code that does not fit what happened.
fn wrong_code(line: &str, is_work: bool, (may_be_put_off, is_unknown): (bool, bool), ended: &Ended) -> Option<String> {
    let Ended { code, plan, written, .. } = ended;
    let refusals = ["login: 401", "token void", "set: 403", "monday: 401", "monday: 401 in HTML", "login: a page"];
    let was_refused = plan.strikes.iter().any(|strike| refusals.contains(&strike.fault));
    let fits = match code {
        0 => true,
        // A monitor's alarms.
        1..=3 if line == "status --check" => true,
        1 if ended.had_no_room || ended.was_blocked => true,
        7 if may_be_put_off => true,
        // HApi may have asked an earlier run to wait.
        1 | 3 | 7 => is_work || line.starts_with("resync") || line.contains("--live") || plan.struck > 0 || *code == 3,
        // A selector that names nothing.
        2 => !is_work,
        5 => is_work && !line.contains("--allow-deletes"),
        6 => was_refused || is_unknown,
        _ => false,
    };
    (!fits).then(|| format!("it ended with {code}: {}{}", written.out, written.err))
}

/// A run that went on for longer than it was to.
fn overrun(line: &str, ended: &Ended) -> Option<String> {
    let (_, limit) = line.split_once("--max-duration ")?;
    let seconds = limit.trim_end_matches('s').parse().expect("seconds");
    let most = Duration::from_secs(seconds) + Duration::from_secs(2);
    (ended.took > most).then(|| format!("it took {:?}", ended.took))
}

/// Secrets in what a command wrote.
fn secrets(world: &World, ended: &Ended) -> Vec<String> {
    let settings = &world.hapi.settings;
    let mut secrets = vec![TOKEN.to_owned(), settings.password.clone(), settings.api_key.clone()];
    secrets.extend(world.hapi.tokens());
    let written = format!("{}{}", ended.written.out, ended.written.err);
    secrets.into_iter().filter(|secret| written.contains(secret)).map(|secret| format!("it wrote {secret}")).collect()
}

/// People's names and addresses in what a quiet run wrote.
fn people(world: &World, ended: &Ended) -> Vec<String> {
    let written = format!("{}{}", ended.written.out, ended.written.err);
    let text = |record: &Value, property: &str| record[property].as_str().unwrap_or_default().trim().to_owned();
    let tenants = world.hapi.records("Tenants").iter();
    tenants
        .flat_map(|tenant| ["LastName", "EmailAddress", "CellPhone"].map(|property| text(tenant, property)))
        .filter(|known| known.len() > 5 && written.contains(known.as_str()))
        .map(|known| format!("it wrote {known}: {written}"))
        .collect()
}

/// Items that went though HApi has what they stand for.
fn gone_for_nothing(world: &World, stage: &Stage) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut wanted = None;
    for board in world.boards.iter().filter(|board| !stage.narrowed.contains(board.kind)) {
        for item in world.monday.items(&board.board_id).into_iter().filter(|item| item.state != "active") {
            let key = item.values.get(board.key_column).and_then(Value::as_str).unwrap_or_default();
            let is_ours = !world.removed.contains(key) && !world.taken_by_people.contains(&item.id);
            if is_ours && wanted.get_or_insert_with(|| mirror::wanted(&world.hapi)).contains_key(key) {
                wrong.push(format!("{key}: {} though HApi has it", item.state));
            }
        }
    }
    wrong
}

/// What was asked over and over.
fn hammered(ended: &Ended) -> Vec<String> {
    let mut wrong = Vec::new();
    if ended.plan.refused_logins > 1 {
        wrong.push(format!("{} logins that were refused: an account is locked for less", ended.plan.refused_logins));
    }
    let most = MOST_REPETITIONS + ended.plan.limited;
    let too_often = ended.plan.put.iter().filter(|(_, times)| **times > most);
    wrong.extend(too_often.map(|(body, times)| format!("{times} times: {}", String::from_utf8_lossy(body))));
    wrong
}

/// Keys on several items of a board, where nobody doubled one by hand.
fn made_twice(world: &World) -> Vec<String> {
    let mut wrong = Vec::new();
    for board in world.boards.iter().filter(|_| world.doubles.is_empty()) {
        let keys = world.monday.duplicate_keys(&board.board_id, board.key_column);
        let keys = keys.into_iter().filter(|key| key != WRITTEN_BY_HAND);
        wrong.extend(keys.map(|key| format!("{key}: twice on its board")));
    }
    wrong
}

/// What the store believes and is not so.
fn in_store(stage: &Stage, ledger: &Ledger, ended: &Ended) -> Vec<String> {
    let world = stage.universe.world();
    let twice = ledger.under_way_twice().into_iter().map(|entity| format!("{entity} is under way in two calls"));
    let is_active = |board: &str, id: &str| world.active_items(board).iter().any(|item| item.id == id);
    // People may have brought it back since.
    let is_there = |item: &String| {
        (!world.touched.contains(item) || was_seen(&world, ledger, ended, item))
            && world.boards.iter().any(|board| is_active(&board.board_id, item))
    };
    let there = ledger.missing_items().into_iter().filter(is_there);
    let there = there.map(|item| format!("item {item} is on its board and held to be missing"));
    there.chain(twice).chain(newer_taken_over(&world, ledger)).collect()
}

/// Whether an item that people touched was compared with what was sent in this run, and alone bears its key.
fn was_seen(world: &World, ledger: &Ledger, ended: &Ended, item: &str) -> bool {
    let Some(key) = world.monday.item(item).and_then(|item| key_of(&item)) else { return false };
    let items = world.boards.iter().flat_map(|board| world.active_items(&board.board_id));
    let is_alone = items.filter(|other| key_of(other).as_ref() == Some(&key)).count() == 1;
    let began = ended.plan.began;
    let is_verified = |at: &jiff::Timestamp| *at > world.began.0 + began + Duration::from_millis(1);
    let kind = key.split(':').next().unwrap_or_default();
    let is_old = world.last_touches.get(&key).is_some_and(|at| *at < began);
    is_alone && is_old && ledger.verified().get(kind).is_some_and(is_verified)
}

/// Entities that hold an item that people made as the double of another one, which is there.
fn newer_taken_over(world: &World, ledger: &Ledger) -> Vec<String> {
    let age = |id: &str| id.parse::<u64>().unwrap_or(u64::MAX);
    let is_double = |item: &str| world.doubles.contains(item) && !world.taken_by_people.contains(item);
    let mut wrong = Vec::new();
    for (entity, held) in ledger.held().into_iter().filter(|(_, held)| is_double(held)) {
        let items = world.boards.iter().flat_map(|board| world.active_items(&board.board_id));
        let older = items.filter(|item| key_of(item).as_ref() == Some(&entity) && age(&item.id) < age(&held));
        let older =
            older.filter(|item| !world.taken_by_people.contains(&item.id) && !world.rekeyed.contains_key(&item.id));
        wrong.extend(older.map(|item| format!("{entity} holds item {held}, the double of {}", item.id)));
    }
    wrong
}

/// What `status` calls synced though its item shows something else than the stored record wants. What people did to items since
/// the last verification, and what was sent since an older store was put aside, nobody can know.
fn green_and_wrong(stage: &mut Stage, ledger: &Ledger, ended: &Ended) -> Result<Vec<String>, String> {
    if !stage.knows_the_boards() {
        return Ok(Vec::new());
    }
    let green: BTreeSet<String> = match stage.asks_status {
        true => states(stage)?.into_iter().filter(|(_, state)| state == "synced").map(|(entity, _)| entity).collect(),
        false => ledger.synced().into_iter().collect(),
    };
    let wanted = mirror::wanted_of(&ledger.records());
    let world = stage.universe.world();
    let (shown, _) = mirror::shown(&world.monday, &world.boards);
    let touched = touched_since_verified(&world, stage, ledger, ended);
    let mut wrong = Vec::new();
    // Without its key column nobody can tell which item is whose; the kind is red for it.
    let is_known = |entity: &&String| !touched.contains(*entity) && !world.was_column_changed(entity, "text_key");
    for entity in green.iter().filter(is_known) {
        let (Some(wanted), Some(shown)) = (wanted.get(entity), shown.get(entity)) else {
            wrong.push(format!("{entity} is synced and has no item, or no record"));
            continue;
        };
        let columns: BTreeSet<&String> = wanted.keys().chain(shown.keys()).collect();
        for column in columns.into_iter().filter(|column| wanted.get(*column) != shown.get(*column)) {
            let (wanted, shown) = (wanted.get(column), shown.get(column));
            // A parent without an item, or with one that was taken away: the connection comes with its item.
            let is_of_parent = |value: &Value| {
                value.as_str().is_some_and(|parent| !green.contains(parent) || touched.contains(parent))
            };
            let parents = [wanted, shown].into_iter().flatten().filter_map(Value::as_array).flatten();
            let is_changed = world.was_column_changed(entity, column) || world.is_reformed(entity, column);
            if !(is_changed || column.starts_with("link_") && parents.into_iter().any(is_of_parent)) {
                wrong.push(format!("{entity} is synced, {column}: wanted {wanted:?}, shown {shown:?}"));
            }
        }
    }
    Ok(wrong)
}

/// The keys of items that people touched, but for those that this run compared with what was sent.
fn touched_since_verified(world: &World, stage: &Stage, ledger: &Ledger, ended: &Ended) -> BTreeSet<String> {
    let mut touched = world.touched_keys();
    if !(touched.is_empty() || !world.doubles.is_empty() || !stage.paused.is_empty()) {
        let (verified, began) = (ledger.verified(), ended.plan.began);
        let is_verified = |key: &str| {
            let kind = key.split(':').next().unwrap_or_default();
            verified.get(kind).is_some_and(|at| *at > world.began.0 + began + Duration::from_millis(1))
        };
        touched.retain(|key| !(world.last_touches.get(key).is_some_and(|at| *at < began) && is_verified(key)));
    }
    touched
}

/// Whether a kind is neither read nor pushed.
pub(crate) fn is_left_out(stage: &Stage, kind: &str) -> bool {
    ALL_KINDS.contains(&kind) && !stage.kinds.contains(&kind)
}

/// That the boards show an entity as HApi has it.
///
/// # Errors
/// What they show otherwise.
pub(crate) fn shows(world: &World, entity: &str) -> Result<(), String> {
    let told = mirror::differences(&world.hapi, &world.monday, &world.boards).into_iter();
    let is_of_it = |told: &String| told.strip_prefix(entity).is_some_and(|rest| rest.starts_with([' ', ':']));
    let told: Vec<String> = told.filter(is_of_it).collect();
    if told.is_empty() { Ok(()) } else { Err(told.join("\n")) }
}

/// What must be true after an undisturbed sync.
///
/// # Errors
/// What is not.
pub(crate) fn whole(stage: &mut Stage) -> Result<(), String> {
    let mut wrong = {
        let world = stage.universe.world();
        let mut wrong = mirror::differences(&world.hapi, &world.monday, &world.boards);
        wrong.retain(|reported| !reported.split_once(':').is_some_and(|(kind, _)| is_left_out(stage, kind)));
        wrong.retain(|reported| !is_form(&world, reported));
        // monday does not show links to items that are gone.
        wrong.retain(|reported| !reported.contains("wanted None, shown Some(Array [String(\"gone"));
        wrong.retain(|reported| {
            !reported.strip_suffix(": an item too many").is_some_and(|key| is_forgotten(&world, stage, key))
        });
        let left = left_behind(&world, stage);
        wrong.retain(|reported| !left.contains(reported));
        wrong
    };
    wrong.extend(not_synced(stage)?);
    if stage.asks_status {
        wrong.extend(strangers_in_families(stage)?);
    }
    wrong.extend(miscounted(stage, &Ledger::open(&stage.store())));
    wrong.extend(over_budget(stage));
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// Whether what is reported is that a board keeps a value in its own form.
fn is_form(world: &World, reported: &str) -> bool {
    let of = reported.split_once(": wanted ").and_then(|(of, values)| Some((of.split_once(' ')?, values)));
    of.is_some_and(|((entity, column), values)| {
        let (wanted, shown) = values.split_once(", shown ").unwrap_or_default();
        world.is_reformed(entity, column) && wanted.to_lowercase() == shown.to_lowercase()
    })
}

/// Whether nobody can know that an item was made for an entity that HApi has lost: people had the program forget it, or put an older
/// store in its place that never knew it.
fn is_forgotten(world: &World, stage: &Stage, key: &str) -> bool {
    let is_unknown = || stage.was_restored && !Ledger::open(&stage.store()).has(key);
    (world.forgotten.contains(key) || is_unknown()) && !mirror::wanted(&world.hapi).contains_key(key)
}

/// What is reported of items whose keys people took away, so that nobody can know whose they are: by hand before the store knew them (one was
/// made by a call of which the answer was lost, or since an older store was put aside), or by `unlink`.
fn left_behind(world: &World, stage: &Stage) -> BTreeSet<String> {
    let is_unknown = |is_known: &bool| !stage.knows_by_identity && (!is_known || stage.was_restored);
    let unknown = |item: &ItemView| world.rekeyed.get(&item.id).is_some_and(is_unknown);
    let mut reported = BTreeSet::new();
    for board in &world.boards {
        for item in world.active_items(&board.board_id).into_iter().filter(unknown) {
            match item.values.get(board.key_column).and_then(Value::as_str) {
                None => _ = reported.insert(format!("{} `{}` has no key", board.kind, item.name)),
                Some(WRITTEN_BY_HAND) => {
                    reported.extend(["an item too many", "twice"].map(|what| format!("{WRITTEN_BY_HAND}: {what}")));
                }
                Some(_) => {}
            }
        }
    }
    reported
}

/// What `status` says of every entity: its selector and its state.
///
/// # Errors
/// Where it says nothing.
pub(crate) fn states(stage: &mut Stage) -> Result<Vec<(String, String)>, String> {
    if let Some(known) = &stage.known_states {
        return Ok(known.clone());
    }
    let line = format!("status {} --json", stage.kinds.join(" "));
    let ended = stage.command(&Run::of(&line))?.expect("nobody kills it");
    let document: Value = serde_json::from_str(&ended.written.out).map_err(|_| format!("`{line}` wrote no JSON"))?;
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let rows = document["entities"].as_array().cloned().unwrap_or_default();
    let states: Vec<(String, String)> = rows.iter().map(|row| (text(row, "entity"), text(row, "state"))).collect();
    stage.known_states = Some(states.clone());
    Ok(states)
}

/// What `status` says otherwise than HApi of whose parents and children some entities are: the first of each kind.
fn strangers_in_families(stage: &mut Stage) -> Result<Vec<String>, String> {
    let mut wanted = mirror::wanted(&stage.universe.world().hapi);
    wanted.retain(|entity, _| !is_left_out(stage, entity.split(':').next().unwrap_or_default()));
    let parents_of = |entity: &str| -> BTreeSet<String> {
        let links = wanted.get(entity).into_iter().flatten().filter(|(column, _)| column.starts_with("link_"));
        let linked = links.filter_map(|(_, parents)| parents.as_array()).flatten();
        linked.filter_map(|parent| parent.as_str().map(str::to_owned)).collect()
    };
    let mut wrong = Vec::new();
    for kind in stage.kinds {
        let Some(first) = wanted.keys().find(|entity| entity.split(':').next() == Some(*kind)).cloned() else {
            continue;
        };
        let ended = stage.command(&Run::of(&format!("status {first} --json")))?.expect("nobody kills it");
        let document: Value = serde_json::from_str(&ended.written.out).map_err(|_| "`status` wrote no JSON")?;
        let relations = document["entities"][0]["relations"].as_object().cloned().unwrap_or_default();
        let names = |relative: &Value| relative["entity"].as_str().map(str::to_owned);
        let parents: BTreeSet<String> = relations.values().filter_map(names).collect();
        let children = relations.get("children").and_then(Value::as_array).into_iter().flatten();
        let children: BTreeSet<String> = children.filter_map(names).collect();
        let of_first = |entity: &&String| parents_of(entity).contains(&first);
        let (its_parents, its_children) = (parents_of(&first), wanted.keys().filter(of_first).cloned().collect());
        if (&parents, &children) != (&its_parents, &its_children) {
            wrong.push(format!(
                "the family of {first}: {parents:?} and {children:?}, not {its_parents:?} and {its_children:?}"
            ));
        }
    }
    Ok(wrong)
}

/// What `status` does not call synced.
fn not_synced(stage: &mut Stage) -> Result<Vec<String>, String> {
    let states = states(stage)?;
    let mut wanted = mirror::wanted(&stage.universe.world().hapi);
    wanted.retain(|entity, _| !is_left_out(stage, entity.split(':').next().unwrap_or_default()));
    let known = states.iter().filter(|(_, state)| state == "synced").count();
    let others = states.iter().filter(|(_, state)| !["synced", "deleted"].contains(&state.as_str()));
    let mut wrong: Vec<String> = others.map(|(entity, state)| format!("{entity} is {state}")).collect();
    if known != wanted.len() {
        wrong.push(format!("{known} are synced, HApi has {}", wanted.len()));
    }
    Ok(wrong)
}

/// Whether the calls that the store has counted are those that were made. A kill may come between the two.
fn miscounted(stage: &Stage, ledger: &Ledger) -> Option<String> {
    let made = stage.universe.world().calls;
    let counted = ledger.calls();
    let is_right = match stage.kills {
        _ if stage.was_restored => counted.hapi <= made.hapi && counted.monday <= made.monday + stage.kills,
        0 => counted == made,
        kills => counted.hapi <= made.hapi && (made.monday..=made.monday + kills).contains(&counted.monday),
    };
    (!is_right).then(|| format!("{made:?} made, {counted:?} counted, {} kills", stage.kills))
}

/// Days on which more was asked of monday than is allowed.
fn over_budget(stage: &Stage) -> Vec<String> {
    let is_capped = stage.capped_calls > 0 && !stage.was_restored;
    let over = stage.capped_days.iter().filter(|(_, calls)| is_capped && **calls > stage.capped_calls);
    over.map(|(day, calls)| format!("{calls} calls on {day}")).collect()
}

/// Calls to monday in a run that has nothing to do.
///
/// # Errors
/// Where something else is wrong.
pub(crate) fn calls_for_nothing(stage: &mut Stage) -> Result<Option<String>, String> {
    let before = stage.universe.world().calls.monday;
    let ended = stage.command(&Run::of("sync --allow-deletes -q"))?.expect("nobody kills it");
    let calls = stage.universe.world().calls.monday - before;
    let is_right = calls == 0 && ended.code == 0 && ended.written == Default::default();
    Ok((!is_right).then(|| format!("a sync with nothing to do: {calls} calls, {} {:?}", ended.code, ended.written)))
}

/// Entities that are blamed for a fault of the server though nothing was done on their board in the same run, which would show that monday
/// works. Who was blamed before, with such a proof, is blamed again without it.
fn blamed_for_an_outage(stage: &Stage, line: &str, ledger: &Ledger, ended: &Ended) -> Vec<String> {
    if stage.kills > 0 || stage.was_restored || !["sync", "push"].iter().any(|verb| line.starts_with(verb)) {
        return Vec::new();
    }
    let began = stage.universe.world().began.0 + ended.plan.began + Duration::from_millis(1);
    let changed = ledger.kinds_changed_in_last_run();
    let is_proven =
        |entity: &str| entity.split_once(':').is_some_and(|(kind, _)| changed.iter().any(|one| one == kind));
    let blamed = ledger
        .blamed()
        .into_iter()
        .filter(|(entity, at)| *at > began && !stage.blamed.contains(entity) && !is_proven(entity));
    blamed.map(|(entity, _)| format!("{entity} is blamed, and nothing was done on its board")).collect()
}
