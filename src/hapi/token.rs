//! The token, in one file beside the store, shared by all processes.

use super::error::ReadError;
use crate::failure::{Exit, Failure};
use crate::http::Stop;
use crate::message::{HapiText, Message};
use crate::private_files::{create_private_folder, open_private};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Token, and how long it is good for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Token {
    /// Whose it is: a hash of address and user, so that a changed configuration does not use it.
    pub(super) account: String,
    pub(super) token: String,
    pub(super) expires_at: Timestamp,
}

impl Token {
    pub(super) fn expose(&self) -> &str {
        &self.token
    }

    pub(super) fn is_fresh(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[token until {}]", self.expires_at)
    }
}

/// File of the token, and what was read of it.
#[derive(Debug)]
pub struct TokenFile {
    /// `None`: the token is kept in memory only.
    path: Option<PathBuf>,
    pub(super) current: RefCell<Option<Token>>,
    /// Why the login failed in this run: it is not retried, whoever asks.
    pub(super) failure: RefCell<Option<LoginFailure>>,
}

/// Reason why there is no token.
#[derive(Debug, Clone)]
pub(super) struct LoginFailure {
    pub(super) exit: Exit,
    pub(super) text: HapiText,
    pub(super) help: Message,
}

impl From<&LoginFailure> for ReadError {
    fn from(failure: &LoginFailure) -> ReadError {
        ReadError::Fatal(Failure::new(failure.exit, failure.text.clone()).help(failure.help.clone()).into())
    }
}

impl TokenFile {
    /// The token file beside a store.
    pub fn beside(store: &Path) -> TokenFile {
        let mut name = store.file_name().unwrap_or_default().to_owned();
        name.push(".hapi-token");
        TokenFile { path: Some(store.with_file_name(name)), ..TokenFile::in_memory() }
    }

    /// No file: the token is kept in memory, for who tries a login that nothing is kept of.
    pub(crate) fn in_memory() -> TokenFile {
        TokenFile { path: None, current: RefCell::default(), failure: RefCell::default() }
    }

    pub(super) fn unwritable(&self, error: std::io::Error) -> ReadError {
        let path = self.path.as_deref().unwrap_or(Path::new(""));
        let what = HapiText::TokenFileUnwritable { path: path.display().to_string() };
        ReadError::Fatal(Failure::new(Exit::Failed, what).because(error).into())
    }

    pub(super) fn read(&self) -> Option<Token> {
        serde_json::from_slice(&std::fs::read(self.path.as_ref()?).ok()?).ok()
    }

    pub(super) fn write(&self, token: &Token) -> std::io::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        let folder = path.parent().unwrap_or(Path::new("."));
        create_private_folder(folder)?;
        // A temporary file is made with mode 0600 whatever the umask.
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&serde_json::to_vec(token)?)?;
        file.persist(path)?;
        Ok(())
    }

    /// Waits while another process logs in, but not for ever: a token too many does less harm than a hanging run.
    pub(super) fn take_turn(&self, stop: &Stop) -> Option<File> {
        let path = self.path.as_ref()?;
        let folder = path.parent()?;
        create_private_folder(folder).ok()?;
        let mut name = path.file_name()?.to_owned();
        name.push(".lock");
        let file = open_private(&folder.join(name)).ok()?;
        for _ in 0..600 {
            if file.try_lock().is_ok() {
                return Some(file);
            }
            stop.sleep(Duration::from_millis(50)).ok()?;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_cannot_be_printed() {
        let token = Token { account: "a".into(), token: "secret".into(), expires_at: Timestamp::UNIX_EPOCH };
        assert!(!format!("{token:?}").contains("secret"));
    }
}
