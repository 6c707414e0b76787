//! Where a whole read stands. Pure: it is told what each page brought, and says what to ask for next.

use super::PageSize;
use super::error::ReadError;
use super::pages::{Page, Row};
use super::set::EntitySet;
use crate::entity::same_content;
use crate::message::HapiText;
use std::collections::HashSet;
use std::time::Duration;

/// Empty pages that a server may put between full ones before its links count as endless.
const MOST_EMPTY_PAGES: u32 = 20;
/// The largest page that is asked for unless the configuration says how large, in records.
const LARGEST_PAGE: u32 = 5_000;
/// An answer that took no longer, and is no larger, lets the next one be twice as large.
const QUICK: Duration = Duration::from_secs(2);
const SMALL: usize = 2_000_000;
/// One that took longer, or is larger, makes the next one half as large.
const SLOW: Duration = Duration::from_secs(15);
const LARGE: usize = 8_000_000;

/// Way in which the next page is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Paging {
    /// In key order: the records after this key.
    After(Option<i64>),
    /// By position: this many records are behind.
    Skip(u64),
    /// Options but `$top` are ignored: as many as this from the start.
    Growing(u32),
    /// Along a link that the server gave.
    Link(String),
}

/// Walk through a set: where one whole read stands.
pub(super) struct Walk {
    pub(super) paging: Paging,
    pub(super) select: Vec<String>,
    pub(super) order_by: Vec<String>,
    pub(super) concessions: u32,
    pub(super) first_refusal: Option<String>,
    pub(super) has_conceded: bool,
    page_size: u32,
    largest: u32,
    /// The largest `$top` that was answered with a page.
    answered: u32,
    /// Among how many records, from here on, one is that cannot be delivered.
    suspected: Option<u32>,
    /// Whether pages of more than one size failed: then it is a record, and not the moment.
    is_certain: bool,
    /// How many records the page asked for that failed last.
    failed: u32,
    keys: HashSet<String>,
    /// Broken records, by their text, so that one that is met twice is reported once.
    broken: HashSet<String>,
    received: u64,
    last: Option<i64>,
    empty_pages: u32,
}

/// Facts about a page that decide where to go on.
struct PageFacts {
    /// How many records it held.
    count: u64,
    /// Whether any of them was not met before.
    brings_news: bool,
    in_order: bool,
    has_numeric_keys: bool,
}

impl Walk {
    pub(super) fn begin(set: &EntitySet<'_>) -> Walk {
        let by_one_key = set.key.len() == 1;
        Walk {
            paging: if by_one_key { Paging::After(None) } else { Paging::Skip(0) },
            select: set.select.clone(),
            order_by: set.key.to_vec(),
            concessions: 0,
            first_refusal: None,
            has_conceded: false,
            page_size: set.page_size.first(),
            largest: LARGEST_PAGE,
            answered: 0,
            suspected: None,
            is_certain: false,
            failed: 0,
            keys: HashSet::new(),
            broken: HashSet::new(),
            received: 0,
            last: None,
            empty_pages: 0,
        }
    }

    pub(super) fn end(self) -> (Vec<String>, u64) {
        (self.select, self.received)
    }

    /// Whether any page was received, or passed over.
    pub(super) fn has_begun(&self) -> bool {
        self.received > 0 || !matches!(self.paging, Paging::After(None) | Paging::Skip(0))
    }

    /// Leaves out a property that is asked for; `false`: it is not, or nothing else is.
    pub(super) fn unselect(&mut self, property: Option<String>) -> bool {
        let Some(property) = property else { return false };
        let is_other = |asked: &String| !asked.eq_ignore_ascii_case(&property);
        if self.select.len() < 2 || self.select.iter().all(is_other) {
            return false;
        }
        self.select.retain(is_other);
        true
    }

    /// Asks for no order any more: by position, from the first record on.
    pub(super) fn give_up_order(&mut self) {
        self.order_by.clear();
        self.paging = Paging::Skip(0);
    }

    /// How many records the next page may hold.
    pub(super) fn top(&self) -> u32 {
        match self.suspected {
            None => self.page_size,
            // A part of the failed page was delivered since: the rest may be too.
            Some(suspected) if suspected < self.failed && !self.is_certain => suspected,
            Some(suspected) => (suspected / 2).max(1),
        }
    }

    /// The server takes no larger `$top`.
    pub(super) fn limit_top(&mut self, limit: u32) {
        self.largest = self.largest.min(limit);
        self.page_size = self.page_size.min(limit);
        self.suspected = self.suspected.map(|suspected| suspected.min(limit));
    }

    /// The `$top` to go back to where one that grew since is refused, whatever the server says of it.
    pub(super) fn answered_top(&self) -> Option<u32> {
        Some(self.answered).filter(|answered| self.can_ask_for_less() && (1..self.top()).contains(answered))
    }

    /// Whether a part of the page that failed can be asked for.
    pub(super) fn can_ask_for_less(&self) -> bool {
        matches!(self.paging, Paging::After(_) | Paging::Skip(_))
    }

    /// The page failed: one of its records cannot be delivered.
    pub(super) fn ask_for_less(&mut self) {
        self.is_certain = self.suspected.is_some();
        self.failed = self.top();
        self.suspected = Some(self.failed);
    }

    /// It was no record.
    pub(super) fn ask_for_all(&mut self) {
        self.suspected = None;
    }

    /// The key behind which was asked, where that is by key.
    pub(super) fn last_asked(&self) -> Option<i64> {
        match self.paging {
            Paging::After(last) => last,
            _ => None,
        }
    }

    /// Goes on behind `count` records that cannot be delivered, at the one with the key `next`.
    pub(super) fn step_over(&mut self, count: u64, next: Option<i64>) {
        self.suspected = None;
        self.paging = match (&self.paging, next) {
            (Paging::After(_), Some(next)) => Paging::After(Some(next - 1)),
            (Paging::Skip(at), _) => Paging::Skip(at + count),
            (_, _) => Paging::Skip(self.met() + count),
        };
    }

    /// Learns from a page how large the next one should be.
    pub(super) fn adapt(&mut self, page: &Page, took: Duration, size: PageSize) {
        self.answered = self.answered.max(self.top());
        if let Some(suspected) = self.suspected {
            let left = suspected.saturating_sub(u32::try_from(page.rows.len()).unwrap_or(u32::MAX));
            // When all of them were delivered after all, the fault was temporary and no record is broken.
            self.suspected = Some(left).filter(|left| *left > 0);
            return;
        }
        if size != PageSize::Auto {
            return;
        }
        let is_full = page.rows.len() as u64 >= u64::from(self.page_size);
        if took > SLOW || page.bytes > LARGE {
            self.page_size = (self.page_size / 2).max(1);
        } else if is_full && took < QUICK && page.bytes < SMALL {
            self.page_size = self.page_size.saturating_mul(2).min(self.largest);
        }
    }

    /// Takes a page in: drops what was met before, and decides where to go on. `true`: that was the end.
    ///
    /// # Errors
    /// Where the server's pages repeat themselves, so that there is no end.
    pub(super) fn advance(
        &mut self,
        set: &EntitySet<'_>,
        page: &mut Page,
        link: Option<String>,
    ) -> Result<bool, ReadError> {
        let count = page.rows.len();
        self.received += count as u64;
        let in_order = self.is_in_order(page);
        let last_here = page.rows.iter().filter_map(|row| row.id).max();
        let has_numeric_keys = page.rows.iter().all(|row| row.key.is_err() || row.id.is_some()) && last_here.is_some();
        self.drop_known(page);
        let brings_news = !page.rows.is_empty();
        if count == 0 || !brings_news {
            self.empty_pages += 1;
        }
        self.last = self.last.max(last_here);
        if let Some(link) = link {
            if self.empty_pages > MOST_EMPTY_PAGES {
                return Err(ReadError::Down(HapiText::PagesRepeat { kind: set.kind }));
            }
            self.paging = Paging::Link(link);
            return Ok(false);
        }
        let by_key = set.key.len() == 1 && !self.order_by.is_empty();
        let next =
            self.next_paging(&PageFacts { count: count as u64, brings_news, in_order, has_numeric_keys }, by_key);
        let is_at_end = next.is_none();
        self.paging = next.unwrap_or_else(|| self.paging.clone());
        Ok(is_at_end)
    }

    /// How to go on behind a page without a link; `None`: that was the end.
    fn next_paging(&self, page: &PageFacts, by_key: bool) -> Option<Paging> {
        Some(match &self.paging {
            _ if page.count == 0 => return None,
            // The last page of a chain of links. One more page is asked for, since such a chain may end at the `$top` of the request.
            Paging::Link(_) if by_key && page.has_numeric_keys => Paging::After(self.last),
            Paging::Link(_) => Paging::Skip(self.met()),
            Paging::After(_) if page.in_order && page.has_numeric_keys => Paging::After(self.last),
            // The order that was asked for is not kept, or there are no numeric keys to continue from.
            Paging::After(_) => Paging::Skip(self.met()),
            Paging::Skip(at) if page.brings_news => Paging::Skip(at + page.count),
            // `$skip` is ignored as well. A page as long as was asked for may have been cut: ask for more at once.
            Paging::Skip(_) if page.count == u64::from(self.page_size) => {
                Paging::Growing(self.page_size.saturating_mul(2))
            }
            Paging::Growing(top) if page.brings_news && page.count >= u64::from(*top) => {
                Paging::Growing(top.saturating_mul(2))
            }
            Paging::Skip(_) | Paging::Growing(_) => return None,
        })
    }

    /// How many different records were met. A server that ignores an option sends some of them more than once.
    fn met(&self) -> u64 {
        self.keys.len() as u64 + self.broken.len() as u64
    }

    /// Whether the keys of a page grow, beginning after the last one asked for. One row that stands twice does no harm.
    fn is_in_order(&self, page: &Page) -> bool {
        let mut before = self.last_asked();
        page.rows.iter().filter_map(|row| row.id).all(|id| before.replace(id).is_none_or(|before| before <= id))
            && self.last_asked().is_none_or(|last| page.rows.iter().filter_map(|row| row.id).all(|id| id > last))
    }

    /// Drops the records that were met on an earlier page, and marks those whose key stands twice in this one with another
    /// content.
    fn drop_known(&mut self, page: &mut Page) {
        let mut kept: Vec<Row> = Vec::with_capacity(page.rows.len());
        for mut row in std::mem::take(&mut page.rows) {
            let is_kept = match &row.key {
                Ok(key) if self.keys.insert(key.clone()) => true,
                Ok(_) => {
                    let first = kept.iter().find(|earlier| earlier.key == row.key);
                    // The same row twice is one row.
                    row.is_repeated = first.is_some_and(|first| !same_content(page.json(first), page.json(&row)));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::Kind;
    use crate::hapi::question::Body;

    fn reader(key: &[String], page_size: PageSize) -> EntitySet<'_> {
        let select = vec!["Id".to_owned()];
        EntitySet { kind: Kind::UNIT, endpoint: "Units", key, filter: None, select, page_size, may_be_empty: false }
    }

    fn page(ids: std::ops::RangeInclusive<i64>) -> Page {
        let rows: Vec<String> = ids.map(|id| format!("{{\"Id\":{id}}}")).collect();
        let body = Body { status: 200, bytes: format!("[{}]", rows.join(",")).into_bytes() };
        Page::decode(body, &["Id".to_owned()], false).expect("a page")
    }

    #[test]
    fn a_bad_record_is_found_by_halving() {
        let key = ["Id".to_owned()];
        let reader = reader(&key, PageSize::Fixed(64));
        let (bad, mut walk, mut asked) = (37, Walk::begin(&reader), 0);
        loop {
            let from = walk.last_asked().unwrap_or(0) + 1;
            let to = from + i64::from(walk.top()) - 1;
            asked += 1;
            if (from..=to).contains(&bad) {
                if walk.top() == 1 {
                    break;
                }
                walk.ask_for_less();
                continue;
            }
            let mut page = page(from..=to);
            walk.adapt(&page, Duration::ZERO, PageSize::Fixed(64));
            walk.advance(&reader, &mut page, None).expect("on it goes");
        }
        assert_eq!((walk.last_asked(), asked <= 14), (Some(36), true), "{asked} requests");
        walk.step_over(1, Some(38));
        assert_eq!((walk.paging, walk.suspected), (Paging::After(Some(37)), None));
    }

    #[test]
    fn pages_grow_while_answers_stay_quick_and_small() {
        let key = ["Id".to_owned()];
        let mut walk = Walk::begin(&reader(&key, PageSize::Auto));
        walk.adapt(&page(1..=500), Duration::from_millis(300), PageSize::Auto);
        assert_eq!(walk.top(), 1_000);
        walk.adapt(&page(501..=1_000), Duration::from_millis(300), PageSize::Auto);
        assert_eq!(walk.top(), 1_000, "a short page says nothing");
        walk.adapt(&page(501..=1_500), Duration::from_secs(20), PageSize::Auto);
        assert_eq!(walk.top(), 500);
        assert_eq!(walk.answered_top(), None, "500 and 1,000 were answered");
        walk.adapt(&page(1_501..=2_000), Duration::ZERO, PageSize::Auto);
        walk.adapt(&page(2_001..=3_000), Duration::ZERO, PageSize::Auto);
        assert_eq!((walk.top(), walk.answered_top()), (2_000, Some(1_000)));
        walk.limit_top(200);
        walk.adapt(&page(1..=200), Duration::ZERO, PageSize::Auto);
        assert_eq!(walk.top(), 200);
    }

    #[test]
    fn the_same_row_twice_is_one_row_and_another_one_with_its_key_is_told() {
        let key = ["Id".to_owned()];
        let reader = reader(&key, PageSize::Fixed(10));
        let body = |text: &str| Body { status: 200, bytes: text.as_bytes().to_vec() };
        let read = |text: &str| {
            let mut page = Page::decode(body(text), &key, false).expect("a page");
            let mut walk = Walk::begin(&reader);
            walk.advance(&reader, &mut page, None).expect("on it goes");
            (page.rows.iter().map(|row| row.is_repeated).collect::<Vec<_>>(), walk.paging)
        };
        let once = read(r#"[{"Id":1,"A":2},{"Id":1, "A":2.0},{"Id":2}]"#);
        assert_eq!(once, (vec![false, false], Paging::After(Some(2))));
        assert_eq!(read(r#"[{"Id":1,"A":2},{"Id":1,"A":3}]"#).0, [false, true]);
    }
}
