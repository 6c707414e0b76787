//! Samples of the values in messages, for the test that reads every message.

use crate::entity::Kind;

/// Value of some type to render every message with, in the test that reads them all.
pub(crate) trait Sample {
    /// Such a value.
    fn sample() -> Self;
}

impl Sample for String {
    fn sample() -> Self {
        "…".to_owned()
    }
}

impl Sample for u64 {
    fn sample() -> Self {
        6_480
    }
}

impl Sample for Kind {
    fn sample() -> Self {
        Kind::all().next().expect("a table of kinds has rows")
    }
}

impl Sample for Vec<String> {
    fn sample() -> Self {
        vec!["…".to_owned(), "…".to_owned()]
    }
}
