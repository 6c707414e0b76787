//! How many records the next page may hold, `$top`: it grows while answers stay quick and small, and shrinks where a page fails,
//! down to the record that cannot be delivered. Pure.

use super::PageSize;
use super::pages::Page;
use super::settings::FIRST_PAGE;
use std::time::Duration;

/// The largest page that is asked for unless the configuration says how large, in records.
const LARGEST_PAGE: u32 = 5_000;
/// An answer that took no longer, and is no larger, lets the next one be twice as large.
const QUICK: Duration = Duration::from_secs(2);
const SMALL: usize = 2_000_000;
/// One that took longer, or is larger, makes the next one half as large.
const SLOW: Duration = Duration::from_secs(15);
const LARGE: usize = 8_000_000;

/// Size of the next page of a walk.
#[derive(Debug, Clone)]
pub(super) struct Top {
    setting: PageSize,
    usual: u32,
    largest: u32,
    /// The largest `$top` that is known to be answered with a page.
    answered: u32,
    /// Among how many records, from here on, one is that cannot be delivered.
    suspected: Option<u32>,
    /// Whether pages of more than one size failed: then it is a record, and not the moment.
    is_certain: bool,
    /// How many records the page asked for that failed last.
    failed: u32,
}

impl Top {
    /// Size of the first page.
    pub(super) fn begin(setting: PageSize) -> Top {
        let (usual, largest) = (setting.first(), LARGEST_PAGE);
        let answered = if matches!(setting, PageSize::AutoFrom(_)) { FIRST_PAGE } else { 0 };
        Top { setting, usual, largest, answered, suspected: None, is_certain: false, failed: 0 }
    }

    /// How many records the next page may hold.
    pub(super) fn now(&self) -> u32 {
        match self.suspected {
            None => self.usual,
            // A part of the failed page was delivered since: the rest may be too.
            Some(suspected) if suspected < self.failed && !self.is_certain => suspected,
            Some(suspected) => (suspected / 2).max(1),
        }
    }

    /// How many it may hold where none is suspected.
    pub(super) fn usual(&self) -> u32 {
        self.usual
    }

    /// Whether one of the next records may be one that cannot be delivered.
    pub(super) fn is_suspicious(&self) -> bool {
        self.suspected.is_some()
    }

    /// The server takes no larger `$top`.
    pub(super) fn limit(&mut self, limit: u32) {
        self.largest = self.largest.min(limit);
        self.usual = self.usual.min(limit);
        self.suspected = self.suspected.map(|suspected| suspected.min(limit));
    }

    /// The largest size that was answered, where it is smaller than the next one.
    pub(super) fn answered(&self) -> Option<u32> {
        Some(self.answered).filter(|answered| (1..self.now()).contains(answered))
    }

    /// The page failed: one of its records cannot be delivered.
    pub(super) fn ask_for_less(&mut self) {
        self.is_certain = self.suspected.is_some();
        self.failed = self.now();
        self.suspected = Some(self.failed);
    }

    /// It was no record.
    pub(super) fn ask_for_all(&mut self) {
        self.suspected = None;
    }

    /// Learns from a page how large the next one should be.
    pub(super) fn adapt(&mut self, page: &Page, took: Duration) {
        self.answered = self.answered.max(self.now());
        if let Some(suspected) = self.suspected {
            let left = suspected.saturating_sub(u32::try_from(page.rows.len()).unwrap_or(u32::MAX));
            // When all of them were delivered after all, the fault was temporary and no record is broken.
            self.suspected = Some(left).filter(|left| *left > 0);
            return;
        }
        if matches!(self.setting, PageSize::Fixed(_)) {
            return;
        }
        let is_full = page.rows.len() as u64 >= u64::from(self.usual);
        if took > SLOW || page.bytes > LARGE {
            self.usual = (self.usual / 2).max(1);
        } else if is_full && took < QUICK && page.bytes < SMALL {
            self.usual = self.usual.saturating_mul(2).min(self.largest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(ids: std::ops::RangeInclusive<i64>) -> Page {
        let rows: Vec<String> = ids.map(|id| format!("{{\"Id\":{id}}}")).collect();
        Page::of(&format!("[{}]", rows.join(",")), &["Id".to_owned()])
    }

    #[test]
    fn pages_grow_while_answers_stay_quick_and_small() {
        let mut top = Top::begin(PageSize::Auto);
        top.adapt(&page(1..=500), Duration::from_millis(300));
        assert_eq!(top.now(), 1_000);
        top.adapt(&page(501..=1_000), Duration::from_millis(300));
        assert_eq!(top.now(), 1_000, "a short page says nothing");
        top.adapt(&page(501..=1_500), Duration::from_secs(20));
        assert_eq!(top.now(), 500);
        assert_eq!(top.answered(), None, "500 and 1,000 were answered");
        top.adapt(&page(1_501..=2_000), Duration::ZERO);
        top.adapt(&page(2_001..=3_000), Duration::ZERO);
        assert_eq!((top.now(), top.answered()), (2_000, Some(1_000)));
        top.limit(200);
        top.adapt(&page(1..=200), Duration::ZERO);
        assert_eq!(top.now(), 200);
    }

    #[test]
    fn a_read_begins_with_what_the_last_one_had_come_to() {
        let mut top = Top::begin(PageSize::AutoFrom(4_000));
        assert_eq!((top.now(), top.answered()), (4_000, Some(FIRST_PAGE)), "where it is refused now");
        top.adapt(&page(1..=4_000), Duration::from_millis(300));
        assert_eq!(top.usual(), LARGEST_PAGE);
    }
}
