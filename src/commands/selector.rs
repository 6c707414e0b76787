//! `KIND` and `KIND:KEY`: which entities a command line means.

use super::input;
use crate::clock::Clock;
use crate::config::Config;
use crate::entity::{EntityKey, Kind};
use crate::failure::Reported;
use crate::failure::Subject;
use crate::failure::{Exit, Failure, FailureCause, FailureDetail, Stage};
use crate::http::Stop;
use crate::message::{Message, RunText, ScreenText};
use crate::plan::selection::Selection;
use crate::store::{Entity, Store};
use crate::text::{nfc, trimmed};
use jiff::Zoned;
use std::collections::{BTreeMap, BTreeSet};

/// What stands for "read them from standard input".
pub(super) const FROM_STDIN: &str = "-";

/// Selector of one entity, or of a kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Selector {
    /// All of a kind.
    Kind(Kind),
    /// One entity.
    Entity(EntityKey),
}

impl Selector {
    /// Reads `KIND` or `KIND:KEY`.
    ///
    /// # Errors
    /// Where it names no kind, or no key.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Selector> {
        match text.split_once(':') {
            None => Ok(Selector::Kind(kind(text)?)),
            Some((_, key)) if trimmed(key).is_empty() => {
                Err(Failure::usage(ScreenText::SelectorWithoutKey { selector: text.to_owned() })
                    .help(RunText::NeedsOneSelector {})
                    .into())
            }
            Some((name, key)) => Ok(Selector::Entity(EntityKey::new(kind(name)?, nfc(trimmed(key))))),
        }
    }

    /// Its kind.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Selector::Kind(kind) | Selector::Entity(EntityKey { kind, .. }) => *kind,
        }
    }
}

impl std::fmt::Display for Selector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Selector::Kind(kind) => kind.fmt(f),
            Selector::Entity(entity) => entity.fmt(f),
        }
    }
}

/// The kind of a word on the command line.
///
/// # Errors
/// Of usage, where there is no such kind.
pub(crate) fn kind(text: &str) -> anyhow::Result<Kind> {
    Kind::parse(text).ok_or_else(|| {
        let kinds = Kind::all().map(|kind| kind.name().to_owned()).collect();
        let in_french = Kind::all().map(|kind| kind.french().unwrap_or(kind.name()).to_owned()).collect();
        let text = text.to_owned();
        match Kind::nearest(&text) {
            Some(near) => {
                let what = RunText::UnknownKindNear { text, near: near.to_owned() };
                Failure::usage(what).help(RunText::KindsAre { kinds, in_french }).into()
            }
            // Who writes a name looks for somebody.
            None => {
                let what = RunText::UnknownKind { text: text.clone() };
                Failure::usage(what).help(RunText::KindsAreOrSearch { kinds, in_french, text: quoted(&text) }).into()
            }
        }
    })
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = word.chars().all(|c| c.is_alphanumeric() || "-_.:@+".contains(c));
    if is_plain { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

/// Reads selectors, each once, in their order; `-` reads more of them from standard input, one a line.
///
/// # Errors
/// Where one cannot be read, or standard input cannot.
pub(crate) fn parse_all(words: &[String], stop: &Stop) -> anyhow::Result<Vec<Selector>> {
    let mut selectors = Vec::new();
    let mut has_read = false;
    for word in words {
        if word != FROM_STDIN {
            selectors.push(Selector::parse(word)?);
        } else if !std::mem::replace(&mut has_read, true) {
            let text = input::whole(stop)?;
            for (number, line) in (1..).zip(text.lines().map(trimmed)).filter(|(_, line)| !line.is_empty()) {
                selectors.push(Selector::parse(line).map_err(|error| of_line(number, error))?);
            }
        }
    }
    let mut met = BTreeSet::new();
    selectors.retain(|selector| met.insert(selector.clone()));
    Ok(selectors)
}

/// The same error with the line of standard input that it is about. Nothing is done then, not even for the other lines: half of what is to
/// be archived or forgotten is worse than none.
fn of_line(line: u64, error: anyhow::Error) -> anyhow::Error {
    match error.downcast::<Failure>() {
        Ok(failure) => {
            let what = ScreenText::InputLine { line, why: failure.what.into() };
            let named = Failure::new(failure.exit, what);
            match failure.help {
                Some(help) => named.help(help).into(),
                None => named.into(),
            }
        }
        Err(error) => error,
    }
}

/// Reads kinds; none named means all that are switched on. One that is switched off must not be named.
///
/// # Errors
/// Where one is unknown or switched off.
pub(crate) fn kinds(words: &[String], config: &Config) -> anyhow::Result<Vec<Kind>> {
    let mut kinds = Vec::new();
    for word in words {
        let kind = kind(word)?;
        require_enabled(kind, config)?;
        kinds.push(kind);
    }
    if words.is_empty() {
        kinds.extend(Kind::all().filter(|&kind| config.kind(kind).enabled));
    }
    if kinds.is_empty() {
        return Err(Failure::usage(RunText::NothingConfigured {}).into());
    }
    kinds.sort();
    kinds.dedup();
    Ok(kinds)
}

/// Refuses a kind that is switched off.
///
/// # Errors
/// Where it is switched off.
pub(crate) fn require_enabled(kind: Kind, config: &Config) -> anyhow::Result<()> {
    match config.kind(kind).enabled {
        true => Ok(()),
        false => Err(Failure::usage(RunText::KindDisabled { kind }).help(RunText::EnableKind { kind }).into()),
    }
}

/// Choice of which entities that are gone from HApi may be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gone {
    /// None.
    LeftOut,
    /// Those whose item is still there: something can be done about it.
    WithItem,
    /// All that the store knows.
    Included,
}

impl Gone {
    fn lets_through(self, entity: &Entity) -> bool {
        match self {
            Gone::LeftOut => !entity.is_deleted(),
            Gone::WithItem => !entity.is_deleted() || entity.row.item_id.is_some(),
            Gone::Included => true,
        }
    }
}

/// Entities and kinds that selectors name in a store.
#[derive(Debug, Default)]
pub(crate) struct Resolved {
    /// Whole kinds.
    pub(crate) kinds: BTreeSet<Kind>,
    /// Single entities.
    pub(crate) entities: Vec<Entity>,
    /// Those that name nothing.
    pub(crate) missing: Vec<Selector>,
    /// Since when those of them are gone from HApi that were there.
    gone: BTreeMap<Selector, Zoned>,
}

impl Resolved {
    /// Looks selectors up.
    ///
    /// Where not one of them names anything, that is an error: of usage, if it was the only one.
    ///
    /// # Errors
    /// Where none of them names anything, or the store cannot be read.
    pub(crate) fn of(selectors: &[Selector], store: &Store, gone: Gone, clock: &Clock) -> anyhow::Result<Resolved> {
        let mut resolved = Resolved::default();
        for selector in selectors {
            match selector {
                Selector::Kind(kind) => {
                    resolved.kinds.insert(*kind);
                }
                Selector::Entity(EntityKey { kind, key }) => match store.find_typed(*kind, key)? {
                    // Two spellings of one key name one entity.
                    Some(found) if resolved.entities.iter().any(|other| other.row.id == found.row.id) => {}
                    Some(found) if gone.lets_through(&found) => resolved.entities.push(found),
                    found => {
                        resolved.missing.push(selector.clone());
                        let deletion = found.map(|found| store.deletion(found.row.id)).transpose()?.flatten();
                        let at = deletion.map(|deletion| deletion.at.to_zoned(clock.zone()));
                        resolved.gone.extend(at.map(|at| (selector.clone(), at)));
                    }
                },
            }
        }
        match resolved.missing.as_slice() {
            [first, rest @ ..] if resolved.kinds.is_empty() && resolved.entities.is_empty() => {
                let exit = if rest.is_empty() { Exit::Usage } else { Exit::Partial };
                let names = resolved.missing_names();
                let (what, help) = match rest {
                    [] => resolved.why_missing(first),
                    _ => (ScreenText::NoStoreEntries { selectors: names }.into(), RunText::RunPull {}),
                };
                Err(Failure::new(exit, what).help(help).into())
            }
            _ => Ok(resolved),
        }
    }

    /// Why a selector names nothing, and what to do.
    fn why_missing(&self, selector: &Selector) -> (Message, RunText) {
        let name = selector.to_string();
        match self.gone.get(selector) {
            Some(at) => {
                let at = at.strftime("%Y-%m-%d %H:%M").to_string();
                (RunText::GoneSince { selector: name.clone(), at }.into(), RunText::SeeItsStory { selector: name })
            }
            None => (RunText::NoStoreEntry { selector: name }.into(), RunText::RunPull {}),
        }
    }

    /// How the command ends as far as its selectors go.
    pub(crate) fn exit(&self) -> Exit {
        if self.missing.is_empty() { Exit::Ok } else { Exit::Partial }
    }

    /// Those that name nothing, by name.
    pub(crate) fn missing_names(&self) -> Vec<String> {
        self.missing.iter().map(Selector::to_string).collect()
    }

    /// Those that name nothing, as failures of a run.
    pub(crate) fn failures(&self, stage: Stage) -> Vec<Reported> {
        self.missing.iter().map(|selector| self.nothing_there(selector, stage)).collect()
    }

    /// A selector that names nothing, as a failure of a run.
    fn nothing_there(&self, selector: &Selector, stage: Stage) -> Reported {
        let subject = match selector {
            Selector::Kind(kind) => Subject::Kind(*kind),
            Selector::Entity(entity) => Subject::Entity(entity.clone()),
        };
        let (error, hint) = self.why_missing(selector);
        Reported::new(subject, stage, None, FailureDetail::new(FailureCause::NotInStore, error).hint(hint))
    }

    /// What a push is limited to.
    pub(crate) fn selection(&self) -> Selection {
        Selection {
            kinds: self.kinds.clone(),
            entities: self.entities.iter().map(|entity| entity.row.entity_key()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::http::Signals;

    #[test]
    fn a_selector_is_a_kind_or_an_entity_in_either_language() {
        assert_eq!(Selector::parse("Unités").expect("a kind"), Selector::Kind(Kind::UNIT));
        assert_eq!(
            Selector::parse("compagnie:3-1").expect("an entity"),
            Selector::Entity(EntityKey::new(Kind::COMPANY, "3-1"))
        );
        let message = |text: &str| Selector::parse(text).expect_err("no selector").to_string();
        assert_eq!(message("tenent:5"), "unknown kind `tenent`; did you mean `tenant`?");
        assert_eq!(message("unit:"), "`unit:` has no key after the colon");
    }

    #[test]
    fn a_selector_that_stands_twice_counts_once() {
        let words: Vec<String> = ["unit:5", "unit", "unité:5"].into_iter().map(str::to_owned).collect();
        assert_eq!(
            parse_all(&words, &Stop::on(&Signals::never(), Clock::system()).expect("a stop")).expect("selectors").len(),
            2
        );
    }
}
