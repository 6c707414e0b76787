//! Answers that a configuration begins with: addresses, logins, secrets. What stands in the configuration or in the environment is
//! not asked for.

use super::conversation::Conversation;
use super::launch::Launch;
use super::site::Site;
use super::unfinished::Unfinished;
use crate::commands::context::Context;
use crate::commands::context::request;
use crate::config::{Config, Loaded};
use crate::entity::Kind;
use crate::failure::{Failure, render};
use crate::http::Stop;
use crate::message::{ConfigText, InitText, ScreenText};
use crate::secret::{Secret, SecretOrigin, SecretSource};
use crate::setup::document::Draft;
use crate::store::Side;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Setting that has no default, and what is asked for it.
struct Setting {
    side: Side,
    section: &'static str,
    key: &'static str,
    question: InitText,
}

impl Setting {
    const fn hapi(key: &'static str, question: InitText) -> Setting {
        Setting { side: Side::Hapi, section: "hapi", key, question }
    }

    const fn monday(key: &'static str, question: InitText) -> Setting {
        Setting { side: Side::Monday, section: "monday", key, question }
    }

    /// The variable that sets it.
    fn variable(&self) -> String {
        format!("HOPEM_SYNC_{}_{}", self.section, self.key).to_uppercase()
    }
}

static URL: Setting = Setting::hapi("url", InitText::AskUrl {});
static USERNAME: Setting = Setting::hapi("username", InitText::AskUsername {});

/// Secret: its setting, and the name of its file beside the configuration.
struct SecretSetting {
    setting: Setting,
    file: &'static str,
    source: fn(&Config) -> &SecretSource,
}

static SECRETS: [SecretSetting; 3] = [
    SecretSetting {
        setting: Setting::hapi("password", InitText::AskPassword {}),
        file: "hapi-password",
        source: |config| &config.hapi.password,
    },
    SecretSetting {
        setting: Setting::hapi("api_key", InitText::AskApiKey {}),
        file: "hapi-key",
        source: |config| &config.hapi.api_key,
    },
    SecretSetting {
        setting: Setting::monday("token", InitText::AskToken {}),
        file: "monday-token",
        source: |config| &config.monday.token,
    },
];

/// Answers so far: a draft of the configuration, and the secrets that it does not hold.
pub(super) struct Answers<'l> {
    launch: &'l Launch<'l>,
    /// The draft.
    pub(super) draft: Draft,
    /// The environment, with the secrets that were typed and are not kept.
    environment: BTreeMap<String, String>,
    /// What was typed, now or for an earlier `init` that was not finished.
    pub(super) unfinished: Unfinished,
    file: PathBuf,
    /// Whether no kind was decided on before.
    pub(super) is_first: bool,
}

impl<'l> Answers<'l> {
    /// The answers that are there before anything is asked, with those that were typed for an earlier `init`.
    ///
    /// # Errors
    /// Where the configuration that is there is no TOML.
    pub(super) fn begin(
        launch: &'l Launch<'l>,
        site: &Site,
        mut unfinished: Unfinished,
    ) -> anyhow::Result<Answers<'l>> {
        let lang = launch.report.lang;
        unfinished.set_language(lang);
        let mut draft = match &site.text {
            None => Draft::new(lang, InitText::Heading {}),
            Some(text) => Draft::of(text, lang).map_err(|error| {
                let place = site.file.display().to_string();
                Failure::usage(ConfigText::ConfigSyntax { place, problem: error.message().to_owned() })
            })?,
        };
        // What runs it later, such as cron, may have no language of its own.
        draft.set("", "language", lang.code(), None);
        let environment = launch.environment.clone();
        let is_first = !draft.has("", "entities");
        Ok(Answers { launch, draft, environment, unfinished, file: site.file.clone(), is_first })
    }

    /// Whether `--yes` agrees to what is asked.
    pub(super) fn is_sure(&self) -> bool {
        self.launch.global.yes
    }

    /// Wants the kinds that are named, though an earlier `init` left them out. A word that is none is reported where kinds are read.
    pub(super) fn choose(&mut self, words: &[String]) {
        for kind in words.iter().filter_map(|word| Kind::parse(word)) {
            self.draft.choose(kind);
        }
    }

    /// Completes those about a side: from the environment, else from the person who is asked, where there is one.
    ///
    /// # Errors
    /// Where an answer is missing and there is nobody to ask, or a setting is refused.
    pub(super) fn complete(
        &mut self,
        side: Side,
        site: &mut Site,
        person: Option<&Conversation<'_>>,
    ) -> anyhow::Result<()> {
        for setting in [&URL, &USERNAME].into_iter().filter(|setting| setting.side == side) {
            self.complete_setting(setting, person)?;
        }
        if let Some(url) = self.given("HOPEM_SYNC_MONDAY_URL") {
            self.draft.set("monday", "url", url, None);
        }
        for secret in SECRETS.iter().filter(|secret| secret.setting.side == side) {
            self.complete_secret(secret, site, person)?;
        }
        Ok(())
    }

    fn given(&self, variable: &str) -> Option<String> {
        self.environment.get(variable).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    fn complete_setting(&mut self, setting: &Setting, person: Option<&Conversation<'_>>) -> anyhow::Result<()> {
        if self.draft.has(setting.section, setting.key) {
            return Ok(());
        }
        let known = self.given(&setting.variable()).or_else(|| self.unfinished.setting(&setting.variable()));
        if let Some(value) = known {
            self.set(setting, value);
            return Ok(());
        }
        let Some(person) = person else { return Err(missing(setting)) };
        let refused = self.unfinished.refused(&setting.variable());
        loop {
            let answer = person.ask_again(setting.question.clone(), refused.as_deref())?;
            self.set(setting, answer.clone());
            // A slip is typed anew, and does not end the conversation.
            match self.load() {
                Ok(_) => return self.unfinished.set(setting.variable(), answer),
                Err(error) => self.launch.report.error(&self.without_place(answer, error)),
            }
            self.draft.unset(setting.section, setting.key);
        }
    }

    /// An error about an answer, without the place in a file that is not written yet.
    fn without_place(&self, answer: String, error: anyhow::Error) -> anyhow::Error {
        let lang = self.launch.report.lang;
        let message = render(&error, lang).message;
        let colon = ScreenText::Colon {}.text(lang) + " ";
        match message.split_once(&colon).filter(|(place, _)| place.starts_with(&*self.file.to_string_lossy())) {
            Some((_, why)) => Failure::usage(InitText::AnswerUnfit { answer, why: why.to_owned() }).into(),
            None => error,
        }
    }

    fn set(&mut self, setting: &Setting, value: String) {
        let remark = (setting.key == URL.key).then(|| InitText::RemarkUrl {}.into());
        self.draft.set(setting.section, setting.key, value, remark);
    }

    fn complete_secret(
        &mut self,
        secret: &SecretSetting,
        site: &mut Site,
        person: Option<&Conversation<'_>>,
    ) -> anyhow::Result<()> {
        let (setting, file) = (&secret.setting, site.secret_file(secret.file));
        let loaded = self.load()?;
        let is_set = (secret.source)(&loaded.config).is_set();
        if !is_set && !file.exists() {
            let Some(person) = person else { return Err(missing(setting)) };
            let typed = person.ask_secret(setting.question.clone())?;
            match self.unfinished.is_kept() {
                true => self.unfinished.set_secret(site, secret.file, &Secret::new(&typed))?,
                false => _ = self.environment.insert(setting.variable(), typed),
            }
        }
        let key = format!("{}_file", setting.key);
        let named = self.given(&format!("{}_FILE", setting.variable()));
        let is_in_draft = [setting.key.to_owned(), format!("{}_command", setting.key)];
        let is_elsewhere = is_in_draft.iter().any(|key| self.draft.has(setting.section, key))
            || matches!(
                (secret.source)(&loaded.config).origin,
                SecretOrigin::Credential(_) | SecretOrigin::Command { .. }
            );
        // What comes from a file of its own, or from systemd, goes on coming from there.
        if !is_elsewhere {
            let named = named.filter(|_| self.given(&setting.variable()).is_none());
            let path = named.unwrap_or_else(|| file.display().to_string());
            self.draft.set(setting.section, &key, path, None);
        }
        Ok(())
    }

    /// Forgets what was typed about a side, so that it is asked for again: its login, or else its address. Returns whether anything was.
    ///
    /// # Errors
    /// Where that cannot be kept.
    pub(super) fn forget(&mut self, side: Side, is_login: bool, site: &Site) -> anyhow::Result<bool> {
        let mut is_forgotten = false;
        let settings = [(&URL, !is_login), (&USERNAME, is_login)];
        for (setting, _) in settings.into_iter().filter(|(setting, is_meant)| setting.side == side && *is_meant) {
            if self.unfinished.refuse(&setting.variable())? {
                self.draft.unset(setting.section, setting.key);
                is_forgotten = true;
            }
        }
        for secret in SECRETS.iter().filter(|secret| secret.setting.side == side && is_login) {
            let variable = secret.setting.variable();
            let was_typed =
                !self.launch.environment.contains_key(&variable) && self.environment.remove(&variable).is_some();
            if self.unfinished.remove_secret(site, secret.file)? || was_typed {
                self.draft.unset(secret.setting.section, &format!("{}_file", secret.setting.key));
                is_forgotten = true;
            }
        }
        Ok(is_forgotten)
    }

    fn load(&self) -> anyhow::Result<Loaded> {
        Config::of_text(&request(self.launch.global, &self.environment), &self.file, &self.draft.text())
    }

    /// The context of a command that works with the draft as it is now.
    ///
    /// # Errors
    /// Where a setting is refused.
    pub(super) fn context(&self, stop: &Arc<Stop>) -> anyhow::Result<Context> {
        let launch = self.launch;
        let report = launch.report.clone();
        Ok(Context::with(self.load()?, launch.global, &self.environment, launch.host, report, stop.clone()))
    }

    /// The secrets that have to be written, each with the name of its file.
    ///
    /// # Errors
    /// Where a setting is refused.
    pub(super) fn secrets(&self, site: &Site) -> anyhow::Result<Vec<(&'static str, Secret)>> {
        let config = self.load()?.config;
        let to_write = SECRETS.iter().filter_map(|secret| {
            let file = site.secret_file(secret.file).display().to_string();
            let named = self.draft.text_of(secret.setting.section, &format!("{}_file", secret.setting.key))?;
            match &(secret.source)(&config).origin {
                SecretOrigin::Variable(value) if named == file => Some((secret.file, value.clone())),
                _ => None,
            }
        });
        Ok(to_write.collect())
    }
}

fn missing(setting: &Setting) -> anyhow::Error {
    let what = InitText::AnswerMissing { setting: format!("[{}] {}", setting.section, setting.key) };
    Failure::usage(what).help(InitText::SetVariable { variable: setting.variable() }).into()
}
