//! Options that all commands take, or several.

use crate::config::parse_duration;
use crate::entity::Kind;
use crate::message::{Lang, Message, UsageText};
use crate::pull::Scope;
use crate::pull::guard::Allowed;
use crate::run::ownership::{Consent, Stages};
use crate::store::State;
use crate::word::Word;
use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::path::PathBuf;
use std::time::Duration;

/// Options that every command takes.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Configuration file
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Store file
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) store: Option<PathBuf>,
    /// Use NAME.toml beside the configuration, with a store of its own
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Print exactly one JSON document on stdout
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print nothing where all went well, else one line
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Say more: causes and waits on stderr, long lists whole
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    pub(crate) verbose: u8,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorWhen,
    /// Language of what people read
    #[arg(long, global = true, value_name = "LANG", value_parser = lang)]
    pub(crate) lang: Option<Lang>,
    /// Answer yes to every question
    #[arg(long, global = true)]
    pub(crate) yes: bool,
    /// Wait this long for another run to end, such as 60s
    #[arg(long, global = true, value_name = "DURATION", value_parser = duration)]
    pub(crate) wait: Option<Duration>,
}

impl Global {
    /// The flags that choose a configuration and a store, as another command takes them, from whatever folder.
    pub(crate) fn choosing(&self) -> Vec<String> {
        let path = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone()).display().to_string();
        let given = [
            ("--config", self.config.as_ref().map(path)),
            ("--store", self.store.as_ref().map(path)),
            ("--profile", self.profile.clone()),
        ];
        given.into_iter().filter_map(|(flag, value)| Some([flag.to_owned(), value?])).flatten().collect()
    }
}

/// Option `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

fn lang(text: &str) -> Result<Lang, Message> {
    match text.trim().to_lowercase().as_str() {
        "en" => Ok(Lang::En),
        "fr" => Ok(Lang::Fr),
        _ => Err(UsageText::Languages {}.into()),
    }
}

/// A duration on the command line.
///
/// # Errors
/// Where the text is no duration.
pub(crate) fn duration(text: &str) -> Result<Duration, Message> {
    parse_duration(text).ok_or_else(|| UsageText::WantsDuration {}.into())
}

/// A whole number on the command line.
///
/// # Errors
/// Where the text is none.
pub(crate) fn count(text: &str) -> Result<u64, Message> {
    text.trim().parse().map_err(|_| UsageText::WantsCount {}.into())
}

/// Options that let things through which are refused otherwise: of `pull`, `push` and `sync`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct ConsentOptions {
    /// Lift the guard against many deletes, for the kinds named
    #[arg(long)]
    allow_deletes: bool,
    /// Give each entity its new key after `key` was changed; items and links stay
    #[arg(long)]
    rekey: bool,
    /// Go on with another HApi, or another board, than the store belongs to
    #[arg(long)]
    accept_new_source: bool,
}

impl ConsentOptions {
    /// The kinds whose deletes are let through: those named, or all where none is named.
    pub(crate) fn allowed(&self, names_any: bool, kinds: &[Kind]) -> Allowed {
        match self.allow_deletes {
            false => Allowed::Guarded,
            true if names_any => Allowed::These(kinds.iter().copied().collect()),
            true => Allowed::All,
        }
    }

    /// What is agreed to, for these stages.
    pub(crate) fn of(&self, stages: Stages) -> Consent {
        Consent { stages, rekey: self.rekey, accepts_new_source: self.accept_new_source }
    }
}

/// A state on the command line, one of these.
pub(crate) fn state(states: &'static [State]) -> impl TypedValueParser<Value = State> {
    let words = PossibleValuesParser::new(states.iter().map(|state| state.word()));
    words.try_map(|word| State::parse(&word).ok_or_else(|| anyhow::anyhow!("`{word}` is no state")))
}

/// Options of `pull` and `sync`.
#[derive(Debug, clap::Args)]
pub(crate) struct PullOptions {
    /// Read everything even where events would do
    #[arg(long)]
    full: bool,
}

impl PullOptions {
    /// What is read: all, or where webhooks come in what they named. `receiver_is_alive`: whether they are received now.
    pub(crate) fn scope(&self, receiver_is_alive: bool) -> Scope {
        if self.full { Scope::Whole { receiver_is_alive } } else { Scope::Due { receiver_is_alive } }
    }
}

/// Options of `push` and `sync`.
#[derive(Debug, clap::Args)]
pub(crate) struct PushOptions {
    /// Push at most N entities
    #[arg(long, value_name = "N", value_parser = count)]
    pub(crate) limit: Option<u64>,
    /// Spend at most N calls to monday
    #[arg(long, value_name = "N", value_parser = count)]
    pub(crate) max_calls: Option<u64>,
}
