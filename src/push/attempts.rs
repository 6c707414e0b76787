//! Attempts made in this run, by entity: how often each was sent, and in which mode it is sent next.

use crate::plan::step::BatchMode;
use std::collections::HashMap;

/// How often one entity is sent in one run without monday saying what became of it.
const MOST_ATTEMPTS: u32 = 4;
/// So many refused columns of one entity at once, and the rest is sent one by one.
const REFUSALS_TOGETHER: u32 = 2;

/// Attempts of a run, by entity.
#[derive(Debug, Default)]
pub(crate) struct EntityAttempts {
    by_entity: HashMap<i64, Attempt>,
}

/// Attempts made with one entity.
#[derive(Debug, Default, Clone, Copy)]
struct Attempt {
    sent: u32,
    refused: u32,
    mode: BatchMode,
}

impl EntityAttempts {
    pub(crate) fn note_sent(&mut self, entity: i64) {
        self.by_entity.entry(entity).or_default().sent += 1;
    }

    /// A column of it was refused.
    pub(crate) fn note_refused(&mut self, entity: i64) {
        let attempt = self.by_entity.entry(entity).or_default();
        attempt.refused += 1;
        if attempt.refused >= REFUSALS_TOGETHER {
            attempt.mode = BatchMode::EachColumnAlone;
        }
    }

    /// From now on each of its columns is sent alone.
    pub(crate) fn send_each_alone(&mut self, entity: i64) {
        self.by_entity.entry(entity).or_default().mode = BatchMode::EachColumnAlone;
    }

    /// Whether anything was tried with it.
    pub(crate) fn has(&self, entity: i64) -> bool {
        self.by_entity.contains_key(&entity)
    }

    pub(crate) fn mode(&self, entity: i64) -> BatchMode {
        self.by_entity.get(&entity).copied().unwrap_or_default().mode
    }

    /// Whether it was sent as often as one run sends anything.
    pub(crate) fn are_used_up(&self, entity: i64) -> bool {
        self.by_entity.get(&entity).is_some_and(|attempt| attempt.sent >= MOST_ATTEMPTS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entity_is_sent_four_times_and_column_by_column_after_two_refusals() {
        let mut attempts = EntityAttempts::default();
        assert!(!attempts.has(7) && attempts.mode(7) == BatchMode::Normal);
        let used_up: Vec<bool> = (0..4)
            .map(|_| {
                attempts.note_sent(7);
                attempts.are_used_up(7)
            })
            .collect();
        assert_eq!(used_up, [false, false, false, true]);
        attempts.note_refused(7);
        assert_eq!(attempts.mode(7), BatchMode::Normal);
        attempts.note_refused(7);
        assert_eq!(attempts.mode(7), BatchMode::EachColumnAlone);
        attempts.send_each_alone(8);
        assert!(attempts.mode(8) == BatchMode::EachColumnAlone && !attempts.are_used_up(8));
    }
}
