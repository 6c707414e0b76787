//! Randomness as a value that is handed down.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

/// Source of random numbers.
pub trait RandomSource: Send + Sync {
    /// The next number; all 64 bits are as likely.
    fn next(&self) -> u64;
}

/// Random numbers, and what is made of them. Clones draw from the same source.
#[derive(Clone)]
pub struct Random(Arc<dyn RandomSource>);

impl Random {
    /// What a source gives.
    pub fn new(source: Arc<dyn RandomSource>) -> Random {
        Random(source)
    }

    /// What the system gives.
    pub(crate) fn system() -> Random {
        Random::new(Arc::new(HashSeeds))
    }

    /// A number.
    pub(crate) fn number(&self) -> u64 {
        self.0.next()
    }

    /// A number from 0 up to, but not including, 1.
    pub(crate) fn fraction(&self) -> f64 {
        // 53 bits fill a float's mantissa exactly.
        (self.number() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A key that monday knows a repeated call by.
    pub(crate) fn idempotency_key(&self) -> String {
        format!("hopem-sync-{:016x}{:016x}", self.number(), self.number())
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[random]")
    }
}

/// Seeds of the standard hash maps, from the operating system; good enough for jitter and unique names.
struct HashSeeds;

#[allow(clippy::disallowed_methods, reason = "the one place that asks the system for randomness")]
impl RandomSource for HashSeeds {
    fn next(&self) -> u64 {
        RandomState::new().hash_one(std::time::Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_and_keys_are_what_they_should_be() {
        let random = Random::system();
        assert!((0..1_000).all(|_| (0.0..1.0).contains(&random.fraction())));
        let (one, other) = (random.idempotency_key(), random.idempotency_key());
        assert!(one != other && one.len() == other.len() && one.starts_with("hopem-sync-"));
    }
}
