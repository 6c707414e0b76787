//! Ranges of keys: large sets are read in several of them side by side. Pure.

/// Range of numeric keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct KeyRange {
    /// The keys are larger than this one; `None`: it begins with the first.
    pub(super) after: Option<i64>,
    /// The last one that belongs to it; `None`: it has no end.
    pub(super) through: Option<i64>,
}

impl KeyRange {
    /// Whether a key lies in it.
    pub(super) fn holds(&self, key: i64) -> bool {
        !self.is_before(key) && self.through.is_none_or(|through| key <= through)
    }

    /// Whether a key lies before it.
    pub(super) fn is_before(&self, key: i64) -> bool {
        self.after.is_some_and(|after| key <= after)
    }
}

/// Landmarks of a set: numeric keys with about as many records between any two of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Landmarks {
    /// Ascending.
    keys: Vec<i64>,
    /// Records from one to the next.
    apart: u64,
}

impl Landmarks {
    /// Most landmarks of a set.
    const MOST: usize = 256;

    /// Landmarks of a set with these keys.
    pub(crate) fn of(mut keys: Vec<i64>) -> Landmarks {
        keys.sort_unstable();
        let apart = keys.len().div_ceil(Landmarks::MOST).max(1);
        let keys = keys.into_iter().skip(apart - 1).step_by(apart).collect();
        Landmarks { keys, apart: apart as u64 }
    }

    /// Landmarks of a set of which so many records were read, as far as the key `reached`, and of which this is the largest key:
    /// the others are taken to lie as densely.
    pub(super) fn guessed(first: i64, reached: i64, records: u64, largest: i64) -> Option<Landmarks> {
        let per_record = (i128::from(reached) - i128::from(first)) / i128::from(records.max(1)) + 1;
        let ahead = i128::from(largest) - i128::from(reached);
        let (most, apart) = (Landmarks::MOST as i128, (ahead / per_record) / Landmarks::MOST as i128 + 1);
        let key = |step: i128| i64::try_from(i128::from(reached) + step * apart * per_record).ok();
        let keys: Vec<i64> = (1..=most).map_while(key).take_while(|key| *key < largest).collect();
        (!keys.is_empty()).then(|| Landmarks { keys, apart: u64::try_from(apart).unwrap_or(u64::MAX) })
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The key that cuts what is left of a range in two, and how many records are left. `at`: the last key that was read;
    /// `asked`: how many records behind it are asked for already. `None`: fewer than `least` are left.
    pub(super) fn cut(&self, range: KeyRange, at: i64, asked: u64, least: u64) -> Option<(i64, u64)> {
        let reached = self.place(at) + usize::try_from(asked.div_ceil(self.apart.max(1))).ok()?;
        let end = range.through.map_or(self.keys.len(), |through| self.place(through));
        let left = end.checked_sub(reached)?;
        let records = left as u64 * self.apart;
        let middle = *self.keys.get(reached + left / 2)?;
        (left >= 2 && records >= least && middle > at && range.holds(middle) && Some(middle) != range.through)
            .then_some((middle, records))
    }

    /// How many landmarks lie at a key or before it.
    fn place(&self, key: i64) -> usize {
        self.keys.partition_point(|landmark| *landmark <= key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: KeyRange = KeyRange { after: None, through: None };

    #[test]
    fn a_range_is_cut_in_the_middle_of_what_is_not_asked_for() {
        let landmarks = Landmarks::of((1..=1_000).map(|key| key * 10).collect());
        let (middle, left) = landmarks.cut(ALL, 1_000, 100, 200).expect("800 are left");
        assert!((780..=800).contains(&left) && (5_900..=6_100).contains(&middle), "{middle} {left}");
        assert_eq!(middle % 10, 0, "it is the key of a record");
        let first_half = KeyRange { after: None, through: Some(middle) };
        let (quarter, left) = landmarks.cut(first_half, 1_000, 100, 200).expect("400 are left");
        assert!((390..=410).contains(&left) && (3_900..=4_100).contains(&quarter), "{quarter} {left}");
    }

    #[test]
    fn a_range_of_few_records_is_not_cut() {
        let landmarks = Landmarks::of((1..=1_000).collect());
        assert_eq!(landmarks.cut(ALL, 700, 200, 200), None, "100 are left");
        assert_eq!(landmarks.cut(ALL, 900, 200, 0), None, "all are asked for");
        assert_eq!(Landmarks::default().cut(ALL, 5, 10, 0), None);
        assert_eq!(Landmarks::of(vec![1, 2, 3]).cut(ALL, 0, 0, 0), Some((2, 3)));
    }

    #[test]
    fn landmarks_are_guessed_by_what_was_read() {
        let landmarks = Landmarks::guessed(10, 10_000, 1_000, 1_000_000).expect("many more");
        let (middle, left) = landmarks.cut(ALL, 10_000, 0, 0).expect("99,000 are left");
        assert!((450_000..=550_000).contains(&middle) && (90_000..=100_000).contains(&left), "{middle} {left}");
        assert_eq!(Landmarks::guessed(1, 1_000, 1_000, 1_000), None);
        assert!(Landmarks::guessed(1, 2, 2, i64::MAX).is_some_and(|far| far.keys.is_sorted()));
    }

    #[test]
    fn a_range_holds_its_last_key_and_not_the_one_before() {
        let range = KeyRange { after: Some(5), through: Some(9) };
        assert_eq!([5, 6, 9, 10].map(|key| range.holds(key)), [false, true, true, false]);
        assert!(range.is_before(5) && !range.is_before(10) && !ALL.is_before(i64::MIN));
    }
}
