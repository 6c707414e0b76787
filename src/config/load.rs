//! Loading: finds the file, lays the environment over it, and warns about what is not wrong but unwise.

use super::document::Document;
use super::language::LANGUAGES;
use super::layers::Layers;
use super::paths::Paths;
use super::request::Request;
use super::secret::SecretFiles;
use super::settings::Config;
use super::{kinds, known, notify, sections};
use crate::failure::Failure;
use crate::message::{ConfigText, Message};
use crate::private_files::{OTHERS_READ, account_name};
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use toml::de::DeTable;

/// Configuration that was loaded.
#[derive(Debug)]
pub struct Loaded {
    /// The settings.
    pub config: Config,
    /// What is not wrong but unwise, to be reported on every run.
    pub warnings: Vec<Message>,
    /// Where each setting came from that is not at its default: `sync.on_delete` → a variable's name, a flag, a secrets file,
    /// or file:line:column.
    pub origins: BTreeMap<String, String>,
}

/// Configuration as read, with every mistake that is in it.
#[derive(Debug)]
pub(super) struct ReadConfig {
    /// The settings; what was refused has its default.
    pub(super) loaded: Loaded,
    /// The mistakes, in the order in which they were met.
    pub(super) mistakes: Vec<anyhow::Error>,
    /// Settings that were refused, or meant by a key that is not known.
    pub(super) mistaken: BTreeSet<String>,
}

impl Config {
    /// Loads the configuration. Every failure is one of usage, and says where the fault stands.
    ///
    /// # Errors
    /// Where there is no configuration, it cannot be read, or a setting is refused.
    pub fn load(request: &Request<'_>) -> anyhow::Result<Loaded> {
        Config::of_document(&read_file(request)?, request)
    }

    /// The same for a configuration that is not written yet: `text` is what `file` would hold.
    ///
    /// # Errors
    /// Where a setting is refused.
    pub(crate) fn of_text(request: &Request<'_>, file: &Path, text: &str) -> anyhow::Result<Loaded> {
        Config::of_document(&Document::new(file, text.as_bytes().to_vec())?, request)
    }

    fn of_document(document: &Document, request: &Request<'_>) -> anyhow::Result<Loaded> {
        let root = document.parse()?;
        let ReadConfig { loaded, mistakes, .. } = read_config(request, document, &root);
        let others = mistakes.len().saturating_sub(1) as u64;
        match mistakes.into_iter().next() {
            None => Ok(loaded),
            Some(first) if others == 0 => Err(first),
            Some(first) => Err(match first.downcast::<Failure>() {
                Ok(first) => first.or_help(ConfigText::MoreMistakes { others }).into(),
                Err(first) => first,
            }),
        }
    }
}

/// Reads every setting.
pub(super) fn read_config(request: &Request<'_>, document: &Document, root: &DeTable<'_>) -> ReadConfig {
    let layers = Layers::new(document, root, request.environment);
    let paths = Paths::new(request, &document.file);
    let mut secrets = Vec::new();
    let config = Config {
        file: document.file.clone(),
        language: layers.top().read("language", |value| value.choice(&LANGUAGES)),
        hapi: sections::hapi(&layers, &paths, &mut secrets),
        monday: sections::monday(&layers, &paths, &mut secrets),
        sync: sections::sync(&layers),
        store: sections::store(&layers, request, &paths),
        listen: sections::listen(&layers, &paths, &mut secrets),
        notify: notify::notify(&layers, &paths, &mut secrets),
        network: sections::network(&layers),
        kinds: kinds::read(&layers),
    };
    let mut warnings = readable_by_others(&document.file, &secrets);
    warnings.extend(unknown_variables(request.environment));
    let mistaken = layers.mistaken();
    let (origins, mistakes) = layers.into_parts();
    ReadConfig { loaded: Loaded { config, warnings, origins }, mistakes, mistaken }
}

/// Reads the first configuration that is there.
pub(super) fn read_file(request: &Request<'_>) -> anyhow::Result<Document> {
    let paths = request.search_paths()?;
    // A path that cannot even be examined, such as the home directory of another user, is as good as empty where another is there.
    let Some(file) = paths.iter().find(|path| path.metadata().is_ok()) else {
        return Err(none_found(&paths));
    };
    match std::fs::read(file) {
        Ok(content) => Document::new(file, content),
        Err(error) => Err(unreadable(file, error)),
    }
}

/// Why no configuration is found: there is none, or one may be where this account may not look.
fn none_found(paths: &[PathBuf]) -> anyhow::Error {
    let is_forbidden =
        |path: &&PathBuf| path.metadata().is_err_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied);
    // The last place is the system's, which a service and those who look after it share.
    if let Some(path) = paths.iter().rev().find(is_forbidden) {
        return forbidden(path);
    }
    let paths = paths.iter().map(|path| format!("`{}`", path.display())).collect();
    Failure::usage(ConfigText::ConfigMissing { paths }).help(ConfigText::ConfigMissingHelp {}).into()
}

/// Why a configuration cannot be read.
pub(crate) fn unreadable(file: &Path, error: std::io::Error) -> anyhow::Error {
    if error.kind() == std::io::ErrorKind::PermissionDenied {
        return forbidden(file);
    }
    let what = ConfigText::ConfigUnreadable { path: file.display().to_string() };
    Failure::usage(what).because(error).help(ConfigText::ConfigUnreadableHelp {}).into()
}

/// That a configuration may not be read by this account, and which account could.
fn forbidden(path: &Path) -> anyhow::Error {
    let what = ConfigText::ConfigForbidden { path: path.display().to_string() };
    let failure = Failure::usage(what);
    // What bars the way is the innermost folder that can be examined, or the file itself.
    match path.ancestors().find_map(|barrier| Some((barrier, barrier.metadata().ok()?.uid()))) {
        Some((barrier, owner)) => {
            let (barrier, owner) = (barrier.display().to_string(), account_name(owner));
            failure.help(ConfigText::ConfigForbiddenHelp { barrier, owner }).into()
        }
        None => failure.help(ConfigText::ConfigUnreadableHelp {}).into(),
    }
}

/// Warns about secrets that others than the owner can read.
fn readable_by_others(configuration: &Path, secrets: &[SecretFiles]) -> Vec<Message> {
    let is_readable =
        |path: &Path| path.metadata().is_ok_and(|metadata| metadata.permissions().mode() & OTHERS_READ != 0);
    let mut warnings: Vec<Message> = Vec::new();
    if secrets.iter().any(|secret| secret.is_in_configuration) && is_readable(configuration) {
        warnings.push(ConfigText::ConfigReadable { path: configuration.display().to_string() }.into());
    }
    for path in secrets.iter().filter_map(|secret| secret.file.as_deref()).filter(|path| is_readable(path)) {
        let warning = ConfigText::SecretReadable { path: path.display().to_string() }.into();
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
    warnings
}

/// Warns about variables that begin like ours and set nothing.
fn unknown_variables(environment: &BTreeMap<String, String>) -> Vec<Message> {
    let ours = environment.iter().filter(|(name, value)| known::is_ours(name) && !value.trim().is_empty());
    ours.filter_map(|(name, _)| {
        let variable = name.clone();
        Some(match known::unknown_variable(name)? {
            Some(nearest) => ConfigText::VariableUnknownNear { variable, nearest }.into(),
            None => ConfigText::VariableUnknown { variable }.into(),
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Folder, problem};
    use super::super::{Column, MaxDeletes, OnEdit, SAMPLE, Select, Source};
    use super::*;
    use crate::entity::{Kind, Relation};
    use crate::message::Lang;
    use crate::monday::column::ColumnType;
    use std::time::Duration;

    fn warnings(folder: &Folder) -> Vec<String> {
        let loaded = folder.load().expect("a good configuration");
        loaded.warnings.iter().map(|warning| folder.without_path(&warning.text(Lang::En))).collect()
    }

    #[test]
    fn the_complete_sample_loads() {
        let folder = Folder::new(SAMPLE)
            .set("HOPEM_SYNC_HAPI_PASSWORD", "pw-from-env")
            .set("HOPEM_SYNC_MONDAY_TOKEN", "token-from-env");
        let config = folder.config();
        assert_eq!(config.language, Some(Lang::Fr));
        assert_eq!(config.hapi.url.as_deref(), Some("https://primmoapistaging.hopemservices.com"));
        assert_eq!(config.hapi.password.read().expect("a password").expose(), "pw-from-env");
        assert_eq!(config.sync.max_deletes, MaxDeletes::Share(0.1));
        assert_eq!(config.sync.ping_url, None);
        assert_eq!(config.store.path, Path::new("/home/anne/.local/share/hopem-sync/store.db"));
        let unit = config.kind(Kind::UNIT);
        assert_eq!(unit.board.as_deref(), Some("1234567890"));
        assert_eq!(unit.only.get("OccupancyStatus"), Some(&vec!["V".to_owned(), "L".to_owned()]));
        assert_eq!((&unit.select, unit.endpoint_is_configured), (&Select::Mapped, true));
        let status = unit.columns.get("status_1").expect("a column");
        assert_eq!(status.column_type, Some(ColumnType::Status));
        assert_eq!(status.values.get("L").map(String::as_str), Some("Loué"));
        let source = |name: &str| unit.columns.get(name).map(|column| &column.source);
        assert_eq!(source("text_code"), Some(&Source::Field("UnitCode".to_owned())));
        assert_eq!(source("link_bldg"), Some(&Source::Relation(Kind::BUILDING)));
        assert_eq!(unit.columns.get("text_addr").and_then(|column| column.of), Some(Kind::BUILDING));
        assert_eq!(unit.columns.get("text_note").map(|column| column.on_edit), Some(OnEdit::Keep));
        let lease = config.kind(Kind::PARKING_LEASE);
        assert!(matches!(lease.relations.get(&Kind::BUILDING), Some(Relation::Fields(pairs)) if pairs.len() == 3));
        assert!(lease.relations.contains_key(&Kind::TENANT), "the default stays");
    }

    #[test]
    fn the_configurations_in_the_other_examples_load() {
        assert_eq!(Folder::new(include_str!("../../examples/package/config.toml")).config().hapi.url, None);
        let manifest = include_str!("../../examples/kubernetes/cronjob.yaml");
        let inside = manifest.split_once("acme.toml: |\n").expect("a configuration").1;
        let lines = inside.lines().take_while(|line| line.starts_with("    ") || line.is_empty());
        let config = Folder::new(&lines.map(|line| format!("{}\n", line.trim())).collect::<String>()).config();
        assert_eq!(config.hapi.username.as_deref(), Some("svc-monday"));
        assert!(config.kind(Kind::UNIT).pushed_board().is_some());
    }

    #[test]
    fn the_defaults_are_those_of_the_sample() {
        let shown = |toml: &str| {
            let mut config = Folder::new(toml).config();
            (config.file, config.language) = (PathBuf::new(), None);
            let (hapi, monday) = (config.hapi, config.monday);
            let calls = (hapi.page_size, hapi.parallel, monday.url, monday.api_version, monday.daily_calls);
            let rest = (monday.route, monday.settle, monday.create_labels, config.sync, config.network);
            let notify = config.notify;
            let notify =
                (notify.format, notify.command, notify.level, notify.max_age, notify.max_errors, notify.max_pending);
            let listen = (config.listen.address, config.listen.header, config.listen.gather);
            format!("{calls:?} {rest:?} {listen:?} {notify:?}")
        };
        assert_eq!(shown(""), shown(SAMPLE));
        assert_eq!(Folder::new("").config().sync.keep_deleted, Duration::from_secs(90 * 86_400));
        let tenant = Folder::new("").config().kind(Kind::TENANT).clone();
        assert_eq!((tenant.endpoint.as_str(), tenant.event.as_str()), ("Tenants", "Tenant"));
        assert!(tenant.enabled && tenant.push && !tenant.endpoint_is_configured && tenant.board.is_none());
        assert_eq!(tenant.columns, BTreeMap::<String, Column>::new());
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_place_and_the_nearest_at_every_level() {
        for (toml, message) in [
            ("\nlangage = 'fr'", "config.toml:2:1: unknown key `langage`; did you mean `language`?"),
            ("[hapy]", "config.toml:1:2: unknown key `hapy`; did you mean `hapi`?"),
            ("[sync]\n  on-delete = 1", "config.toml:2:3: unknown key `on-delete`; did you mean `on_delete`?"),
            ("[entities.unit]\nborad = 1", "config.toml:2:1: unknown key `borad`; did you mean `board`?"),
            ("[entities.unti]", "config.toml:1:11: unknown kind `unti`; did you mean `unit`?"),
            (
                "[entities.unit.columns]\nc = { feild = 'A' }",
                "config.toml:2:7: unknown key `feild`; did you mean `field`?",
            ),
            (
                "[entities.unit.relations]\nbuidling = ['A']",
                "config.toml:2:1: unknown kind `buidling`; did you mean `building`?",
            ),
            ("[hapi]\ndaily_calls = 1", "config.toml:2:1: unknown key `daily_calls`; it belongs in `[monday]`"),
            (
                "[store]\nlanguage = 'fr'",
                "config.toml:2:1: unknown key `language`; it belongs at the top, above the first section",
            ),
            ("[store]\nxyzzy = 1", "config.toml:2:1: unknown key `xyzzy`; known here: path, keep_runs"),
        ] {
            assert_eq!(problem(toml), message);
        }
    }

    #[test]
    fn a_missing_configuration_says_where_it_was_looked_for() {
        let folder = Folder::new("").set("XDG_CONFIG_HOME", "/nowhere/x").set("CONFIGURATION_DIRECTORY", "/nowhere/c");
        let request = Request { config_flag: None, profile: Some("no-such".to_owned()), ..folder.request() };
        let message = folder.message_of(Config::load(&request).map(|_| ()));
        let places = "`/nowhere/x/hopem-sync/no-such.toml`, `/nowhere/c/no-such.toml`, `/etc/hopem-sync/no-such.toml`";
        assert_eq!(message, format!("no configuration found at {places}"));
        let request = Request { config_flag: Some(folder.path("other.toml")), ..folder.request() };
        let message = folder.message_of(Config::load(&request).map(|_| ()));
        assert_eq!(message, "no configuration found at `other.toml`");
    }

    #[test]
    fn a_configuration_that_is_no_file_is_refused() {
        let folder = Folder::new("");
        let request = Request { config_flag: Some(folder.path("")), ..folder.request() };
        let message = folder.message_of(Config::load(&request).map(|_| ()));
        assert!(message.starts_with("cannot read the configuration"), "{message}");
    }

    #[test]
    fn variables_stand_over_the_file_and_an_empty_one_counts_for_nothing() {
        let toml = "language = 'en'\n[monday]\ndaily_calls = 7\n[entities.unit]\nboard = 5\nkey_column = 'k'\n";
        let folder = Folder::new(toml)
            .set("HOPEM_SYNC_LANGUAGE", "fr")
            .set("HOPEM_SYNC_MONDAY_DAILY_CALLS", "9")
            .set("HOPEM_SYNC_MONDAY_CREATE_LABELS", "true")
            .set("HOPEM_SYNC_SYNC_VERIFY_EVERY", "never")
            .set("HOPEM_SYNC_SYNC_MAX_DELETES", "12")
            .set("HOPEM_SYNC_ENTITIES_UNIT_BOARD", "")
            .set("HOPEM_SYNC_ENTITIES_PARKING_LEASE_ENABLED", "false")
            .set("HOPEM_SYNC_ENTITIES_UNIT_KEY", "[\"CompanyNo\", 'UnitCode']")
            .set("HOPEM_SYNC_ENTITIES_TENANT_KEY", "TenantNo")
            .set("HOPEM_SYNC_ENTITIES_UNIT_ONLY", "{ Status = [1.0, true] }")
            .set("HOPEM_SYNC_ENTITIES_UNIT_SELECT", "all")
            .set("HOPEM_SYNC_ENTITIES_UNIT_NAME", "{UnitCode}")
            .set("HOPEM_SYNC_ENTITIES_UNIT_COLUMNS", "{ c = { field = 'A' } }")
            .set("HOPEM_SYNC_ENTITIES_UNIT_COLUMNS_TEXT_1", "{City}, {Street}")
            .set("HOPEM_SYNC_ENTITIES_UNIT_RELATIONS_BUILDING", "{ BuildingId = 'Id' }");
        let loaded = folder.load().expect("a good configuration");
        assert_eq!(loaded.warnings, []);
        let config = loaded.config;
        assert_eq!((config.language, config.monday.calls_left(0)), (Some(Lang::Fr), Some(9)));
        assert_eq!(config.sync.verify_every, None);
        assert_eq!(config.sync.max_deletes, MaxDeletes::Number(12));
        assert!(config.monday.create_labels && !config.kind(Kind::PARKING_LEASE).enabled);
        assert_eq!(config.kind(Kind::TENANT).key, ["TenantNo"]);
        let unit = config.kind(Kind::UNIT);
        assert_eq!((unit.board.as_deref(), unit.key.join("+").as_str()), (Some("5"), "CompanyNo+UnitCode"));
        assert_eq!(unit.only.get("Status"), Some(&vec!["1".to_owned(), "true".to_owned()]));
        assert_eq!((&unit.select, unit.name.as_str()), (&Select::All, "{UnitCode}"));
        assert_eq!(unit.columns.keys().collect::<Vec<_>>(), ["c", "text_1"]);
        let pair = ("BuildingId".to_owned(), "Id".to_owned());
        assert_eq!(unit.relations.get(&Kind::BUILDING), Some(&Relation::Fields(vec![pair])));
        let origin = |setting: &str| loaded.origins.get(setting).map(String::as_str);
        assert_eq!(origin("monday.daily_calls"), Some("HOPEM_SYNC_MONDAY_DAILY_CALLS"));
        assert!(origin("entities.unit.board").is_some_and(|origin| origin.ends_with("config.toml:5:9")));
        assert_eq!(origin("network.timeout"), None);
    }

    #[test]
    fn an_unknown_variable_is_warned_about_with_the_nearest() {
        let folder = Folder::new("")
            .set("HOPEM_SYNC_MONDAY_TOKNE", "tok-secret")
            .set("HOPEM_SYNC_CONFIG", "/x")
            .set("HOPEM_SYNC_EMPTY", "");
        let message =
            "the environment variable `HOPEM_SYNC_MONDAY_TOKNE` sets nothing; did you mean `HOPEM_SYNC_MONDAY_TOKEN`?";
        assert_eq!(warnings(&folder), [message]);
    }

    #[test]
    fn secrets_that_others_can_read_are_warned_about() {
        let toml = "[hapi]\npassword = 'x'\napi_key_file = 'key'\n[monday]\ntoken_file = 'token'\n";
        let folder = Folder::new(toml);
        folder.write("key", "k", 0o600);
        folder.write("token", "t", 0o400);
        assert_eq!(warnings(&folder), [""; 0]);
        folder.write("config.toml", toml, 0o604);
        folder.write("key", "k", 0o640);
        let message = warnings(&folder);
        assert_eq!(message.len(), 2, "{message:?}");
        assert!(
            message.iter().any(|line| line.starts_with("the configuration `config.toml` holds a secret")),
            "{message:?}"
        );
        assert!(message.iter().any(|line| line.starts_with("others can read the secret in `key`")), "{message:?}");
        folder.write("config.toml", "[hapi]\nusername = 'x'\n", 0o644);
        assert_eq!(warnings(&folder), [""; 0], "without a secret it may be read");
    }

    #[test]
    fn no_secret_is_shown_by_debug_or_in_an_error() {
        let toml = "[hapi]\npassword = 'hunter2'\n[monday]\ntoken = 'hunter2'\n[listen]\nsecret = 'hunter2'\n";
        let folder = Folder::new(toml).set("HOPEM_SYNC_HAPI_API_KEY", "hunter2");
        let loaded = folder.load().expect("a good configuration");
        assert!(!format!("{loaded:?}").contains("hunter2"));
        for toml in
            ["[hapi]\npassword = ['hunter2']", "[hapi]\npasword = 'hunter2'", "[hapi]\nurl = 'http://u:hunter2@h'"]
        {
            assert!(!problem(toml).contains("hunter2"), "{toml}");
        }
    }
}
