//! Secrets: where they come from, and a holder that cannot be printed.

use super::layers::Section;
use super::places;
use crate::failure::Failure;
use crate::message::{ConfigText, Message};
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The largest secrets file that is read, in bytes; a longer one is no secret but a mistake.
const LARGEST_BYTES: u64 = 64 * 1024;

/// A secret in memory. It has no `Display`, and its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The secret itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// Where a secret is to be found; it is read only by the commands that need it.
#[derive(Debug, Clone)]
pub struct SecretSource {
    /// The setting's name, as `[hapi] password`.
    pub setting: &'static str,
    variable: String,
    origin: SecretOrigin,
}

/// The first place, in their order, that has the secret.
#[derive(Debug, Clone)]
enum SecretOrigin {
    Variable(Secret),
    Credential(PathBuf),
    File(PathBuf),
    Configuration { file: PathBuf, secret: Secret },
    Nowhere,
}

impl SecretSource {
    /// A secret that is already known, for those who test what uses one.
    pub fn given(setting: &'static str, secret: Secret) -> SecretSource {
        SecretSource { setting, variable: setting.to_owned(), origin: SecretOrigin::Variable(secret) }
    }

    /// Whether any place has the secret; it may still be unreadable.
    pub fn is_set(&self) -> bool {
        !matches!(self.origin, SecretOrigin::Nowhere)
    }

    /// Where the secret comes from, in words.
    pub fn describe(&self) -> Message {
        match &self.origin {
            SecretOrigin::Variable(_) => ConfigText::SecretFromVariable { variable: self.variable.clone() },
            SecretOrigin::Credential(path) => ConfigText::SecretFromCredential { path: shown(path) },
            SecretOrigin::File(path) => ConfigText::SecretFromFile { path: shown(path) },
            SecretOrigin::Configuration { file, .. } => ConfigText::SecretFromConfiguration { path: shown(file) },
            SecretOrigin::Nowhere => ConfigText::SecretFromNowhere {},
        }
        .into()
    }

    /// Reads the secret, without outer blanks. Fails when there is none, or when it cannot be one.
    pub fn read(&self) -> anyhow::Result<Secret> {
        let (text, origin) = self.content()?;
        match self.lines(&text, &origin)?.as_slice() {
            [only] => Ok(Secret::new(*only)),
            _ => Err(self.damaged(origin)),
        }
    }

    /// Reads one secret or two, a line each: while one is changed for another, both are good.
    pub fn read_two(&self) -> anyhow::Result<Vec<Secret>> {
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

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Finds where a secret comes from, without reading it: the variable, a systemd credential, the file that is named, the
/// configuration itself.
pub(super) fn find(
    section: &Section<'_>,
    key: &str,
    setting: &'static str,
    credential: &str,
    paths: &places::Paths<'_>,
) -> anyhow::Result<(SecretSource, SecretFiles)> {
    let file_key = format!("{key}_file");
    let file = section.read(&file_key, |value| paths.of(value))?.flatten();
    let plain = match section.value_in_file(key) {
        Some(value) => value.optional()?.map(|text| (value.place(), Secret::new(text))),
        None => None,
    };
    let files = SecretFiles { file: file.clone(), is_in_configuration: plain.is_some() };
    let variable = section.variable(key);
    let (origin, place) = if let Some((name, text)) = section.layers.variable(&variable) {
        (SecretOrigin::Variable(Secret::new(text)), name.to_owned())
    } else if let Some(path) = paths.credential(credential) {
        let place = shown(&path);
        (SecretOrigin::Credential(path), place)
    } else if let Some(path) = file {
        let place = shown(&path);
        (SecretOrigin::File(path), place)
    } else if let Some((place, secret)) = plain {
        (SecretOrigin::Configuration { file: section.layers.document.file.clone(), secret }, place)
    } else {
        return Ok((SecretSource { setting, variable, origin: SecretOrigin::Nowhere }, files));
    };
    section.note(key, place);
    Ok((SecretSource { setting, variable, origin }, files))
}

/// What of a secret lies in files, whether or not it is what counts: to warn about their modes.
#[derive(Debug, Default)]
pub(super) struct SecretFiles {
    /// The file that `*_file` names.
    pub(super) file: Option<PathBuf>,
    /// Whether the configuration holds the secret itself.
    pub(super) is_in_configuration: bool,
}

#[cfg(test)]
mod tests {
    use super::super::testing::Folder;
    use super::*;
    use crate::message::Lang;

    fn token(folder: &Folder) -> SecretSource {
        folder.config().monday.token
    }

    #[test]
    fn a_secret_comes_from_the_first_place_that_has_it() {
        let folder = Folder::new("[monday]\ntoken = 'plain'\ntoken_file = 'file'\n");
        folder.write("file", "from file\r\n", 0o600);
        std::fs::create_dir(folder.path("credentials")).expect("a folder");
        folder.write("credentials/monday_token", "from credential\n", 0o600);
        let directory = folder.path("credentials").display().to_string();
        let folder = folder.set("CREDENTIALS_DIRECTORY", &directory).set("HOPEM_SYNC_MONDAY_TOKEN", " from variable ");
        let read = |folder: &Folder| token(folder).read().expect("a secret").expose().to_owned();
        assert_eq!(read(&folder), "from variable");
        assert_eq!(token(&folder).describe().text(Lang::En), "environment variable `HOPEM_SYNC_MONDAY_TOKEN`");
        let folder = folder.set("HOPEM_SYNC_MONDAY_TOKEN", "");
        assert_eq!(read(&folder), "from credential");
        let folder = folder.set("CREDENTIALS_DIRECTORY", "/nowhere");
        assert_eq!(read(&folder), "from file");
        folder.write("other", "from other file", 0o600);
        let folder = folder.set("HOPEM_SYNC_MONDAY_TOKEN_FILE", "other");
        assert_eq!(read(&folder), "from other file");
        let folder = Folder::new("[monday]\ntoken = 'plain'\n");
        assert_eq!(read(&folder), "plain");
        assert!(token(&folder).describe().text(Lang::En).starts_with("configuration `/"));
    }

    #[test]
    fn a_secret_is_read_when_it_is_asked_for_and_not_at_loading() {
        let folder = Folder::new("[hapi]\npassword_file = '~/pw'\napi_key_file = 'none'\n");
        let config = folder.config();
        assert_eq!(config.hapi.password.describe().text(Lang::En), "file `/home/anne/pw`");
        let told = folder.told(config.hapi.api_key.read().map(|_| ()));
        assert_eq!(told, "cannot read the secret `[hapi] api_key` from `none`");
        let told = crate::failure::render(&config.monday.token.read().expect_err("no secret"), Lang::En);
        assert_eq!(told.message, "the secret `[monday] token` is not set");
        let hint = told.hint.unwrap_or_default();
        assert!(hint.contains("`[monday] token_file`") && hint.contains("`HOPEM_SYNC_MONDAY_TOKEN`"), "{hint}");
        assert!(!config.monday.token.is_set() && config.hapi.api_key.is_set());
    }

    #[test]
    fn what_cannot_be_a_secret_is_refused_without_being_shown() {
        let folder = Folder::new("[monday]\ntoken_file = 'file'\n");
        let told = |content: &[u8]| {
            folder.write("file", content, 0o600);
            folder.told(token(&folder).read().map(|_| ()))
        };
        assert_eq!(told(b" \n"), "the secret `[monday] token` in `file` is empty");
        let damaged = "the secret `[monday] token` in `file` is not one line of text";
        assert_eq!(told(b"one\ntwo\n"), damaged);
        assert_eq!(told(b"L\xe9vis"), damaged);
        assert_eq!(told(&[b'x'; 70_000]), damaged);
        folder.write("file", "\u{feff}abc\r\n", 0o600);
        assert_eq!(token(&folder).read().expect("a secret").expose(), "abc");
    }

    #[test]
    fn the_secret_of_webhooks_may_be_two_while_it_is_changed() {
        let folder = Folder::new("[listen]\nsecret_file = 'file'\n");
        let read = |content: &str| {
            folder.write("file", content, 0o600);
            let secrets = folder.config().listen.secrets();
            secrets.map(|secrets| secrets.iter().map(|secret| secret.expose().to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(read("new\r\n\n old \n").expect("secrets"), ["new", "old"]);
        assert_eq!(read("only").expect("a secret"), ["only"]);
        folder.write("file", "new\nold\n", 0o600);
        assert_eq!(folder.config().listen.secret_to_subscribe_with().expect("a secret").expose(), "new");
        for (content, told) in [
            ("a\nb\nc", "the secret `[listen] secret` in `file` is not one or two lines of text"),
            ("\n", "the secret `[listen] secret` in `file` is empty"),
            ("good\na;b", "the secret `[listen] secret` cannot stand in a header that HApi sends"),
            ("a:b", "the secret `[listen] secret` cannot stand in a header that HApi sends"),
            ("a b", "the secret `[listen] secret` cannot stand in a header that HApi sends"),
            ("clé", "the secret `[listen] secret` cannot stand in a header that HApi sends"),
        ] {
            assert_eq!(folder.told(read(content).map(|_| ())), told, "{content}");
        }
        let nowhere = Folder::new("").config().listen.secrets().expect_err("no secret");
        assert_eq!(crate::failure::render(&nowhere, Lang::En).message, "the secret `[listen] secret` is not set");
    }

    #[test]
    fn a_secret_shows_nothing_of_itself() {
        let source = SecretSource::given("[monday] token", Secret::new("hunter2"));
        assert!(!format!("{source:?}").contains("hunter2"));
        assert_eq!(source.read().expect("a secret").expose(), "hunter2");
    }
}
