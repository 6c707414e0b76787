//! An entity set: where it is, how it is read, and single questions about it.

use super::PageSize;
use super::client::Client;
use super::error::ReadError;
use super::odata::Query;
use super::pages::{NoContent, Page};
use super::question::{Question, Retries, Traffic};
use crate::entity::Kind;
use reqwest::Method;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// Sets of fewer first pages are read in one piece.
const PAGES_WORTH_RANGES: u64 = 4;

/// Entity set, and how it is to be read.
#[derive(Debug, Clone)]
pub struct EntitySet<'a> {
    /// The kind, for messages.
    pub kind: Kind,
    /// The entity set.
    pub endpoint: &'a str,
    /// The properties of the key.
    pub key: &'a [String],
    /// The user's `$filter`.
    pub filter: Option<&'a str>,
    /// The properties wanted; empty: all.
    pub select: Vec<String>,
    /// Records per page.
    pub page_size: PageSize,
    /// Whether nothing of the kind is stored, so that an answer without content means an empty set.
    pub may_be_empty: bool,
}

impl<'a> EntitySet<'a> {
    /// A set of which all records are wanted, with all of their properties.
    pub fn whole(kind: Kind, endpoint: &'a str, key: &'a [String], page_size: PageSize) -> EntitySet<'a> {
        EntitySet { kind, endpoint, key, filter: None, select: Vec::new(), page_size, may_be_empty: true }
    }

    /// Asks for records by conditions, without the configured filter unless it is among them. `retries`: of an answer that breaks off
    /// or fails.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub(crate) fn ask(
        &self,
        client: &Client<'_>,
        traffic: &mut Traffic,
        filter: Vec<String>,
        retries: Retries,
    ) -> Result<Page, ReadError> {
        let query = Query { select: self.select.clone(), filter, ..Query::default() };
        match self.fetch(client, &query, traffic, retries) {
            Err(ReadError::Refused { status: 400 | 500, .. }) if !query.select.is_empty() => {
                self.fetch(client, &Query { select: vec![], ..query }, traffic, retries)
            }
            other => other,
        }
    }

    /// Whether HApi knows a property, asked where records are and none carries it: a server that leaves nulls out may know it all
    /// the same. `None`: it shows no record, which answers nothing.
    ///
    /// # Errors
    /// Where HApi gives no usable answer.
    pub(crate) fn knows(
        &self,
        client: &Client<'_>,
        traffic: &mut Traffic,
        property: &str,
    ) -> Result<Option<bool>, ReadError> {
        let query = Query { order_by: vec![property.to_owned()], top: Some(1), ..Query::default() };
        match self.fetch(client, &query, traffic, Retries::Configured) {
            Ok(page) => Ok(Some(true).filter(|_| !page.rows.is_empty())),
            Err(ReadError::Refused { .. }) => Ok(Some(false)),
            Err(error) => Err(error),
        }
    }

    /// The names of the properties of a record, asked for without `$select`.
    ///
    /// # Errors
    /// Where HApi gives no usable answer.
    pub(crate) fn properties(&self, client: &Client<'_>, traffic: &mut Traffic) -> Result<BTreeSet<String>, ReadError> {
        let query = Query { top: Some(1), ..Query::default() };
        self.fetch(client, &query, traffic, Retries::Configured).map(|page| page.property_names)
    }

    /// A fingerprint of what is read: it differs where a read brings other entities, or other properties of them.
    pub(crate) fn fingerprint(&self, url: &str) -> String {
        let text = format!("{url} {} {:?} {:?} {:?}", self.endpoint, self.key, self.filter, self.select);
        Sha256::digest(text).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether a set of so many records is worth reading in ranges of its keys.
    pub(crate) fn is_worth_ranges(&self, records: u64) -> bool {
        self.key.len() == 1 && records >= PAGES_WORTH_RANGES * u64::from(self.page_size.first())
    }

    /// Whether conditions are short enough to be asked for at once.
    pub(crate) fn can_ask(&self, filter: Vec<String>) -> bool {
        Query { filter, ..Query::default() }.fits()
    }

    /// What it means where its answer has no content at all.
    pub(super) fn no_content(&self) -> NoContent {
        if self.may_be_empty { NoContent::NoRecords } else { NoContent::Fault }
    }

    /// The question for the records that a query asks for. `no_content`: what it means where there is none at all.
    pub(super) fn question(
        &self,
        address: &str,
        query: &Query,
        retries: Retries,
        no_content: NoContent,
    ) -> Question<'a, Page> {
        self.question_at(format!("{address}?{}", query.to_text()), retries, no_content)
    }

    /// The same for a whole address, as a server's link gives it.
    pub(super) fn question_at(&self, url: String, retries: Retries, no_content: NoContent) -> Question<'a, Page> {
        let (key, what) = (self.key, format!("GET /api/{}", self.endpoint));
        let decode = Box::new(move |body| Page::decode(body, key, no_content));
        Question { method: Method::GET, url, body: None, what, retries, decode }
    }

    fn fetch(
        &self,
        client: &Client<'_>,
        query: &Query,
        traffic: &mut Traffic,
        retries: Retries,
    ) -> Result<Page, ReadError> {
        client.ask(self.question(&client.address(self.endpoint), query, retries, self.no_content()), traffic)
    }
}
