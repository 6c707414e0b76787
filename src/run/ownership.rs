//! Whose the store is. It belongs to one HApi, to the boards that its items are on, and its keys are made of certain properties; with a
//! configuration that says otherwise nothing is read, sent or written, until somebody agrees to it.
//!
//! A mistake in an address would give every item another client's content; one in a board would make every item twice; one in `key`
//! likewise.

use crate::config::Config;
use crate::entity::Kind;
use crate::failure::Failure;
use crate::message::{Message, OwnershipText};
use crate::pull::rekey::{self, RekeyPlan};
use crate::store::{Source, Store};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// So many events in a row that name another client database show that HApi serves another one.
const WITNESSES: usize = 3;

/// Stages of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stages {
    /// HApi to the store.
    Pull,
    /// The store to monday.
    Push,
    /// Both.
    Both,
}

/// Consent to go on with what is refused otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Consent {
    /// What the run does.
    pub(crate) stages: Stages,
    /// `--rekey`.
    pub(crate) rekey: bool,
    /// `--accept-new-source`.
    pub(crate) accepts_new_source: bool,
}

impl Consent {
    /// To nothing.
    pub(crate) fn none(stages: Stages) -> Consent {
        Consent { stages, rekey: false, accepts_new_source: false }
    }
}

/// Changes to be noted in the store once nothing is refused.
#[derive(Debug, Default)]
struct Changes {
    source: Option<Source>,
    boards: BTreeMap<Kind, String>,
    keys: BTreeMap<Kind, RekeyPlan>,
    notes: Vec<Message>,
}

/// Checks that a run's configuration fits the store, and notes what was agreed to. Returns what people should know.
///
/// Fails, as usage and with nothing written, where it does not fit and nobody agreed.
///
/// # Errors
/// Where the store belongs to something else and that was not agreed to, or it cannot be read or written.
pub(crate) fn check(
    store: &mut Store,
    config: &Config,
    command: &str,
    consent: &Consent,
    now: Timestamp,
) -> anyhow::Result<Vec<Message>> {
    let command = match command {
        "pull" | "push" => command,
        // Only these and `sync` take the flags.
        _ => "sync",
    };
    let Changes { source, boards, keys, notes } = Check { store, config, command, consent }.changes()?;
    if source.is_some() || !boards.is_empty() || !keys.is_empty() {
        store.write(|tx| {
            source.iter().try_for_each(|source| tx.set_source(source, now))?;
            boards.iter().try_for_each(|(kind, board)| tx.accept_board(*kind, board))?;
            keys.iter().try_for_each(|(kind, plan)| plan.apply(tx, *kind))
        })?;
    }
    Ok(notes)
}

/// What a run would be refused for, since the configuration does not fit the store. Writes nothing.
///
/// # Errors
/// Where the store cannot be read.
pub(crate) fn objections(store: &Store, config: &Config) -> anyhow::Result<Vec<anyhow::Error>> {
    let consent = Consent::none(Stages::Both);
    let refused = |checked: anyhow::Result<()>| match checked {
        Ok(()) => Ok(None),
        Err(error) if error.is::<Failure>() => Ok(Some(error)),
        Err(error) => Err(error),
    };
    let check = Check { store, config, command: "sync", consent: &consent };
    let mut found: Vec<anyhow::Error> = Vec::new();
    found.extend(refused(check.check_source(&mut Changes::default()))?);
    found.extend(refused(check.check_boards(&mut Changes::default()))?);
    found.extend(refused(check.check_keys(&mut Changes::default()))?);
    Ok(found)
}

/// Refuses to show what another HApi than the store's has under the same keys.
///
/// Fails, as usage, where the configuration names another one.
///
/// # Errors
/// Where the store belongs to another HApi, or cannot be read.
pub(crate) fn refuse_other_source(store: &Store, config: &Config) -> anyhow::Result<()> {
    let consent = Consent::none(Stages::Pull);
    Check { store, config, command: "sync", consent: &consent }.check_source(&mut Changes::default())
}

/// Check of a configuration against the store that it is used with.
struct Check<'c> {
    store: &'c Store,
    config: &'c Config,
    /// The command that the remedy names.
    command: &'c str,
    consent: &'c Consent,
}

impl Check<'_> {
    /// All that has to be noted in the store, unless something is refused.
    fn changes(&self) -> anyhow::Result<Changes> {
        let mut changes = Changes::default();
        self.check_source(&mut changes)?;
        if self.consent.stages != Stages::Pull {
            self.check_boards(&mut changes)?;
        }
        self.check_keys(&mut changes)?;
        Ok(changes)
    }

    /// The HApi that the store was read from: its address, and the client database that its webhooks name. A store without entities is
    /// anybody's.
    fn check_source(&self, changes: &mut Changes) -> anyhow::Result<()> {
        let Some(given) = self.config.hapi.url.as_deref().and_then(address_of) else { return Ok(()) };
        let known = self.store.source()?;
        if let Some(known) = known.as_ref().filter(|known| known.address == given) {
            return self.check_database(known, changes);
        }
        let is_anybodys = self.store.has_no_entities()?;
        if let Some(known) = known.map(|known| known.address).filter(|_| !is_anybodys) {
            if !self.consent.accepts_new_source {
                let failure = Failure::usage(OwnershipText::SourceChanged { known, given });
                return Err(failure.help(OwnershipText::AcceptSource { command: self.command.to_owned() }).into());
            }
            changes.notes.push(OwnershipText::SourceAccepted { known, given: given.clone() }.into());
        }
        // The name of the new database is learned from its webhooks; those received so far are of the old one.
        changes.source = Some(Source { address: given, database: None });
        Ok(())
    }

    /// The client database at an address that is the known one. One event that names another is a hint like any other, and may lie;
    /// where the newest all do, HApi serves another client there.
    fn check_database(&self, source: &Source, changes: &mut Changes) -> anyhow::Result<()> {
        let newest = self.store.newest_databases(WITNESSES)?;
        let Some(given) = newest.first().cloned() else { return Ok(()) };
        let is_same = |one: &String, other: &String| one.to_lowercase() == other.to_lowercase();
        let adopted = Source { database: Some(given.clone()), ..source.clone() };
        let Some(known) = source.database.clone() else {
            changes.source = Some(adopted);
            return Ok(());
        };
        if is_same(&known, &given) {
            return Ok(());
        }
        if self.consent.accepts_new_source {
            changes.source = Some(adopted);
            changes.notes.push(OwnershipText::DatabaseAccepted { known, given }.into());
        } else if newest.len() == WITNESSES && newest.iter().all(|other| is_same(other, &given)) {
            let failure = Failure::usage(OwnershipText::DatabaseChanged { known, given });
            return Err(failure.help(OwnershipText::AcceptDatabase { command: self.command.to_owned() }).into());
        } else {
            changes.notes.push(OwnershipText::OtherDatabase { known, given }.into());
        }
        Ok(())
    }

    /// The boards that the items are on, where the configuration names others.
    fn check_boards(&self, changes: &mut Changes) -> anyhow::Result<()> {
        for kind in Kind::all() {
            let Some(board) = self.config.kind(kind).pushed_board() else { continue };
            let elsewhere = self.store.items_elsewhere(kind, board)?;
            let Some(known) = elsewhere.iter().max_by_key(|(_, count)| **count).map(|(board, _)| board.clone()) else {
                continue;
            };
            let (count, given) = (elsewhere.values().sum(), board.to_owned());
            if !self.consent.accepts_new_source {
                let failure = Failure::usage(OwnershipText::BoardChanged { kind, count, known, given });
                return Err(failure.help(OwnershipText::AcceptBoard { command: self.command.to_owned() }).into());
            }
            changes.notes.push(OwnershipText::BoardAccepted { kind, count, known, given: given.clone() }.into());
            changes.boards.insert(kind, given);
        }
        Ok(())
    }

    /// The properties that the keys are made of.
    fn check_keys(&self, changes: &mut Changes) -> anyhow::Result<()> {
        for kind in Kind::all() {
            let properties = &self.config.kind(kind).key;
            if let Some(plan) = rekey::plan(self.store, kind, properties, self.command, self.consent.rekey)? {
                changes.notes.extend(plan.note(kind));
                changes.keys.insert(kind, plan);
            }
        }
        Ok(())
    }
}

/// An address without what may be spelt otherwise for the same service: scheme (a move to HTTPS is none to another service), the
/// port that is the scheme's own, case, slashes at the end, `/api`. `None` where it is no address.
fn address_of(url: &str) -> Option<String> {
    let url = reqwest::Url::parse(url.trim()).ok()?;
    let host = url.host_str()?.trim_end_matches('.').to_lowercase();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let path = url.path().to_lowercase();
    let path = path.trim_end_matches('/');
    let path = path.strip_suffix("/api").unwrap_or(path).trim_end_matches('/');
    Some(format!("{host}{port}{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_another_spelling_is_the_same_source() {
        let same = [
            "https://Hapi.Example.com",
            "https://hapi.example.com/",
            "https://hapi.example.com./api",
            "https://hapi.example.com/API/",
            "https://hapi.example.com:443",
            "http://hapi.example.com",
            "http://hapi.example.com:80//",
        ];
        for url in same {
            assert_eq!(address_of(url).as_deref(), Some("hapi.example.com"), "{url}");
        }
        assert_eq!(address_of("https://h.example/Client/api").as_deref(), Some("h.example/client"));
        for other in [
            "https://hapi2.example.com",
            "https://hapi.example.com:8443",
            "https://hapi.example.com/b",
            "https://example.com",
        ] {
            assert_ne!(address_of(other).as_deref(), Some("hapi.example.com"), "{other}");
        }
        assert_eq!(address_of(""), None);
    }
}
