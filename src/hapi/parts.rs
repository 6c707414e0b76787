//! Reading of a set in ranges of its keys, side by side where there is room for more requests than sets. Pure: it is given what
//! came of each question, and returns what to ask next.
//!
//! A set is read from its first record on. Once two pages have shown that its keys are numbers and come in order, what is left
//! can be cut in two, and either half again. A record lies in one range, whenever it comes or goes, so that none is read twice
//! or missed. Where a range is refused, or its answers lie outside it, the set is read anew in one piece.

use super::error::ReadError;
use super::met::Met;
use super::pages::Page;
use super::question::{Question, Traffic};
use super::range::Landmarks;
use super::reading::SetReading;
use super::set::EntitySet;
use super::set_read::SetRead;
use crate::message::HapiText;
use std::collections::BTreeMap;
use std::time::Duration;

/// Question of a reading in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PartQuestion {
    /// The next page of this part.
    Page(u32),
    /// The largest key of the set.
    Largest,
}

/// Reading of a set in parts under way.
pub(super) struct PartedReading<'a> {
    set: EntitySet<'a>,
    /// Where the set is.
    address: String,
    parts: BTreeMap<u32, SetReading<'a>>,
    /// The number of the next part.
    next: u32,
    /// What the parts found that are at their end.
    found: SetRead,
    /// What they met.
    met: Met,
    /// What was returned by the parts that were given up.
    returned: Option<Met>,
    traffic: Traffic,
    landmarks: Landmarks,
    cutting: Cutting,
}

/// Cutting of a set, as far as it may be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cutting {
    /// By its landmarks; where there are none, the largest key is asked for.
    Allowed,
    /// The largest key is asked for.
    AskedForLargest,
    /// It is read in one piece.
    Forbidden,
}

/// Progress that an answer made: what follows from it.
pub(super) struct PartProgress {
    /// Records that were not met before.
    pub(super) page: Option<Page>,
    pub(super) next: NextPart,
}

/// Next thing to do with a reading in parts.
pub(super) enum NextPart {
    /// To ask this.
    Ask(PartQuestion),
    /// To wait for the other questions.
    Wait,
    /// To forget all questions, and to ask this.
    Anew(PartQuestion),
    /// Nothing: all parts are at their end.
    End,
}

impl<'a> PartedReading<'a> {
    /// Begins at the first record of the set at `address`, with its part 0.
    pub(super) fn begin(set: EntitySet<'a>, address: String, landmarks: Landmarks) -> PartedReading<'a> {
        let whole = SetReading::begin(set.clone(), address.clone());
        PartedReading {
            set,
            address,
            parts: BTreeMap::from([(0, whole)]),
            next: 1,
            found: SetRead::default(),
            met: Met::default(),
            returned: None,
            traffic: Traffic::default(),
            landmarks,
            cutting: Cutting::Allowed,
        }
    }

    /// What is to be asked.
    pub(super) fn question(&self, question: PartQuestion) -> Option<Question<'a, Page>> {
        match question {
            PartQuestion::Page(part) => self.parts.get(&part).map(SetReading::question),
            PartQuestion::Largest => self.parts.values().next().map(SetReading::largest_question),
        }
    }

    /// How many records could be read side by side with what is asked for; `None`: it is not to be cut.
    pub(super) fn left(&self) -> Option<u64> {
        let is_allowed = self.cutting == Cutting::Allowed;
        match self.longest() {
            _ if !is_allowed => None,
            None if self.landmarks.is_empty() && self.is_large() => Some(0),
            longest => longest.map(|(_, _, left)| left),
        }
    }

    /// Cuts the longest part in two, or asks where. Returns the question that follows.
    pub(super) fn cut(&mut self) -> Option<PartQuestion> {
        self.left()?;
        let Some((part, middle, _)) = self.longest() else {
            self.cutting = Cutting::AskedForLargest;
            return Some(PartQuestion::Largest);
        };
        let right = self.parts.get_mut(&part)?.split(middle);
        Some(PartQuestion::Page(self.add(right)))
    }

    /// Takes the answer to a question.
    ///
    /// # Errors
    /// Where the set cannot be read.
    pub(super) fn answer(
        &mut self,
        question: PartQuestion,
        answer: Result<Page, ReadError>,
        took: Duration,
    ) -> Result<PartProgress, ReadError> {
        let PartQuestion::Page(number) = question else {
            self.learn_largest(answer.ok());
            return Ok(PartProgress { page: None, next: NextPart::Wait });
        };
        let Some(part) = self.parts.get_mut(&number) else {
            return Ok(PartProgress { page: None, next: NextPart::Wait });
        };
        match part.answer(answer, took) {
            Ok(progress) => {
                let page = progress.page.and_then(|page| self.unreturned(page));
                let next = if progress.is_at_end { self.end_part(number) } else { NextPart::Ask(question) };
                Ok(PartProgress { page, next })
            }
            // Once only: a set that is refused in one piece as well is refused.
            Err(error) if self.next > 1 && self.returned.is_none() && may_come_of_ranges(&error) => {
                Ok(PartProgress { page: None, next: NextPart::Anew(self.begin_anew()) })
            }
            Err(error) => Err(error),
        }
    }

    /// Notes what questions cost.
    pub(super) fn note_traffic(&mut self, traffic: Traffic) {
        self.traffic += traffic;
    }

    /// What all of it cost.
    pub(super) fn traffic(&self) -> Traffic {
        self.traffic
    }

    /// What the reading found besides its pages.
    pub(super) fn end(self) -> SetRead {
        self.found
    }

    /// The part of which most is left, where it is cut, and how much that is.
    fn longest(&self) -> Option<(u32, i64, u64)> {
        let cuts = self.parts.iter().filter_map(|(part, reading)| {
            let (middle, left) = reading.cut(&self.landmarks)?;
            Some((*part, middle, left))
        });
        cuts.max_by_key(|(_, _, left)| *left)
    }

    fn steady_at(&self) -> Option<(i64, u64)> {
        self.parts.get(&0).and_then(SetReading::steady_at)
    }

    /// Whether so much was read that the largest key is worth a request.
    fn is_large(&self) -> bool {
        self.steady_at().is_some_and(|(_, records)| self.set.is_worth_ranges(records))
    }

    fn learn_largest(&mut self, answer: Option<Page>) {
        let largest = answer.and_then(|page| page.rows.first()?.id);
        let guessed = largest
            .zip(self.steady_at())
            .and_then(|(largest, (reached, records))| Landmarks::guessed(reached.min(0), reached, records, largest));
        self.cutting = if guessed.is_some() { Cutting::Allowed } else { Cutting::Forbidden };
        self.landmarks = guessed.unwrap_or_default();
    }

    fn add(&mut self, part: SetReading<'a>) -> u32 {
        let number = self.next;
        self.next += 1;
        self.parts.insert(number, part);
        number
    }

    fn end_part(&mut self, number: u32) -> NextPart {
        if let Some(part) = self.parts.remove(&number) {
            let (found, met) = part.end();
            self.found.merge(found);
            self.met.merge(met);
        }
        if self.parts.is_empty() { NextPart::End } else { NextPart::Wait }
    }

    /// A page without the records that were returned before all parts were given up; `None`: nothing is left of it.
    fn unreturned(&self, mut page: Page) -> Option<Page> {
        if let Some(returned) = &self.returned {
            page.rows.retain(|row| !row.key.as_ref().is_ok_and(|key| returned.contains(key, row.id)));
        }
        Some(page).filter(|page| !page.rows.is_empty())
    }

    /// Gives up all parts; what they returned is not returned once more.
    fn begin_anew(&mut self) -> PartQuestion {
        let mut met = std::mem::take(&mut self.met);
        for (_, part) in std::mem::take(&mut self.parts) {
            met.merge(part.end().1);
        }
        self.cutting = Cutting::Forbidden;
        self.found = SetRead::default();
        self.returned = Some(met);
        let whole = SetReading::begin(self.set.clone(), self.address.clone());
        PartQuestion::Page(self.add(whole))
    }
}

/// Whether the same set may be readable in one piece.
fn may_come_of_ranges(error: &ReadError) -> bool {
    matches!(
        error,
        ReadError::Refused { .. } | ReadError::Unavailable { .. } | ReadError::Down(HapiText::PagesRepeat { .. })
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::Kind;
    use crate::hapi::PageSize;
    use std::collections::VecDeque;

    /// HApi with these keys, which answers the oldest question first.
    struct Server {
        keys: Vec<i64>,
        refuses: Option<&'static str>,
        asked: Vec<String>,
    }

    impl Server {
        fn answer(&mut self, url: &str) -> Result<Page, ReadError> {
            let url = reqwest::Url::parse(url).expect("an address");
            let options: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
            let filter = options.get("$filter").cloned().unwrap_or_default().replace(['(', ')'], "");
            self.asked.push(format!("{filter} {}", options["$orderby"]).trim().to_owned());
            if self.refuses.is_some_and(|refused| self.asked.last().is_some_and(|asked| asked.contains(refused))) {
                return Err(ReadError::Refused { status: 400, answer: "no".to_owned() });
            }
            let bound = |word: &str| filter.split(" and ").find_map(|one| one.strip_prefix(word)?.parse::<i64>().ok());
            let (after, through) = (bound("Id gt ").unwrap_or(i64::MIN), bound("Id le ").unwrap_or(i64::MAX));
            let mut keys: Vec<i64> = self.keys.iter().copied().filter(|key| *key > after && *key <= through).collect();
            if options["$orderby"].ends_with("desc") {
                keys.reverse();
            }
            keys.truncate(options["$top"].parse().expect("a number"));
            let rows: Vec<String> = keys.iter().map(|key| format!("{{\"Id\":{key}}}")).collect();
            Ok(Page::of(&format!("[{}]", rows.join(",")), &["Id".to_owned()]))
        }
    }

    fn read(
        server: &mut Server,
        at_once: usize,
        known: Landmarks,
        meanwhile: &dyn Fn(&mut Server),
    ) -> (Vec<i64>, SetRead) {
        try_read(server, at_once, known, meanwhile).expect("a set")
    }

    /// Reads all with so many questions at once; `meanwhile` is called before each answer. Returns the keys in the order received.
    fn try_read(
        server: &mut Server,
        at_once: usize,
        known: Landmarks,
        meanwhile: &dyn Fn(&mut Server),
    ) -> Result<(Vec<i64>, SetRead), ReadError> {
        let key = ["Id".to_owned()];
        let set = EntitySet::whole(Kind::UNIT, "Units", &key, PageSize::Fixed(5));
        let mut reading = PartedReading::begin(set, "https://h.example/api/Units".to_owned(), known);
        let (mut questions, mut keys) = (VecDeque::from([PartQuestion::Page(0)]), Vec::new());
        loop {
            while questions.len() < at_once
                && let Some(question) = reading.cut()
            {
                questions.push_back(question);
            }
            let question = questions.pop_front().expect("something is asked until the end");
            let url = reading.question(question).expect("a question").url;
            meanwhile(server);
            let progress = reading.answer(question, server.answer(&url), Duration::ZERO)?;
            keys.extend(progress.page.into_iter().flat_map(|page| page.rows).filter_map(|row| row.id));
            match progress.next {
                NextPart::Ask(question) => questions.push_back(question),
                NextPart::Wait => {}
                NextPart::Anew(question) => questions = VecDeque::from([question]),
                NextPart::End => return Ok((keys, reading.end())),
            }
        }
    }

    fn server(keys: impl IntoIterator<Item = i64>) -> Server {
        Server { keys: keys.into_iter().collect(), refuses: None, asked: Vec::new() }
    }

    fn sorted(mut keys: Vec<i64>) -> Vec<i64> {
        keys.sort_unstable();
        keys
    }

    const NOTHING: &dyn Fn(&mut Server) = &|_| {};

    #[test]
    fn a_set_is_read_in_ranges_each_record_once() {
        let all: Vec<i64> = (1..=200).map(|key| key * 3).collect();
        for known in [Landmarks::of(all.clone()), Landmarks::default()] {
            let is_known = !known.is_empty();
            let mut server = server(all.clone());
            let (keys, found) = read(&mut server, 4, known, NOTHING);
            assert_eq!((sorted(keys), found.received), (all.clone(), 200));
            let bounded = server.asked.iter().filter(|asked| asked.contains("Id le")).count();
            assert!(bounded > 20, "{:?}", server.asked);
            let most = 40 + if is_known { 6 } else { 12 };
            assert!(server.asked.len() <= most, "{} requests", server.asked.len());
        }
    }

    #[test]
    fn a_set_is_read_in_one_piece_where_one_request_is_allowed() {
        let mut server = server(1..=100);
        let (keys, _) = read(&mut server, 1, Landmarks::of((1..=100).collect()), NOTHING);
        assert!(keys.is_sorted() && keys.len() == 100 && !server.asked.iter().any(|asked| asked.contains("Id le")));
    }

    #[test]
    fn records_that_come_and_go_meanwhile_do_no_harm() {
        let mut server = server((1..=100).map(|key| key * 10));
        let known = Landmarks::of(server.keys.clone());
        let (keys, _) = read(&mut server, 4, known, &|server| {
            // Landmarks go, and others come between and behind.
            let step = server.asked.len() as i64;
            server.keys.retain(|key| *key != 1_000 - step * 20);
            server.keys.push(2_000 + step);
            server.keys.push(step * 7 + 1);
            server.keys.sort_unstable();
            server.keys.dedup();
            if step > 60 {
                server.keys.retain(|key| *key <= 2_030);
            }
        });
        let unique: std::collections::BTreeSet<i64> = keys.iter().copied().collect();
        assert_eq!(unique.len(), keys.len(), "none is reported twice");
        let stayed = (1..=100).map(|key| key * 10).filter(|key| server.keys.contains(key));
        let missed: Vec<i64> = stayed.filter(|key| !unique.contains(key)).collect();
        assert!(missed.is_empty(), "{missed:?}");
    }

    #[test]
    fn a_set_whose_ranges_are_refused_is_read_anew_in_one_piece() {
        for refused in ["Id le", "desc"] {
            let mut server = server(1..=100);
            server.refuses = Some(refused);
            let known = if refused == "desc" { Landmarks::default() } else { Landmarks::of((1..=100).collect()) };
            let (keys, found) = read(&mut server, 3, known, NOTHING);
            assert_eq!(sorted(keys), (1..=100).collect::<Vec<_>>());
            assert_eq!(found.received, 100);
            let refusals = server.asked.iter().filter(|asked| asked.contains(refused)).count();
            assert!(refusals <= 3, "{:?}", server.asked);
        }
    }

    #[test]
    fn a_set_that_is_refused_in_one_piece_too_is_refused() {
        let mut server = server(1..=100);
        // Behind 9, and 90 to 99.
        server.refuses = Some("Id gt 9");
        let outcome = try_read(&mut server, 3, Landmarks::of((1..=100).collect()), &|server| {
            assert!(server.asked.len() < 80, "no end");
        });
        assert!(matches!(outcome, Err(ReadError::Refused { .. })), "{:?}", server.asked);
    }

    #[test]
    fn few_records_are_not_cut() {
        let mut server = server(1..=14);
        read(&mut server, 4, Landmarks::of((1..=14).collect()), NOTHING);
        assert_eq!(server.asked, ["Id", "Id gt 5 Id", "Id gt 10 Id", "Id gt 14 Id"]);
    }
}
