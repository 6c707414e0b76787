//! Figures by day, for plots: runs, changes, calls.

use super::connection::Store;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use std::collections::BTreeMap;

/// Figures of a day of UTC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DayFigures {
    /// The day, such as `2026-11-22`.
    pub(crate) day: String,
    /// How many runs began, of those that are kept.
    pub(crate) runs: u64,
    /// How many changes monday confirmed, of those that are kept.
    pub(crate) changes: u64,
    /// How many calls monday got.
    pub(crate) monday_calls: u64,
}

/// Figure of a day that a query fills.
type Figure = fn(&mut DayFigures) -> &mut u64;

impl Store {
    /// The figures of the last days, today last, with a row for each day.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn days(&self, count: u16, now: Timestamp) -> anyhow::Result<Vec<DayFigures>> {
        let today = now.to_zoned(TimeZone::UTC).date();
        let mut days = BTreeMap::new();
        for back in 0..i64::from(count) {
            let day = today.checked_sub(Span::new().days(back))?.to_string();
            days.insert(day.clone(), DayFigures { day, ..DayFigures::default() });
        }
        let since = days.keys().next().cloned().unwrap_or_default();
        let queries: [(&str, Figure); 3] = [
            ("SELECT substr(started_at, 1, 10), count(*) FROM runs WHERE started_at >= ?1 GROUP BY 1", |day| {
                &mut day.runs
            }),
            ("SELECT substr(at, 1, 10), count(*) FROM changes WHERE at >= ?1 GROUP BY 1", |day| &mut day.changes),
            ("SELECT day, monday FROM calls WHERE day >= ?1", |day| &mut day.monday_calls),
        ];
        for (query, field) in queries {
            let mut statement = self.connection.prepare(query)?;
            let mut rows = statement.query([&since])?;
            while let Some(row) = rows.next()? {
                // A day ahead of today comes from a clock that was wrong.
                if let Some(day) = days.get_mut(row.get_ref(0)?.as_str()?) {
                    *field(day) += row.get::<_, u64>(1)?;
                }
            }
        }
        Ok(days.into_values().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{RunCause, Side};

    #[test]
    fn every_day_has_its_row_and_each_figure_stands_at_its_own() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let now = at("2026-03-01T05:00:00Z");
        let mut store = Store::in_memory().expect("a store");
        let days = ["2026-01-30T23:59:59Z", "2026-01-31T00:00:00Z", "2026-02-28T12:00:00Z", "2026-03-02T00:00:00Z"];
        for day in days {
            store.write(|tx| tx.begin_run("push", RunCause::Command, at(day))).expect("a run");
            store.write(|tx| tx.count_calls(Side::Monday, 7, at(day))).expect("calls");
        }
        let days = store.days(30, now).expect("read");
        assert_eq!((days.len(), days[0].day.as_str(), days[29].day.as_str()), (30, "2026-01-31", "2026-03-01"));
        let counted: Vec<_> = days.iter().filter(|day| day.runs > 0).map(|day| (day.day.as_str(), day.runs)).collect();
        assert_eq!(counted, [("2026-01-31", 1), ("2026-02-28", 1)]);
        assert_eq!(days.iter().map(|day| day.monday_calls).sum::<u64>(), 14);
    }
}
