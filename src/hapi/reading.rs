//! Reading an entity set whole, page by page, so that rows that come and go meanwhile do no harm. Pure: it takes what came of
//! each question, and returns what to ask next.
//!
//! The rule is key order: `Id gt last` until an empty page. A set without a numeric key, or one that ignores the options, is
//! read by `$skip`, by a growing `$top`, or in one piece; each page must bring something new, so that no server can make the read
//! endless. A page that breaks off or fails each time holds a record that HApi cannot deliver: it is asked for in ever smaller
//! pieces until that record is alone, and then stepped over: if the one behind it comes, and it still does not. What fails while
//! HApi is down is no record's fault.

use super::error::ReadError;
use super::met::Met;
use super::odata::Query;
use super::pages::{NoContent, Page};
use super::question::{Question, Retries};
use super::range::Landmarks;
use super::set::EntitySet;
use super::set_read::{Note, SetRead, Undeliverable};
use super::walk::{Paging, Walk};
use crate::message::{HapiText, Lang};
use std::collections::VecDeque;
use std::time::Duration;

/// Refusals of options that are answered by asking for less, before the set counts as refused.
const MOST_GIVEN_UP: u32 = 6;
/// Records that cannot be delivered, side by side, before HApi counts as down.
pub(crate) const MOST_NEIGHBOURS: u64 = 3;
/// Records of one set that cannot be delivered before HApi counts as down.
const MOST_UNDELIVERABLE: usize = 20;

/// Reading of a whole set under way.
pub(super) struct SetReading<'a> {
    set: EntitySet<'a>,
    /// Where the set is.
    address: String,
    walk: Walk,
    found: SetRead,
    asked: Asked,
}

/// Question that was asked last, and why.
enum Asked {
    /// The page where the walk stands.
    Page,
    /// The first record, which fails alone, without options: a bare 500 may refuse one of them.
    Bare { query: Bare, others: VecDeque<Bare>, why: HapiText },
    /// The record behind so many that cannot be delivered.
    Behind { count: u64, why: HapiText },
    /// The one of those records behind the first `at`, once more: HApi may have been down while they were asked for.
    Again { at: u64, count: u64, why: HapiText, next: Neighbour },
    /// The keys of those records.
    Keys { count: u64, why: HapiText, next: Neighbour },
}

/// Query with fewer options than where the walk stands.
struct Bare {
    query: Query,
    keeps_order: bool,
}

/// Record behind those that cannot be delivered.
#[derive(Clone, Copy)]
enum Neighbour {
    /// There is none.
    None,
    /// This one, with its numeric key where it has one.
    Record(Option<i64>),
}

/// Progress of a reading by one answer.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Records that were not met before.
    pub(super) page: Option<Page>,
    /// Whether that was all.
    pub(super) is_at_end: bool,
}

impl Progress {
    const ASK_AGAIN: Progress = Progress { page: None, is_at_end: false };
    const AT_END: Progress = Progress { page: None, is_at_end: true };
}

impl<'a> SetReading<'a> {
    /// Begins at the first record of the set at `address`.
    pub(super) fn begin(set: EntitySet<'a>, address: String) -> SetReading<'a> {
        let walk = Walk::begin(&set);
        SetReading { set, address, walk, found: SetRead::default(), asked: Asked::Page }
    }

    /// Where what is left is cut in two, and how many records are left behind those that are asked for; `None`: it is not to be cut.
    pub(super) fn cut(&self, landmarks: &Landmarks) -> Option<(i64, u64)> {
        matches!(self.asked, Asked::Page).then(|| self.walk.cut(landmarks))?
    }

    /// Leaves what lies behind `middle` to another reading.
    pub(super) fn split(&mut self, middle: i64) -> SetReading<'a> {
        let (set, address) = (self.set.clone(), self.address.clone());
        SetReading { set, address, walk: self.walk.split(middle), found: SetRead::default(), asked: Asked::Page }
    }

    /// The last key read and how many records were, where the order of keys has proven to be kept.
    pub(super) fn steady_at(&self) -> Option<(i64, u64)> {
        Some((self.walk.steady_at()?, self.walk.received()))
    }

    /// The question for the largest key of the set.
    pub(super) fn largest_question(&self) -> Question<'a, Page> {
        let key = self.first_key().to_owned();
        let filter = self.set.filter.map(str::to_owned).into_iter().collect();
        let order_by = vec![format!("{key} desc")];
        self.probe(&Query { select: vec![key], filter, order_by, top: Some(1), skip: None })
    }

    /// What is to be asked now.
    pub(super) fn question(&self) -> Question<'a, Page> {
        match &self.asked {
            Asked::Page => self.page_question(),
            Asked::Bare { query, .. } => self.probe(&query.query),
            Asked::Again { at: 0, .. } => self.probe(&self.query()),
            Asked::Behind { count: passed, .. } | Asked::Again { at: passed, .. } => {
                let here = self.query();
                self.probe(&Query { skip: Some(here.skip.unwrap_or(0) + passed), ..here })
            }
            Asked::Keys { count, .. } => {
                self.probe(&Query { select: self.set.key.to_vec(), top: u32::try_from(*count).ok(), ..self.query() })
            }
        }
    }

    /// Takes the answer to what was asked last.
    ///
    /// # Errors
    /// Where the set cannot be read.
    pub(super) fn answer(&mut self, answer: Result<Page, ReadError>, took: Duration) -> Result<Progress, ReadError> {
        match std::mem::replace(&mut self.asked, Asked::Page) {
            Asked::Page => match answer {
                Ok(page) => self.take(page, took),
                Err(error) => self.recover(error).map(|()| Progress::ASK_AGAIN),
            },
            Asked::Bare { query, others, why } => self.answered_bare(answer, &query, others, why),
            Asked::Behind { count, why } => self.answered_behind(answer, count, why),
            Asked::Again { at, count, why, next } => match answer {
                Ok(page) if at == 0 => self.take(page, took),
                answer => self.answered_again(answer, at, count, why, next).map(|()| Progress::ASK_AGAIN),
            },
            Asked::Keys { count, why, next } => self.answered_keys(answer, count, &why, next),
        }
    }

    /// What the reading found besides its pages, and the keys that it met.
    pub(super) fn end(self) -> (SetRead, Met) {
        let page_size = self.walk.top.usual();
        let (selected, received, met) = self.walk.end();
        (SetRead { selected, received, page_size, ..self.found }, met)
    }

    fn take(&mut self, mut page: Page, took: Duration) -> Result<Progress, ReadError> {
        self.walk.top.adapt(&page, took);
        let link = self.link(&mut page);
        self.found.property_names.append(&mut page.property_names);
        let is_at_end = self.walk.advance(&self.set, &mut page, link)?;
        Ok(Progress { page: Some(page).filter(|page| !page.rows.is_empty()), is_at_end })
    }

    /// After a page that did not come: asks for less, steps over what cannot be delivered, or gives up.
    fn recover(&mut self, error: ReadError) -> Result<(), ReadError> {
        match error {
            // Servers refuse pages that are too large in many ways. The size that was answered last is within their limit.
            ReadError::Refused { .. } | ReadError::Unavailable { .. } if self.walk.answered_top().is_some() => {
                let named = match &error {
                    ReadError::Refused { answer, .. } => top_limit(answer).filter(|limit| *limit < self.walk.top.now()),
                    _ => None,
                };
                self.walk.top.limit(named.or(self.walk.answered_top()).unwrap_or(1));
                Ok(())
            }
            ReadError::Unavailable { status } if self.walk.has_begun() => {
                Err(ReadError::Refused { status, answer: String::new() })
            }
            ReadError::Refused { status, answer } => self.refused(status, answer),
            ReadError::BadPage(why) => self.failed(why),
            error => Err(error),
        }
    }

    /// After a refusal: a smaller page, or fewer options, where that may be what was refused.
    fn refused(&mut self, status: u16, answer: String) -> Result<(), ReadError> {
        match top_limit(&answer).filter(|limit| *limit < self.walk.top.now()) {
            Some(limit) => {
                self.walk.top.limit(limit);
                Ok(())
            }
            None if matches!(status, 400 | 500) && !self.walk.has_begun() => self.give_up_an_option(status, &answer),
            None => Err(ReadError::Refused { status, answer }),
        }
    }

    /// After a page that fails: a part of it, down to one record; that one is stepped over.
    fn failed(&mut self, why: HapiText) -> Result<(), ReadError> {
        if !self.walk.can_ask_for_less() {
            return Err(ReadError::Down(why));
        }
        if self.walk.top.now() > 1 {
            self.walk.top.ask_for_less();
            return Ok(());
        }
        let is_first = !self.walk.has_begun() && !std::mem::replace(&mut self.walk.has_asked_bare, true);
        let bare = if is_first { self.bare_queries() } else { VecDeque::new() };
        self.ask_bare(bare, why)
    }

    /// After a refusal of the first page: asks for less, in the order of what is likeliest to be at fault.
    fn give_up_an_option(&mut self, status: u16, answer: &str) -> Result<(), ReadError> {
        let first = self.walk.first_refusal.get_or_insert_with(|| answer.to_owned()).clone();
        if self.walk.unselect(unknown_property(answer)) {
            // What HApi does not know is not asked for again; the rest is.
            return Ok(());
        }
        self.walk.given_up += 1;
        if self.walk.given_up > MOST_GIVEN_UP {
            return Err(ReadError::Refused { status, answer: first });
        }
        if !self.walk.select.is_empty() {
            self.walk.select.clear();
            self.found.notes.push(Note(HapiText::SelectRefused { kind: self.set.kind, answer: answer.to_owned() }));
        } else if !self.walk.order_by.is_empty() {
            self.walk.give_up_order();
        } else {
            return Err(ReadError::Refused { status, answer: first });
        }
        Ok(())
    }

    /// The question where the walk stands with fewer options.
    fn bare_queries(&self) -> VecDeque<Bare> {
        let with = self.query();
        let unselected = Query { select: Vec::new(), ..with.clone() };
        let unordered = Query { order_by: Vec::new(), ..unselected.clone() };
        let both = [(unselected, true), (unordered, false)].into_iter();
        both.filter(|(query, _)| *query != with).map(|(query, keeps_order)| Bare { query, keeps_order }).collect()
    }

    /// Asks with fewer options; where none are left to be given up, the record is stepped over.
    fn ask_bare(&mut self, mut queries: VecDeque<Bare>, why: HapiText) -> Result<(), ReadError> {
        match queries.pop_front() {
            Some(query) => self.asked = Asked::Bare { query, others: queries, why },
            None if self.found.undeliverable.len() >= MOST_UNDELIVERABLE => return Err(ReadError::Down(why)),
            None => self.asked = Asked::Behind { count: 1, why },
        }
        Ok(())
    }

    fn answered_bare(
        &mut self,
        answer: Result<Page, ReadError>,
        query: &Bare,
        others: VecDeque<Bare>,
        why: HapiText,
    ) -> Result<Progress, ReadError> {
        match answer {
            Ok(_) => {
                self.walk.select.clear();
                if !query.keeps_order {
                    self.walk.give_up_order();
                }
                self.walk.top.ask_for_all();
                let (kind, answer) = (self.set.kind, why.text(Lang::En));
                self.found.notes.push(Note(HapiText::SelectRefused { kind, answer }));
            }
            Err(ReadError::BadPage(_) | ReadError::Refused { .. }) => self.ask_bare(others, why)?,
            Err(error) => return Err(error),
        }
        Ok(Progress::ASK_AGAIN)
    }

    /// Leaves records out that fail though they are asked for alone, where the one behind them comes.
    fn answered_behind(
        &mut self,
        answer: Result<Page, ReadError>,
        count: u64,
        why: HapiText,
    ) -> Result<Progress, ReadError> {
        self.asked = match answer {
            Ok(page) => {
                let next = page.rows.first().map_or(Neighbour::None, |row| Neighbour::Record(row.id));
                Asked::Again { at: 0, count, why, next }
            }
            Err(ReadError::BadPage(_)) if count < MOST_NEIGHBOURS => Asked::Behind { count: count + 1, why },
            Err(ReadError::BadPage(_) | ReadError::Refused { .. }) => return Err(ReadError::Down(why)),
            Err(error) => return Err(error),
        };
        Ok(Progress::ASK_AGAIN)
    }

    /// Leaves out those that fail once more, now that HApi answers.
    fn answered_again(
        &mut self,
        answer: Result<Page, ReadError>,
        at: u64,
        count: u64,
        why: HapiText,
        next: Neighbour,
    ) -> Result<(), ReadError> {
        self.asked = match answer {
            Ok(page) => {
                let next = page.rows.first().map_or(next, |row| Neighbour::Record(row.id));
                Asked::Keys { count: at, why, next }
            }
            Err(ReadError::BadPage(_) | ReadError::Refused { .. }) if at + 1 < count => {
                Asked::Again { at: at + 1, count, why, next }
            }
            Err(ReadError::BadPage(_) | ReadError::Refused { .. }) => Asked::Keys { count, why, next },
            Err(error) => return Err(error),
        };
        Ok(())
    }

    /// Notes the records that are stepped over, by their keys where HApi gives at least those.
    fn answered_keys(
        &mut self,
        answer: Result<Page, ReadError>,
        count: u64,
        why: &HapiText,
        next: Neighbour,
    ) -> Result<Progress, ReadError> {
        let rows = match answer {
            Ok(page) => page.rows,
            Err(ReadError::BadPage(_) | ReadError::Refused { .. }) => Vec::new(),
            Err(error) => return Err(error),
        };
        let mut keys = rows.into_iter().filter_map(|row| row.key.ok());
        let behind = match next {
            Neighbour::None => self.walk.range.through.and_then(|through| through.checked_add(1)),
            Neighbour::Record(id) => id,
        };
        let between = (self.walk.last_asked(), behind);
        self.found.undeliverable.extend((0..count).map(|_| Undeliverable {
            key: keys.next(),
            between,
            why: why.clone(),
        }));
        match next {
            Neighbour::None => Ok(Progress::AT_END),
            Neighbour::Record(id) => {
                self.walk.step_over(count, id);
                Ok(Progress::ASK_AGAIN)
            }
        }
    }

    /// The page where the walk stands.
    fn page_question(&self) -> Question<'a, Page> {
        let retries = if self.walk.top.now() > 1 { Retries::One } else { Retries::Configured };
        let no_content = match self.walk.has_begun() {
            true => NoContent::NoRecords,
            false => self.set.no_content(),
        };
        match &self.walk.paging {
            Paging::Link(url) => self.set.question_at(url.clone(), retries, no_content),
            _ => self.set.question(&self.address, &self.query(), retries, no_content),
        }
    }

    /// A question besides the pages.
    fn probe(&self, query: &Query) -> Question<'a, Page> {
        self.set.question(&self.address, query, Retries::One, NoContent::NoRecords)
    }

    /// The query where the walk stands.
    fn query(&self) -> Query {
        let mut query = Query {
            select: self.walk.select.clone(),
            filter: self.set.filter.map(str::to_owned).into_iter().collect(),
            order_by: self.walk.order_by.clone(),
            top: Some(self.walk.top.now()),
            skip: None,
        };
        let mut after = self.walk.range.after;
        match &self.walk.paging {
            Paging::After(last) => after = *last,
            Paging::Skip(0) | Paging::Link(_) => {}
            Paging::Skip(count) => query.skip = Some(*count),
            Paging::Growing(top) => query.top = Some(*top),
        }
        query.filter.extend(after.map(|after| format!("{} gt {after}", self.first_key())));
        query.filter.extend(self.walk.range.through.map(|through| format!("{} le {through}", self.first_key())));
        query
    }

    fn first_key(&self) -> &str {
        self.set.key.first().map_or("Id", String::as_str)
    }

    /// The link to the next page, where the server gave one that stays on its own host.
    fn link(&mut self, page: &mut Page) -> Option<String> {
        let base = reqwest::Url::parse(&self.address).ok()?;
        let next = base.join(&page.next.take()?).ok()?;
        if next.origin() == base.origin() {
            return Some(next.into());
        }
        let note = Note(HapiText::ForeignNextLink { kind: self.set.kind });
        if !self.found.notes.contains(&note) {
            self.found.notes.push(note);
        }
        None
    }
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
    use crate::entity::Kind;
    use crate::hapi::PageSize;

    /// What a server answers to a query, without its encoding.
    type Server<'s> = &'s dyn Fn(&str) -> Result<String, ReadError>;

    fn refused(answer: &str) -> ReadError {
        ReadError::Refused { status: 400, answer: answer.to_owned() }
    }

    fn bad() -> ReadError {
        ReadError::BadPage(HapiText::CannotAskFor {})
    }

    /// Reads a set of the server's. Returns the keys, in the order of the pages, with the questions and the result.
    fn read(server: Server<'_>) -> (Vec<String>, Vec<String>, Result<SetRead, ReadError>) {
        let key = ["Id".to_owned()];
        let select = vec!["Id".to_owned(), "Rent".to_owned()];
        let set = EntitySet { select, ..EntitySet::whole(Kind::UNIT, "Units", &key, PageSize::Fixed(4)) };
        let mut reading = SetReading::begin(set, "https://h.example/api/Units".to_owned());
        let (mut keys, mut asked) = (Vec::new(), Vec::new());
        loop {
            assert!(asked.len() < 60, "no end: {asked:?}");
            let url = reqwest::Url::parse(&reading.question().url).expect("an address");
            let query: Vec<String> = url.query_pairs().map(|(name, value)| format!("{name}={value}")).collect();
            asked.push(query.join("&"));
            let answer = server(&query.join("&")).map(|body| Page::of(&body, &key));
            match reading.answer(answer, Duration::ZERO) {
                Ok(progress) => {
                    let rows = progress.page.into_iter().flat_map(|page| page.rows);
                    keys.extend(rows.filter_map(|row| row.key.ok()));
                    if progress.is_at_end {
                        return (keys, asked, Ok(reading.end().0));
                    }
                }
                Err(error) => return (keys, asked, Err(error)),
            }
        }
    }

    /// The page of records 1 to `count` that a query asks for; in `broken` those that cannot be delivered.
    fn page(query: &str, count: u64, broken: &[u64]) -> Result<String, ReadError> {
        let option = |name: &str| query.split('&').find_map(|option| option.strip_prefix(name)).map(str::to_owned);
        let number = |text: Option<String>| text.and_then(|text| text.rsplit([' ', '=']).next()?.parse::<u64>().ok());
        let after = number(option("$filter=")).unwrap_or(0) + number(option("$skip=")).unwrap_or(0);
        let ids = (after + 1..=count).take(number(option("$top=")).unwrap_or(u64::MAX) as usize);
        let only_keys = option("$select=").as_deref() == Some("Id");
        let (ids, others): (Vec<u64>, Vec<u64>) = ids.partition(|id| only_keys || !broken.contains(id));
        if !others.is_empty() {
            return Err(bad());
        }
        let records: Vec<String> = ids.iter().map(|id| format!("{{\"Id\":{id}}}")).collect();
        Ok(format!("[{}]", records.join(",")))
    }

    fn numbers(keys: &[String]) -> Vec<u64> {
        keys.iter().map(|key| key.parse().expect("a number")).collect()
    }

    #[test]
    fn a_set_is_read_in_key_order_to_an_empty_page() {
        let (keys, asked, found) = read(&|query| page(query, 6, &[]));
        assert_eq!(numbers(&keys), [1, 2, 3, 4, 5, 6]);
        assert_eq!(asked[1], "$select=Id,Rent&$filter=Id gt 4&$orderby=Id&$top=4");
        assert_eq!((asked.len(), found.expect("a set").received), (3, 6));
    }

    #[test]
    fn a_record_that_cannot_be_delivered_is_stepped_over_and_reported_by_its_key() {
        for broken in [&[1][..], &[3, 4], &[6]] {
            let (keys, asked, found) = read(&|query| page(query, 6, broken));
            let rest: Vec<u64> = (1..=6).filter(|id| !broken.contains(id)).collect();
            assert_eq!(numbers(&keys), rest, "{asked:?}");
            let undeliverable: Vec<u64> = found
                .expect("a set")
                .undeliverable
                .iter()
                .flat_map(|one| one.key.clone())
                .map(|key| key.parse().expect("a number"))
                .collect();
            assert_eq!(undeliverable, broken, "{asked:?}");
        }
    }

    #[test]
    fn what_fails_while_hapi_is_down_is_no_records_fault() {
        // The page that begins with 5, and it alone, fail as often as they are asked for; the record behind it comes.
        for failing in 1..12_u32 {
            let left = std::cell::Cell::new(failing);
            let (keys, asked, found) = read(&|query| match query.contains("Id gt 4") && left.get() > 0 {
                true => {
                    left.set(left.get() - 1);
                    Err(bad())
                }
                false => page(query, 6, &[]),
            });
            match found {
                Ok(found) => {
                    assert!(found.undeliverable.is_empty(), "{failing}: {asked:?}");
                    assert_eq!(numbers(&keys), [1, 2, 3, 4, 5, 6], "{failing}: {asked:?}");
                }
                Err(error) => assert!(matches!(error, ReadError::Down(_)), "{failing}: {asked:?}"),
            }
        }
    }

    #[test]
    fn a_server_whose_records_all_fail_is_down() {
        let (keys, asked, found) = read(&|_| Err(bad()));
        assert!(keys.is_empty() && matches!(found, Err(ReadError::Down(_))), "{asked:?}");
    }

    #[test]
    fn what_is_refused_is_not_asked_for_again() {
        let unknown = |query: &str| match query.contains("Rent") {
            true => Err(refused("Could not find a property named 'Rent' on type 'Unit'.")),
            false => page(query, 3, &[]),
        };
        let (keys, _, found) = read(&unknown);
        assert_eq!((numbers(&keys), found.expect("a set").selected), (vec![1, 2, 3], vec!["Id".to_owned()]));
        let large = |query: &str| match query.contains("$top=4") {
            true => Err(refused("The limit of '2' for Top query has been exceeded.")),
            false => page(query, 3, &[]),
        };
        assert_eq!(numbers(&read(&large).0), [1, 2, 3]);
        let (_, _, found) =
            read(&|query| if query.contains("$select") { Err(refused("no")) } else { page(query, 3, &[]) });
        let found = found.expect("a set");
        assert!(found.selected.is_empty() && matches!(found.notes[..], [Note(HapiText::SelectRefused { .. })]));
        let (_, asked, found) = read(&|_| Err(refused("no")));
        assert!(matches!(found, Err(ReadError::Refused { status: 400, .. })), "{asked:?}");
    }

    #[test]
    fn an_option_that_is_refused_with_a_bare_500_is_given_up() {
        let (keys, _, found) = read(&|query| if query.contains("$orderby") { Err(bad()) } else { page(query, 3, &[]) });
        assert_eq!((numbers(&keys), found.expect("a set").notes.len()), (vec![1, 2, 3], 1));
    }

    #[test]
    fn refusals_are_read_for_what_they_name() {
        assert_eq!(top_limit("The limit of '100' for Top query has been exceeded. The value is '500'."), Some(100));
        assert_eq!(top_limit("The node count limit of '100' has been exceeded."), None);
        assert_eq!(unknown_property("Could not find a property named 'Rent' on type 'Unit'.").as_deref(), Some("Rent"));
    }
}
