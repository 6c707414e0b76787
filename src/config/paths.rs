//! Where files are looked for: the configuration, the store, secrets. Decides by the request alone.

use super::request::Request;
use super::value::Value;
use crate::failure::Failure;
use crate::message::ConfigText;
use crate::store::PathOrigin;
use std::path::{Path, PathBuf};

/// The variable that names the store's file.
const STORE_VARIABLE: &str = "HOPEM_SYNC_STORE";
/// Where a system's configuration is kept.
pub(crate) const SYSTEM_DIRECTORY: &str = "/etc/hopem-sync";
/// Where a system's store is kept: the service, cron and who looks by hand see the same one.
const SYSTEM_STATE: &str = "/var/lib/hopem-sync";
/// The folder's name below the user's directories.
const OWN_DIRECTORY: &str = "hopem-sync";

impl Request<'_> {
    /// A variable's value, unless it is empty.
    fn set(&self, variable: &str) -> Option<&str> {
        self.environment.get(variable).map(String::as_str).filter(|value| !value.trim().is_empty())
    }

    /// The directories that systemd lists in a variable.
    fn directories(&self, variable: &str) -> Vec<PathBuf> {
        self.set(variable)
            .into_iter()
            .flat_map(|list| list.split(':'))
            .filter(|d| !d.is_empty())
            .map(PathBuf::from)
            .collect()
    }

    /// An XDG directory; by their specification a relative one does not count.
    fn xdg(&self, variable: &str, below_home: &str) -> Option<PathBuf> {
        let set = self.set(variable).map(PathBuf::from).filter(|path| path.is_absolute());
        set.or_else(|| self.home.as_ref().map(|home| home.join(below_home)))
    }

    /// The paths at which a configuration is looked for, best first; the profile's file stands beside the configuration.
    pub(super) fn search_paths(&self) -> anyhow::Result<Vec<PathBuf>> {
        let named = self.config_flag.clone().or_else(|| self.set("HOPEM_SYNC_CONFIG").map(PathBuf::from));
        let candidates = match named {
            Some(path) => vec![path],
            None => {
                let user = self.xdg("XDG_CONFIG_HOME", ".config").map(|path| path.join(OWN_DIRECTORY));
                let mut directories: Vec<PathBuf> = user.into_iter().collect();
                directories.extend(self.directories("CONFIGURATION_DIRECTORY"));
                directories.push(PathBuf::from(SYSTEM_DIRECTORY));
                directories.into_iter().map(|path| path.join("config.toml")).collect()
            }
        };
        let mut distinct: Vec<PathBuf> = Vec::new();
        for path in candidates {
            let path = match self.profile()? {
                Some(profile) => path.with_file_name(format!("{profile}.toml")),
                None => path,
            };
            if !distinct.contains(&path) {
                distinct.push(path);
            }
        }
        Ok(distinct)
    }

    /// The file in which a configuration is kept, or would be: the first one that is there, else the one that was named, else the
    /// system's for its administrator and the user's own for anybody else.
    ///
    /// # Errors
    /// Where the profile's name is none, or there is nowhere to keep it.
    pub(crate) fn configuration_file(&self, is_administrator: bool) -> anyhow::Result<PathBuf> {
        let mut paths = self.search_paths()?;
        let found = paths.iter().position(|path| path.metadata().is_ok());
        let last = paths.len().saturating_sub(1);
        Ok(paths.swap_remove(found.unwrap_or(if is_administrator { last } else { 0 })))
    }

    /// The profile's name, once it is known to be a plain file name. `config` and `store` would be the files of the default.
    fn profile(&self) -> anyhow::Result<Option<&str>> {
        let Some(name) = self.profile.as_deref() else { return Ok(None) };
        let is_plain = !name.contains(|c: char| c == '/' || c == '\\' || c.is_control());
        if is_plain && !name.trim_matches('.').trim().is_empty() && !["config", "store"].contains(&name) {
            return Ok(Some(name));
        }
        let what = ConfigText::ProfileBad { profile: name.to_owned() };
        Err(Failure::usage(what).help(ConfigText::ProfileBadHelp {}).into())
    }

    /// The store's file, as an absolute path, and where it was set, if it was. A place that all profiles share, such as a variable, names the
    /// directory of a profile's store, never the store itself: two clients' data must not meet in one store.
    pub(super) fn store_path(
        &self,
        setting: Option<&Value<'_>>,
        paths: &Paths<'_>,
    ) -> anyhow::Result<(PathBuf, Option<PathOrigin>)> {
        let (path, origin) = self.named_store(setting, paths)?;
        if path.as_os_str().is_empty() || path.file_name().is_none() {
            let what = ConfigText::StorePathBad {
                path: path.display().to_string(),
                place: origin.map(|origin| origin.to_string()).unwrap_or_default(),
            };
            return Err(Failure::usage(what).help(ConfigText::StorePathBadHelp {}).into());
        }
        Ok((std::path::absolute(&path).unwrap_or(path), origin))
    }

    fn named_store(
        &self,
        setting: Option<&Value<'_>>,
        paths: &Paths<'_>,
    ) -> anyhow::Result<(PathBuf, Option<PathOrigin>)> {
        if let Some(path) = &self.store_flag {
            return Ok((path.clone(), Some(PathOrigin::Flag)));
        }
        if let Some(path) = self.set(STORE_VARIABLE) {
            let origin = PathOrigin::Variable(STORE_VARIABLE.to_owned());
            return Ok((self.own_store(PathBuf::from(path))?, Some(origin)));
        }
        if let Some(value) = setting
            && let Some(path) = paths.of(value)?
        {
            return Ok(match value.is_from_environment() {
                true => (self.own_store(path)?, Some(PathOrigin::Variable(value.place()))),
                false => (path, Some(PathOrigin::Configuration(value.place()))),
            });
        }
        let state = self.directories("STATE_DIRECTORY").into_iter().next();
        let data = || self.xdg("XDG_DATA_HOME", ".local/share").map(|path| path.join(OWN_DIRECTORY));
        let system = || (paths.base == Path::new(SYSTEM_DIRECTORY)).then(|| PathBuf::from(SYSTEM_STATE));
        match state.or_else(system).or_else(data) {
            Some(directory) => Ok((self.own_store(directory.join("store.db"))?, None)),
            None => {
                Err(Failure::usage(ConfigText::StorePlaceUnknown {}).help(ConfigText::StorePlaceUnknownHelp {}).into())
            }
        }
    }

    fn own_store(&self, path: PathBuf) -> anyhow::Result<PathBuf> {
        Ok(match self.profile()? {
            Some(profile) => path.with_file_name(format!("{profile}.db")),
            None => path,
        })
    }
}

/// Folders that paths in settings are relative to.
pub(super) struct Paths<'a> {
    /// The configuration's directory.
    pub(super) base: &'a Path,
    /// The home directory, for `~/`.
    pub(super) home: Option<&'a Path>,
    /// `$CREDENTIALS_DIRECTORY`.
    pub(super) credentials: Option<PathBuf>,
}

impl<'a> Paths<'a> {
    /// The paths of a request whose configuration is `file`.
    pub(super) fn new(request: &'a Request<'_>, file: &'a Path) -> Paths<'a> {
        let base = file.parent().unwrap_or(Path::new(""));
        let credentials = request.set("CREDENTIALS_DIRECTORY").map(PathBuf::from);
        Paths { base, home: request.home.as_deref(), credentials }
    }

    /// The path that a setting names; `None` when it is empty.
    pub(super) fn of(&self, value: &Value<'_>) -> anyhow::Result<Option<PathBuf>> {
        let Some(text) = value.optional()? else { return Ok(None) };
        match (text.strip_prefix("~/"), self.home) {
            (Some(rest), Some(home)) => Ok(Some(home.join(rest))),
            (Some(_), None) => Err(value.refused(|place, setting| ConfigText::HomeUnknown { place, setting })),
            (None, _) => Ok(Some(self.base.join(text))),
        }
    }

    /// A systemd credential, if there is one of that name.
    pub(super) fn credential(&self, name: &str) -> Option<PathBuf> {
        self.credentials.as_ref().map(|directory| directory.join(name)).filter(|path| path.exists())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Folder;
    use super::super::{Config, Request};
    use super::*;
    use std::collections::BTreeMap;

    fn store(folder: &Folder, request: &Request<'_>) -> String {
        let path = Config::load(request).unwrap_or_else(|error| panic!("{error:#}")).config.store.path;
        folder.without_path(&path.display().to_string())
    }

    #[test]
    fn a_new_configuration_goes_where_it_is_looked_for_and_an_old_one_is_found() {
        let environment = BTreeMap::new();
        let request = || Request { home: Some(PathBuf::from("/nowhere/anne")), ..Request::new(&environment) };
        let file = |request: Request<'_>, is_administrator| {
            request.configuration_file(is_administrator).expect("a place").display().to_string()
        };
        assert_eq!(file(request(), false), "/nowhere/anne/.config/hopem-sync/config.toml");
        assert_eq!(file(request(), true), "/etc/hopem-sync/config.toml");
        let named = || Request { config_flag: Some("/x/c.toml".into()), ..request() };
        assert_eq!(file(named(), true), "/x/c.toml");
        assert_eq!(file(Request { profile: Some("north".to_owned()), ..named() }, false), "/x/north.toml");
        let folder = Folder::new("");
        assert_eq!(file(folder.request(), true), folder.path("config.toml").display().to_string());
    }

    #[test]
    fn the_configuration_is_looked_for_in_the_documented_order() {
        let paths = |request: Request<'_>| -> Vec<String> {
            let paths = request.search_paths().expect("paths");
            paths.iter().map(|path| path.display().to_string()).collect()
        };
        let folder = Folder::new("").set("XDG_CONFIG_HOME", "/x");
        let bare = |folder| Request { config_flag: None, ..Folder::request(folder) };
        assert_eq!(paths(bare(&folder)), ["/x/hopem-sync/config.toml", "/etc/hopem-sync/config.toml"]);
        let with_variable = Folder::new("").set("XDG_CONFIG_HOME", "/x").set("HOPEM_SYNC_CONFIG", "/v/c.toml");
        assert_eq!(paths(bare(&with_variable)), ["/v/c.toml"]);
        let flag = Request { config_flag: Some(PathBuf::from("/f/c.toml")), ..bare(&with_variable) };
        assert_eq!(paths(flag), ["/f/c.toml"]);
        let profile = Request { profile: Some("acme".to_owned()), ..bare(&with_variable) };
        assert_eq!(paths(profile), ["/v/acme.toml"]);
        let relative = Folder::new("").set("XDG_CONFIG_HOME", "x");
        assert_eq!(
            paths(bare(&relative)),
            ["/home/anne/.config/hopem-sync/config.toml", "/etc/hopem-sync/config.toml"]
        );
        let homeless = Request { home: None, ..bare(&relative) };
        assert_eq!(paths(homeless), ["/etc/hopem-sync/config.toml"]);
    }

    #[test]
    fn the_store_is_looked_for_in_the_documented_order() {
        let folder = Folder::new("[store]\npath = 'sub/s.db'\n");
        assert_eq!(store(&folder, &folder.request()), "sub/s.db");
        let folder = folder.set("HOPEM_SYNC_STORE_PATH", "~/s.db");
        assert_eq!(store(&folder, &folder.request()), "/home/anne/s.db");
        let folder = folder.set("HOPEM_SYNC_STORE", "/v/s.db");
        assert_eq!(store(&folder, &folder.request()), "/v/s.db");
        let flag = Request { store_flag: Some(PathBuf::from("f.db")), ..folder.request() };
        let here = std::env::current_dir().expect("a folder").join("f.db");
        assert_eq!(store(&folder, &flag), here.display().to_string(), "relative to where the command runs");
        let folder = Folder::new("").set("XDG_DATA_HOME", "/d");
        assert_eq!(store(&folder, &folder.request()), "/d/hopem-sync/store.db");
        let folder = folder.set("STATE_DIRECTORY", "/var/lib/hopem-sync:/other");
        assert_eq!(store(&folder, &folder.request()), "/var/lib/hopem-sync/store.db");
    }

    #[test]
    fn the_systems_configuration_has_the_systems_store() {
        let folder = Folder::new("").set("XDG_DATA_HOME", "/d");
        let place = |folder: &Folder, request: Request<'_>, file: &str| {
            let _ = folder;
            let (path, origin) =
                request.store_path(None, &Paths::new(&request, Path::new(file))).expect("a place for the store");
            assert_eq!(origin, None);
            path.display().to_string()
        };
        let system = "/etc/hopem-sync/config.toml";
        assert_eq!(place(&folder, folder.request(), system), "/var/lib/hopem-sync/store.db");
        assert_eq!(
            place(&folder, folder.request_of("acme"), "/etc/hopem-sync/acme.toml"),
            "/var/lib/hopem-sync/acme.db"
        );
        let own = "/home/anne/.config/hopem-sync/config.toml";
        assert_eq!(place(&folder, folder.request(), own), "/d/hopem-sync/store.db");
        let service = folder.set("STATE_DIRECTORY", "/srv/state");
        assert_eq!(place(&service, service.request(), system), "/srv/state/store.db");
    }

    #[test]
    fn a_store_without_a_name_is_refused() {
        let folder = Folder::new("");
        for path in ["", "/", ".."] {
            let request = Request { store_flag: Some(PathBuf::from(path)), ..folder.request() };
            let message = folder.message_of(Config::load(&request).map(|_| ()));
            assert_eq!(message, format!("`{path}` (--store) cannot be the store: it names no file"));
        }
    }

    #[test]
    fn a_profile_has_its_own_configuration_and_store() {
        let folder = Folder::new("").set("XDG_DATA_HOME", "/d");
        folder.write("acme.toml", "[hapi]\nusername = 'acme'\n", 0o600);
        let loaded = Config::load(&folder.request_of("acme")).expect("the profile's configuration").config;
        assert_eq!((loaded.hapi.username.as_deref(), loaded.file), (Some("acme"), folder.path("acme.toml")));
        assert_eq!(store(&folder, &folder.request_of("acme")), "/d/hopem-sync/acme.db");
        let folder = folder.set("HOPEM_SYNC_STORE", "/v/s.db");
        assert_eq!(store(&folder, &folder.request_of("acme")), "/v/acme.db", "a variable is shared by all profiles");
        folder.write("acme.toml", "[store]\npath = '/own/s.db'\n", 0o600);
        let folder = folder.set("HOPEM_SYNC_STORE", "");
        assert_eq!(store(&folder, &folder.request_of("acme")), "/own/s.db");
    }

    #[test]
    fn a_profile_that_is_no_plain_name_is_refused() {
        let folder = Folder::new("");
        for name in ["", "..", ".", "a/b", "..\\x", "a\0", "store", "config"] {
            let request = Request { profile: Some(name.to_owned()), ..folder.request() };
            let message = folder.message_of(Config::load(&request).map(|_| ()));
            assert!(message.contains("cannot be the name of a profile"), "{name:?}: {message}");
        }
    }

    #[test]
    fn without_a_home_directory_it_says_what_to_set() {
        let folder = Folder::new("");
        let request = Request { home: None, ..folder.request() };
        let message = folder.message_of(Config::load(&request).map(|_| ()));
        assert_eq!(message, "there is no place for the store: no home directory is known");
        folder.write("config.toml", "[hapi]\npassword_file = '~/x'\n", 0o600);
        let message = folder.message_of(Config::load(&request).map(|_| ()));
        assert!(message.starts_with("config.toml:2:17: `password_file` begins with `~/`"), "{message}");
    }
}
