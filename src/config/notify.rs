//! `[notify]`: who is notified when the state changes, how, and from when on it is a bad one.

use super::forms;
use super::layers::Layers;
use super::paths::Paths;
use super::secret::{SecretFiles, find};
use super::threshold::{MAX_AGE, MAX_ERRORS, MAX_PENDING, Threshold};
use super::value::Value;
use crate::message::ConfigText;
use crate::secret::SecretSource;

/// Settings of `[notify]`: whom to notify that the state changed, and from when on.
#[derive(Debug, Clone)]
pub(crate) struct Notify {
    /// Where a message is sent. A secret: who knows it can write there.
    pub(crate) url: SecretSource,
    /// What a message looks like there.
    pub(crate) format: NotifyFormat,
    /// A program that gets a message on its stdin.
    pub(crate) command: Option<Vec<String>>,
    /// From when on the state is a bad one.
    pub(crate) level: NotifyLevel,
    /// How old what was read, and how long what is wrong, may be.
    pub(crate) max_age: Threshold,
    /// How many entities may be in error.
    pub(crate) max_errors: Threshold,
    /// How many entities may be pending.
    pub(crate) max_pending: Threshold,
}

/// Form of a message, `[notify] format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotifyFormat {
    /// An object with everything in it.
    Generic,
    /// As Slack's incoming webhooks take it; Mattermost and Rocket.Chat do too.
    Slack,
    /// As Teams' workflows take it: an adaptive card.
    Teams,
}

/// Level from which a state counts as bad, `[notify] level`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotifyLevel {
    /// What `status --check` warns of.
    Warning,
    /// What it alarms for.
    Critical,
}

impl Notify {
    /// Whether anybody is to be notified.
    pub(crate) fn is_on(&self) -> bool {
        self.url.is_set() || self.command.is_some()
    }
}

/// Settings of `[notify]`: whom to notify that the state changed, and from when on.
pub(super) fn notify<'a>(layers: &'a Layers<'a>, paths: &Paths<'_>, files: &mut Vec<SecretFiles>) -> Notify {
    let section = layers.section("notify");
    let (url, url_files) = find(&section, "url", "[notify] url", "notify_url", paths);
    files.push(url_files);
    let formats = [("generic", NotifyFormat::Generic), ("slack", NotifyFormat::Slack), ("teams", NotifyFormat::Teams)];
    let levels = [("warning", NotifyLevel::Warning), ("critical", NotifyLevel::Critical)];
    let threshold = |key: &str, read: fn(&str) -> Option<Threshold>, default: &str| {
        let set = section.read(key, |value| threshold(value, read));
        set.or_else(|| read(default)).expect("a test reads it")
    };
    Notify {
        url,
        format: section.read("format", |value| value.choice(&formats)).unwrap_or(NotifyFormat::Generic),
        command: section.read("command", forms::command).flatten(),
        level: section.read("level", |value| value.choice(&levels)).unwrap_or(NotifyLevel::Warning),
        max_age: threshold("max_age", Threshold::of_ages, MAX_AGE),
        max_errors: threshold("max_errors", Threshold::of_numbers, MAX_ERRORS),
        max_pending: threshold("max_pending", Threshold::of_numbers, MAX_PENDING),
    }
}

fn threshold(value: &Value<'_>, read: fn(&str) -> Option<Threshold>) -> anyhow::Result<Threshold> {
    read(&value.plain()?)
        .ok_or_else(|| value.refused(|place, setting| ConfigText::SettingWantsThreshold { place, setting }))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Folder, config, problem};
    use super::*;

    #[test]
    fn nobody_is_notified_unless_somebody_is_named() {
        assert!(!config("").notify.is_on() && !config("[notify]\nurl = ''\ncommand = []").notify.is_on());
        assert!(config("[notify]\nurl = 'https://h.example/x'").notify.is_on());
        let notify = config("[notify]\ncommand = ['mail', '-s', 'x', 'ops']\nmax_errors = 5\nmax_age = '2h,6h'").notify;
        assert_eq!(notify.command.map(|words| words.len()), Some(4));
        assert_eq!(notify.max_errors, Threshold { warning: 5, critical: None });
        assert_eq!(notify.max_age, Threshold { warning: 7_200, critical: Some(21_600) });
        let folder = Folder::new("[notify]\nurl_command = ['echo', 'https://h.example/y']\n");
        assert_eq!(folder.config().notify.url.read().expect("an address").expose(), "https://h.example/y");
    }

    #[test]
    fn a_bad_value_is_refused_with_its_place() {
        for (toml, message) in [
            ("format = 'slak'", "2:10: `format` cannot be `slak`; did you mean `slack`?"),
            ("level = 'bad'", "2:9: `level` cannot be `bad`;"),
            ("max_age = '5 weeks'", "2:11: `max_age` must be one value or two, the larger one last, such as"),
            ("max_errors = [1]", "2:14: `max_errors` must be"),
        ] {
            let found = problem(&format!("[notify]\n{toml}"));
            assert!(found.starts_with(&format!("config.toml:{message}")), "{toml}: {found}");
        }
    }
}
