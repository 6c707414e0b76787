//! The rules of derivation and the store: what they learn from it, what is derived anew in it, and who becomes due.

use super::derive::DerivationRules;
use crate::config::Config;
use crate::entity::Kind;
use crate::store::{Entity, Store, Tx};
use std::collections::BTreeSet;

impl DerivationRules {
    /// The rules that follow from a configuration, with what the store knows of HApi's properties.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn known(config: &Config, store: &Store) -> anyhow::Result<DerivationRules> {
        let mut derivation = DerivationRules::of(config);
        derivation.learn(store)?;
        Ok(derivation)
    }

    /// Takes over what the last whole reads showed of HApi's properties.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn learn(&mut self, store: &Store) -> anyhow::Result<()> {
        for rules in self.all_mut() {
            let known = store.known_properties(rules.kind)?;
            rules.learn(known);
        }
        Ok(())
    }

    /// Derives names, references and `only` anew where the configuration changed since they were derived.
    ///
    /// # Errors
    /// Where the store cannot be read or written.
    pub(crate) fn apply(&self, store: &mut Store, kinds: impl IntoIterator<Item = Kind>) -> anyhow::Result<()> {
        for kind in kinds {
            let rules = self.get(kind);
            let fingerprint = rules.fingerprint();
            if store.kind_state(kind)?.rules.as_deref() != Some(&fingerprint) {
                store.write(|tx| tx.derive_again(kind, &fingerprint, |json| rules.derive(json)))?;
            }
        }
        Ok(())
    }
}

/// Marks as due whoever depends on an entity: its children, and those grandchildren that find it through them.
///
/// # Errors
/// Where the store cannot be read or written.
pub(crate) fn mark_dependants(tx: &Tx<'_>, derivation: &DerivationRules, kind: Kind, json: &str) -> anyhow::Result<()> {
    let rules = derivation.get(kind);
    if !rules.has_dependants() && rules.between().is_empty() {
        return Ok(());
    }
    for value in rules.names_for_children(json) {
        let between: Vec<Entity> = tx.mark_children(kind, &value, rules.between())?;
        for child in between {
            for value in derivation.get(child.row.kind).names_for_children(&child.record) {
                tx.mark_children(child.row.kind, &value, &BTreeSet::new())?;
            }
        }
    }
    Ok(())
}
