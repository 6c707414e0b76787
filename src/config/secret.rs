//! Where the configuration finds its secrets.

use super::forms;
use super::layers::Section;
use super::paths::Paths;
use crate::secret::{Secret, SecretOrigin, SecretSource};
use std::path::PathBuf;

/// Finds where a secret comes from, without reading it: the variable, a systemd credential, the file or the command that is named,
/// the configuration itself.
pub(super) fn find(
    section: &Section<'_>,
    key: &str,
    setting: &'static str,
    credential: &str,
    paths: &Paths<'_>,
) -> (SecretSource, SecretFiles) {
    let file_key = format!("{key}_file");
    let file = section.read(&file_key, |value| paths.of(value)).flatten();
    let command_key = format!("{key}_command");
    let command = section.read(&command_key, |value| Ok((value.place(), forms::command(value)?)));
    let plain = section.value_in_file(key).and_then(|value| {
        let text = section.kept(value.optional()).flatten()?;
        Some((value.place(), Secret::new(text)))
    });
    let files = SecretFiles { file: file.clone(), is_in_configuration: plain.is_some() };
    let variable = section.variable(key);
    let (origin, place) = if let Some((name, text)) = section.layers.variable(&variable) {
        (SecretOrigin::Variable(Secret::new(text)), name.to_owned())
    } else if let Some(path) = paths.credential(credential) {
        let place = path.display().to_string();
        (SecretOrigin::Credential(path), place)
    } else if let Some(path) = file {
        let place = path.display().to_string();
        (SecretOrigin::File(path), place)
    } else if let Some((place, Some(words))) = command {
        (SecretOrigin::Command(words), place)
    } else if let Some((place, secret)) = plain {
        (SecretOrigin::Configuration { file: section.layers.document.file.clone(), secret }, place)
    } else {
        return (SecretSource { setting, variable, origin: SecretOrigin::Nowhere }, files);
    };
    section.note(key, place);
    (SecretSource { setting, variable, origin }, files)
}

/// Files that hold a secret, whether or not they are what counts: to warn about their modes.
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
        let folder = folder.set("HOPEM_SYNC_MONDAY_TOKEN", "");
        assert_eq!(read(&folder), "from credential");
        let folder = folder.set("CREDENTIALS_DIRECTORY", "/nowhere");
        assert_eq!(read(&folder), "from file");
        folder.write("other", "from other file", 0o600);
        let folder = folder.set("HOPEM_SYNC_MONDAY_TOKEN_FILE", "other");
        assert_eq!(read(&folder), "from other file");
        let folder = Folder::new("[monday]\ntoken = 'plain'\n");
        assert_eq!(read(&folder), "plain");
    }

    #[test]
    fn a_secret_is_read_when_it_is_asked_for_and_not_at_loading() {
        let folder = Folder::new("[hapi]\npassword_file = '~/pw'\napi_key_file = 'none'\n");
        let config = folder.config();
        let message = folder.message_of(config.hapi.password.read().map(|_| ()));
        assert_eq!(message, "cannot read the secret `[hapi] password` from `/home/anne/pw`");
        let message = folder.message_of(config.hapi.api_key.read().map(|_| ()));
        assert_eq!(message, "cannot read the secret `[hapi] api_key` from `none`");
        let shown = crate::failure::render(&config.monday.token.read().expect_err("no secret"), Lang::En);
        assert_eq!(shown.message, "the secret `[monday] token` is not set");
        let hint = shown.hint.unwrap_or_default();
        assert!(hint.contains("`[monday] token_file`") && hint.contains("`HOPEM_SYNC_MONDAY_TOKEN`"), "{hint}");
        assert!(!config.monday.token.is_set() && config.hapi.api_key.is_set());
    }

    #[test]
    fn what_cannot_be_a_secret_is_refused_without_being_shown() {
        let folder = Folder::new("[monday]\ntoken_file = 'file'\n");
        let message_of = |content: &[u8]| {
            folder.write("file", content, 0o600);
            folder.message_of(token(&folder).read().map(|_| ()))
        };
        assert_eq!(message_of(b" \n"), "the secret `[monday] token` in `file` is empty");
        let damaged = "the secret `[monday] token` in `file` is not one line of text";
        assert_eq!(message_of(b"one\ntwo\n"), damaged);
        assert_eq!(message_of(b"L\xe9vis"), damaged);
        assert_eq!(message_of(&[b'x'; 70_000]), damaged);
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
        for (content, message) in [
            ("a\nb\nc", "the secret `[listen] secret` in `file` is not one or two lines of text"),
            ("\n", "the secret `[listen] secret` in `file` is empty"),
            ("good\na;b", "the secret `[listen] secret` cannot stand in a header that HApi sends"),
            ("a:b", "the secret `[listen] secret` cannot stand in a header that HApi sends"),
            ("a b", "the secret `[listen] secret` cannot stand in a header that HApi sends"),
            ("clé", "the secret `[listen] secret` cannot stand in a header that HApi sends"),
        ] {
            assert_eq!(folder.message_of(read(content).map(|_| ())), message, "{content}");
        }
        let nowhere = Folder::new("").config().listen.secrets().expect_err("no secret");
        assert_eq!(crate::failure::render(&nowhere, Lang::En).message, "the secret `[listen] secret` is not set");
    }

    #[test]
    fn a_secret_may_come_from_a_command_that_is_never_shown() {
        let folder = Folder::new("[hapi]\npassword_command = ['sh', '-c', 'echo  hunter2 ']\npassword = 'plain'\n");
        let password = |folder: &Folder| folder.config().hapi.password;
        assert_eq!(password(&folder).read().expect("a secret").expose(), "hunter2");
        let folder = folder.set("HOPEM_SYNC_HAPI_PASSWORD_COMMAND", "['printf', 'other\\n']");
        assert_eq!(password(&folder).read().expect("a secret").expose(), "other");
        folder.write("file", "from file", 0o600);
        let folder = folder.set("HOPEM_SYNC_HAPI_PASSWORD_FILE", "file");
        assert_eq!(password(&folder).read().expect("a secret").expose(), "from file");
    }

    #[test]
    fn a_command_that_gives_no_secret_is_named_by_its_program_alone() {
        let message_of = |command: &str| {
            let folder = Folder::new(&format!("[monday]\ntoken_command = {command}\n"));
            let shown = crate::failure::render(&token(&folder).read().expect_err("no secret"), Lang::En);
            assert!(!format!("{shown:?}").contains("hunter2"), "{shown:?}");
            (shown.message, shown.hint.unwrap_or_default())
        };
        let (message, hint) = message_of("['sh', '-c', 'echo hunter2; echo hunter2 >&2; exit 4']");
        assert_eq!(message, "`sh`, the command that prints the secret `[monday] token`, failed (exit code 4)");
        assert!(hint.contains("`[monday] token_command`"), "{hint}");
        let (message, _) = message_of("['/no/such/pass', 'hunter2']");
        assert_eq!(message, "cannot start `/no/such/pass`, the command that prints the secret `[monday] token`");
        assert_eq!(message_of("['true', 'hunter2']").0, "the secret `[monday] token` in `true` is empty");
        let (message, _) = message_of("['sh', '-c', 'echo hunter2; echo hunter2']");
        assert_eq!(message, "the secret `[monday] token` in `sh` is not one line of text");
        for bad in ["'pass hapi'", "[3]", "['', 'x']", "{ a = 1 }"] {
            let message = Folder::new(&format!("[monday]\ntoken_command = {bad}\n")).problem();
            assert!(message.starts_with("config.toml:2:"), "{bad}: {message}");
        }
        assert!(!Folder::new("[monday]\ntoken_command = []\n").config().monday.token.is_set());
    }
}
