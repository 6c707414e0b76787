//! Reading an entity set whole, page by page, so that rows that come and go meanwhile do no harm.
//!
//! The rule is key order: `Id gt last` until an empty page. A set without a numeric key, or one that ignores the options, is
//! read by `$skip`, by a growing `$top`, or in one piece; each page must bring something new, so that no server can keep us.

use super::client::{Client, ReadError, Tally};
use super::odata::Query;
use crate::entity::{BadRecord, Kind, Record};
use crate::message::HapiText;
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::ops::Range;

/// Empty pages that a server may put between full ones before its links count as endless.
const MOST_EMPTY_PAGES: u32 = 20;
/// Refusals of options that are answered by asking for less, before the set counts as refused.
const MOST_CONCESSIONS: u32 = 6;

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
    pub page_size: u32,
}

/// One page: its text, and where in it each record stands.
#[derive(Debug)]
pub struct Page {
    text: String,
    /// The records.
    pub rows: Vec<Row>,
    next: Option<String>,
}

/// One record of a page.
#[derive(Debug)]
pub struct Row {
    range: Range<usize>,
    /// Its key, or why it has none.
    pub key: Result<String, BadRecord>,
    /// Whether its text was no valid UTF-8.
    pub is_garbled: bool,
    /// Whether its key was met before on the same page.
    pub is_repeated: bool,
    id: Option<i64>,
}

impl Page {
    /// A record's exact text.
    pub fn json(&self, row: &Row) -> &str {
        self.text.get(row.range.clone()).unwrap_or_default()
    }
}

/// Something about a set that people should know, though it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note(pub HapiText);

/// Where the reader stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paging {
    /// In key order: the records after this key.
    After(Option<i64>),
    /// By position: this many records are behind.
    Skip(u64),
    /// Options but `$top` are ignored: as many as this from the start.
    Growing(u32),
    /// Along a link that the server gave.
    Link(String),
}

/// The state of one whole read.
struct Walk {
    paging: Paging,
    select: Vec<String>,
    order_by: Vec<String>,
    page_size: u32,
    seen: HashSet<String>,
    /// Broken records, by their text, so that one that is met twice is told once.
    broken: HashSet<String>,
    received: u64,
    last: Option<i64>,
    empty_pages: u32,
    concessions: u32,
    first_refusal: Option<String>,
}

impl SetReader<'_> {
    /// Reads the whole set and hands every page over, each record once.
    ///
    /// Returns what people should know of it. Ends early, with `Ok`, when `sink` answers `false`.
    pub fn read(
        &self,
        client: &Client<'_>,
        tally: &mut Tally,
        mut sink: impl FnMut(Page) -> bool,
    ) -> Result<Vec<Note>, ReadError> {
        let mut notes = Vec::new();
        let mut walk = self.start();
        loop {
            let url = self.url(client, &walk);
            let what = format!("GET /api/{}", self.endpoint);
            let page = client.get(&url, &what, tally, |body| decode(body, self.key));
            let mut page = match page {
                Ok(page) => page,
                Err(ReadError::Refused { status: 400, answer }) if walk.received == 0 => {
                    self.concede(&mut walk, &answer, &mut notes)?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let link = self.link(client, &mut page, &mut notes);
            let is_done = self.advance(&mut walk, &mut page, link)?;
            if !page.rows.is_empty() && !sink(page) {
                return Ok(notes);
            }
            if is_done {
                return Ok(notes);
            }
        }
    }

    /// Asks for records by conditions, without the configured filter unless it is among them.
    pub fn ask(&self, client: &Client<'_>, tally: &mut Tally, filter: Vec<String>) -> Result<Page, ReadError> {
        let query = Query { select: self.select.clone(), filter, ..Query::default() };
        let url = format!("{}?{}", client.address(self.endpoint), query.to_text());
        let what = format!("GET /api/{}", self.endpoint);
        match client.get(&url, &what, tally, |body| decode(body, self.key)) {
            Err(ReadError::Refused { status: 400, .. }) if !query.select.is_empty() => {
                let url = format!("{}?{}", client.address(self.endpoint), Query { select: vec![], ..query }.to_text());
                client.get(&url, &what, tally, |body| decode(body, self.key))
            }
            other => other,
        }
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

    fn start(&self) -> Walk {
        let by_one_key = self.key.len() == 1;
        Walk {
            paging: if by_one_key { Paging::After(None) } else { Paging::Skip(0) },
            select: self.select.clone(),
            order_by: self.key.to_vec(),
            page_size: self.page_size,
            seen: HashSet::new(),
            broken: HashSet::new(),
            received: 0,
            last: None,
            empty_pages: 0,
            concessions: 0,
            first_refusal: None,
        }
    }

    fn url(&self, client: &Client<'_>, walk: &Walk) -> String {
        let mut query = Query {
            select: walk.select.clone(),
            filter: self.filter.map(str::to_owned).into_iter().collect(),
            order_by: walk.order_by.clone(),
            top: Some(walk.page_size),
            skip: None,
        };
        match &walk.paging {
            Paging::Link(url) => return url.clone(),
            Paging::After(last) => {
                let key = self.key.first().map_or("Id", String::as_str);
                query.filter.extend(last.map(|last| format!("{key} gt {last}")));
            }
            Paging::Skip(0) => {}
            Paging::Skip(count) => query.skip = Some(*count),
            Paging::Growing(top) => query.top = Some(*top),
        }
        format!("{}?{}", client.address(self.endpoint), query.to_text())
    }

    /// After a 400 on the first page: asks for less, in the order of what is likeliest to be at fault.
    fn concede(&self, walk: &mut Walk, answer: &str, notes: &mut Vec<Note>) -> Result<(), ReadError> {
        let first = walk.first_refusal.get_or_insert_with(|| answer.to_owned()).clone();
        walk.concessions += 1;
        if walk.concessions > MOST_CONCESSIONS {
            return Err(ReadError::Refused { status: 400, answer: first });
        }
        if let Some(limit) = top_limit(answer).filter(|limit| *limit < walk.page_size) {
            walk.page_size = limit;
        } else if !walk.select.is_empty() {
            walk.select.clear();
            notes.push(Note(match unknown_property(answer) {
                Some(property) => HapiText::SelectRefusedNaming { kind: self.kind, property },
                None => HapiText::SelectRefused { kind: self.kind, answer: answer.to_owned() },
            }));
        } else if !walk.order_by.is_empty() {
            walk.order_by.clear();
            walk.paging = Paging::Skip(0);
        } else {
            return Err(ReadError::Refused { status: 400, answer: first });
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

    /// Takes a page in: drops what was met before, and settles where to go on. `true`: that was the end.
    fn advance(&self, walk: &mut Walk, page: &mut Page, link: Option<String>) -> Result<bool, ReadError> {
        let count = page.rows.len();
        walk.received += count as u64;
        let in_order = walk.is_in_order(page);
        let last_here = page.rows.iter().filter_map(|row| row.id).max();
        let has_numeric_keys = page.rows.iter().all(|row| row.key.is_err() || row.id.is_some()) && last_here.is_some();
        walk.drop_known(page);
        let brings_news = !page.rows.is_empty();
        if count == 0 || !brings_news {
            walk.empty_pages += 1;
        }
        walk.last = walk.last.max(last_here);
        if let Some(link) = link {
            if walk.empty_pages > MOST_EMPTY_PAGES {
                return Err(ReadError::Down(HapiText::PagesRepeat { kind: self.kind }));
            }
            walk.paging = Paging::Link(link);
            return Ok(false);
        }
        let by_key = self.key.len() == 1 && !walk.order_by.is_empty();
        let next = match &walk.paging {
            _ if count == 0 => return Ok(true),
            // The last page along a link: one look behind it, since a link may also end at the `$top` that was asked for.
            Paging::Link(_) if by_key && has_numeric_keys => Paging::After(walk.last),
            Paging::Link(_) => Paging::Skip(walk.met()),
            Paging::After(_) if in_order && has_numeric_keys => Paging::After(walk.last),
            // Not in the order asked for, or no numbers to continue from.
            Paging::After(_) => Paging::Skip(walk.met()),
            Paging::Skip(at) if brings_news => Paging::Skip(at + count as u64),
            // `$skip` is ignored as well. A page as long as was asked for may have been cut: ask for more at once.
            Paging::Skip(_) if count as u64 == u64::from(walk.page_size) => {
                Paging::Growing(walk.page_size.saturating_mul(2))
            }
            Paging::Growing(top) if brings_news && count as u64 >= u64::from(*top) => {
                Paging::Growing(top.saturating_mul(2))
            }
            Paging::Skip(_) | Paging::Growing(_) => return Ok(true),
        };
        walk.paging = next;
        Ok(false)
    }
}

impl Walk {
    /// How many different records were met. A server that ignores an option sends some of them more than once.
    fn met(&self) -> u64 {
        self.seen.len() as u64 + self.broken.len() as u64
    }

    /// Whether the keys of a page grow, beginning after the last one asked for.
    fn is_in_order(&self, page: &Page) -> bool {
        let mut before = match self.paging {
            Paging::After(last) => last,
            _ => None,
        };
        page.rows.iter().filter_map(|row| row.id).all(|id| before.replace(id).is_none_or(|before| before < id))
    }

    /// Drops the records that were met on an earlier page, and marks those whose key stands twice in this one.
    fn drop_known(&mut self, page: &mut Page) {
        let mut kept: Vec<Row> = Vec::with_capacity(page.rows.len());
        for mut row in std::mem::take(&mut page.rows) {
            let is_kept = match &row.key {
                Ok(key) if self.seen.insert(key.clone()) => true,
                Ok(_) => {
                    row.is_repeated = kept.iter().any(|earlier| earlier.key == row.key);
                    row.is_repeated
                }
                Err(_) => self.broken.insert(page.json(&row).to_owned()),
            };
            if is_kept {
                kept.push(row);
            }
        }
        page.rows = kept;
    }
}

/// The envelope of a page. A bare array is accepted too.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    value: Vec<&'a RawValue>,
    #[serde(rename = "@odata.nextLink", default)]
    next: Option<String>,
    // Older OData spells it without the at sign.
    #[serde(rename = "odata.nextLink", default)]
    older_next: Option<String>,
}

/// Reads a page's envelope and each record's key. Anything else than a page is an error in words.
fn decode(body: Vec<u8>, key: &[String]) -> Result<Page, String> {
    let (text, is_lossy) = match String::from_utf8(body) {
        Ok(text) => (text, false),
        Err(error) => (String::from_utf8_lossy(error.as_bytes()).into_owned(), true),
    };
    let start = text.len() - text.trim_start_matches('\u{feff}').trim_start().len();
    let content = text.get(start..).unwrap_or_default();
    let (records, next): (Vec<&RawValue>, Option<String>) = if content.starts_with('[') {
        (serde_json::from_str(content).map_err(|error| explain(&error, content))?, None)
    } else {
        let envelope: Envelope<'_> = serde_json::from_str(content).map_err(|error| explain(&error, content))?;
        (envelope.value, envelope.next.or(envelope.older_next))
    };
    let origin = text.as_ptr().addr();
    let rows = records
        .into_iter()
        .map(|raw| {
            let json = raw.get();
            // The records are slices of the text, so that their place is the distance of the addresses.
            let begin = json.as_ptr().addr() - origin;
            let record = Record::parse(json);
            let id = match (&record, key) {
                (Ok(record), [only]) => record.integer(only),
                _ => None,
            };
            Row {
                range: begin..begin + json.len(),
                key: record.and_then(|record| record.key(key)),
                is_garbled: is_lossy && json.contains('\u{fffd}'),
                is_repeated: false,
                id,
            }
        })
        .collect();
    Ok(Page { text, rows, next: next.filter(|next| !next.is_empty()) })
}

fn explain(error: &serde_json::Error, content: &str) -> String {
    if content.is_empty() {
        return "the body is empty".to_owned();
    }
    if content.starts_with('<') {
        return "it is a web page".to_owned();
    }
    error.to_string()
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

    fn page(body: &str) -> Page {
        decode(body.as_bytes().to_vec(), &["Id".to_owned()]).expect("a page")
    }

    #[test]
    fn records_are_cut_out_of_a_page_exactly_as_received() {
        let page =
            page("\u{feff} {\"value\":[ {\"Id\": 1.0, \"A\" :\"é \"} ,null,{\"A\":2}],\"@odata.nextLink\":\"/n\"}");
        let texts: Vec<&str> = page.rows.iter().map(|row| page.json(row)).collect();
        assert_eq!(texts, ["{\"Id\": 1.0, \"A\" :\"é \"}", "null", "{\"A\":2}"]);
        let keys: Vec<_> = page.rows.iter().map(|row| row.key.clone()).collect();
        assert_eq!(keys[0], Ok("1".to_owned()));
        assert_eq!(keys[1], Err(BadRecord::NotAnObject));
        assert_eq!(keys[2], Err(BadRecord::NoKey { property: "Id".to_owned() }));
        assert_eq!(page.next.as_deref(), Some("/n"));
    }

    #[test]
    fn what_is_no_page_is_never_an_empty_set() {
        for body in ["", "<html/>", "{}", "{\"value\":{}}", "null", "{\"value\":[{\"Id\":1}", "{\"error\":\"x\"}"] {
            assert!(decode(body.as_bytes().to_vec(), &["Id".to_owned()]).is_err(), "{body}");
        }
        assert!(page("[]").rows.is_empty());
    }

    #[test]
    fn a_garbled_record_is_marked_and_its_neighbours_are_not() {
        let mut body = b"[{\"Id\":1,\"N\":\"".to_vec();
        body.push(0xe9);
        body.extend_from_slice(b"\"},{\"Id\":2}]");
        let page = decode(body, &["Id".to_owned()]).expect("a page");
        assert_eq!(page.rows.iter().map(|row| row.is_garbled).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn refusals_are_read_for_what_they_name() {
        assert_eq!(top_limit("The limit of '100' for Top query has been exceeded. The value is '500'."), Some(100));
        assert_eq!(top_limit("The node count limit of '100' has been exceeded."), None);
        assert_eq!(unknown_property("Could not find a property named 'Rent' on type 'Unit'.").as_deref(), Some("Rent"));
    }
}
