//! Events that webhooks bring of entities. An event is a hint: the entity is read again.

use crate::word::{Word, words};

/// Event that a webhook brought, as far as it could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookEvent {
    /// HApi's name of the entity, such as `TenantParking`; `None`: unreadable.
    pub name: Option<String>,
    /// Its Id as a key has it, such as `1472`; `None`: unreadable.
    pub subject: Option<String>,
    /// What happened; `None`: HApi has no such status, or it is unreadable.
    pub change: Option<ChangeType>,
    /// The client database that it says it is from, such as `DEV/ALEX`; `None`: it says none.
    pub database: Option<String>,
    /// The body as received, where not all of it could be read.
    pub raw: Option<Vec<u8>>,
}

words! {
    /// Change that a webhook says has happened.
    pub enum ChangeType {
        /// 1.
        Update = "update",
        /// 2.
        Delete = "delete",
        /// 3.
        Insert = "insert",
    }
}

impl ChangeType {
    /// HApi's number for it. Source: HApi's integrator document (October 2024).
    pub fn number(self) -> i64 {
        match self {
            ChangeType::Update => 1,
            ChangeType::Delete => 2,
            ChangeType::Insert => 3,
        }
    }

    /// What a number of HApi's stands for.
    pub(crate) fn of_number(number: i64) -> Option<ChangeType> {
        ChangeType::ALL.iter().copied().find(|one| one.number() == number)
    }
}
