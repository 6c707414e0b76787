//! Site of a configuration: where it and its secrets are kept, and how they are written: whole or not at all, and never over something
//! else.

use crate::commands::context::request;
use crate::config::unreadable;
use crate::failure::{Exit, Failure};
use crate::message::InitText;
use crate::options::Global;
use crate::private_files::create_private_folder;
use crate::secret::Secret;
use std::collections::BTreeMap;
use std::fs::Permissions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Mode of a configuration: it holds no secret, and its group may read it.
const CONFIGURATION_MODE: u32 = 0o640;

/// Site of a configuration.
#[derive(Debug)]
pub(super) struct Site {
    /// The configuration.
    pub(super) file: PathBuf,
    /// What it holds, where it is there.
    pub(super) text: Option<String>,
    /// Whether anything of it was written by this command.
    pub(super) has_written: bool,
    /// What the names of its secret files begin with.
    prefix: String,
}

impl Site {
    /// The site that a command line means.
    ///
    /// # Errors
    /// Where there is no place for it, or what is there cannot be read.
    pub(super) fn find(global: &Global, environment: &BTreeMap<String, String>) -> anyhow::Result<Site> {
        let is_administrator = std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
        let file = request(global, environment).configuration_file(is_administrator)?;
        let file = std::path::absolute(&file).unwrap_or(file);
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(unreadable(&file, error)),
        };
        let prefix = global.profile.as_ref().map(|profile| format!("{profile}-")).unwrap_or_default();
        Ok(Site { file, text, has_written: false, prefix })
    }

    /// The file of the answers of an `init` that is not finished yet, beside the configuration.
    pub(super) fn unfinished_file(&self) -> PathBuf {
        let mut name = self.file.file_name().unwrap_or_default().to_owned();
        name.push(".unfinished");
        self.file.with_file_name(name)
    }

    /// The file of a secret, beside the configuration.
    pub(super) fn secret_file(&self, name: &str) -> PathBuf {
        self.file.with_file_name(format!("{}{name}", self.prefix))
    }

    /// Whether a file of a secret is there that holds another one.
    pub(super) fn holds_another(&self, name: &str, secret: &Secret) -> bool {
        let known = std::fs::read_to_string(self.secret_file(name));
        known.is_ok_and(|known| known.trim() != secret.expose().trim())
    }

    /// Writes a secret into its file, unless it is there.
    ///
    /// # Errors
    /// Where it cannot be written, or another one is there.
    pub(super) fn write_secret(&mut self, name: &str, secret: &Secret) -> anyhow::Result<Option<PathBuf>> {
        let path = self.secret_file(name);
        if self.holds_another(name, secret) {
            let what = InitText::SecretThere { path: path.display().to_string() };
            return Err(Failure::usage(what).help(InitText::SecretThereHelp {}).into());
        }
        if path.exists() {
            return Ok(None);
        }
        write_whole(&path, &format!("{}\n", secret.expose()), 0o600, FileThere::IsLeft)?;
        self.has_written = true;
        Ok(Some(path))
    }

    /// Writes the configuration. One that came meanwhile is left as it is; one that was there keeps its mode.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(super) fn write(&mut self, text: &str) -> anyhow::Result<()> {
        let is_new = self.text.is_none();
        let mode = match std::fs::metadata(&self.file) {
            Ok(known) if !is_new => known.mode() & 0o777,
            _ => CONFIGURATION_MODE,
        };
        let there = if is_new { FileThere::IsLeft } else { FileThere::IsReplaced };
        write_whole(&self.file, text, mode, there)?;
        self.has_written = true;
        self.text = Some(text.to_owned());
        Ok(())
    }
}

/// Writes a file that nobody else may read, over what stands there.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    write_whole(path, text, 0o600, FileThere::IsReplaced)
}

/// Removes a file, if it is there.
///
/// # Errors
/// Where it cannot be removed.
pub(super) fn remove(path: &Path) -> anyhow::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(unwritable(path, error)),
        _ => Ok(()),
    }
}

/// Treatment of a file that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FileThere {
    /// It is left as it is, and nothing is written.
    IsLeft,
    IsReplaced,
}

/// Writes a file in one piece: whoever reads it sees the whole of it or what was there before.
fn write_whole(path: &Path, text: &str, mode: u32, there: FileThere) -> anyhow::Result<()> {
    let write = || -> std::io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        create_private_folder(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.as_file().set_permissions(Permissions::from_mode(mode))?;
        file.as_file().sync_all()?;
        match there {
            FileThere::IsLeft => file.persist_noclobber(path).map(drop)?,
            // What a link leads to is written, not the link.
            FileThere::IsReplaced => file.persist(path.canonicalize().unwrap_or_else(|_| path.to_owned())).map(drop)?,
        }
        std::fs::File::open(folder)?.sync_all()
    };
    write().map_err(|error| unwritable(path, error))
}

fn unwritable(path: &Path, error: std::io::Error) -> anyhow::Error {
    Failure::new(Exit::Failed, InitText::CannotWrite { path: path.display().to_string() }).because(error).into()
}

#[cfg(test)]
impl Site {
    /// A site of this configuration, of which nothing is there yet.
    pub(super) fn at(file: PathBuf, prefix: &str) -> Site {
        Site { file, text: None, has_written: false, prefix: prefix.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(folder: &Path) -> Site {
        Site::at(folder.join("sub/north.toml"), "north-")
    }

    #[test]
    fn secrets_are_private_and_never_written_over_others() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut site = site(folder.path());
        let path = site.write_secret("hapi-key", &Secret::new("one")).expect("written").expect("it was not there");
        assert_eq!(path, folder.path().join("sub/north-hapi-key"));
        assert_eq!(path.metadata().expect("a file").mode() & 0o777, 0o600);
        assert_eq!(site.write_secret("hapi-key", &Secret::new("one")).expect("the same"), None);
        site.write_secret("hapi-key", &Secret::new("two")).expect_err("another one");
        assert_eq!(std::fs::read_to_string(path).expect("a file"), "one\n");
    }

    #[test]
    fn a_configuration_that_came_meanwhile_stays_and_one_that_was_there_keeps_its_mode() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut first = site(folder.path());
        let mut second = site(folder.path());
        first.write("a = 1\n").expect("written");
        second.write("b = 1\n").expect_err("one came meanwhile");
        std::fs::set_permissions(&first.file, Permissions::from_mode(0o604)).expect("its mode");
        first.write("a = 2\n").expect("written again");
        assert_eq!(std::fs::read_to_string(&first.file).expect("a file"), "a = 2\n");
        assert_eq!(first.file.metadata().expect("a file").mode() & 0o777, 0o604);
        assert_eq!(std::fs::read_dir(first.file.parent().expect("a folder")).expect("a list").count(), 1);
    }
}
