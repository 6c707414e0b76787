//! Progress of a run, for whoever watches it.

use crate::entity::Kind;
use crate::message::Message;
use crate::word::words;

words! {
    /// Task on a kind that takes so long that it is watched.
    pub(crate) enum Task {
        /// Reading HApi into the store.
        Pull = "pull",
        /// Sending what the boards lack.
        Push = "push",
        /// Reading a board for the items that are there already.
        Adopt = "adopt",
        /// Reading a board to compare it with what was sent.
        Verify = "verify",
        /// Reading a board to show it.
        Read = "read",
    }
}

/// Progress of a run, for whoever watches: a bar on a terminal, silence under cron.
pub(crate) trait Progress: Sync {
    /// Work on a kind begins; `expected` is a guess. Begun and ended by [`Watched`] only.
    fn begin(&self, task: Task, kind: Kind, expected: u64);
    /// So many entities more are done.
    fn advance(&self, task: Task, kind: Kind, by: u64);
    /// Work on a kind has ended.
    fn end(&self, task: Task, kind: Kind);
    /// So many calls were spent, and so many are left in this UTC day; `None`: as many as one likes.
    fn calls(&self, spent: u64, left: Option<u64>);
    /// A wait begins, and how long it is at most; `None`: it is over.
    fn waiting(&self, why: Option<(&Message, std::time::Duration)>);
    /// Something that people want to know before it happens.
    fn announce(&self, what: &Message);
}

/// Task that is under way, as whoever watches sees it. It ends when this is dropped, whatever came in between.
pub(crate) struct Watched<'p> {
    progress: &'p dyn Progress,
    task: Task,
    kind: Kind,
}

impl<'p> Watched<'p> {
    /// Begins a task on a kind; `expected` is a guess of how many entities it has.
    pub(crate) fn begin(progress: &'p dyn Progress, task: Task, kind: Kind, expected: u64) -> Watched<'p> {
        progress.begin(task, kind, expected);
        Watched { progress, task, kind }
    }

    /// So many entities more are done.
    pub(crate) fn advance(&self, by: u64) {
        self.progress.advance(self.task, self.kind, by);
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        self.progress.end(self.task, self.kind);
    }
}

/// Progress that nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Unwatched;

impl Progress for Unwatched {
    fn begin(&self, _: Task, _: Kind, _: u64) {}
    fn advance(&self, _: Task, _: Kind, _: u64) {}
    fn end(&self, _: Task, _: Kind) {}
    fn calls(&self, _: u64, _: Option<u64>) {}
    fn waiting(&self, _: Option<(&Message, std::time::Duration)>) {}
    fn announce(&self, _: &Message) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    /// Progress that keeps what it is shown.
    #[derive(Default)]
    struct Kept(Mutex<Vec<String>>);

    impl Kept {
        fn add(&self, line: String) {
            self.0.lock().expect("nobody panicked").push(line);
        }
    }

    impl Progress for Kept {
        fn begin(&self, _: Task, kind: Kind, expected: u64) {
            self.add(format!("begin {kind} {expected}"));
        }
        fn advance(&self, _: Task, kind: Kind, by: u64) {
            self.add(format!("advance {kind} {by}"));
        }
        fn end(&self, _: Task, kind: Kind) {
            self.add(format!("end {kind}"));
        }
        fn calls(&self, _: u64, _: Option<u64>) {}
        fn waiting(&self, _: Option<(&Message, std::time::Duration)>) {}
        fn announce(&self, _: &Message) {}
    }

    #[test]
    fn a_task_that_an_error_ends_is_ended_for_those_who_watch() {
        let kept = Kept::default();
        let work = |fails: bool| -> Result<(), ()> {
            let watched = Watched::begin(&kept, Task::Pull, Kind::UNIT, 3);
            watched.advance(2);
            if fails { Err(()) } else { Ok(()) }
        };
        assert_eq!((work(false), work(true)), (Ok(()), Err(())));
        let once = ["begin unit 3", "advance unit 2", "end unit"];
        assert_eq!(*kept.0.lock().expect("nobody panicked"), [once, once].concat());
    }
}
