//! Reading by events: what is read, what is trusted, and that nothing is ever lost by it.

use crate::listen::{Listening, SECRET};
use crate::support::{Output, World};
use hopem_sandbox::hapi::{Additional, Payload, Poison};
use hopem_sandbox::{Api, Delivery, Event, Fault, Losses, Rule};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// A world whose Hopem notifies changes.
fn world(units: usize) -> World {
    let mut world = World::tidy(units);
    world.environment.insert("HOPEM_SYNC_LISTEN_SECRET".to_owned(), SECRET.to_owned());
    world.environment.insert("HOPEM_SYNC_LISTEN_GATHER".to_owned(), "100ms".to_owned());
    world.sandbox.hapi().settings.notifies = true;
    world
}

/// The kinds whose sets have an `Id` in the sandbox.
const KINDS: [&str; 7] = ["building", "unit", "tenant", "parking", "storage", "parking-lease", "locker-lease"];

impl World {
    fn subscribe(&self, listening: &Listening) -> Output {
        let url = format!("http://{}/hapi", listening.address);
        let arguments = [&["subscribe", "add"], &KINDS[..], &["--url", &url]].concat();
        self.run(&arguments).expect(0)
    }

    /// A receiver, subscribed, and everything read since it is there.
    fn attended(&self, more: &[&str]) -> Listening {
        let listening = Listening::start(self, more);
        self.subscribe(&listening);
        self.run(&["sync"]).expect(0);
        self.sandbox.clear_requests();
        listening
    }

    /// What was asked of HApi, logins aside, as set and filter.
    fn asked(&self) -> Vec<String> {
        let requests = self.sandbox.requests(Api::Hapi).into_iter().filter(|request| !request.path.ends_with("/Token"));
        let asked = requests.map(|request| {
            let query = request.query.unwrap_or_default().replace("%20", " ").replace("%24", "$");
            let filter = query.split('&').find_map(|part| part.strip_prefix("$filter=")).unwrap_or_default().to_owned();
            format!("{} {filter}", request.path.trim_start_matches("/api/")).trim_end().to_owned()
        });
        asked.collect()
    }

    fn pending(&self) -> u64 {
        self.run(&["status", "--json"]).expect(0).json()["events_pending"].as_u64().expect("a number")
    }

    #[track_caller]
    fn settled(&self) {
        assert!(self.sandbox.wait_for_deliveries(Duration::from_secs(20)), "deliveries");
    }

    fn set_rent(&self, id: i64, rent: f64) {
        assert!(self.sandbox.hapi().update("Units", id, "Rent", json!(rent)));
    }

    /// What a unit's item shows as its rent.
    fn rent_on_board(&self, id: i64) -> Option<String> {
        let key = format!("unit:{id}");
        let shown = self.run(&["show-json", &key, "--sent"]);
        shown.json().get("numbers_rent").map(|value| value.as_str().map_or(value.to_string(), str::to_owned))
    }
}

/// Waits until something holds.
#[track_caller]
fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < end, "{what} did not come to be");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_sync_reads_only_what_events_named() {
    let world = world(12);
    let _listening = world.attended(&[]);
    world.set_rent(3, 1_111.0);
    world.set_rent(5, 1_222.0);
    world.settled();
    assert_eq!(world.pending(), 2);
    let run = world.run(&["sync", "--json"]).expect(0).json();
    assert_eq!(world.asked(), ["subscribe", "LedgerDivisions", "LedgerDivisions", "Units Id eq 3 or Id eq 5"]);
    assert_eq!((&run["events"], &run["pull"]["unit"]["events"]), (&json!(2), &json!(2)));
    assert_eq!(
        (&run["pull"]["unit"]["by_events"], &run["pull"]["company"]["by_events"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(run["push"]["unit"]["updated"], 2);
    assert_eq!(world.rent_on_board(5).as_deref(), Some("1222"));
    assert_eq!(world.pending(), 0);
    let story = world.run(&["status", "unit:5", "--json"]).expect(0).json();
    let event = &story["entities"][0]["events"][0];
    assert_eq!((&event["status"], &event["run"], &event["pending"]), (&json!("update"), &run["run"], &json!(false)));
    assert!(world.run(&["status", "unit:5"]).stdout.contains("HApi reported a change\tprocessed by run"));
}

/// The next sync brings this rent to its board, and the one after it reads no units whole.
fn the_next_sync_finds(world: &World, rent: &str) {
    world.run(&["sync"]).expect(0);
    assert_eq!(world.rent_on_board(3).as_deref(), Some(rent));
    world.sandbox.clear_requests();
    world.run(&["sync"]).expect(0);
    assert!(!world.asked().iter().any(|asked| asked.starts_with("Units")), "{:?}", world.asked());
}

#[test]
fn a_change_that_nobody_heard_of_is_found_by_the_next_sync() {
    let world = world(12);
    let listening = world.attended(&[]);
    world.run(&["sync"]).expect(0);
    assert!(!world.asked().iter().any(|asked| asked == "Units"), "{:?}", world.asked());
    listening.stop("-9");
    world.set_rent(3, 1_111.0);
    world.settled();
    world.run(&["sync"]).expect(0);
    assert_eq!(world.rent_on_board(3).as_deref(), Some("1111"));
    // Nobody listened meanwhile either.
    world.set_rent(3, 1_112.0);
    let listening = Listening::start(&world, &[]);
    world.subscribe(&listening);
    the_next_sync_finds(&world, "1112");
}

#[test]
fn everything_is_read_where_hapi_does_not_confirm_or_time_is_up_or_it_is_asked_for() {
    let mut world = world(5);
    let _listening = world.attended(&[]);
    let is_whole = |world: &World, arguments: &[&str]| {
        world.sandbox.clear_requests();
        let output = world.run(arguments).expect(0);
        (world.asked().iter().any(|asked| asked.starts_with("Units") && !asked.contains("Id eq")), output.stderr)
    };
    assert!(!is_whole(&world, &["sync"]).0);
    assert!(is_whole(&world, &["sync", "--full"]).0);
    assert!(!is_whole(&world, &["pull"]).0);
    assert!(world.sandbox.hapi().unsubscribe("unit"));
    let (whole, reported) = is_whole(&world, &["sync"]);
    assert!(whole && reported.contains("no longer notifies") && reported.contains("unit"), "{reported}");
    world.sandbox.hapi().subscribe(hopem_sandbox::Subscription::new("Unit", "http://127.0.0.1:9/"));
    // Nobody was notified of what changed before.
    assert!(is_whole(&world, &["sync"]).0);
    assert!(!is_whole(&world, &["sync"]).0);
    world.environment.insert("HOPEM_SYNC_SYNC_FULL_EVERY".to_owned(), "1ms".to_owned());
    assert!(is_whole(&world, &["sync"]).0);
    world.environment.remove("HOPEM_SYNC_SYNC_FULL_EVERY");
    // Another filter, other properties: what was read is not what is wanted now.
    world.environment.insert("HOPEM_SYNC_ENTITIES_UNIT_FILTER".to_owned(), "Rent gt 0".to_owned());
    assert!(is_whole(&world, &["sync"]).0);
    assert!(!is_whole(&world, &["sync"]).0);
}

#[test]
fn what_changed_before_hapi_notified_it_is_found_by_the_next_sync() {
    let world = world(5);
    let listening = Listening::start(&world, &[]);
    // Everything is read while the receiver is there, but nothing is subscribed yet.
    world.run(&["sync"]).expect(0);
    world.set_rent(3, 1_111.0);
    world.subscribe(&listening);
    world.run(&["sync"]).expect(0);
    assert_eq!(world.rent_on_board(3).as_deref(), Some("1111"));
    // Taken away and given back between two runs.
    world.run(&["subscribe", "remove", "unit"]).expect(0);
    world.set_rent(3, 1_112.0);
    world.subscribe(&listening);
    the_next_sync_finds(&world, "1112");
}

#[test]
fn what_an_event_named_while_the_set_was_refused_is_found_by_the_next_sync() {
    let world = world(5);
    let listening = world.attended(&["--sync"]);
    let refusal = Fault::Status { status: 403, headers: Vec::new(), body: String::new() };
    world.sandbox.inject(Rule::always(Api::Hapi, refusal).containing("/api/Units"));
    world.set_rent(3, 1_111.0);
    wait_until("the refusal to be met", || world.sandbox.requests(Api::Hapi).iter().any(|one| one.status == Some(403)));
    world.sandbox.clear_faults();
    world.run(&["sync", "--wait", "20s"]).expect(0);
    assert_eq!(world.pending(), 0, "what waited is answered by the read");
    assert_eq!(world.rent_on_board(3).as_deref(), Some("1111"));
    drop(listening);
}

#[test]
fn a_list_that_cannot_be_had_means_reading_everything() {
    let world = world(3);
    let _listening = world.attended(&[]);
    world.sandbox.hapi().settings.webhooks.list.path = "Elsewhere".to_owned();
    let output = world.run(&["sync"]).expect(0);
    assert!(output.stderr.contains("does not report which entities it notifies"), "{}", output.stderr);
    assert!(world.asked().iter().any(|asked| asked == "Units"));
    let output = world.run(&["sync"]).expect(0);
    assert!(output.stderr.contains("did not say which entities it notifies when it was last asked"), "{output:?}");
    world.configure(&format!("{}\n", hopem_sandbox::monday::standard_configuration(&world.boards)));
    let text = std::fs::read_to_string(world.path("config.toml")).expect("a configuration");
    world.write("config.toml", &text.replace("[hapi]\n", "[hapi]\nsubscriptions_endpoint = \"Elsewhere\"\n"));
    world.run(&["sync"]).expect(0);
    world.sandbox.clear_requests();
    world.run(&["sync"]).expect(0);
    assert!(!world.asked().iter().any(|asked| asked == "Units"), "{:?}", world.asked());
}

#[test]
fn a_subscription_that_moves_to_another_address_is_followed_by_a_whole_read() {
    let world = world(5);
    let listening = world.attended(&[]);
    let url = format!("http://{}/elsewhere", listening.address);
    world.run(&["subscribe", "add", "unit", "--url", &url]).expect(0);
    world.sandbox.clear_requests();
    world.run(&["sync"]).expect(0);
    // For a moment nobody was notified of units; of tenants, always.
    assert!(world.asked().iter().any(|asked| asked == "Units"), "{:?}", world.asked());
    assert!(!world.asked().iter().any(|asked| asked == "Tenants"), "{:?}", world.asked());
}

#[test]
fn a_delete_is_confirmed_before_it_deletes_and_a_change_of_what_is_gone_is_one() {
    let world = world(20);
    let _listening = world.attended(&[]);
    world.sandbox.deliver(Event::new("Unit", 3, Event::DELETE));
    world.settled();
    let run = world.run(&["sync", "--json"]).expect(0).json();
    assert_eq!((&run["pull"]["unit"]["deleted"], &run["pull"]["unit"]["unchanged"]), (&json!(0), &json!(1)));
    world.sandbox.hapi().settings.notifies = false;
    world.sandbox.hapi().remove("Units", 4);
    world.sandbox.deliver(Event::new("Unit", 4, Event::UPDATE));
    world.settled();
    let run = world.run(&["sync", "--json"]).expect(0).json();
    assert_eq!((&run["pull"]["unit"]["deleted"], &run["push"]["unit"]["archived"]), (&json!(1), &json!(1)));
}

#[test]
fn deletes_that_the_guard_holds_back_wait_with_their_events() {
    let world = world(30);
    let _listening = world.attended(&[]);
    world.sandbox.hapi().remove_where("Units", |unit| unit["Id"].as_i64().is_some_and(|id| id <= 10));
    world.settled();
    let run = world.run(&["sync", "--json"]).expect(5).json();
    assert_eq!(run["pull"]["unit"]["deleted"], 0);
    assert_eq!(world.pending(), 10);
    world.run(&["sync", "--json"]).expect(5);
    let run = world.run(&["sync", "unit", "--allow-deletes", "--json"]).expect(0).json();
    assert_eq!(run["pull"]["unit"]["deleted"], 10);
    assert_eq!(world.pending(), 0);
}

#[test]
fn every_shape_of_a_payload_is_understood_or_leads_to_a_whole_read() {
    let world = world(12);
    let _listening = world.attended(&[]);
    for (number, (shape, payload)) in Payload::shapes().into_iter().enumerate() {
        world.sandbox.set_delivery(Delivery { payloads: vec![payload], ..Delivery::default() });
        let rent = 2_000.0 + number as f64;
        world.set_rent(7, rent);
        world.settled();
        world.sandbox.clear_requests();
        world.run(&["sync"]).expect(0);
        let whole = world.asked().iter().any(|asked| asked == "Units");
        assert_eq!(whole, shape == "garbage", "{shape}: {:?}", world.asked());
        if shape == "unknown" {
            // It named something else, and that is all that was notified.
            world.run(&["sync", "--full"]).expect(0);
        }
        assert_eq!(world.rent_on_board(7), Some(rent.to_string()), "{shape}");
        assert_eq!(world.pending(), 0, "{shape}");
    }
    let status = world.run(&["status", "--json"]).json();
    assert_eq!(status["webhooks"]["unparseable"], 1);
    assert!(world.run(&["status"]).stdout.contains("1 unreadable event, after which a sync reads everything"));
}

#[test]
fn what_an_event_names_wrongly_keeps_nothing_from_being_read() {
    let world = world(8);
    let listening = world.attended(&[]);
    let longest = "9".repeat(40);
    for id in ["\"x' or 1 eq 1\"", "99999", "-5", "1e3", "\"\\u202e\"", &longest] {
        assert_eq!(listening.deliver(&format!(r#"{{"Id":{id},"Entity":"unit","Status":1}}"#)), 200);
    }
    assert_eq!(listening.deliver(r#"{"Id":1,"Entity":"Invoice","Status":3}"#), 200);
    world.set_rent(3, 1_111.0);
    world.settled();
    let run = world.run(&["sync", "--json"]).expect(0).json();
    assert_eq!(run["push"]["unit"]["updated"], 1, "{run}");
    assert_eq!(world.pending(), 0);
    assert_eq!((&run["pull"]["unit"]["deleted"], &run["failures"]), (&json!(0), &json!([])));
}

#[test]
fn an_event_that_does_not_name_its_entity_waits_for_a_whole_read() {
    let world = world(8);
    let listening = world.attended(&["--sync"]);
    world.sandbox.hapi().settings.notifies = false;
    world.set_rent(3, 1_111.0);
    assert_eq!(listening.deliver(r#"{"Id":true,"Entity":"Unit","Status":1}"#), 200);
    world.set_rent(5, 1_222.0);
    assert_eq!(listening.deliver(r#"{"Id":5,"Entity":"Unit","Status":1}"#), 200);
    wait_until("the rent of unit 5", || world.rent_on_board(5).as_deref() == Some("1222"));
    assert_eq!(world.pending(), 1, "nobody has read unit 3 yet");
    world.run(&["sync"]).expect(0);
    assert_eq!((world.pending(), world.rent_on_board(3).as_deref()), (0, Some("1111")));
}

#[test]
fn events_of_a_kind_that_cannot_be_read_wait() {
    let world = world(5);
    let _listening = world.attended(&[]);
    world.set_rent(3, 1_111.0);
    world.settled();
    world.hapi_is_down();
    world.run(&["sync"]).expect(1);
    assert_eq!(world.pending(), 1);
    world.sandbox.clear_faults();
    world.run(&["sync"]).expect(0);
    assert_eq!((world.pending(), world.rent_on_board(3).as_deref()), (0, Some("1111")));
}

impl World {
    /// What failed in a run: subjects with their causes.
    fn failed(&self, arguments: &[&str], code: i32) -> Vec<(String, String)> {
        let document = self.run(&[arguments, &["--json"]].concat()).expect(code).json();
        let text = |failure: &Value, key: &str| failure[key].as_str().unwrap_or_default().to_owned();
        let failures = document["failures"].as_array().cloned().unwrap_or_default();
        failures.iter().map(|failure| (text(failure, "entity"), text(failure, "cause"))).collect()
    }

    fn state_of(&self, entity: &str) -> String {
        let story = self.run(&["status", entity, "--json"]).json();
        story["entities"][0]["state"].as_str().unwrap_or_default().to_owned()
    }

    fn check(&self) -> i32 {
        self.run(&["status", "--check"]).code
    }
}

#[test]
fn what_events_name_while_hapi_fails_waits_and_no_record_is_blamed() {
    let failing = Fault::Status { status: 500, headers: Vec::new(), body: "x".to_owned() };
    for fault in [failing, Fault::CutBody, Fault::LostBefore, Fault::LostAfter] {
        let world = world(8);
        let _listening = world.attended(&[]);
        for id in 3..=5 {
            world.set_rent(id, 1_111.0);
        }
        world.settled();
        world.sandbox.inject(Rule::always(Api::Hapi, fault.clone()).containing("/api/Units"));
        world.sandbox.clear_requests();
        assert_eq!(world.failed(&["sync"], 3), [("unit".to_owned(), "unreachable".to_owned())], "{fault:?}");
        // The three together, one of them, and others, which HApi does not deliver either.
        assert!(world.asked().iter().filter(|asked| asked.starts_with("Units")).count() <= 12, "{:?}", world.asked());
        assert_eq!((world.pending(), world.check() > 0), (3, true), "{fault:?}");
        world.sandbox.clear_faults();
        world.run(&["sync"]).expect(0);
        assert_eq!((world.pending(), world.rent_on_board(4).as_deref()), (0, Some("1111")), "{fault:?}");
        assert_eq!((world.run(&["status", "--state", "error"]).stdout.as_str(), world.check()), ("", 0), "{fault:?}");
    }
}

#[test]
fn what_events_name_while_hapi_fails_waits_for_listen_too() {
    let world = world(12);
    let _listening = world.attended(&["--sync"]);
    let failing = Fault::Status { status: 500, headers: Vec::new(), body: "x".to_owned() };
    world.sandbox.inject(Rule::always(Api::Hapi, failing).containing("/api/Units"));
    for id in 1..=10 {
        world.set_rent(id, 1_111.0);
    }
    world.settled();
    wait_until("a run that fails", || world.run(&["runs", "--json"]).json()["runs"][0]["exit_code"] == 3);
    assert_eq!((world.pending(), world.check() > 0), (10, true));
    world.sandbox.clear_faults();
    world.run(&["sync", "--wait", "20s"]).expect(0);
    assert_eq!((world.pending(), world.rent_on_board(10).as_deref(), world.check()), (0, Some("1111"), 0));
}

#[test]
fn a_record_that_cannot_be_delivered_keeps_its_event_and_is_red_until_it_is_read() {
    for poison in [Poison::Fails, Poison::BreaksOff] {
        let world = world(8);
        let _listening = world.attended(&[]);
        world.sandbox.hapi().quirks_of("Units").poisoned = vec![(3, poison), (900, poison)];
        world.set_rent(3, 1_111.0);
        world.set_rent(5, 1_222.0);
        let new = json!({"Id": 900, "CompanyNo": 3.0, "DivisionNo": 1, "BuildingCode": "B1  ", "UnitCode": "900"});
        world.sandbox.hapi().insert("Units", new);
        world.settled();
        let undeliverable = |entity: &str| (entity.to_owned(), "record-undeliverable".to_owned());
        assert_eq!(world.failed(&["sync"], 3), [undeliverable("unit:3"), undeliverable("unit:900")]);
        assert_eq!(world.rent_on_board(5).as_deref(), Some("1222"), "the other is done");
        assert_eq!((world.pending(), world.state_of("unit:3").as_str(), world.check() > 0), (2, "error", true));
        // As long as it lasts; all others are read whole, since nobody knows what else was missed.
        world.sandbox.clear_requests();
        assert_eq!(world.failed(&["sync"], 3).len(), 2);
        assert!(world.asked().iter().any(|asked| asked == "Units"), "{:?}", world.asked());
        assert_eq!((world.pending(), world.state_of("unit:3").as_str(), world.check() > 0), (2, "error", true));
        // What stands on its board is sent again where people ask for it, and is as old as before.
        world.run(&["resync", "unit:3"]).expect(3);
        assert_eq!((world.pending(), world.state_of("unit:3").as_str()), (2, "error"));
        world.sandbox.hapi().quirks_of("Units").poisoned.clear();
        world.run(&["sync"]).expect(0);
        assert_eq!((world.pending(), world.rent_on_board(3).as_deref()), (0, Some("1111")));
        assert_eq!((world.state_of("unit:3").as_str(), world.state_of("unit:900").as_str()), ("synced", "synced"));
        assert_eq!((world.run(&["status", "--state", "error"]).stdout.as_str(), world.check()), ("", 0));
    }
}

#[test]
fn what_events_name_is_read_whole_where_hapi_takes_no_question_about_it() {
    let world = world(8);
    let _listening = world.attended(&[]);
    world.set_rent(3, 1_111.0);
    world.settled();
    world.sandbox.inject(Rule::always(Api::Hapi, Fault::status(400, "no")).containing("Id eq 3"));
    world.run(&["sync"]).expect(0);
    assert_eq!((world.pending(), world.rent_on_board(3).as_deref()), (0, Some("1111")));
}

#[test]
fn a_run_that_does_not_read_a_kind_leaves_its_events() {
    let world = world(5);
    let _listening = world.attended(&[]);
    world.set_rent(3, 1_111.0);
    world.settled();
    world.run(&["sync", "tenant"]).expect(0);
    assert_eq!(world.pending(), 1);
    let plan = world.run(&["sync", "--dry-run", "--json"]).expect(0).json();
    assert_eq!(plan["plan"][0]["entity"], "unit:3");
    assert_eq!(world.pending(), 1, "a dry run changes nothing");
    world.run(&["sync", "unit"]).expect(0);
    assert_eq!(world.pending(), 0);
}

#[test]
fn payloads_of_another_receiver_are_as_good() {
    let world = world(6);
    let listening = Listening::start(&world, &[]);
    world.subscribe(&listening);
    listening.stop("-15").expect(143);
    let hand_on = |text: &str| {
        let mut child =
            world.command(&["listen", "--stdin", "--json"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let child = child.as_mut().expect("the binary runs");
        child.stdin.take().expect("stdin").write_all(text.as_bytes()).expect("a pipe");
        assert!(child.wait().expect("it ends").success());
    };
    hand_on("");
    world.run(&["sync"]).expect(0);
    world.set_rent(3, 1_111.0);
    hand_on("{\"Id\":3,\"Entity\":\"Unit\",\"Status\":1}\n");
    world.sandbox.clear_requests();
    world.run(&["sync"]).expect(0);
    assert!(world.asked().contains(&"Units Id eq 3".to_owned()), "{:?}", world.asked());
    assert_eq!(world.rent_on_board(3).as_deref(), Some("1111"));
}

#[test]
fn listen_sync_brings_a_change_to_its_board_without_being_asked() {
    let world = world(12);
    let listening = world.attended(&["--sync"]);
    world.set_rent(3, 1_111.0);
    wait_until("the new rent", || world.rent_on_board(3).as_deref() == Some("1111"));
    assert_eq!(world.asked(), ["Units Id eq 3"]);
    // The mutation alone: the board was read not long ago.
    assert_eq!(world.sandbox.request_count(Api::Monday), 1);
    let new = json!({"Id": 900, "CompanyNo": 3.0, "DivisionNo": 1, "BuildingCode": "B1  ", "UnitCode": "900"});
    world.sandbox.hapi().insert("Units", new);
    wait_until("the new unit", || world.run(&["show-json", "unit:900", "--sent"]).code == 0);
    world.sandbox.hapi().remove("Units", 900);
    wait_until("its end", || {
        let story = world.run(&["status", "unit:900", "--json"]).json();
        story["entities"][0]["state"] == "deleted" && story["entities"][0]["item_id"].is_null()
    });
    wait_until("the run's report", || {
        let run = world.run(&["runs", "--limit", "1", "--json"]).json()["runs"][0].clone();
        (&run["command"], &run["events"], &run["outcome"]) == (&json!("listen"), &json!(1), &json!("ok"))
    });
    let stopped = listening.stop("-15").expect(143);
    assert!(stopped.stderr.contains("1 updated"), "{}", stopped.stderr);
}

#[test]
fn what_monday_always_fails_at_keeps_neither_other_changes_nor_other_commands_waiting() {
    let mut world = world(12);
    world.environment.insert("HOPEM_SYNC_MONDAY_SETTLE".to_owned(), "1s".to_owned());
    let listening = world.attended(&["--sync"]);
    let fault = Fault::status(500, r#"{"errors":[{"message":"Internal server error"}]}"#);
    world.sandbox.inject(Rule::always(Api::Monday, fault).containing("poison"));
    let new = json!({"Id": 900, "CompanyNo": 3.0, "DivisionNo": 1, "BuildingCode": "B1  ", "UnitCode": "poison"});
    world.sandbox.hapi().insert("Units", new);
    let is_sent = |request: &hopem_sandbox::RecordedRequest| request.body.contains("poison");
    wait_until("the first call that fails", || world.sandbox.requests(Api::Monday).iter().any(is_sent));
    let began = Instant::now();
    world.set_rent(3, 1_111.0);
    wait_until("the new rent", || world.rent_on_board(3).as_deref() == Some("1111"));
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    // Another command gets the lock between the rounds, brings what it found, and may end red for the unit alone.
    world.sandbox.hapi().settings.notifies = false;
    world.set_rent(5, 1_222.0);
    let began = Instant::now();
    let run = world.run(&["sync", "--full", "--wait", "10s", "--max-duration", "8s", "--json"]);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert!([0, 3, 7].contains(&run.code), "{run:?}");
    assert_eq!(world.rent_on_board(5).as_deref(), Some("1222"), "{run:?}");
    // It is made once, when monday takes it.
    world.sandbox.clear_faults();
    wait_until("the new unit", || {
        world.run(&["push", "unit:900", "--wait", "5s"]);
        world.run(&["show-json", "unit:900", "--sent"]).code == 0
    });
    let keys = world.sandbox.monday().duplicate_keys(world.board("unit"), "text_key");
    assert_eq!(keys, Vec::<String>::new());
    listening.stop("-15").expect(143);
}

#[test]
fn a_storm_costs_one_read_of_each_entity() {
    let mut world = world(20);
    world.environment.insert("HOPEM_SYNC_LISTEN_GATHER".to_owned(), "1s".to_owned());
    let _listening = world.attended(&["--sync"]);
    world.sandbox.hapi().settings.notifies = false;
    for id in 1..=20 {
        world.set_rent(id, 3_000.0 + id as f64);
    }
    {
        let mut hapi = world.sandbox.hapi();
        for _ in 0..40 {
            for id in 1..=20 {
                hapi.announce(Event::new("Unit", id, Event::UPDATE));
            }
        }
    }
    assert!(world.sandbox.wait_for_deliveries(Duration::from_secs(60)), "the storm has an end");
    wait_until("the last rent", || world.pending() == 0 && world.rent_on_board(20).as_deref() == Some("3020"));
    let named: usize = world.asked().iter().map(|asked| asked.matches("Id eq").count()).sum();
    assert!(named <= 40, "{named} reads in {:?}", world.asked());
    let pushed: BTreeSet<Option<String>> = (1..=20).map(|id| world.rent_on_board(id)).collect();
    assert_eq!(pushed.len(), 20);
}

#[test]
fn a_killed_follower_is_followed_by_the_next_one() {
    let world = world(8);
    let listening = world.attended(&["--sync"]);
    world.sandbox.set_latency(Api::Hapi, Duration::from_millis(400));
    world.set_rent(3, 1_111.0);
    world.settled();
    wait_until("a run", || world.asked().contains(&"Units Id eq 3".to_owned()));
    listening.stop("-9");
    world.sandbox.set_latency(Api::Hapi, Duration::ZERO);
    assert_eq!(world.pending(), 1);
    let _listening = Listening::start(&world, &["--sync"]);
    wait_until("the new rent", || world.rent_on_board(3).as_deref() == Some("1111"));
}

#[test]
fn what_was_read_but_not_pushed_goes_out_when_a_follower_begins() {
    let world = world(8);
    let listening = world.attended(&[]);
    world.set_rent(3, 1_111.0);
    world.settled();
    world.run(&["pull"]).expect(0);
    assert_eq!((world.pending(), world.rent_on_board(3).as_deref() == Some("1111")), (0, false));
    listening.stop("-9");
    let _listening = Listening::start(&world, &["--sync"]);
    wait_until("the new rent", || world.rent_on_board(3).as_deref() == Some("1111"));
}

#[test]
fn a_refused_login_is_not_tried_again_for_every_event() {
    let world = world(8);
    let listening = world.attended(&["--sync"]);
    let refusal = Fault::Status { status: 401, headers: Vec::new(), body: String::new() };
    world.sandbox.inject(Rule::always(Api::Hapi, refusal));
    assert_eq!(listening.deliver(r#"{"Id":3,"Entity":"Unit","Status":1}"#), 200);
    wait_until("a refusal", || world.run(&["runs", "--json"]).json()["runs"][0]["exit_code"] == 6);
    world.sandbox.clear_requests();
    for id in 1..=4 {
        assert_eq!(listening.deliver(&format!(r#"{{"Id":{id},"Entity":"Unit","Status":1}}"#)), 200);
        // Longer than events are gathered.
        std::thread::sleep(Duration::from_millis(300));
    }
    assert_eq!((world.sandbox.request_count(Api::Hapi), world.pending()), (0, 5));
}

#[test]
fn whatever_becomes_of_deliveries_boards_are_right_after_one_whole_read() {
    let world = world(40);
    let _listening = world.attended(&["--sync"]);
    world.sandbox.set_delivery(Delivery {
        seed: 7,
        copies: 2,
        losses: Losses::PerMille(300),
        delay: Duration::ZERO..=Duration::from_millis(30),
        shuffle_window: 8,
        // From one database: which of two is ours would be a matter of which is heard of first.
        payloads: Payload::shapes()
            .into_iter()
            .filter(|(shape, _)| *shape != "foreign")
            .map(|(_, payload)| payload)
            .chain([Payload::with(Additional::AsPrinted)])
            .collect(),
        ..Delivery::default()
    });
    for round in 0..3 {
        for id in 1..=20 {
            world.set_rent(id, 4_000.0 + f64::from(round) + id as f64 / 100.0);
        }
    }
    world.settled();
    world.run(&["sync", "--full", "--wait", "30s"]).expect(0);
    for id in 1..=20 {
        assert_eq!(world.rent_on_board(id), Some((4_002.0 + id as f64 / 100.0).to_string()), "unit {id}");
    }
    let titles = world.query("SELECT item_id FROM entities WHERE item_id IS NOT NULL");
    assert_eq!(titles.iter().collect::<BTreeSet<_>>().len(), titles.len());
}

#[test]
fn subscriptions_are_made_one_by_one_and_repeating_does_no_harm() {
    let mut world = world(2);
    world.environment.insert("HOPEM_SYNC_ENTITIES_STORAGE_EVENT".to_owned(), "Locker".to_owned());
    let url = "http://127.0.0.1:9/hook";
    let add = ["subscribe", "add", "unit", "locataires", "storage", "--url", url, "--header", "X-Site:lévis"];
    world.run(&add).expect(2);
    let add = ["subscribe", "add", "unit", "locataires", "storage", "--url", url, "--header", "X-Site:a1", "--json"];
    for _ in 0..2 {
        let output = world.run(&add).expect(3);
        let document = output.json();
        assert_eq!(document["subscribed"], json!(["Unit", "Tenant"]), "{output:?}");
        assert_eq!((&document["url"], &document["failures"][0]["entity"]), (&json!(url), &json!("storage")));
        assert!(document["wanted"].as_array().is_some_and(|wanted| wanted.contains(&json!("Locker"))));
        assert!(!output.stdout.contains(SECRET) && !output.stderr.contains(SECRET));
    }
    let headers = world.sandbox.hapi().subscription("unit").expect("a subscription").headers.clone();
    assert_eq!(headers, [("X-Hopem-Sync-Token".to_owned(), SECRET.to_owned()), ("X-Site".to_owned(), "a1".to_owned())]);
    let listed = world.run(&["subscribe", "--lang", "fr"]).expect(0).stdout;
    assert!(listed.contains("● Unit\tunit\tabonné"), "{listed}");
    for _ in 0..2 {
        let left = world.run(&["subscribe", "remove", "tenant", "--json"]).expect(0).json();
        assert_eq!(left["subscribed"], json!(["Unit"]));
    }
}

#[test]
fn a_subscription_without_proof_is_refused_and_so_is_a_bad_address() {
    let mut world = World::bare();
    let output = world.run(&["subscribe", "add", "unit", "--url", "https://x.example/h"]).expect(2);
    assert!(output.stderr.contains("[listen] secret_file"), "{}", output.stderr);
    world.environment.insert("HOPEM_SYNC_LISTEN_SECRET".to_owned(), "a;b".to_owned());
    world.run(&["subscribe", "add", "unit", "--url", "https://x.example/h"]).expect(2);
    world.environment.insert("HOPEM_SYNC_LISTEN_SECRET".to_owned(), SECRET.to_owned());
    for url in ["x.example", "ftp://x", "https://u:p@x.example", "https://"] {
        world.run(&["subscribe", "add", "unit", "--url", url]).expect(2);
    }
    world.run(&["subscribe", "add", "boat", "--url", "https://x.example"]).expect(2);
    assert_eq!(world.sandbox.request_count(Api::Hapi), 0);
}

#[test]
fn the_documented_routes_are_asked_first_and_guesses_only_read() {
    let world = world(2);
    let add = ["subscribe", "add", "unit", "--url", "http://127.0.0.1:9/"];
    world.run(&add).expect(0);
    assert_eq!(world.asked(), ["subscribe", "subscribe", "subscribe"]);
    world.sandbox.hapi().settings.webhooks.list =
        hopem_sandbox::hapi::WebhookRoute::new("GET", "webhook/subscriptions");
    // What is refused to us on the way says nothing of the other routes.
    let refused = Fault::Status { status: 403, headers: Vec::new(), body: String::new() };
    world.sandbox.inject(Rule::always(Api::Hapi, refused).containing("GET /api/Webhooks"));
    world.run(&["subscribe", "list"]).expect(0);
    world.sandbox.clear_requests();
    let left = world.run(&["subscribe", "remove", "unit", "--json"]).expect(0).json();
    assert_eq!(left["subscribed"], json!([]));
    let asked: Vec<String> = world.asked().into_iter().map(|asked| asked.to_lowercase()).collect();
    let first: Vec<&str> = asked.iter().map(String::as_str).take(2).collect();
    assert_eq!(
        first,
        ["subscribe", "webhook/subscriptions"],
        "the documented route, then the one that is remembered: {asked:?}"
    );
    assert!(asked.contains(&"unsubscribe".to_owned()), "{asked:?}");
    world.sandbox.hapi().settings.webhooks.subscribe = hopem_sandbox::hapi::WebhookRoute::new("POST", "elsewhere");
    world.sandbox.clear_requests();
    let output = world.run(&add);
    assert_ne!(output.code, 0);
    let posts = world.sandbox.requests(Api::Hapi).into_iter().filter(|request| request.method == "POST");
    let paths: Vec<String> = posts.map(|request| request.path).filter(|path| path != "/api/Token").collect();
    assert_eq!(paths, ["/api/subscribe"], "nothing is posted to a guess");
}

#[test]
fn a_subscription_that_hapi_goes_on_listing_is_ended_again_or_reported() {
    let world = world(2);
    let add = ["subscribe", "add", "unit", "--url", "http://127.0.0.1:9/"];
    let nothing = Fault::Status { status: 200, headers: Vec::new(), body: String::new() };
    world.run(&add).expect(0);
    world.sandbox.inject(Rule::once(Api::Hapi, nothing.clone()).containing("nsubscribe"));
    let left = world.run(&["subscribe", "remove", "unit", "--json"]).expect(0).json();
    assert_eq!(left["subscribed"], json!([]));
    world.run(&add).expect(0);
    world.sandbox.inject(Rule::always(Api::Hapi, nothing).containing("nsubscribe"));
    let output = world.run(&["subscribe", "remove", "unit"]).expect(3);
    assert!(output.stderr.contains("still lists it"), "{}", output.stderr);
}

#[test]
fn a_list_that_was_not_found_is_not_looked_for_by_every_run() {
    let world = world(2);
    let listening = world.attended(&[]);
    world.sandbox.hapi().settings.webhooks.list.path = "Elsewhere".to_owned();
    let searches = || {
        world.sandbox.clear_requests();
        world.run(&["sync"]).expect(0);
        world.asked().iter().filter(|asked| asked.to_lowercase().contains("subscri")).count()
    };
    assert!(searches() > 10);
    assert_eq!(searches(), 0);
    world.sandbox.hapi().settings.webhooks.list.path = "Webhook/Subscriptions".to_owned();
    world.run(&["subscribe"]).expect(0);
    world.run(&["sync"]).expect(0);
    world.sandbox.clear_requests();
    world.run(&["sync"]).expect(0);
    assert!(!world.asked().iter().any(|asked| asked.starts_with("Units")), "{:?}", world.asked());
    drop(listening);
}

#[test]
fn metrics_count_events() {
    let world = world(2);
    let listening = world.attended(&[]);
    listening.deliver("nonsense");
    listening.deliver(r#"{"Id":1,"Entity":"Unit","Status":1}"#);
    let file = world.path("metrics.prom");
    world.run(&["status", "--metrics", file.to_str().expect("UTF-8")]).expect(0);
    let text = std::fs::read_to_string(file).expect("metrics");
    for line in [
        "hopem_sync_events_pending 2",
        "hopem_sync_events_received 2",
        "hopem_sync_events_unparseable 1",
        "hopem_sync_receiver_up 1",
    ] {
        assert!(text.contains(&format!("\n{line}\n")), "{line} in {text}");
    }
    let status: Value = world.run(&["status", "--json"]).json();
    assert_eq!((&status["events_pending"], &status["webhooks"]["receiver"]["alive"]), (&json!(2), &json!(true)));
}
