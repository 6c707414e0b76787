//! Stories out of seeds.

use crate::dice::Dice;
use crate::fault::FAULTS;
use crate::happening::{self, Happening};
use crate::story::{ALL_KINDS, Configuration, Run, Step, Story};
use crate::world::{Kill, Strike};

const SYNC: &str = "sync --allow-deletes -q";

/// Properties that change, with values as HApi's users type them.
const PROPERTIES: [(&str, &str, &[&str]); 12] = [
    ("LedgerDivisions", "Name", &["  Gestion du Nord  ", "Compagnie"]),
    ("Buildings", "City", &["Québec", "Que\u{301}bec", "Lévis   ", ""]),
    ("Buildings", "Name", &["", "  ", "1 des Érables"]),
    ("Units", "Comment", &["à repeindre", " ", "deux\nlignes", "🏠 vue"]),
    ("Units", "OccupancyStatus", &["V ", "L", "X"]),
    ("Units", "BuildingCode", &["NOWHERE", "1067CHEVRE", "1000PINS  "]),
    ("Tenants", "LastName", &["O'Brien-Côté", "  ", "Zq"]),
    ("Tenants", "CellPhone", &["(418) 555-0101", "(   )    -    ", "4185550102", ""]),
    ("Tenants", "UnitCode", &["1", "      775", "?"]),
    ("Parkings", "Comment", &["près de la porte"]),
    ("Storages", "StorageNo", &["C-12", " 7 "]),
    ("TenantParkings", "Plate1", &["ABC 123", ""]),
];

/// Columns that people write into.
const COLUMNS: [(&str, &str); 7] = [
    ("building", "text_city"),
    ("unit", "text_code"),
    ("storage", "text_number"),
    ("parking", "long_text_comment"),
    ("locker-lease", "text_key_no"),
    ("tenant", "text_key"),
    ("storage", "text_key"),
];

/// Columns that people make ones of another type.
const RETYPED: [(&str, &str, &str); 4] = [
    ("unit", "numbers_rent", "text"),
    ("unit", "status_occupancy", "text"),
    ("building", "text_street", "numbers"),
    ("parking", "long_text_comment", "text"),
];

/// The kinds of a story: with fewer boards it is over sooner.
pub(crate) const WORLDS: [&[&str]; 4] = [
    ALL_KINDS,
    &["company", "building", "unit", "tenant"],
    &["company", "building", "parking", "storage"],
    &["company", "building", "unit"],
];
/// How often each of them is used, in a hundred.
const SHARES: [u64; 4] = [9, 15, 16, 60];

/// Command lines that change something.
const WORK: [&str; 10] = [
    SYNC,
    SYNC,
    SYNC,
    "sync -q",
    "sync --allow-deletes -q --max-calls 6",
    "sync --allow-deletes -q --max-duration 90s",
    "pull --allow-deletes -q",
    "pull --full --allow-deletes -q",
    "push -q",
    "push -q --limit 3",
];

/// Command lines beside them.
const BESIDE: [&str; 28] = [
    "status",
    "status --json",
    "status --state error",
    "status --check",
    "status --drift",
    "status --duplicates",
    "status {tenant} --json",
    "explain {unit}",
    "show-json {tenant} --diff",
    "show-json {unit} --live",
    "runs --json",
    "runs 1 --changes",
    "export unit --format csv",
    "config show",
    "sync --dry-run",
    "push --dry-run --json",
    "pause {unit} --reason works",
    "resume unit",
    "resync {unit}",
    "resync {tenant} --later",
    "forget {tenant} --yes",
    "link --auto",
    "link {parking}",
    "unlink {unit} --yes",
    "unlink {tenant} --archive-item --yes",
    "unlink {parking} --yes",
    "resync {unit} --relink",
    "resync --state error",
];

impl Story {
    /// The story of a seed.
    pub(crate) fn of(seed: u64) -> Story {
        let mut dice = Dice(seed);
        let story = Story {
            kinds: world(&mut dice),
            units: units(&mut dice),
            has_idempotency: dice.percent(50),
            search_lag_ms: dice.pick(&[0, 0, 300, 20_000]),
            batch: dice.pick(&[4, 8, 25, 100]),
            daily_calls: dice.pick(&[0, 0, 0, 40]),
            has_webhooks: dice.percent(25),
            has_imports: dice.percent(25),
            page_items: if seed % 5 == 3 { 3 } else { 0 },
            ..Story::seeded(seed)
        };
        let first = disturbed(&mut dice, story.kinds, SYNC);
        (0..1 + dice.below(3)).fold(story.step(first), |story, round| chapter(&mut dice, story, round))
    }
}

fn world(dice: &mut Dice) -> &'static [&'static str] {
    let mut number = dice.below(SHARES.iter().sum());
    let mut worlds = WORLDS.into_iter().zip(SHARES);
    let chosen = worlds.find(|(_, share)| match number.checked_sub(*share) {
        None => true,
        Some(rest) => {
            number = rest;
            false
        }
    });
    chosen.expect("one of the worlds").0
}

/// Most worlds are small, some have hundreds of entities.
fn units(dice: &mut Dice) -> usize {
    match dice.below(1_000) {
        0 => 60,
        1..=9 => 20,
        _ => 1 + usize::try_from(dice.below(4)).expect("a small number"),
    }
}

/// Some time passes, something happens, a command runs.
fn chapter(dice: &mut Dice, mut story: Story, round: u64) -> Story {
    story = story.wait(dice.pick(&[5, 200, 3_600, 3_600, 30_000, 90_000]));
    let kinds = story.kinds;
    for number in 0..1 + dice.below(4) {
        story = story.then(happening(dice, kinds, round * 10 + number));
    }
    if dice.percent(25) {
        story = aside(dice, story);
    }
    if dice.percent(40) {
        story = story.run(dice.pick(&BESIDE));
    }
    let line = if story.has_webhooks && dice.percent(30) { "listen --sync -q" } else { dice.pick(&WORK) };
    story.step(disturbed(dice, kinds, line))
}

/// What people do to a store and its configuration now and then.
fn aside(dice: &mut Dice, story: Story) -> Story {
    match dice.below(4) {
        0 => story.backup(),
        1 => story.restore(),
        _ => story.configure(configuration(dice)),
    }
}

fn configuration(dice: &mut Dice) -> Configuration {
    dice.pick(&[
        Configuration::Whole,
        Configuration::Without("text_comment"),
        Configuration::Without("link_building"),
        Configuration::Without("numbers_rent"),
        Configuration::OnlyVacant,
        Configuration::OnlyCompany(3),
        Configuration::MissingReported,
        Configuration::MissingUnlinked,
    ])
}

/// A command in which things go wrong.
fn disturbed(dice: &mut Dice, kinds: &[&'static str], line: &str) -> Step {
    let mut run = Run::of(line);
    for _ in 0..dice.pick(&[0, 1, 1, 1, 2, 3]) {
        run.strikes.push(strike(dice));
    }
    for _ in 0..dice.pick(&[0, 0, 0, 1, 2]) {
        let number = 100 + dice.below(50);
        run.meanwhile.push((dice.below(40), happening(dice, kinds, number)));
    }
    run.kill = kill(dice);
    run.is_power_cut = run.kill.is_some() && dice.percent(25);
    run.full_after = dice.percent(4).then(|| dice.below(200));
    run.blocked = dice.percent(3).then(|| dice.pick(&[".hapi-token", ".hapi-token.lock", ".lock"]));
    Step::Run(run)
}

fn strike(dice: &mut Dice) -> Strike {
    let index = usize::try_from(dice.below(FAULTS.len() as u64)).expect("an index");
    let after = dice.pick(&[0, 1, 2, 3, 5, 8, 12]) + dice.below(3);
    Strike { after, times: dice.pick(&[1, 1, 1, 1, 2, 3, 12]), fault: FAULTS[index].name }
}

fn kill(dice: &mut Dice) -> Option<Kill> {
    let number = dice.below(50);
    match dice.below(8) {
        0 => Some(Kill::BeforeSending(number)),
        1 => Some(Kill::AfterSending(number)),
        2 => Some(Kill::BeforeReading(number)),
        3 => Some(Kill::AtReading(dice.below(600))),
        _ => None,
    }
}

/// Something out of a table that is about one of these kinds.
fn pick_of<T: Clone>(dice: &mut Dice, kinds: &[&str], table: &[T], kind: impl Fn(&T) -> &str) -> T {
    let fitting: Vec<T> = table.iter().filter(|row| kinds.contains(&kind(row))).cloned().collect();
    dice.pick(&fitting)
}

fn happening(dice: &mut Dice, kinds: &[&'static str], number: u64) -> Happening {
    let which = dice.number() % 10_000;
    let (set, property, values) = pick_of(dice, kinds, &PROPERTIES, |(set, ..)| happening::kind_of(set));
    match dice.below(12) {
        0 | 1 if set != "LedgerDivisions" => happening::remove(set, which),
        2 | 3 if set != "LedgerDivisions" => {
            happening::add(set, which, 60_000 + i64::try_from(number).expect("a small number"))
        }
        4 => {
            let (kind, column) = pick_of(dice, kinds, &COLUMNS, |(kind, _)| *kind);
            happening::edit(kind, which, column, dice.pick(&[happening::WRITTEN_BY_HAND, ""]))
        }
        5 if dice.percent(40) => {
            let taken = dice.pick(&[happening::archive, happening::delete, happening::move_away, happening::double]);
            taken(dice.pick(&kinds[1..]), which)
        }
        5 if dice.percent(60) => arranged(dice, kinds, which),
        5 if dice.percent(30) => happening::remove_all(happening::set_of(dice.pick(&kinds[1..]))),
        6 => happening::clear(set, which, property),
        7 if property != "CellPhone" => happening::change(set, which, property, &format!("t{number}")),
        _ => happening::change(set, which, property, dice.pick(values)),
    }
}

/// Values that are refused: a column, and a text in what is written to it.
const REFUSED: [(&str, &str, &str); 4] = [
    ("unit", "text_code", "1"),
    ("unit", "numbers_rent", "null"),
    ("building", "text_city", "Qu"),
    ("parking", "text_number", "2"),
];

/// Columns that keep capital letters.
const REFORMED: [(&str, &str); 3] =
    [("building", "text_city"), ("unit", "text_code"), ("parking", "long_text_comment")];

/// What people arrange on either side, and put right when the story is over.
fn arranged(dice: &mut Dice, kinds: &[&'static str], which: u64) -> Happening {
    match dice.below(13) {
        7 => happening::lock(dice.pick(kinds)),
        8 => happening::refuse_names(dice.pick(&["1", "é", "–"])),
        9 => {
            let (_, column, containing) = pick_of(dice, kinds, &REFUSED, |(kind, ..)| *kind);
            happening::refuse_values(column, containing)
        }
        10 => {
            let (kind, column) = pick_of(dice, kinds, &REFORMED, |(kind, _)| *kind);
            happening::keep_in_form(kind, column)
        }
        11 => happening::count_late(),
        12 => happening::bring_back(dice.pick(&kinds[1..]), which),
        0 => happening::limit_items(dice.below(2)),
        1 => {
            let (kind, column) = pick_of(dice, kinds, &COLUMNS, |(kind, _)| *kind);
            happening::close_column(kind, column)
        }
        2 => {
            let (kind, column) = pick_of(dice, kinds, &COLUMNS, |(kind, _)| *kind);
            happening::remove_column(kind, column)
        }
        3 => {
            let (kind, column, to) = pick_of(dice, kinds, &RETYPED, |(kind, ..)| *kind);
            happening::retype_column(kind, column, to)
        }
        _ => {
            let kind = dice.pick(&kinds[1..]);
            happening::spoil(happening::set_of(kind), which, dice.percent(50))
        }
    }
}

impl Story {
    /// The same story with a few changes.
    pub(crate) fn varied(&self, dice: &mut Dice) -> Story {
        let story = Story { seed: self.seed.wrapping_add(dice.below(8)), ..self.clone() };
        (0..1 + dice.below(3)).fold(story, |story, number| vary(story, dice, 200 + number))
    }
}

fn vary(mut story: Story, dice: &mut Dice, number: u64) -> Story {
    let place = usize::try_from(dice.below(story.steps.len() as u64 + 1)).expect("a place");
    let count = story.steps.len();
    match (dice.below(5), story.steps.get_mut(place)) {
        (0, Some(Step::Run(run))) => run.strikes.push(strike(dice)),
        (1, Some(Step::Run(run))) => run.kill = kill(dice),
        (2, Some(_)) if count > 2 => _ = story.steps.remove(place),
        (3, _) => story.steps.insert(place, Step::Then(happening(dice, story.kinds, number))),
        _ => {
            let line = dice.pick(&WORK);
            story.steps.insert(place, disturbed(dice, story.kinds, line));
        }
    }
    story
}
