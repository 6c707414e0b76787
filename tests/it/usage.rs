//! What is said of a command line that is none, in the language of who typed it; and the program about itself, as JSON.

use crate::support::World;

#[test]
fn a_wrong_command_line_is_refused_in_french() {
    let mut world = World::bare();
    for (arguments, what) in [
        (vec!["statsu"], "erreur : commande inconnue `statsu`\n  aide : il existe `status`, qui lui ressemble\n"),
        (vec!["sync", "--dry-rum"], "erreur : argument inattendu `--dry-rum`\n  aide : il existe `--dry-run`"),
        (vec!["runs", "abc"], "pour `[EXÉCUTION]` : écrire le numéro d’une exécution, comme 17;"),
        (vec!["runs", "--limit", "x"], "écrire un nombre entier, comme 20"),
        (vec!["status", "--state", "rouge"], "aide : valeurs possibles : synced, pending, error,"),
        (vec!["pause"], "erreur : il manque <SÉLECTEUR>..."),
        (vec!["status", "--search"], "`--search <TEXTE>` demande une valeur"),
        (vec!["status", "--drift", "--search", "x"], "`--drift` ne va pas avec --search <TEXTE>"),
        (vec!["status", "--yes=x"], "`--yes` n’attend pas de valeur"),
        (vec!["--wait", "5", "sync"], "écrire une durée comme 90s, 5m ou 2h"),
        (vec!["export", "unit", "--where", "x"], "écrire CHAMP=VALEUR"),
    ] {
        for by_flag in [true, false] {
            let flag = if by_flag { vec!["--lang", "fr"] } else { vec![] };
            let lang = if by_flag { "C" } else { "fr_CA.UTF-8" };
            world.environment.insert("LC_ALL".to_owned(), lang.to_owned());
            let refused = world.run(&[flag, arguments.clone()].concat()).expect(2);
            assert!(refused.stderr.contains(what) && refused.stdout.is_empty(), "{arguments:?}: {refused:?}");
            assert!(!refused.stderr.contains("error:") && !refused.stderr.contains("Usage:"), "{refused:?}");
        }
    }
    let asked = world.run(&["runs", "abc", "--json"]).expect(2).json();
    let message = asked["error"]["message"].as_str().expect("a message");
    assert!(message.starts_with("invalid value 'abc' for '[RUN]': write the number of a run"), "{message}");
    assert_eq!(asked["error"]["hint"], "hopem-sync runs --help");
    let quiet = world.run(&["-q", "statsu"]).expect(2);
    assert_eq!(quiet.stderr.lines().count(), 1, "{quiet:?}");
}

#[test]
fn help_is_in_the_language_of_who_asks_and_documents_are_english() {
    let mut world = World::bare();
    world.environment.insert("LC_ALL".to_owned(), "fr_CA.UTF-8".to_owned());
    let french = world.run(&["sync", "--help"]).expect(0).stdout;
    assert!(french.contains("Utilisation\u{a0}: hopem-sync sync [OPTIONS] [TYPE]..."), "{french}");
    assert!(world.run(&["help", "exit-codes"]).expect(0).stdout.starts_with("Codes de sortie"));
    let english = world.run(&["--lang", "en", "sync", "--help"]).expect(0).stdout;
    assert!(english.contains("Usage: hopem-sync sync [OPTIONS] [KIND]..."), "{english}");
    let document = world.run(&["sync", "--help", "--json"]).expect(0).json();
    assert_eq!(document["about"], "Read Hopem, then bring the monday boards up to date");
}

#[test]
fn help_and_version_are_documents_with_json() {
    let world = World::bare();
    for arguments in [["--version", "--json"], ["version", "--json"], ["--json", "version"]] {
        let version = world.run(&arguments).expect(0).json();
        assert_eq!((&version["name"], version["version"].is_string()), (&"hopem-sync".into(), true), "{version}");
    }
    assert!(world.run(&["version"]).expect(0).stdout.starts_with("hopem-sync "));
    for arguments in [&["help", "--json"][..], &["--help", "--json"], &["--json", "-h"]] {
        let help = world.run(arguments).expect(0).json();
        let commands: Vec<&str> =
            help["commands"].as_array().expect("commands").iter().filter_map(|own| own["name"].as_str()).collect();
        assert!(commands.contains(&"sync") && commands.contains(&"status"), "{help}");
    }
    for arguments in [&["help", "status", "--json"][..], &["status", "--help", "--json"]] {
        let help = world.run(arguments).expect(0).json();
        assert_eq!(help["command"], "hopem-sync status");
        let state = help["arguments"].as_array().expect("arguments").iter().find(|one| one["long"] == "state");
        assert_eq!(state.expect("--state")["values"][0], "synced");
        assert!(help["examples"][0]["command"].as_str().is_some_and(|line| line == "hopem-sync status"), "{help}");
    }
}

#[test]
fn the_flags_that_hands_type_by_habit_are_taken() {
    let world = World::tidy(5);
    world.run(&["sync"]).expect(0);
    world.run(&["-vv", "status"]).expect(0);
    let planned = world.run(&["push", "-n", "--json"]).expect(0).json();
    assert!(planned["plan"].is_array(), "{planned}");
}

#[test]
fn a_record_on_a_terminal_is_json_that_can_be_copied() {
    let mut world = World::tidy(5);
    let long = "une très longue remarque, {avec} [des] \"guillemets\": et des mots, ".repeat(4);
    world.sandbox.hapi().update("Tenants", 1, "Comment", serde_json::json!(long));
    world.run(&["sync"]).expect(0);
    world.environment.insert("TERM".to_owned(), "xterm".to_owned());
    let record = world.run(&["show-json", "tenant:1"]).expect(0).stdout;
    let coloured = world.on_terminal(&["show-json", "tenant:1"]).expect(0).stdout;
    let plain = ["1", "32", "33", "90", "0"]
        .iter()
        .fold(coloured.clone(), |text, code| text.replace(&format!("\u{1b}[{code}m"), ""));
    assert!(coloured.len() > plain.len() && plain.lines().count() > 10, "{coloured}");
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("valid JSON");
    assert_eq!(read(&plain), read(&record));
    assert!(plain.contains("\n  \"Comment\": \"une très longue"), "{plain}");
}

#[test]
fn selectors_that_are_piped_in_give_a_list_however_many_they_are() {
    use std::io::Write;
    let world = World::units(1..=3);
    world.run(&["pull"]).expect(0);
    for (typed, count) in [("", 0), ("unit:1\n", 1), ("unit:1\nunit:2\n", 2)] {
        let mut command = world.command(&["show-json", "-", "-q"]);
        let mut child =
            command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().expect("it runs");
        child.stdin.take().expect("stdin").write_all(typed.as_bytes()).expect("it is typed");
        let given = child.wait_with_output().expect("it ends").stdout;
        let list: Vec<serde_json::Value> = serde_json::from_slice(&given).expect("a list");
        assert_eq!(list.len(), count, "{typed:?}");
    }
}
