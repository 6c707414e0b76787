//! Keys of the records that a read met so far. Pure.

use std::collections::HashSet;

/// Keys met so far. Whole numbers that grow, which is the rule, take eight bytes each.
#[derive(Debug, Default)]
pub(super) struct Met {
    /// Ascending.
    growing: Vec<i64>,
    /// Numbers that came after a larger one.
    late: HashSet<i64>,
    /// Keys that are no numbers, or are written otherwise than numbers are.
    others: HashSet<String>,
}

impl Met {
    /// Notes a key, and the number that it stands for. `false`: it was met before.
    pub(super) fn insert(&mut self, key: &str, number: Option<i64>) -> bool {
        match number.filter(|number| is_plain(*number, key)) {
            None => self.others.insert(key.to_owned()),
            Some(number) if self.growing.last().is_none_or(|last| *last < number) => {
                self.growing.push(number);
                true
            }
            Some(number) => self.growing.binary_search(&number).is_err() && self.late.insert(number),
        }
    }

    /// Whether a key was met.
    pub(super) fn contains(&self, key: &str, number: Option<i64>) -> bool {
        match number.filter(|number| is_plain(*number, key)) {
            None => self.others.contains(key),
            Some(number) => self.growing.binary_search(&number).is_ok() || self.late.contains(&number),
        }
    }

    /// Takes in the keys that another read met.
    pub(super) fn merge(&mut self, other: Met) {
        self.growing.extend(other.growing);
        self.growing.extend(other.late);
        self.growing.extend(self.late.drain());
        self.growing.sort_unstable();
        self.growing.dedup();
        self.others.extend(other.others);
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.growing.len() + self.late.len() + self.others.len()
    }
}

/// Whether a key is the number as one writes it: `7`, and neither `007` nor `+7`.
fn is_plain(number: i64, key: &str) -> bool {
    let digits = key.strip_prefix('-').unwrap_or(key);
    key.parse() == Ok(number) && (key == "0" || !digits.starts_with(['0', '+']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_is_met_once_in_whatever_order_it_comes() {
        let mut met = Met::default();
        let keys = [("5", Some(5)), ("9", Some(9)), ("7", Some(7)), ("007", Some(7)), ("x", None), ("-3", Some(-3))];
        assert!(keys.iter().all(|(key, number)| met.insert(key, *number)));
        assert!(!keys.iter().any(|(key, number)| met.insert(key, *number)));
        assert!(keys.iter().all(|(key, number)| met.contains(key, *number)) && !met.contains("6", Some(6)));
        assert_eq!(met.len(), 6);
    }

    #[test]
    fn what_one_of_two_reads_met_is_known_after_they_are_merged() {
        let (mut left, mut right) = (Met::default(), Met::default());
        assert!(left.insert("5", Some(5)) && left.insert("2", Some(2)));
        assert!(right.insert("9", Some(9)) && right.insert("a", None) && right.insert("5", Some(5)));
        left.merge(right);
        assert_eq!(left.len(), 4);
        assert!(!left.insert("2", Some(2)) && !left.insert("9", Some(9)) && !left.insert("a", None));
        assert!(left.insert("7", Some(7)));
    }
}
