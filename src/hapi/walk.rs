//! Where a whole read stands. Pure: it is given what each page brought, and returns what to ask for next.

use super::error::ReadError;
use super::met::Met;
use super::pages::{Page, Row};
use super::range::{KeyRange, Landmarks};
use super::set::EntitySet;
use super::top::Top;
use crate::entity::same_content;
use crate::message::HapiText;
use std::collections::HashSet;

/// Empty pages that a server may put between full ones before its links count as endless.
const MOST_EMPTY_PAGES: u32 = 20;
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
    pub(super) given_up: u32,
    pub(super) first_refusal: Option<String>,
    pub(super) has_asked_bare: bool,
    /// What is read.
    pub(super) range: KeyRange,
    /// How many pages came in key order.
    ordered: u32,
    pub(super) top: Top,
    met: Met,
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
            given_up: 0,
            first_refusal: None,
            has_asked_bare: false,
            range: KeyRange::default(),
            ordered: 0,
            top: Top::begin(set.page_size),
            met: Met::default(),
            broken: HashSet::new(),
            received: 0,
            last: None,
            empty_pages: 0,
        }
    }

    /// Leaves what lies behind `middle` to another walk, which asks as this one came to ask.
    pub(super) fn split(&mut self, middle: i64) -> Walk {
        let range = KeyRange { after: Some(middle), through: self.range.through };
        self.range.through = Some(middle);
        Walk {
            paging: Paging::After(Some(middle)),
            select: self.select.clone(),
            order_by: self.order_by.clone(),
            first_refusal: self.first_refusal.clone(),
            given_up: self.given_up,
            has_asked_bare: self.has_asked_bare,
            range,
            ordered: 0,
            top: self.top.clone(),
            met: Met::default(),
            broken: HashSet::new(),
            received: 0,
            last: None,
            empty_pages: 0,
        }
    }

    /// The last key read, where the order of keys has proven to be kept and everything goes on as it should.
    pub(super) fn steady_at(&self) -> Option<i64> {
        let proof = if self.range.after.is_some() { 1 } else { 2 };
        match self.paging {
            Paging::After(last) if self.ordered >= proof && !self.top.is_suspicious() => last,
            _ => None,
        }
    }

    /// Where what is left is cut in two, and how many records are left behind the page that is asked for.
    pub(super) fn cut(&self, landmarks: &Landmarks) -> Option<(i64, u64)> {
        let top = u64::from(self.top.now());
        landmarks.cut(self.range, self.steady_at()?, top, 2 * top)
    }

    /// How many records were received, and as far as which key.
    pub(super) fn received(&self) -> u64 {
        self.received
    }

    /// The properties that were asked for by name in the end, how many records were received, and the keys that were met.
    pub(super) fn end(self) -> (Vec<String>, u64, Met) {
        (self.select, self.received, self.met)
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

    /// The `$top` to go back to where one that grew since is refused, whatever the server says of it.
    pub(super) fn answered_top(&self) -> Option<u32> {
        self.top.answered().filter(|_| self.can_ask_for_less())
    }

    /// Whether a part of the page that failed can be asked for.
    pub(super) fn can_ask_for_less(&self) -> bool {
        matches!(self.paging, Paging::After(_) | Paging::Skip(_))
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
        self.top.ask_for_all();
        self.paging = match (&self.paging, next) {
            (Paging::After(_), Some(next)) => Paging::After(Some(next - 1)),
            (Paging::Skip(at), _) => Paging::Skip(at + count),
            (_, _) => Paging::Skip(self.met() + count),
        };
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
        let is_by_key = matches!(self.paging, Paging::After(_));
        let is_past = self.keep_to_range(set, page)? && is_by_key;
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
        self.ordered += u32::from(is_by_key && in_order && has_numeric_keys && link.is_none());
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
        let next = next.filter(|next| !(is_past || self.is_through(next)));
        let is_at_end = next.is_none();
        self.paging = next.unwrap_or_else(|| self.paging.clone());
        Ok(is_at_end)
    }

    /// Drops the records behind the range, which another walk reads. Returns whether there were any.
    ///
    /// # Errors
    /// Where the server sends records that lie before it.
    fn keep_to_range(&self, set: &EntitySet<'_>, page: &mut Page) -> Result<bool, ReadError> {
        if page.rows.iter().filter_map(|row| row.id).any(|id| self.range.is_before(id)) {
            return Err(ReadError::Down(HapiText::PagesRepeat { kind: set.kind }));
        }
        let before = page.rows.len();
        page.rows.retain(|row| row.id.is_none_or(|id| self.range.holds(id)));
        Ok(page.rows.len() < before)
    }

    /// Whether the last key of the range was read.
    fn is_through(&self, next: &Paging) -> bool {
        self.range.through.is_some() && matches!(next, Paging::After(last) if *last == self.range.through)
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
            Paging::Skip(_) if page.count == u64::from(self.top.usual()) => {
                Paging::Growing(self.top.usual().saturating_mul(2))
            }
            Paging::Growing(top) if page.brings_news && page.count >= u64::from(*top) => {
                Paging::Growing(top.saturating_mul(2))
            }
            Paging::Skip(_) | Paging::Growing(_) => return None,
        })
    }

    /// How many different records were met. A server that ignores an option sends some of them more than once.
    fn met(&self) -> u64 {
        self.met.len() as u64 + self.broken.len() as u64
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
                Ok(key) if self.met.insert(key, row.id) => true,
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
    use crate::hapi::PageSize;
    use crate::hapi::pages::NoContent;
    use crate::hapi::question::Body;
    use std::time::Duration;

    fn reader(key: &[String], page_size: PageSize) -> EntitySet<'_> {
        let select = vec!["Id".to_owned()];
        EntitySet { select, may_be_empty: false, ..EntitySet::whole(Kind::UNIT, "Units", key, page_size) }
    }

    fn page(ids: std::ops::RangeInclusive<i64>) -> Page {
        let rows: Vec<String> = ids.map(|id| format!("{{\"Id\":{id}}}")).collect();
        let body = Body { status: 200, bytes: format!("[{}]", rows.join(",")).into_bytes() };
        Page::decode(body, &["Id".to_owned()], NoContent::Fault).expect("a page")
    }

    #[test]
    fn a_bad_record_is_found_by_halving() {
        let key = ["Id".to_owned()];
        let reader = reader(&key, PageSize::Fixed(64));
        let (bad, mut walk, mut asked) = (37, Walk::begin(&reader), 0);
        loop {
            let from = walk.last_asked().unwrap_or(0) + 1;
            let to = from + i64::from(walk.top.now()) - 1;
            asked += 1;
            if (from..=to).contains(&bad) {
                if walk.top.now() == 1 {
                    break;
                }
                walk.top.ask_for_less();
                continue;
            }
            let mut page = page(from..=to);
            walk.top.adapt(&page, Duration::ZERO);
            walk.advance(&reader, &mut page, None).expect("on it goes");
        }
        assert_eq!((walk.last_asked(), asked <= 14), (Some(36), true), "{asked} requests");
        walk.step_over(1, Some(38));
        assert_eq!((walk.paging, walk.top.is_suspicious()), (Paging::After(Some(37)), false));
    }

    #[test]
    fn the_same_row_twice_is_one_row_and_another_one_with_its_key_is_reported() {
        let key = ["Id".to_owned()];
        let reader = reader(&key, PageSize::Fixed(10));
        let body = |text: &str| Body { status: 200, bytes: text.as_bytes().to_vec() };
        let read = |text: &str| {
            let mut page = Page::decode(body(text), &key, NoContent::Fault).expect("a page");
            let mut walk = Walk::begin(&reader);
            walk.advance(&reader, &mut page, None).expect("on it goes");
            (page.rows.iter().map(|row| row.is_repeated).collect::<Vec<_>>(), walk.paging)
        };
        let once = read(r#"[{"Id":1,"A":2},{"Id":1, "A":2.0},{"Id":2}]"#);
        assert_eq!(once, (vec![false, false], Paging::After(Some(2))));
        assert_eq!(read(r#"[{"Id":1,"A":2},{"Id":1,"A":3}]"#).0, [false, true]);
    }
}
