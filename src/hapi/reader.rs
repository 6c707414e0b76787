//! Reading an entity set whole, page by page, so that rows that come and go meanwhile do no harm.
//!
//! The rule is key order: `Id gt last` until an empty page. A set without a numeric key, or one that ignores the options, is
//! read by `$skip`, by a growing `$top`, or in one piece; each page must bring something new, so that no server can keep us.
//! A page that breaks off or fails each time holds a record that HApi cannot deliver: it is asked for in ever smaller pieces
//! until that record is alone, and then stepped over.

use super::client::{Client, Patience, ReadError, Tally};
use super::odata::Query;
use super::pages::{Page, decode};
use super::walk::{Paging, Walk};
use crate::config::PageSize;
use crate::entity::Kind;
use crate::message::HapiText;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// Refusals of options that are answered by asking for less, before the set counts as refused.
const MOST_CONCESSIONS: u32 = 6;
/// Records that cannot be delivered, side by side, before HApi counts as down.
const MOST_NEIGHBOURS: u64 = 3;
/// Records of one set that cannot be delivered before HApi counts as down.
const MOST_UNDELIVERABLE: usize = 20;

/// How a set is to be read.
#[derive(Debug, Clone)]
pub struct SetReader<'a> {
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

/// Something about a set that people should know, though it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note(pub HapiText);

/// A record that HApi cannot deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undeliverable {
    /// Its key, where HApi gave at least that.
    pub key: Option<String>,
    /// The numeric keys that it lies between, both excluded; `None`: there is none on that side, or keys are no numbers.
    pub between: (Option<i64>, Option<i64>),
    /// What came instead.
    pub why: HapiText,
}

/// What a whole read brought besides its pages.
#[derive(Debug, Default)]
pub struct SetRead {
    /// What people should know.
    pub notes: Vec<Note>,
    /// What was stepped over.
    pub undeliverable: Vec<Undeliverable>,
    /// The properties that at least one record carries.
    pub carried: BTreeSet<String>,
    /// The properties that were asked for by name in the end; empty: all.
    pub selected: Vec<String>,
    /// Records received.
    pub received: u64,
}

impl SetReader<'_> {
    /// Reads the whole set and hands every page over, each record once. Ends early, with `Ok`, when `sink` answers `false`.
    ///
    /// # Errors
    /// See [`ReadError`]; 403 and 404 are told as `Unavailable` only of the first page.
    pub fn read(
        &self,
        client: &Client<'_>,
        tally: &mut Tally,
        mut sink: impl FnMut(Page) -> bool,
    ) -> Result<SetRead, ReadError> {
        let mut found = SetRead::default();
        let mut walk = Walk::begin(self);
        loop {
            let began = client.clock().instant();
            let patience = if walk.top() > 1 { Patience::Short } else { Patience::Whole };
            let page = self.page(client, &walk, tally, patience);
            let mut page = match page {
                Ok(page) => page,
                Err(error) => match self.recover(client, &mut walk, tally, error, &mut found)? {
                    Recovered::AtEnd => return Ok(walk.end(found)),
                    Recovered::AskAgain => continue,
                },
            };
            walk.adapt(&page, client.clock().since(began), self.page_size);
            let link = self.link(client, &mut page, &mut found.notes);
            found.carried.append(&mut page.carried);
            let is_done = walk.advance(self, &mut page, link)?;
            if (!page.rows.is_empty() && !sink(page)) || is_done {
                return Ok(walk.end(found));
            }
        }
    }

    /// Asks for records by conditions, without the configured filter unless it is among them.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn ask(&self, client: &Client<'_>, tally: &mut Tally, filter: Vec<String>) -> Result<Page, ReadError> {
        let query = Query { select: self.select.clone(), filter, ..Query::default() };
        match self.fetch(client, &query, tally, Patience::Short, true) {
            Err(ReadError::Refused { status: 400 | 500, .. }) if !query.select.is_empty() => {
                self.fetch(client, &Query { select: vec![], ..query }, tally, Patience::Short, true)
            }
            other => other,
        }
    }

    /// Whether HApi knows a property, asked where no record carries it: a server that leaves nulls out may know it all the same.
    ///
    /// # Errors
    /// Where HApi gives no usable answer.
    pub fn knows(&self, client: &Client<'_>, tally: &mut Tally, property: &str) -> Result<bool, ReadError> {
        let query = Query { order_by: vec![property.to_owned()], top: Some(1), ..Query::default() };
        match self.fetch(client, &query, tally, Patience::Whole, true) {
            Ok(_) => Ok(true),
            Err(ReadError::Refused { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The names of the properties of a record, asked for without `$select`.
    ///
    /// # Errors
    /// Where HApi gives no usable answer.
    pub fn properties(&self, client: &Client<'_>, tally: &mut Tally) -> Result<BTreeSet<String>, ReadError> {
        let query = Query { top: Some(1), ..Query::default() };
        self.fetch(client, &query, tally, Patience::Whole, true).map(|page| page.carried)
    }

    /// A fingerprint of what is read: it differs where a read brings other entities, or other properties of them.
    pub fn fingerprint(&self, url: &str) -> String {
        let text = format!("{url} {} {:?} {:?} {:?}", self.endpoint, self.key, self.filter, self.select);
        Sha256::digest(text).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether conditions are short enough to be asked for at once.
    pub fn can_ask(&self, filter: Vec<String>) -> bool {
        Query { filter, ..Query::default() }.fits()
    }

    fn what(&self) -> String {
        format!("GET /api/{}", self.endpoint)
    }

    fn fetch(
        &self,
        client: &Client<'_>,
        query: &Query,
        tally: &mut Tally,
        patience: Patience,
        may_be_void: bool,
    ) -> Result<Page, ReadError> {
        let url = format!("{}?{}", client.address(self.endpoint), query.to_text());
        client.get(&url, &self.what(), tally, patience, |body| decode(body, self.key, may_be_void))
    }

    /// The page where the walk stands.
    fn page(&self, client: &Client<'_>, walk: &Walk, tally: &mut Tally, patience: Patience) -> Result<Page, ReadError> {
        let may_be_void = walk.has_begun() || self.may_be_empty;
        match &walk.paging {
            Paging::Link(url) => {
                client.get(url, &self.what(), tally, patience, |body| decode(body, self.key, may_be_void))
            }
            _ => self.fetch(client, &self.query(walk), tally, patience, may_be_void),
        }
    }

    /// The question where the walk stands.
    fn query(&self, walk: &Walk) -> Query {
        let mut query = Query {
            select: walk.select.clone(),
            filter: self.filter.map(str::to_owned).into_iter().collect(),
            order_by: walk.order_by.clone(),
            top: Some(walk.top()),
            skip: None,
        };
        match &walk.paging {
            Paging::After(last) => query.filter.extend(last.map(|last| format!("{} gt {last}", self.first_key()))),
            Paging::Skip(0) | Paging::Link(_) => {}
            Paging::Skip(count) => query.skip = Some(*count),
            Paging::Growing(top) => query.top = Some(*top),
        }
        query
    }

    fn first_key(&self) -> &str {
        self.key.first().map_or("Id", String::as_str)
    }

    /// After a page that did not come: asks for less, steps over what cannot be delivered, or gives up.
    fn recover(
        &self,
        client: &Client<'_>,
        walk: &mut Walk,
        tally: &mut Tally,
        error: ReadError,
        found: &mut SetRead,
    ) -> Result<Recovered, ReadError> {
        match error {
            // A limit on the size of answers is refused in many ways; what was answered before it grew is within it.
            ReadError::Refused { .. } | ReadError::Unavailable { .. } if walk.answered_top().is_some() => {
                let named = match &error {
                    ReadError::Refused { answer, .. } => top_limit(answer).filter(|limit| *limit < walk.top()),
                    _ => None,
                };
                walk.limit_top(named.or(walk.answered_top()).unwrap_or(1));
                Ok(Recovered::AskAgain)
            }
            ReadError::Unavailable { status } if walk.has_begun() => {
                Err(ReadError::Refused { status, answer: String::new() })
            }
            ReadError::Refused { answer, .. } if top_limit(&answer).is_some_and(|limit| limit < walk.top()) => {
                walk.limit_top(top_limit(&answer).unwrap_or(1));
                Ok(Recovered::AskAgain)
            }
            ReadError::Refused { status: status @ (400 | 500), answer } if !walk.has_begun() => {
                self.concede(walk, status, &answer, &mut found.notes)?;
                Ok(Recovered::AskAgain)
            }
            ReadError::BadPage(_) if walk.top() > 1 && walk.can_ask_for_less() => {
                walk.ask_for_less();
                Ok(Recovered::AskAgain)
            }
            ReadError::BadPage(why) if walk.can_ask_for_less() => {
                if !walk.has_begun() && self.concede_after_failure(client, walk, tally)? {
                    found.notes.push(Note(HapiText::SelectRefused {
                        kind: self.kind,
                        answer: why.text(crate::message::Lang::En),
                    }));
                    return Ok(Recovered::AskAgain);
                }
                self.step_over(client, walk, tally, &why, found)
            }
            ReadError::BadPage(why) => Err(ReadError::Down(why)),
            error => Err(error),
        }
    }

    /// After a refusal of the first page: asks for less, in the order of what is likeliest to be at fault.
    fn concede(&self, walk: &mut Walk, status: u16, answer: &str, notes: &mut Vec<Note>) -> Result<(), ReadError> {
        let first = walk.first_refusal.get_or_insert_with(|| answer.to_owned()).clone();
        if let Some(property) = unknown_property(answer)
            && walk.select.len() > 1
            && walk.select.iter().any(|asked| asked.eq_ignore_ascii_case(&property))
        {
            // What HApi does not know is not asked for again; the rest is.
            walk.select.retain(|asked| !asked.eq_ignore_ascii_case(&property));
            return Ok(());
        }
        walk.concessions += 1;
        if walk.concessions > MOST_CONCESSIONS {
            return Err(ReadError::Refused { status, answer: first });
        }
        if !walk.select.is_empty() {
            walk.select.clear();
            notes.push(Note(HapiText::SelectRefused { kind: self.kind, answer: answer.to_owned() }));
        } else if !walk.order_by.is_empty() {
            walk.order_by.clear();
            walk.paging = Paging::Skip(0);
        } else {
            return Err(ReadError::Refused { status, answer: first });
        }
        Ok(())
    }

    /// A first record that fails alone may also mean that an option is refused with a bare 500: asks once without them. Returns
    /// whether that was it.
    fn concede_after_failure(
        &self,
        client: &Client<'_>,
        walk: &mut Walk,
        tally: &mut Tally,
    ) -> Result<bool, ReadError> {
        if std::mem::replace(&mut walk.has_conceded, true) {
            return Ok(false);
        }
        let with = self.query(walk);
        let unselected = Query { select: Vec::new(), ..with.clone() };
        let bare = Query { order_by: Vec::new(), ..unselected.clone() };
        for (query, keeps_order) in [(unselected, true), (bare, false)] {
            if query == with {
                continue;
            }
            match self.fetch(client, &query, tally, Patience::Short, true) {
                Ok(_) => {
                    walk.select.clear();
                    if !keeps_order {
                        walk.order_by.clear();
                        walk.paging = Paging::Skip(0);
                    }
                    walk.ask_for_all();
                    return Ok(true);
                }
                Err(ReadError::BadPage(_) | ReadError::Refused { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }

    /// Leaves the record out that fails though it is asked for alone, where the one behind it comes.
    fn step_over(
        &self,
        client: &Client<'_>,
        walk: &mut Walk,
        tally: &mut Tally,
        why: &HapiText,
        found: &mut SetRead,
    ) -> Result<Recovered, ReadError> {
        if found.undeliverable.len() >= MOST_UNDELIVERABLE {
            return Err(ReadError::Down(why.clone()));
        }
        for count in 1..=MOST_NEIGHBOURS {
            let here = self.query(walk);
            let behind = Query { skip: Some(here.skip.unwrap_or(0) + count), ..here };
            let next = match self.fetch(client, &behind, tally, Patience::Short, true) {
                Ok(page) => page.rows.first().map(|row| row.id),
                Err(ReadError::BadPage(_)) => continue,
                Err(ReadError::Refused { .. }) => break,
                Err(error) => return Err(error),
            };
            let between = (walk.last_asked(), next.flatten());
            self.name_undeliverable(client, walk, tally, (count, between), why, found)?;
            return Ok(match next {
                None => Recovered::AtEnd,
                Some(id) => {
                    walk.step_over(count, id);
                    Recovered::AskAgain
                }
            });
        }
        Err(ReadError::Down(why.clone()))
    }

    /// Notes the records that were stepped over, by their keys where HApi gives at least those.
    fn name_undeliverable(
        &self,
        client: &Client<'_>,
        walk: &Walk,
        tally: &mut Tally,
        (count, between): (u64, (Option<i64>, Option<i64>)),
        why: &HapiText,
        found: &mut SetRead,
    ) -> Result<(), ReadError> {
        let query = Query { select: self.key.to_vec(), top: u32::try_from(count).ok(), ..self.query(walk) };
        let keys: Vec<String> = match self.fetch(client, &query, tally, Patience::Short, true) {
            Ok(page) => page.rows.into_iter().filter_map(|row| row.key.ok()).collect(),
            Err(ReadError::BadPage(_) | ReadError::Refused { .. }) => Vec::new(),
            Err(error) => return Err(error),
        };
        for place in 0..count {
            let key = usize::try_from(place).ok().and_then(|place| keys.get(place).cloned());
            found.undeliverable.push(Undeliverable { key, between, why: why.clone() });
        }
        Ok(())
    }

    /// The link to the next page, where the server gave one that stays on its own host.
    fn link(&self, client: &Client<'_>, page: &mut Page, notes: &mut Vec<Note>) -> Option<String> {
        let base = reqwest::Url::parse(&client.address(self.endpoint)).ok()?;
        let next = base.join(&page.next.take()?).ok()?;
        if next.origin() == base.origin() {
            return Some(next.into());
        }
        let note = Note(HapiText::ForeignNextLink { kind: self.kind });
        if !notes.contains(&note) {
            notes.push(note);
        }
        None
    }
}

/// Where a read goes on after a page that did not come.
enum Recovered {
    /// With another question.
    AskAgain,
    /// Nowhere: what failed was the last.
    AtEnd,
}

/// The most records per page, from "The limit of '100' for Top query has been exceeded".
fn top_limit(answer: &str) -> Option<u32> {
    let rest = answer.split("limit of '").nth(1)?;
    let (number, rest) = rest.split_once('\'')?;
    rest.to_ascii_lowercase().contains("top").then(|| number.parse().ok()).flatten().filter(|limit| *limit > 0)
}

/// The property that HApi does not know, from "Could not find a property named 'Rent' on type ...".
fn unknown_property(answer: &str) -> Option<String> {
    let rest = answer.split("property named '").nth(1)?;
    Some(rest.split_once('\'')?.0.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_read_for_what_they_name() {
        assert_eq!(top_limit("The limit of '100' for Top query has been exceeded. The value is '500'."), Some(100));
        assert_eq!(top_limit("The node count limit of '100' has been exceeded."), None);
        assert_eq!(unknown_property("Could not find a property named 'Rent' on type 'Unit'.").as_deref(), Some("Rent"));
    }
}
