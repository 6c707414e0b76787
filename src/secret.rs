//! Secrets: a holder that cannot be printed, and the place that one is read from.

use crate::failure::Failure;
use crate::message::ConfigText;
use crate::process::{self, NoOutput};
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The largest secrets file that is read, in bytes; a longer one is no secret but a mistake.
const LARGEST_BYTES: u64 = 64 * 1024;

/// How long a command may take that prints a secret. It may have to ask somebody for a password of its own.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);

/// Secret in memory. It has no `Display`, and its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The secret itself, for the one place that sends it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// Source of a secret; it is read only by the commands that need it.
#[derive(Debug, Clone)]
pub struct SecretSource {
    /// The setting's name, as `[hapi] password`.
    pub(crate) setting: &'static str,
    /// The environment variable that sets it.
    pub(crate) variable: String,
    /// Where it is.
    pub(crate) origin: SecretOrigin,
}

/// First place, in their order, that has the secret.
#[derive(Debug, Clone)]
pub(crate) enum SecretOrigin {
    /// The environment variable.
    Variable(Secret),
    /// A file of systemd's credentials.
    Credential(PathBuf),
    /// The file that a setting names.
    File(PathBuf),
    /// The command that a setting names: a program and its arguments.
    Command(Vec<String>),
    /// The configuration itself.
    Configuration { file: PathBuf, secret: Secret },
    /// It is not set.
    Nowhere,
}

impl SecretSource {
    /// A secret that is already known.
    pub fn given(setting: &'static str, secret: Secret) -> SecretSource {
        SecretSource { setting, variable: setting.to_owned(), origin: SecretOrigin::Variable(secret) }
    }

    /// Whether any place has the secret; it may still be unreadable.
    pub(crate) fn is_set(&self) -> bool {
        !matches!(self.origin, SecretOrigin::Nowhere)
    }

    /// The file that it is read from, where it is one that a setting names.
    pub(crate) fn named_file(&self) -> Option<&Path> {
        match &self.origin {
            SecretOrigin::File(path) => Some(path),
            _ => None,
        }
    }

    /// Whether the configuration holds the secret itself.
    pub(crate) fn is_in_configuration(&self) -> bool {
        matches!(self.origin, SecretOrigin::Configuration { .. })
    }

    /// Reads the secret, without outer blanks.
    ///
    /// # Errors
    /// Where there is no secret, or what is there cannot be one.
    pub(crate) fn read(&self) -> anyhow::Result<Secret> {
        let (text, origin) = self.content()?;
        match self.lines(&text, &origin)?.as_slice() {
            [only] => Ok(Secret::new(*only)),
            _ => Err(self.damaged(origin)),
        }
    }

    /// Reads one secret or two, a line each: while one is changed for another, both are good.
    ///
    /// # Errors
    /// Where there is no secret, or what is there is neither one nor two.
    pub(crate) fn read_two(&self) -> anyhow::Result<Vec<Secret>> {
        let (text, origin) = self.content()?;
        let lines = self.lines(&text, &origin)?;
        if lines.len() > 2 {
            let setting = self.setting.to_owned();
            return Err(self.refused(ConfigText::SecretTooMany { setting, origin }).into());
        }
        Ok(lines.into_iter().map(Secret::new).collect())
    }

    /// The text that holds the secret, and where it comes from.
    fn content(&self) -> anyhow::Result<(String, String)> {
        match &self.origin {
            SecretOrigin::Variable(secret) => Ok((secret.expose().to_owned(), self.variable.clone())),
            SecretOrigin::Configuration { file, secret } => Ok((secret.expose().to_owned(), shown(file))),
            SecretOrigin::Credential(path) | SecretOrigin::File(path) => self.read_file(path),
            SecretOrigin::Command(words) => self.run(words),
            SecretOrigin::Nowhere => {
                Err(self.refused(ConfigText::SecretMissing { setting: self.setting.to_owned() }).into())
            }
        }
    }

    fn read_file(&self, path: &Path) -> anyhow::Result<(String, String)> {
        let mut content = Vec::new();
        let read = std::fs::File::open(path).and_then(|file| file.take(LARGEST_BYTES + 1).read_to_end(&mut content));
        if let Err(error) = read {
            let what = ConfigText::SecretUnreadable { setting: self.setting.to_owned(), path: shown(path) };
            return Err(self.refused(what).because(error).into());
        }
        match String::from_utf8(content) {
            Ok(text) if text.len() as u64 <= LARGEST_BYTES => Ok((text, shown(path))),
            _ => Err(self.damaged(shown(path))),
        }
    }

    /// What a command prints; neither that nor its arguments are ever shown.
    fn run(&self, words: &[String]) -> anyhow::Result<(String, String)> {
        let (setting, command) = (self.setting.to_owned(), program(words));
        let output = match process::run(words, Vec::new(), COMMAND_TIMEOUT, LARGEST_BYTES + 1) {
            Ok(output) => output,
            Err(NoOutput::NotStarted(error)) => {
                let what = ConfigText::SecretCommandNotStarted { setting, command };
                return Err(self.command_failed(what).because(error).into());
            }
            Err(NoOutput::Failed(code)) => {
                let code = code.map_or_else(|| "?".to_owned(), |code| code.to_string());
                return Err(self.command_failed(ConfigText::SecretCommandFailed { setting, command, code }).into());
            }
            Err(NoOutput::TimedOut) => {
                let seconds = COMMAND_TIMEOUT.as_secs();
                let what = ConfigText::SecretCommandTimedOut { setting, command, seconds };
                return Err(self.command_failed(what).into());
            }
        };
        match String::from_utf8(output) {
            Ok(text) if text.len() as u64 <= LARGEST_BYTES => Ok((text, command)),
            _ => Err(self.damaged(command)),
        }
    }

    fn command_failed(&self, what: ConfigText) -> Failure {
        let command_setting = format!("{}_command", self.setting);
        Failure::usage(what).help(ConfigText::SecretCommandHelp { command_setting })
    }

    /// The lines that are not blank; there is at least one.
    fn lines<'t>(&self, text: &'t str, origin: &str) -> anyhow::Result<Vec<&'t str>> {
        // Some editors begin a file with a byte order mark.
        let text = text.trim_start_matches('\u{feff}');
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        if lines.is_empty() {
            let (setting, origin) = (self.setting.to_owned(), origin.to_owned());
            return Err(self.refused(ConfigText::SecretEmpty { setting, origin }).into());
        }
        if lines.iter().any(|line| line.contains(char::is_control)) {
            return Err(self.damaged(origin.to_owned()));
        }
        Ok(lines)
    }

    fn damaged(&self, origin: String) -> anyhow::Error {
        self.refused(ConfigText::SecretDamaged { setting: self.setting.to_owned(), origin }).into()
    }

    /// A failure that says how to give the secret.
    pub(super) fn refused(&self, what: ConfigText) -> Failure {
        let file_setting = format!("{}_file", self.setting);
        Failure::usage(what).help(ConfigText::SecretHelp { file_setting, variable: self.variable.clone() })
    }
}

/// The program of a command; its arguments may say more than others should read.
fn program(words: &[String]) -> String {
    words.first().cloned().unwrap_or_default()
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_nothing_of_itself() {
        let source = SecretSource::given("[monday] token", Secret::new("hunter2"));
        assert!(!format!("{source:?}").contains("hunter2"));
        assert_eq!(source.read().expect("a secret").expose(), "hunter2");
    }
}
