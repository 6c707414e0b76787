//! `config check`: every mistake at once, without asking anybody.

use crate::support::World;
use hopem_sandbox::Api;
use serde_json::json;

#[test]
fn a_sound_configuration_has_nothing_wrong_and_nobody_is_asked() {
    let world = World::tidy(1);
    let found = world.run(&["config", "check", "--json"]).expect(0).json();
    assert_eq!(found["findings"], json!([]));
    assert!(found["checked"].as_u64().is_some_and(|checked| checked > 20), "{found}");
    let output = world.run(&["config", "check"]).expect(0);
    assert!(output.stderr.is_empty() && output.stdout.ends_with("nothing found\n"), "{output:?}");
    assert_eq!(world.run(&["config", "check", "-q"]).expect(0).stderr, "");
    assert_eq!(world.sandbox.request_count(Api::Hapi) + world.sandbox.request_count(Api::Monday), 0);
    assert!(!world.store().exists());
}

#[test]
fn every_mistake_is_reported_at_once_with_its_line_and_ends_with_2() {
    let world = World::bare();
    world.configure(
        "[entities.unit]\nboard = 5\nkey_column = \"k\"\nkye = [\"Id\"]\n[entities.unit.columns]\n\
         a = { relation = \"building\" }\n[entities.tenant]\nboard = 5\n",
    );
    let found = world.run(&["config", "check", "--json"]).expect(2).json();
    let findings = found["findings"].as_array().expect("findings");
    let text = |index: usize| findings[index]["message"].as_str().expect("a text");
    let first = 1 + world.basics().lines().count();
    assert_eq!(findings.len(), 4, "{found}");
    assert!(text(0).contains(&format!("config.toml:{}:1: unknown key `kye`", first + 3)), "{found}");
    assert!(
        text(1).contains(&format!("config.toml:{}:5: column `a`", first + 5)) && text(1).contains("which has no board")
    );
    assert!(text(2).contains(&format!("config.toml:{}:9: `tenant` has a `board` but no `key_column`", first + 7)));
    assert!(text(3).contains("`tenant` and `unit` have the same board 5"), "{found}");
    assert!(findings.iter().all(|finding| finding["check"] == "config" && finding["level"] == "error"));
    let output = world.run(&["config", "check", "--lang", "fr"]).expect(2);
    assert_eq!(output.stdout.lines().count(), 4, "{output:?}");
    assert!(output.stdout.contains("ont le même tableau 5"), "{output:?}");
    assert_eq!(world.run(&["config", "check", "-q"]).expect(2).stderr.lines().count(), 1);
    let failed = world.run(&["status", "--json"]).expect(2).json();
    assert!(failed["error"]["message"].as_str().is_some_and(|reported| reported.contains("`kye`")), "{failed}");
    assert_eq!(failed["error"]["hint"], "1 more: hopem-sync config check");
}

#[test]
fn what_is_there_to_be_copied_has_no_mistake_in_it() {
    let mut world = World::bare();
    world.environment.insert("HOPEM_SYNC_LISTEN_SECRET".to_owned(), "secret".to_owned());
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| std::fs::read_to_string(root.join(name)).expect("a text");
    let snippet = |name: &str| {
        let text = read(name);
        let lines = text.lines().skip_while(|line| line.trim() != "```toml").skip(1);
        lines.take_while(|line| line.trim() != "```").map(|line| format!("{}\n", line.trim())).collect::<String>()
    };
    for text in [read("examples/config.toml"), snippet("README.md"), snippet("README.fr.md")] {
        assert!(text.contains("[entities.unit]"), "{text}");
        world.write("config.toml", &text);
        let found = world.run(&["config", "check", "--json"]).expect(0).json();
        assert_eq!(found["findings"], json!([]), "{text}");
    }
}

#[test]
fn columns_may_connect_to_items_of_a_kind_that_is_not_pushed_any_more() {
    let world = World::tidy(1);
    world.edit("[entities.building]", "[entities.building]\npush = false");
    let found = world.run(&["config", "check", "--json"]).expect(0).json();
    assert_eq!(found["findings"], json!([]));
}

#[test]
fn without_a_configuration_it_says_where_it_looked() {
    let world = World::bare();
    std::fs::remove_file(world.path("config.toml")).expect("it was there");
    let failed = world.run(&["config", "check", "--json"]).expect(2).json();
    assert!(failed["error"]["message"].as_str().is_some_and(|reported| reported.starts_with("no configuration found")));
}
