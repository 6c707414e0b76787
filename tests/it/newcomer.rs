//! The failures that a newcomer meets, each provoked: what is said, in both languages, what to do, and how the program ends.

use crate::support::{World, output};
use hopem_sandbox::{Api, Fault, Rule};
use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::sync::Arc;

/// What is expected of a failure: the beginning of a text and a part of its remedy, in English and in French.
struct Expected {
    code: i32,
    error: [&'static str; 2],
    help: [&'static str; 2],
    /// Part of a cause in JSON; empty: there is none beside the message.
    cause: &'static str,
}

/// Runs a command in both languages, and with `--json`.
#[track_caller]
fn meets(world: &World, arguments: &[&str], expected: &Expected) {
    for (lang, index) in [("en", 0), ("fr", 1)] {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--lang", lang]).collect();
        let done = world.run(&arguments).expect(expected.code);
        let (error, help) = (expected.error[index], expected.help[index]);
        assert!(done.stderr.contains(error), "`{error}` in {done:#?}");
        assert!(done.stderr.contains(help), "`{help}` in {done:#?}");
    }
    let arguments: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
    let document = world.run(&arguments).expect(expected.code).json();
    let error = &document["error"];
    assert!(error["message"].as_str().is_some_and(|reported| reported.contains(expected.error[0])), "{document:#}");
    assert!(error["hint"].as_str().is_some_and(|reported| reported.contains(expected.help[0])), "{document:#}");
    assert_eq!(error["exit_code"], expected.code, "{document:#}");
    let causes = error["causes"].as_array().expect("causes");
    let has_cause = causes.iter().any(|cause| cause.as_str().is_some_and(|cause| cause.contains(expected.cause)));
    assert!(has_cause || expected.cause.is_empty(), "`{}` in {document:#}", expected.cause);
}

/// A world without retries that has units, whose HApi is said to be elsewhere.
fn elsewhere(url: &str) -> World {
    let mut world = World::units(1..=2);
    world.set("NETWORK_RETRIES", "0");
    world.set("HAPI_URL", url);
    world
}

impl World {
    /// Sets a variable that is not a setting.
    fn variable(mut self, name: &str, value: &str) -> World {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }
}

/// A server that answers each connection with the same bytes, whatever it is asked.
fn answering_always(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer);
        }
    });
    address
}

/// A server with a certificate that it signed itself: its address, and the certificate.
fn with_certificate(subject: &str, name: &str, is_expired: bool) -> (String, String) {
    let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
    params.distinguished_name.push(DnType::CommonName, subject);
    if is_expired {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    }
    let key = KeyPair::generate().expect("a key");
    let certificate = params.self_signed(&key).expect("a certificate");
    let chain = vec![CertificateDer::from(certificate.der().to_vec())];
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a certificate with its key");
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut connection = rustls::ServerConnection::new(config.clone()).expect("a connection");
            // The other side leaves.
            while connection.is_handshaking() && connection.complete_io(&mut stream).is_ok() {}
        }
    });
    (format!("https://localhost:{port}"), certificate.pem())
}

/// Some certificate to trust, in a file.
fn trusting(world: World, pem: &str) -> World {
    world.write("trusted.pem", pem);
    let path = world.path("trusted.pem").display().to_string();
    world.variable("SSL_CERT_FILE", &path)
}

#[test]
fn no_configuration() {
    let world = World::bare();
    let mut command = world.command(&["sync"]);
    command.env_remove("HOPEM_SYNC_CONFIG").env("HOME", world.folder.path()).env("XDG_CONFIG_HOME", world.path("none"));
    let done = output(command).expect(2);
    for part in ["no configuration found", "/etc/hopem-sync/config.toml", "hopem-sync init"] {
        assert!(done.stderr.contains(part), "{part} in {done:?}");
    }
    std::fs::remove_file(world.path("config.toml")).expect("it was there");
    meets(
        &world,
        &["sync"],
        &Expected {
            code: 2,
            error: ["no configuration found", "aucune configuration"],
            help: ["hopem-sync init", "hopem-sync init"],
            cause: "",
        },
    );
}

/// A command as an account that is not let in everywhere: nothing is closed to root.
fn without_rights(mut command: std::process::Command) -> std::process::Command {
    if std::fs::metadata("/proc/self").expect("a process").uid() == 0 {
        command.uid(65_534);
    }
    command
}

#[test]
fn a_configuration_that_may_not_be_read_is_not_missing() {
    let world = World::bare();
    let close = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("its mode");
    };
    close(world.folder.path(), 0o755);
    std::fs::create_dir(world.path("etc")).expect("a folder");
    world.write("etc/config.toml", &world.basics());
    world.write("config.toml", "");
    let in_folder = world.path("etc/config.toml").display().to_string();
    let file = world.path("config.toml").display().to_string();
    // Once the folder may not be entered, once the file not be read.
    close(&world.path("etc"), 0o000);
    close(&world.path("config.toml"), 0o000);
    for path in [&in_folder, &file] {
        for (lang, reported, help) in [
            ("en", format!("cannot read the configuration `{path}`: permission denied"), "belongs to"),
            ("fr", format!("impossible de lire la configuration `{path}`\u{a0}: permission refusée"), "appartient à"),
        ] {
            for arguments in [&["status"][..], &["doctor"], &["config", "check"], &["init", "--from-env", "--yes"]] {
                let arguments = [arguments, &["--config", path, "--lang", lang]].concat();
                let done = output(without_rights(world.command(&arguments))).expect(2);
                assert!(done.stderr.contains(&reported) && done.stderr.contains(help), "{reported} in {done:?}");
            }
        }
        let check = output(without_rights(world.command(&["status", "--check", "--config", path]))).expect(3);
        assert!(check.stdout.starts_with("HOPEM-SYNC UNKNOWN - cannot read the configuration"), "{check:?}");
    }
    close(&world.path("etc"), 0o700);
}

#[test]
fn nobody_listens_at_the_address() {
    let expected = Expected {
        code: 1,
        error: [
            "cannot reach 127.0.0.1:9: connection refused",
            "impossible de joindre 127.0.0.1:9 : connexion refusée",
        ],
        help: ["check the network, `[hapi] url`", "vérifier le réseau, `[hapi] url`"],
        cause: "os error 111",
    };
    meets(&elsewhere("http://127.0.0.1:9"), &["pull", "unit"], &expected);
}

#[test]
fn the_name_does_not_exist() {
    let expected = Expected {
        code: 1,
        error: ["cannot reach no-such-host.invalid: no such host", "no-such-host.invalid : ce nom d’hôte n’existe pas"],
        help: ["`[hapi] url`", "`[hapi] url`"],
        cause: "ame",
    };
    meets(&elsewhere("https://no-such-host.invalid"), &["pull", "unit"], &expected);
}

#[test]
fn another_site_answers() {
    let page = |status| Fault::Status { status, headers: Vec::new(), body: "<html>portal</html>".to_owned() };
    let world = World::units(1..=2);
    world.sandbox.inject(Rule::always(Api::Hapi, page(404)));
    let expected = Expected {
        code: 1,
        error: ["there is no HApi login at http://127.0.0.1", "pas de connexion HApi à http://127.0.0.1"],
        help: ["check `[hapi] url`", "vérifier `[hapi] url`"],
        cause: "",
    };
    meets(&world, &["pull", "unit"], &expected);
    world.sandbox.clear_faults();
    world.sandbox.inject(Rule::always(Api::Hapi, page(200)));
    let expected =
        Expected { error: ["holds no token (200): <html>", "ne contient pas de jeton (200) : <html>"], ..expected };
    meets(&world, &["pull", "unit"], &expected);
}

#[test]
fn html_comes_instead_of_records() {
    let world = World::units(1..=2);
    let page = Fault::Status { status: 200, headers: Vec::new(), body: "<html>maintenance</html>".to_owned() };
    world.sandbox.inject(Rule::always(Api::Hapi, page).containing("/api/Units"));
    for (lang, reported) in [("en", "it is a web page"), ("fr", "c’est une page web")] {
        let done = world.run(&["pull", "unit", "--lang", lang]).expect(3);
        assert!(done.stdout.contains(reported) && done.stdout.contains("`[hapi] url`"), "{done:#?}");
    }
}

#[test]
fn a_wrong_key_and_an_expired_password_are_refused_logins() {
    let mut world = World::units(1..=2);
    let expected = Expected {
        code: 6,
        error: ["HApi refused the login (401", "HApi refuse la connexion (401"],
        help: ["the `x-api-key`", "la clé `x-api-key`"],
        cause: "",
    };
    world.set("HAPI_API_KEY", "wrong");
    meets(&world, &["pull", "unit"], &expected);
    let world = World::units(1..=2);
    let reported = "{\"message\": \"Le mot de passe est expiré\"}".to_owned();
    let expired = Fault::Status { status: 401, headers: Vec::new(), body: reported };
    world.sandbox.inject(Rule::always(Api::Hapi, expired).containing("/api/Token"));
    let expected = Expected {
        error: ["Le mot de passe est expiré", "Le mot de passe est expiré"],
        help: ["may have expired", "peut être expiré"],
        ..expected
    };
    meets(&world, &["pull", "unit"], &expected);
    assert_eq!(world.sandbox.request_count(Api::Hapi), 3, "a refused login is not tried again");
}

#[test]
fn a_proxy_that_is_not_there_is_named_and_not_the_server_behind_it() {
    let world = elsewhere("https://hapi.example.com").variable("HTTPS_PROXY", "http://svc:pw@127.0.0.1:9");
    let expected = Expected {
        code: 1,
        error: [
            "cannot reach 127.0.0.1:9, the proxy on the way to hapi.example.com: connection refused",
            "impossible de joindre 127.0.0.1:9, le mandataire (proxy) vers hapi.example.com : connexion refusée",
        ],
        help: ["correct HTTPS_PROXY", "corriger HTTPS_PROXY"],
        cause: "os error 111",
    };
    meets(&world, &["pull", "unit"], &expected);
    // monday goes through it too.
    let mut world = World::tidy(1).variable("HTTPS_PROXY", "http://127.0.0.1:9");
    world.set("NETWORK_RETRIES", "0");
    world.set("MONDAY_URL", "https://monday.example.com/v2");
    meets(
        &world,
        &["sync"],
        &Expected { error: ["the proxy on the way to monday.example.com", "vers monday.example.com"], ..expected },
    );
}

#[test]
fn a_proxy_that_asks_for_a_login_or_makes_no_connection() {
    let proxy = answering_always(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
    let world = elsewhere("https://hapi.example.com").variable("HTTPS_PROXY", &format!("http://{proxy}"));
    let expected = Expected {
        code: 1,
        error: ["it asks for a login (407)", "il demande une authentification (407)"],
        help: ["http://USER:PASSWORD@HOST:PORT", "http://UTILISATEUR:MOTDEPASSE@HÔTE:PORT"],
        cause: "proxy authorization required",
    };
    meets(&world, &["pull", "unit"], &expected);
    let proxy = answering_always(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    let world = elsewhere("https://hapi.example.com").variable("HTTPS_PROXY", &format!("http://{proxy}"));
    let expected = Expected {
        error: ["it makes no connection", "il n’établit pas la connexion"],
        help: ["NO_PROXY", "NO_PROXY"],
        cause: "unsuccessful",
        ..expected
    };
    meets(&world, &["pull", "unit"], &expected);
}

#[test]
fn no_certificates_are_installed() {
    let world = World::units(1..=2).variable("SSL_CERT_FILE", "/dev/null");
    let expected = Expected {
        code: 1,
        error: ["cannot prepare for HTTPS", "impossible de préparer HTTPS"],
        help: ["SSL_CERT_FILE names /dev/null", "SSL_CERT_FILE désigne /dev/null"],
        cause: "No CA certificates",
    };
    meets(&world, &["pull", "unit"], &expected);
}

#[test]
fn without_certificates_doctor_finds_that_and_checks_the_rest() {
    let world = World::tidy(1).variable("SSL_CERT_FILE", "/nonexistent");
    for arguments in [&["doctor", "--json"][..], &["doctor", "--offline", "--json"]] {
        let document = world.run(arguments).expect(3).json();
        let found = document["findings"].as_array().expect("findings");
        let of = |check: &str| found.iter().filter(|one| one["check"] == check).count();
        assert_eq!((of("certificates"), of("hapi-login"), of("monday-login")), (1, 0, 0), "{document:#}");
        assert!(document["checked"].as_u64() > Some(5), "{document:#}");
    }
}

#[test]
fn a_mistake_that_was_corrected_is_no_error_of_doctors_any_more() {
    let world = World::tidy(1);
    world.sandbox.hapi().update("Units", 1, "Rent", serde_json::json!(1));
    world.edit("[entities.unit]", "[entities.unit]\nendpoint = \"Unitz\"");
    world.run(&["sync"]).expect(3);
    let level = || {
        let document = world.run(&["doctor", "--json"]).expect(3).json();
        let all = document["findings"].as_array().expect("findings").clone();
        all.iter().find(|one| one["check"] == "kind").map(|one| one["level"].clone())
    };
    assert_eq!(level(), Some("error".into()));
    world.edit("endpoint = \"Unitz\"", "");
    assert_eq!(level(), Some("warning".into()));
    world.run(&["sync"]).expect(0);
    let done = world.run(&["doctor", "--json"]);
    assert!(!done.stdout.contains("\"check\":\"kind\""), "{done:?}");
}

#[test]
fn a_certificate_that_is_not_trusted_not_for_this_name_or_out_of_date() {
    let (url, own) = with_certificate("own", "localhost", false);
    let (_, other) = with_certificate("other", "localhost", false);
    let (_, namesake) = with_certificate("own", "localhost", false);
    let expected = Expected {
        code: 1,
        error: ["signed by nobody who is trusted here", "signé par personne à qui l’on fait confiance"],
        help: ["SSL_CERT_FILE to a file with all certificates", "SSL_CERT_FILE un fichier de tous les certificats"],
        cause: "certificate",
    };
    meets(&trusting(elsewhere(&url), &other), &["pull", "unit"], &expected);
    meets(&trusting(elsewhere(&url), &namesake), &["pull", "unit"], &expected);
    // Trusted, it gets further: the connection ends only there.
    let done = trusting(elsewhere(&url), &own).run(&["pull", "unit"]).expect(1);
    assert!(!done.stderr.contains("certificate"), "{done:#?}");
    let (url, own) = with_certificate("own", "another.example.com", false);
    let expected = Expected {
        error: ["its certificate is for another name", "son certificat est pour un autre nom"],
        help: ["the name that the certificate is for", "le nom pour lequel le certificat est établi"],
        cause: "another.example.com",
        ..expected
    };
    meets(&trusting(elsewhere(&url), &own), &["pull", "unit"], &expected);
    let (url, own) = with_certificate("own", "localhost", true);
    let expected = Expected {
        error: ["not valid at this time", "pas valide en ce moment"],
        help: ["clock", "horloge"],
        cause: "expired",
        ..expected
    };
    meets(&trusting(elsewhere(&url), &own), &["pull", "unit"], &expected);
}

#[test]
fn what_answers_there_speaks_no_tls() {
    let address = answering_always(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    let expected = Expected {
        code: 1,
        error: ["no TLS connection comes about", "aucune connexion TLS ne s’établit"],
        help: ["its port", "son port"],
        cause: "",
    };
    meets(&elsewhere(&format!("https://{address}")), &["pull", "unit"], &expected);
}

#[test]
fn a_refused_token_and_monday_that_is_not_there() {
    let mut world = World::tidy(1);
    world.set("MONDAY_TOKEN", "wrong");
    let expected = Expected {
        code: 6,
        error: ["monday refused the token", "monday refuse le jeton"],
        help: ["`[monday] token_file`", "`[monday] token_file`"],
        cause: "",
    };
    meets(&world, &["sync"], &expected);
    meets(&world, &["columns", "unit"], &expected);
    let mut world = World::tidy(1);
    world.set("NETWORK_RETRIES", "0");
    world.set("MONDAY_URL", "http://127.0.0.1:9/v2");
    let expected = Expected {
        code: 1,
        error: [
            "cannot reach 127.0.0.1:9: connection refused",
            "impossible de joindre 127.0.0.1:9 : connexion refusée",
        ],
        help: ["`[monday] url`", "`[monday] url`"],
        cause: "os error 111",
    };
    meets(&world, &["sync"], &expected);
    meets(&world, &["columns", "unit"], &expected);
}

/// What a first run says, and `status` after it, of what fails without ending the run.
#[track_caller]
fn fails(world: impl Fn() -> World, parts: &[[&str; 2]]) {
    for (lang, index) in [("en", 0), ("fr", 1)] {
        let world = world();
        let done = world.run(&["sync", "--lang", lang]).expect(3);
        let shown = world.run(&["status", "--state", "error", "--lang", lang]);
        for part in parts {
            for text in [&done.stdout, &shown.stdout] {
                assert!(text.contains(part[index]), "`{}` in {text}", part[index]);
            }
        }
    }
}

/// The checks and texts of what `doctor` finds.
fn findings(world: &World) -> Vec<(String, String)> {
    let document = world.run(&["doctor", "--json"]).expect(3).json();
    let text = |one: &serde_json::Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
    let all = document["findings"].as_array().expect("findings");
    all.iter().map(|one| (text(one, "check"), format!("{} {}", text(one, "message"), text(one, "hint")))).collect()
}

#[test]
fn a_wrong_board_id_or_a_board_of_another_account() {
    // monday tells neither from the other: what the token may not see is not there.
    let world = || {
        let world = World::tidy(2);
        world.edit(&format!("board = {}", world.board("unit")), "board = 4242");
        world
    };
    fails(
        world,
        &[
            [
                "monday has no board 4242, or the token may not see it",
                "monday n’a pas de tableau 4242, ou le jeton n’y a pas accès",
            ],
            ["a board in another account", "un tableau d’un autre compte"],
        ],
    );
}

#[test]
fn a_token_that_may_not_write() {
    let world = || {
        let world = World::tidy(2);
        let unit = world.board("unit").to_owned();
        world.sandbox.monday().traits_of(&unit).is_read_only = true;
        world.sandbox.monday().refuse_next("create_item", "UserUnauthorizedException", 1000);
        world
    };
    fails(world, &[["UserUnauthorizedException", "UserUnauthorizedException"]]);
    let world = world();
    world.run(&["sync"]).expect(3);
    let unit = world.board("unit").to_owned();
    for (lang, reported) in [("en", "the right to edit board"), ("fr", "le droit de modifier le tableau")] {
        let shown = world.run(&["status", "--state", "error", "--lang", lang]);
        assert!(shown.stdout.contains(&format!("{reported} {unit}")), "{shown:?}");
    }
    assert!(findings(&world).iter().any(|(_, reported)| reported.contains("may only look at the board")));
}

#[test]
fn a_token_without_the_scope_to_write() {
    let world = || {
        let world = World::tidy(2);
        world.sandbox.monday().refuse_next("create_item", "missingRequiredPermissions", 1000);
        world
    };
    fails(world, &[["missingRequiredPermissions", "missingRequiredPermissions"], ["`boards:write`", "`boards:write`"]]);
}

#[test]
fn a_column_of_a_type_that_does_not_fit() {
    let world = || {
        let world = World::tidy(2);
        world.edit("{ field = \"Rent\", type = \"numbers\" }", "{ field = \"Rent\", type = \"date\" }");
        world
    };
    fails(
        world,
        &[
            ["column \"Loyer\" (`Rent` in Hopem)", "colonne « Loyer » (`Rent` dans Hopem)"],
            ["[entities.unit.columns]", "[entities.unit.columns]"],
        ],
    );
    let reported = findings(&world());
    assert!(reported.iter().any(|(check, reported)| check == "column" && reported.contains("`date`")), "{reported:#?}");
}

#[test]
fn a_question_that_monday_does_not_understand_is_no_matter_of_the_network() {
    let world = World::tidy(1);
    world.run(&["sync"]).expect(0);
    let refusal = serde_json::json!({"errors": [{"message": "Field 'items_limit' doesn't exist on type 'Board'",
        "extensions": {"code": "undefinedField"}}]});
    let refused = Fault::Status { status: 400, headers: Vec::new(), body: refusal.to_string() };
    world.sandbox.inject(Rule::always(Api::Monday, refused).containing("items_limit"));
    let expected = Expected {
        code: 1,
        error: ["monday refused it", "monday a refusé"],
        help: ["`[monday] api_version`", "`[monday] api_version`"],
        cause: "",
    };
    meets(&world, &["columns", "unit"], &expected);
    let reported = findings(&world);
    assert!(
        reported.iter().any(|(check, reported)| check == "api-version" && reported.contains("`[monday] api_version`")),
        "{reported:#?}"
    );
    assert!(reported.iter().all(|(check, _)| check != "monday-login"), "{reported:#?}");
}
