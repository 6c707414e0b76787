//! Exit codes: how the process ends, and which of several ends counts.

use super::outcome::Outcome;

/// The exit status of a run that was killed, as shells give it.
pub(crate) const KILLED: i64 = 137;

/// Exit code of the process. README has the same table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exit {
    /// Done, or nothing to do.
    Ok,
    /// The run could not finish: network, server, store busy, bug.
    Failed,
    /// Bad usage or configuration; nothing was touched.
    Usage,
    /// Finished, but some entities failed or one configured kind could not be read.
    Partial,
    /// Another run holds the lock; nothing was touched.
    Locked,
    /// A guard stopped it: too many deletes at once.
    Guard,
    /// Login refused by HApi or monday.
    Login,
    /// Call budget or `--max-duration` used up.
    Budget,
    /// The store is damaged, foreign or newer; it is left as it was.
    Store,
    /// Stopped by SIGINT.
    Interrupted,
    /// Stopped by SIGTERM.
    Terminated,
}

impl Exit {
    /// The process's exit status.
    pub(crate) fn code(self) -> u8 {
        match self {
            Exit::Ok => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Partial => 3,
            Exit::Locked => 4,
            Exit::Guard => 5,
            Exit::Login => 6,
            Exit::Budget => 7,
            Exit::Store => 8,
            Exit::Interrupted => 130,
            Exit::Terminated => 143,
        }
    }

    /// Where several things ended a run, the one that counts: 130/143, 8, 6, 1, 5, 3, 7, 0. Usage and a held lock end a
    /// command before anything else can, so they stand above all.
    #[must_use]
    pub(crate) fn and(self, other: Exit) -> Exit {
        if other.weight() > self.weight() { other } else { self }
    }

    fn weight(self) -> u8 {
        match self {
            Exit::Ok => 0,
            Exit::Budget => 1,
            Exit::Partial => 2,
            Exit::Guard => 3,
            Exit::Failed => 4,
            Exit::Login => 5,
            Exit::Store => 6,
            Exit::Interrupted | Exit::Terminated => 7,
            Exit::Locked => 8,
            Exit::Usage => 9,
        }
    }

    /// How a run that ends so came out.
    pub(crate) fn outcome(self) -> Outcome {
        match self {
            Exit::Ok => Outcome::Ok,
            Exit::Partial => Outcome::Partial,
            Exit::Guard => Outcome::Guarded,
            Exit::Login | Exit::Locked => Outcome::Refused,
            Exit::Budget => Outcome::Budget,
            Exit::Interrupted | Exit::Terminated => Outcome::Interrupted,
            Exit::Failed | Exit::Usage | Exit::Store => Outcome::Failed,
        }
    }
}

impl From<&rusqlite::Error> for Exit {
    fn from(error: &rusqlite::Error) -> Exit {
        match (error, error.sqlite_error_code()) {
            (rusqlite::Error::FromSqlConversionFailure(..), _) => Exit::Store,
            (_, Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase)) => Exit::Store,
            _ => Exit::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_exit_codes_is_the_documented_one() {
        use Exit::*;
        let order = [Ok, Budget, Partial, Guard, Failed, Login, Store, Interrupted];
        for (index, lower) in order.iter().enumerate() {
            for higher in &order[index..] {
                assert_eq!(lower.and(*higher), *higher);
                assert_eq!(higher.and(*lower), *higher);
            }
        }
    }
}
