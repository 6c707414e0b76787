//! A configuration file: whatever stands in it, it is taken or refused in words, and its secrets are in neither.

use hopem_sync::config::{Config, Loaded, Request};
use hopem_sync::failure::{Exit, render};
use hopem_sync::message::Lang;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The secret that the corpus's files hold, where one can stand.
const SECRET: &str = "Passwort-hunter2";

/// Takes any bytes for a configuration file.
pub(crate) fn check(data: &[u8]) {
    thread_local! {
        static FOLDER: tempfile::TempDir = folder();
    }
    FOLDER.with(|folder| {
        let file = folder.path().join("config.toml");
        let loaded = load(&file, data);
        holds_no_secret(&loaded, data);
        if let Ok(loaded) = loaded {
            let text = std::str::from_utf8(data).expect("what is loaded is UTF-8");
            let table: toml::Table = text.parse().expect("what is loaded is TOML");
            let again = load(&file, table.to_string().as_bytes());
            assert_eq!(told(&again.expect("the same")), told(&loaded), "it reads itself otherwise");
        }
    });
}

/// A folder in memory, where there is one.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder")
}

fn load(file: &Path, content: &[u8]) -> anyhow::Result<Loaded> {
    std::fs::write(file, content).expect("a file");
    let environment = BTreeMap::new();
    let (config_flag, home) = (Some(file.to_owned()), Some(PathBuf::from("/home/anne")));
    Config::load(&Request { config_flag, home, ..Request::new(&environment) })
}

fn told(loaded: &Loaded) -> String {
    let warnings: Vec<String> = loaded.warnings.iter().map(|warning| warning.text(Lang::En)).collect();
    format!("{:?} {warnings:?}", loaded.config)
}

/// Whatever is said of it, in either language, holds no secret.
fn holds_no_secret(loaded: &anyhow::Result<Loaded>, data: &[u8]) {
    let mut said = Vec::new();
    match loaded {
        Ok(loaded) => said.push(format!("{} {:?}", told(loaded), loaded.origins)),
        Err(error) => {
            for lang in [Lang::En, Lang::Fr] {
                let rendered = render(error, lang);
                assert_eq!(rendered.exit, Exit::Usage, "{error:#}");
                said.push(format!("{} {:?} {:?}", rendered.message, rendered.causes, rendered.hint));
            }
        }
    }
    if stands_where_secrets_stand(data) {
        assert!(said.iter().all(|said| !said.contains(SECRET)), "{said:?}");
    }
}

/// Whether it stands nowhere but where a secret may, or the file is no TOML at all. Elsewhere it is no secret: names of keys are
/// shown.
fn stands_where_secrets_stand(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else { return true };
    let Ok(mut table) = text.parse::<toml::Table>() else { return true };
    for (section, key) in [("hapi", "password"), ("hapi", "api_key"), ("monday", "token"), ("listen", "secret")] {
        if let Some(section) = table.get_mut(section).and_then(toml::Value::as_table_mut) {
            section.remove(key);
        }
    }
    !table.to_string().contains(SECRET)
}
