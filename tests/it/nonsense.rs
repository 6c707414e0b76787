//! Every command with a kind there is none of, a key there is none of, an empty store, no store: a sentence and an exit code.

use crate::support::World;

/// Every command that takes a selector, with what stands before and after it.
const WITH_SELECTOR: [(&str, &[&str]); 9] = [
    ("push", &[]),
    ("status", &[]),
    ("pause", &[]),
    ("resume", &[]),
    ("resync", &["--later"]),
    ("show-json", &[]),
    ("show-json", &["--mapped"]),
    ("explain", &[]),
    ("unlink", &[]),
];
const WITH_KIND: [&str; 3] = ["pull", "sync", "export"];

#[track_caller]
fn refused(world: &World, arguments: &[&str], message: &str) {
    let human = world.run(arguments).expect(2);
    assert!(human.stdout.is_empty() && human.stderr.starts_with("error: "), "{arguments:?}: {human:?}");
    assert!(human.stderr.contains(message) && human.stderr.contains("\n  help: "), "{arguments:?}: {human:?}");
    assert!(human.stderr.lines().count() <= 3, "{arguments:?}: {human:?}");
    let json = world.run(&[arguments, &["--json"]].concat()).expect(2).json();
    assert_eq!(json["error"]["exit_code"], 2, "{arguments:?}");
    assert!(json["error"]["hint"].is_string() && json["error"]["message"].as_str() == Some(message), "{json}");
    let french = world.run(&[arguments, &["--lang", "fr"]].concat()).expect(2);
    assert!(
        french.stderr.starts_with("erreur : ") && french.stderr.contains("\n  aide : "),
        "{arguments:?}: {french:?}"
    );
}

#[test]
fn a_kind_that_is_none_is_named_with_the_nearest() {
    let world = World::tidy(5);
    for (command, flags) in WITH_SELECTOR {
        refused(&world, &[&[command, "tenent:5"], flags].concat(), "unknown kind `tenent`; did you mean `tenant`?");
    }
    for command in WITH_KIND {
        refused(&world, &[command, "unitz"], "unknown kind `unitz`; did you mean `unit`?");
        refused(&world, &[command, "invoice"], "unknown kind `invoice`");
    }
    assert!(!world.store().exists(), "nothing was touched");
}

#[test]
fn a_key_that_is_none_is_refused_with_or_without_a_store() {
    let world = World::tidy(5);
    for has_store in [false, true] {
        if has_store {
            world.run(&["pull"]).expect(0);
        }
        for (command, flags) in WITH_SELECTOR.into_iter().filter(|(command, _)| *command != "push") {
            refused(&world, &[&[command, "unit:987654"], flags].concat(), "the store has no `unit:987654`");
            refused(&world, &[&[command, "unit:"], flags].concat(), "`unit:` has no key after the colon");
        }
        let push = world.run(&["push", "unit:987654"]).expect(2);
        assert!(push.stderr.contains("the store has no `unit:987654`"), "{push:?}");
        refused(&world, &["runs", "987654"], "there is no run 987654, or it is no longer kept");
    }
}

#[test]
fn an_empty_store_and_none_at_all_are_no_failure() {
    let world = World::bare();
    let looks: [&[&str]; 9] = [
        &["status"],
        &["status", "unit"],
        &["status", "--state", "error"],
        &["status", "--search", "tremblay"],
        &["show-json", "unit"],
        &["runs"],
        &["export", "unit"],
        &["config", "show"],
        &["man"],
    ];
    for look in looks {
        world.run(look).expect(0);
        if look[0] != "man" {
            world.run(&[look, &["--json"]].concat()).expect(0).json();
        }
        let shown = world.on_terminal(look);
        assert!(shown.code == 0 && !shown.stdout.is_empty(), "{look:?} says something: {shown:?}");
    }
    assert!(!world.store().exists(), "looking makes no store");
    world.run(&["pull"]).expect(0);
    for look in looks {
        let shown = world.on_terminal(look);
        assert!(shown.code == 0 && !shown.stdout.is_empty(), "{look:?} says something: {shown:?}");
    }
    for change in [
        &["pause", "unit"][..],
        &["resume", "unit"],
        &["unlink", "unit", "--yes"],
        &["resync", "unit", "--later"],
        &["push"],
    ] {
        world.run(change).expect(0);
    }
}

#[test]
fn a_store_that_cannot_be_opened_is_reported_by_its_path() {
    let world = World::units(1..=2);
    world.run(&["pull"]).expect(0);
    let folder = world.folder.path().display().to_string();
    for look in [&["status"][..], &["explain", "unit:1"], &["export", "unit"], &["show-json", "unit:1"], &["runs"]] {
        let output = world.run(&[look, &["--store", &folder]].concat());
        assert!(matches!(output.code, 1 | 8), "{output:?}");
        assert!(output.stdout.is_empty() && output.stderr.contains(&folder), "{look:?}: {output:?}");
        assert!(output.stderr.contains("help: "), "{look:?}: {output:?}");
    }
}
