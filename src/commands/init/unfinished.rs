//! Answers of an `init` that is not finished yet. They are kept beside the configuration as they are given, so that whatever breaks it
//! off, a signal, a lost terminal or a refused login, the next one goes on with them. Secrets are kept in files of their own alone.

use super::site::{Site, remove, write_private};
use crate::config::unreadable;
use crate::entity::Kind;
use crate::failure::Failure;
use crate::message::{ConfigText, InitText, Lang};
use crate::secret::Secret;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::PathBuf;

/// Document of what is kept.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    /// The language of the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    /// The workspace that boards are made in.
    #[serde(skip_serializing_if = "Option::is_none")]
    workspace: Option<String>,
    /// The files of secrets that were typed, by their names beside the configuration.
    secrets: BTreeSet<String>,
    /// Settings that were typed, by their variables.
    settings: BTreeMap<String, String>,
    /// What was typed and refused, by its variable: it is proposed again.
    refused: BTreeMap<String, String>,
    /// Which kinds are synced.
    #[serde(skip_serializing_if = "Option::is_none")]
    kinds: Option<ChosenKinds>,
    /// The values that are pushed, by kind and property.
    only: BTreeMap<String, Vec<String>>,
}

/// Kinds that were chosen, and those that they were chosen from.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ChosenKinds {
    offered: Vec<String>,
    chosen: Vec<String>,
}

/// Answers of an `init` that is not finished yet.
pub(super) struct Unfinished {
    /// Where they are kept; `None`: only as long as this command works.
    file: Option<PathBuf>,
    kept: Kept,
}

impl Unfinished {
    /// Answers that nobody keeps.
    pub(super) fn unkept() -> Unfinished {
        Unfinished { file: None, kept: Kept::default() }
    }

    /// Those that an `init` for the same configuration has left, or none yet.
    ///
    /// # Errors
    /// Where what it left cannot be read.
    pub(super) fn of(site: &Site) -> anyhow::Result<Unfinished> {
        let file = site.unfinished_file();
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(unreadable(&file, error)),
        };
        let kept = toml::from_str(&text).map_err(|error: toml::de::Error| {
            let place = file.display().to_string();
            let what = ConfigText::ConfigSyntax { place: place.clone(), problem: error.message().to_owned() };
            Failure::usage(what).help(InitText::RemoveUnfinished { file: place })
        })?;
        Ok(Unfinished { file: Some(file), kept })
    }

    /// Whether answers are kept for the next `init`.
    pub(super) fn is_kept(&self) -> bool {
        self.file.is_some()
    }

    /// The language of the conversation that was broken off.
    pub(super) fn language(&self) -> Option<Lang> {
        self.kept.language.as_deref().and_then(Lang::of_code)
    }

    /// Sets the language of the conversation.
    pub(super) fn set_language(&mut self, lang: Lang) {
        self.kept.language = Some(lang.code().to_owned());
    }

    /// What is known from an earlier `init`, in words, and the file that it is kept in; `None`: nothing is.
    pub(super) fn known(&self) -> Option<InitText> {
        let Kept { secrets, settings, kinds, only, .. } = &self.kept;
        let mut answers: Vec<String> = settings.values().chain(secrets).cloned().collect();
        answers.extend(kinds.iter().map(|kinds| kinds.chosen.join(" ")));
        answers.extend(only.iter().map(|(property, codes)| format!("{property}={}", codes.join(","))));
        let file = self.file.as_ref().filter(|_| !answers.is_empty())?;
        Some(InitText::GoesOn { file: file.display().to_string(), answers })
    }

    /// Keeps what has changed.
    fn keep(&self) -> anyhow::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let nothing = Kept { language: self.kept.language.clone(), ..Kept::default() };
        if self.kept == nothing {
            return remove(file);
        }
        let heading = [Lang::En, Lang::Fr].map(|lang| format!("# {}\n", InitText::UnfinishedHeading {}.text(lang)));
        write_private(file, &format!("{}{}", heading.concat(), toml::to_string(&self.kept)?))
    }

    /// The setting that was typed for a variable.
    pub(super) fn setting(&self, variable: &str) -> Option<String> {
        self.kept.settings.get(variable).cloned()
    }

    /// Keeps a setting that was typed.
    ///
    /// # Errors
    /// Where it cannot be kept.
    pub(super) fn set(&mut self, variable: String, value: String) -> anyhow::Result<()> {
        self.kept.refused.remove(&variable);
        self.kept.settings.insert(variable, value);
        self.keep()
    }

    /// What was refused of a variable.
    pub(super) fn refused(&self, variable: &str) -> Option<String> {
        self.kept.refused.get(variable).cloned()
    }

    /// Notes that a setting which was typed is refused. Returns whether one was.
    ///
    /// # Errors
    /// Where that cannot be kept.
    pub(super) fn refuse(&mut self, variable: &str) -> anyhow::Result<bool> {
        let Some((variable, value)) = self.kept.settings.remove_entry(variable) else { return Ok(false) };
        self.kept.refused.insert(variable, value);
        self.keep().map(|()| true)
    }

    /// Keeps a secret that was typed, in its file.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(super) fn set_secret(&mut self, site: &mut Site, name: &str, secret: &Secret) -> anyhow::Result<()> {
        // In this order: a file that is there without a word here would pass for one that somebody wrote by hand.
        self.kept.secrets.insert(name.to_owned());
        self.keep()?;
        site.write_secret(name, secret).map(drop)
    }

    /// Takes a secret that was typed away again. Returns whether there was one.
    ///
    /// # Errors
    /// Where its file cannot be removed.
    pub(super) fn remove_secret(&mut self, site: &Site, name: &str) -> anyhow::Result<bool> {
        if !self.kept.secrets.contains(name) {
            return Ok(false);
        }
        remove(&site.secret_file(name))?;
        self.kept.secrets.remove(name);
        self.keep().map(|()| true)
    }

    /// The names of the files of secrets that were typed.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &String> {
        self.kept.secrets.iter()
    }

    /// The kinds that were chosen from these.
    pub(super) fn kinds(&self, offered: &BTreeSet<Kind>) -> Option<BTreeSet<Kind>> {
        let kinds = self.kept.kinds.as_ref().filter(|kinds| kinds.offered == words(offered))?;
        Some(kinds.chosen.iter().filter_map(|word| Kind::parse(word)).filter(|kind| offered.contains(kind)).collect())
    }

    /// Keeps which kinds were chosen.
    ///
    /// # Errors
    /// Where that cannot be kept.
    pub(super) fn set_kinds(&mut self, offered: &BTreeSet<Kind>, chosen: &BTreeSet<Kind>) -> anyhow::Result<()> {
        self.kept.kinds = Some(ChosenKinds { offered: words(offered), chosen: words(chosen) });
        self.keep()
    }

    /// Which values of a property are pushed.
    pub(super) fn only(&self, kind: Kind, property: &str) -> Option<Vec<String>> {
        self.kept.only.get(&name_of(kind, property)).cloned()
    }

    /// Keeps which values of a property are pushed.
    ///
    /// # Errors
    /// Where that cannot be kept.
    pub(super) fn set_only(&mut self, kind: Kind, property: &str, values: &[String]) -> anyhow::Result<()> {
        self.kept.only.insert(name_of(kind, property), values.to_vec());
        self.keep()
    }

    /// The workspace that was chosen.
    pub(super) fn workspace(&self) -> Option<&str> {
        self.kept.workspace.as_deref()
    }

    /// Keeps which workspace was chosen.
    ///
    /// # Errors
    /// Where that cannot be kept.
    pub(super) fn set_workspace(&mut self, workspace: &str) -> anyhow::Result<()> {
        self.kept.workspace = Some(workspace.to_owned());
        self.keep()
    }

    /// Lets go of all that the configuration holds now.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub(super) fn settle(&mut self) -> anyhow::Result<()> {
        self.kept = Kept { workspace: self.kept.workspace.take(), ..Kept::default() };
        self.keep()
    }

    /// Lets go of everything: it is finished.
    ///
    /// # Errors
    /// Where the file cannot be removed.
    pub(super) fn finish(&mut self) -> anyhow::Result<()> {
        self.kept = Kept::default();
        self.keep()
    }

    /// Lets go of everything, the secrets that were typed too: nothing of it is wanted.
    ///
    /// # Errors
    /// Where a file cannot be removed.
    pub(super) fn discard(&mut self, site: &Site) -> anyhow::Result<()> {
        for name in self.kept.secrets.clone() {
            self.remove_secret(site, &name)?;
        }
        self.finish()
    }
}

fn words(kinds: &BTreeSet<Kind>) -> Vec<String> {
    kinds.iter().map(|kind| kind.name().to_owned()).collect()
}

fn name_of(kind: Kind, property: &str) -> String {
    format!("{}.{property}", kind.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Message;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn answers_are_found_again_and_secrets_stand_in_their_files_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut site = Site::at(folder.path().join("north.toml"), "north-");
        let mut first = Unfinished::of(&site).expect("nothing is there");
        assert_eq!(first.known(), None);
        first.set("URL".to_owned(), "https://h.example".to_owned()).expect("kept");
        first.set_secret(&mut site, "hapi-key", &Secret::new("s3cret")).expect("kept");
        let (offered, chosen) = (BTreeSet::from([Kind::UNIT, Kind::TENANT]), BTreeSet::from([Kind::UNIT]));
        first.set_kinds(&offered, &chosen).expect("kept");
        first.set_only(Kind::TENANT, "TenantType", &["L".to_owned()]).expect("kept");
        let file = folder.path().join("north.toml.unfinished");
        let text = std::fs::read_to_string(&file).expect("a file");
        assert!(!text.contains("s3cret"), "{text}");
        assert_eq!(file.metadata().expect("a file").permissions().mode() & 0o777, 0o600);
        let mut next = Unfinished::of(&site).expect("it is there");
        assert_eq!(next.setting("URL").as_deref(), Some("https://h.example"));
        assert_eq!(next.kinds(&offered), Some(chosen.clone()));
        assert_eq!(next.kinds(&chosen), None, "they were chosen from others");
        assert_eq!(next.only(Kind::TENANT, "TenantType"), Some(vec!["L".to_owned()]));
        let known = Message::from(next.known().expect("something")).text(Lang::En);
        assert!(known.contains("https://h.example, hapi-key, unit, tenant.TenantType=L"), "{known}");
        next.discard(&site).expect("it goes");
        assert!(!file.exists() && !site.secret_file("hapi-key").exists());
    }

    #[test]
    fn what_is_refused_is_proposed_and_what_the_configuration_holds_is_let_go() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut site = Site::at(folder.path().join("config.toml"), "");
        let mut unfinished = Unfinished::of(&site).expect("nothing is there");
        unfinished.set("USER".to_owned(), "me".to_owned()).expect("kept");
        assert!(unfinished.refuse("USER").expect("kept") && !unfinished.refuse("USER").expect("kept"));
        unfinished.set_secret(&mut site, "hapi-key", &Secret::new("x")).expect("kept");
        assert!(unfinished.remove_secret(&site, "hapi-key").expect("it goes"));
        assert!(!unfinished.remove_secret(&site, "hapi-key").expect("none is left"));
        unfinished.set_workspace("5").expect("kept");
        let mut next = Unfinished::of(&site).expect("it is there");
        assert_eq!((next.refused("USER").as_deref(), next.setting("USER")), (Some("me"), None));
        next.settle().expect("kept");
        assert_eq!((next.refused("USER"), next.workspace()), (None, Some("5")));
        next.finish().expect("it goes");
        assert!(!site.unfinished_file().exists());
        std::fs::write(site.unfinished_file(), "[").expect("a file");
        let error = Unfinished::of(&site).map(|_| ()).expect_err("no TOML");
        assert!(crate::failure::render(&error, Lang::En).hint.is_some_and(|hint| hint.contains("unfinished")));
    }
}
