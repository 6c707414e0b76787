//! What the tests of the configuration share: a folder with a configuration in it, loaded with a given environment only.

use super::column::Column;
use super::kind_config::KindConfig;
use super::load::Loaded;
use super::request::Request;
use super::settings::Config;
use crate::entity::Kind;
use crate::failure::{Exit, render};
use crate::message::Lang;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Folder with `config.toml` in it.
pub(super) struct Folder {
    directory: tempfile::TempDir,
    pub(super) environment: BTreeMap<String, String>,
}

impl Folder {
    pub(super) fn new(toml: &str) -> Folder {
        let folder = Folder { directory: tempfile::tempdir().expect("a folder"), environment: BTreeMap::new() };
        folder.write("config.toml", toml, 0o600);
        folder
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(super) fn write(&self, name: &str, content: impl AsRef<[u8]>, mode: u32) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.path(name);
        std::fs::write(&path, content).expect("a file");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("its mode");
    }

    pub(super) fn set(mut self, name: &str, value: &str) -> Folder {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// A request for `config.toml` with the home directory `/home/anne`.
    pub(super) fn request(&self) -> Request<'_> {
        Request {
            config_flag: Some(self.path("config.toml")),
            store_flag: None,
            profile: None,
            environment: &self.environment,
            home: Some(PathBuf::from("/home/anne")),
        }
    }

    /// The same for a profile.
    pub(super) fn request_of(&self, profile: &str) -> Request<'_> {
        Request { profile: Some(profile.to_owned()), ..self.request() }
    }

    pub(super) fn load(&self) -> anyhow::Result<Loaded> {
        Config::load(&self.request())
    }

    pub(super) fn config(&self) -> Config {
        self.load().unwrap_or_else(|error| panic!("{error:#}")).config
    }

    /// The report on a configuration that cannot be loaded; the folder's path is left out.
    pub(super) fn problem(&self) -> String {
        self.message_of(self.load().map(|_| ()))
    }

    /// The report on a setting that is refused; the folder's path is left out.
    pub(super) fn message_of(&self, result: anyhow::Result<()>) -> String {
        let shown = render(&result.expect_err("a failure"), Lang::En);
        assert_eq!(shown.exit, Exit::Usage);
        self.without_path(&shown.message)
    }

    /// A text in which the folder's own path is left out.
    pub(super) fn without_path(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.directory.path().display()), "")
    }
}

/// The report on a configuration that cannot be loaded.
pub(super) fn problem(toml: &str) -> String {
    Folder::new(toml).problem()
}

/// The report on a variable that cannot be understood.
pub(super) fn variable_problem(name: &str, value: &str) -> String {
    Folder::new("").set(name, value).problem()
}

/// A configuration of this text.
pub(crate) fn config(toml: &str) -> Config {
    Folder::new(toml).config()
}

/// The settings of one kind in a configuration of this text.
pub(crate) fn kind_config(kind: Kind, toml: &str) -> KindConfig {
    config(toml).kind(kind).clone()
}

/// What goes into a column, as the configuration writes it.
pub(crate) fn column(kind: Kind, toml: &str) -> Column {
    let config = kind_config(kind, &format!("[entities.{kind}.columns]\nx = {toml}\n"));
    config.columns.get("x").cloned().expect("it was written")
}
