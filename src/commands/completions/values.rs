//! What the values on a command line may be: kinds, entities, runs, columns, profiles. They come from the configuration and the
//! store that the line itself names; where one of them cannot be read, there are none.

use crate::config::{Config, Request, language};
use crate::entity::Kind;
use crate::message::Lang;
use crate::options::Global;
use crate::store::{RunRow, Store};
use crate::text::{caseless, harmless, nfc};
use crate::word::Word;
use clap::FromArgMatches;
use clap_complete::engine::CompletionCandidate;
use std::collections::BTreeMap;
use std::ffi::OsString;

/// Most entities that are offered at once; of more, only what their keys begin with.
const MOST_ENTITIES: usize = 200;
/// Most runs that are offered.
const MOST_RUNS: u64 = 50;
/// The group of what something follows without a blank. The engine hands groups through, and nothing else that would do.
const GOES_ON: &str = "goes on";

/// Candidate for a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// The word.
    pub(crate) value: String,
    /// What it is.
    pub(crate) help: String,
    /// Whether something follows it without a blank.
    pub(crate) goes_on: bool,
}

impl Candidate {
    fn whole(value: impl Into<String>, help: impl Into<String>) -> Candidate {
        Candidate { value: value.into(), help: help.into(), goes_on: false }
    }

    fn beginning(value: impl Into<String>, help: impl Into<String>) -> Candidate {
        Candidate { goes_on: true, ..Candidate::whole(value, help) }
    }

    /// The same for the engine, at this place among the others.
    pub(super) fn ranked(self, place: usize) -> CompletionCandidate {
        let candidate = CompletionCandidate::new(self.value).help(Some(self.help.into())).display_order(Some(place));
        if self.goes_on { candidate.tag(Some(GOES_ON.into())) } else { candidate }
    }
}

impl From<&CompletionCandidate> for Candidate {
    fn from(found: &CompletionCandidate) -> Candidate {
        let value = found.get_value().to_string_lossy().into_owned();
        let is_marked = found.get_tag().is_some_and(|tag| tag.to_string() == GOES_ON);
        let help = found.get_help().map(ToString::to_string).unwrap_or_default();
        // A folder goes on with what lies in it.
        Candidate { goes_on: is_marked || value.ends_with('/'), value, help }
    }
}

/// Source of what a value may be, for the word that was begun.
pub(super) type Source = fn(&Values, &str) -> Vec<Candidate>;

/// Values that may stand on a command line.
pub(super) struct Values {
    words: Vec<String>,
    /// The flags that decide which configuration and which store are meant.
    global: Option<Global>,
    environment: BTreeMap<String, String>,
}

impl Values {
    /// Values for a command line whose last word was only begun.
    pub(super) fn new(words: &[OsString], program: clap::Command, environment: BTreeMap<String, String>) -> Values {
        let before = words.split_last().map_or(words, |(_, before)| before);
        let matches = program.ignore_errors(true).try_get_matches_from(before).ok();
        let global = matches.and_then(|matches| Global::from_arg_matches(&matches).ok());
        let words = before.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        Values { words, global, environment }
    }

    /// Where the values of an argument come from that is called so in the usage; `None`: nobody can know them.
    pub(super) fn source(&self, name: &str) -> Option<Source> {
        let sources: [(&str, Source); 6] = [
            ("KIND", Values::kinds),
            ("SELECTOR", Values::selectors),
            ("RUN", Values::runs),
            ("COLUMN", Values::columns),
            ("LANG", Values::languages),
            ("NAME", Values::profiles),
        ];
        sources.into_iter().find(|(known, _)| *known == name).map(|(_, source)| source)
    }

    fn config(&self, profile: Option<String>) -> Option<Config> {
        let global = self.global.as_ref()?;
        let request = Request {
            config_flag: global.config.clone(),
            store_flag: global.store.clone(),
            profile,
            ..Request::new(&self.environment)
        };
        Some(Config::load(&request).ok()?.config)
    }

    fn own_config(&self) -> Option<Config> {
        self.config(self.global.as_ref()?.profile.clone())
    }

    fn store(&self) -> Option<Store> {
        Store::open_to_read(&crate::store::locate(&self.own_config()?.store.path)).ok()
    }

    fn lang(&self) -> Lang {
        language(self.global.as_ref().and_then(|global| global.lang), None, &self.environment)
    }

    /// Kinds as they are called in both languages; by their other spellings only who begins with one.
    fn kinds(&self, word: &str) -> Vec<Candidate> {
        let begun = caseless(word);
        let begins = |name: &&str| name.starts_with(&begun);
        let named = Kind::all().map(|kind| (kind, kind.name()));
        let named = named.chain(Kind::all().filter_map(|kind| Some((kind, kind.french()?))));
        let mut found: Vec<(Kind, &str)> = named.filter(|(_, name)| begins(name)).collect();
        if found.is_empty() {
            let spelled = Kind::all().flat_map(|kind| kind.spellings().map(move |name| (kind, name)));
            found = spelled.filter(|(_, name)| begins(name)).collect();
        }
        found.into_iter().map(|(kind, name)| Candidate::whole(name, self.plural(kind))).collect()
    }

    fn plural(&self, kind: Kind) -> &'static str {
        match self.lang() {
            Lang::En => kind.plural_en(),
            Lang::Fr => kind.plural_fr(),
        }
    }

    /// A kind, or one entity of it.
    fn selectors(&self, word: &str) -> Vec<Candidate> {
        if let Some((kind, key)) = word.split_once(':') {
            return self.entities(kind, key).unwrap_or_default();
        }
        let kinds = self.kinds(word);
        // Only once a word was begun: otherwise the list would be twice as long.
        let with_key = kinds.iter().filter(|_| !word.is_empty());
        let with_key = with_key.map(|kind| Candidate::beginning(format!("{}:", kind.value), &*kind.help));
        let with_key: Vec<Candidate> = with_key.collect();
        kinds.into_iter().chain(with_key).collect()
    }

    /// Entities by what their keys begin with; of too many, the next character of their keys.
    fn entities(&self, spelled: &str, key: &str) -> Option<Vec<Candidate>> {
        let (kind, key, store) = (Kind::parse(spelled)?, nfc(key), self.store()?);
        let found = store.keys_beginning(kind, &key, MOST_ENTITIES + 1).ok()?;
        if found.len() <= MOST_ENTITIES {
            let whole = |(key, name)| Candidate::whole(format!("{spelled}:{key}"), harmless(&name as &String));
            return Some(found.into_iter().map(whole).collect());
        }
        let beginnings = store.key_beginnings(kind, &key).ok()?;
        Some(beginnings.iter().map(|start| Candidate::beginning(format!("{spelled}:{start}"), "")).collect())
    }

    /// Runs, newest first.
    fn runs(&self, word: &str) -> Vec<Candidate> {
        let rows = self.store().and_then(|store| store.runs(MOST_RUNS).ok()).unwrap_or_default();
        let numbered = rows.iter().map(|row| (row.run.to_string(), row));
        let begun = numbered.filter(|(number, _)| number.starts_with(word));
        begun.map(|(number, row)| Candidate::whole(number, what_ran(row))).collect()
    }

    /// The columns of the kinds that the line names; of all, where it names none.
    fn columns(&self, word: &str) -> Vec<Candidate> {
        let Some(config) = self.own_config() else { return Vec::new() };
        let named = self.words.iter().filter_map(|word| Kind::parse(word.split(':').next()?));
        let mut kinds: Vec<Kind> = named.collect();
        if kinds.is_empty() {
            kinds.extend(Kind::all());
        }
        let columns = kinds.iter().flat_map(|&kind| config.kind(kind).columns.keys().map(move |id| (id, kind)));
        let found: BTreeMap<&String, Kind> = columns.filter(|(id, _)| id.starts_with(word)).collect();
        found.into_iter().map(|(id, kind)| Candidate::whole(id, self.plural(kind))).collect()
    }

    fn languages(&self, word: &str) -> Vec<Candidate> {
        let known = [("en", "English"), ("fr", "français")];
        known.into_iter().filter(|(id, _)| id.starts_with(word)).map(|(id, name)| Candidate::whole(id, name)).collect()
    }

    /// The configurations beside the one that is meant without a profile.
    fn profiles(&self, word: &str) -> Vec<Candidate> {
        let folder = self.config(None).and_then(|config| Some(config.file.parent()?.to_owned()));
        let entries = folder.and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten().flatten();
        let files = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let names = files.filter_map(|file| Some(file.strip_suffix(".toml")?.to_owned()));
        let mut names: Vec<String> = names.filter(|name| name != "config" && name.starts_with(word)).collect();
        names.sort();
        names.into_iter().map(|name| Candidate::whole(name, "")).collect()
    }
}

fn what_ran(row: &RunRow) -> String {
    let outcome = row.outcome.map(|outcome| outcome.word()).unwrap_or_default();
    format!("{} {} {outcome}", row.command, row.started_at)
}
