//! The queue of each board: what it is doing, how many changes its next call holds, when it is left alone. Pure: it is given how
//! calls went, and knows neither the store nor monday.

use super::account::Account;
use super::health::Health;
use super::planning::{Cursor, Planning};
use crate::config::Target;
use crate::entity::{EntityKey, Kind};
use crate::message::MondayText;
use crate::retry::Attempts;
use crate::store::Batch;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// Lane: the queue of one board.
#[derive(Debug)]
pub(crate) struct Lane<'p> {
    board: String,
    /// Where the items of the kinds that are pushed to it stand.
    targets: Vec<Target<'p>>,
    planning: Planning,
    state: LaneState,
    /// Owner of what its calls showed.
    pub(super) health: Health,
    /// Owner of what is known of the items on the board.
    pub(super) account: Account,
}

/// State of a lane.
#[derive(Debug)]
enum LaneState {
    /// Ready for the next call.
    Idle,
    /// A call is under way.
    InFlight(InFlight),
    /// monday asked to wait, or a call found no connection; `why`: what is waited for, where monday did not ask for it.
    Waiting { until: Instant, again: Option<InFlight>, why: Option<MondayText> },
    /// What became of a call is asked then.
    Parked { until: Instant, batch: i64, parked_for: ParkedFor },
    /// Nothing more is sent to it in this run.
    Closed,
}

impl LaneState {
    /// When the lane goes on by itself.
    fn wake(&self) -> Option<Instant> {
        match self {
            LaneState::Waiting { until, .. } | LaneState::Parked { until, .. } => Some(*until),
            _ => None,
        }
    }
}

/// Reason why a lane is parked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParkedFor {
    /// An answer was lost: the board is asked what became of the call. Nobody waits for that.
    Answer,
    /// An import is at work: whoever links to its items waits for it.
    Import,
}

/// Step of a lane: what it does next.
#[derive(Debug)]
pub(crate) enum LaneStep {
    /// Its next call is planned.
    Plan,
    /// Its wait is over.
    Resume,
    /// The same call is sent again.
    Repeat(Box<InFlight>),
    /// The board is asked what became of this call.
    Recover(i64),
    /// Nothing, for now.
    Wait,
}

/// Call under way.
#[derive(Debug)]
pub(crate) struct InFlight {
    /// The call, as the store holds it.
    pub(crate) batch: Batch,
    /// The attempts that found no connection.
    pub(crate) attempts: Attempts,
    /// The entities of its changes, for the progress.
    pub(crate) entities: Vec<EntityKey>,
}

impl<'p> Lane<'p> {
    /// The lane of a board, and of the kinds that are pushed to it.
    pub(crate) fn new(board: String, targets: Vec<Target<'p>>) -> Lane<'p> {
        Lane {
            board,
            targets,
            planning: Planning::default(),
            state: LaneState::Idle,
            health: Health::default(),
            account: Account::default(),
        }
    }

    /// The board.
    pub(crate) fn board(&self) -> &str {
        &self.board
    }

    /// Where the items of the kinds that are pushed to it stand.
    pub(crate) fn targets(&self) -> &[Target<'p>] {
        &self.targets
    }

    /// The kinds that are pushed to it.
    pub(crate) fn kinds(&self) -> Vec<Kind> {
        self.targets.iter().map(|target| target.kind).collect()
    }

    /// How far its planning has come.
    pub(crate) fn planning(&self) -> &Planning {
        &self.planning
    }

    /// The board of a kind was found fit.
    pub(crate) fn make_ready(&mut self, kind: Kind) {
        self.planning.make_ready(kind);
    }

    /// The planning of a kind goes on there.
    pub(crate) fn go_on(&mut self, kind: Kind, cursor: Cursor) {
        self.planning.set_cursor(kind, cursor);
    }

    /// Nothing of a kind is left to plan.
    pub(crate) fn exhaust(&mut self, kind: Kind) {
        self.planning.exhaust(kind);
    }

    /// All of it is planned from the beginning, as far as it is not exhausted.
    pub(crate) fn rewind(&mut self) {
        self.planning.rewind();
    }

    /// All of it is planned again.
    pub(crate) fn reopen(&mut self) {
        self.planning.reopen();
    }

    /// Whether nothing more is sent to it in this run.
    pub(crate) fn is_closed(&self) -> bool {
        matches!(self.state, LaneState::Closed)
    }

    /// Whether it is ready for the next call.
    pub(crate) fn is_idle(&self) -> bool {
        matches!(self.state, LaneState::Idle)
    }

    /// Whether nothing of a kind will be sent any more, as far as can be seen now. What makes calls fail is waited for by nobody.
    fn is_through_with(&self, kind: Kind) -> bool {
        match self.state {
            LaneState::Closed | LaneState::Parked { parked_for: ParkedFor::Answer, .. } => true,
            _ => self.planning.is_exhausted(kind),
        }
    }

    /// What it does next. A wait that is over ends with this.
    pub(crate) fn next_step(&mut self, now: Instant) -> LaneStep {
        match &self.state {
            LaneState::Idle => LaneStep::Plan,
            LaneState::Parked { until, batch, .. } if *until <= now => LaneStep::Recover(*batch),
            LaneState::Waiting { until, .. } if *until <= now => {
                match std::mem::replace(&mut self.state, LaneState::Idle) {
                    LaneState::Waiting { again: Some(call), .. } => LaneStep::Repeat(Box::new(call)),
                    _ => LaneStep::Resume,
                }
            }
            _ => LaneStep::Wait,
        }
    }

    /// A call is under way.
    pub(crate) fn dispatch(&mut self, call: InFlight) {
        self.state = LaneState::InFlight(call);
    }

    /// The call under way, which is over.
    pub(crate) fn take_in_flight(&mut self) -> Option<InFlight> {
        match std::mem::replace(&mut self.state, LaneState::Idle) {
            LaneState::InFlight(call) => Some(call),
            other => {
                self.state = other;
                None
            }
        }
    }

    /// It goes on then.
    pub(crate) fn wait(&mut self, until: Instant) {
        self.state = LaneState::Waiting { until, again: None, why: None };
    }

    /// It goes on then; `why`: what is waited for, which monday did not ask for.
    pub(crate) fn wait_for(&mut self, until: Instant, why: MondayText) {
        self.state = LaneState::Waiting { until, again: None, why: Some(why) };
    }

    /// This call, which found no connection, is sent again then.
    pub(crate) fn repeat_at(&mut self, until: Instant, call: InFlight) {
        self.state = LaneState::Waiting { until, again: Some(call), why: None };
    }

    /// It is asked then what became of a call.
    pub(crate) fn park(&mut self, until: Instant, batch: i64, parked_for: ParkedFor) {
        self.state = LaneState::Parked { until, batch, parked_for };
    }

    /// The board is asked later what became of the call that it is parked for. Returns whether it is parked.
    pub(crate) fn put_off_recovery(&mut self, until: Instant) -> bool {
        match &mut self.state {
            LaneState::Parked { until: parked, .. } => *parked = until,
            _ => return false,
        }
        true
    }

    /// It is ready for the next call; without kinds, nothing more is sent to it.
    pub(crate) fn free(&mut self) {
        self.state = if self.targets.is_empty() { LaneState::Closed } else { LaneState::Idle };
    }

    /// Nothing more is sent to it in this run.
    pub(crate) fn close(&mut self) {
        self.state = LaneState::Closed;
    }
}

fn has(lane: &Lane<'_>, kind: Kind) -> bool {
    lane.targets.iter().any(|target| target.kind == kind)
}

/// Lanes of a push, in the order of their boards.
#[derive(Debug, Default)]
pub(crate) struct Lanes<'p> {
    lanes: Vec<Lane<'p>>,
}

/// State of the boards besides one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Elsewhere {
    /// Whether anything was done on any of them in this run.
    pub(crate) has_worked: bool,
    /// On how many of them calls failed lately.
    pub(crate) boards: u32,
    /// How many calls those were.
    pub(crate) failures: u32,
}

impl Elsewhere {
    /// Whether monday fails at whatever it is asked to write, here as elsewhere: then it is no board's fault, and no item's.
    pub(crate) fn is_side_down(&self, here: &Lane<'_>, retries: u32) -> bool {
        let failures = here.health.failures();
        let (boards, all) = (self.boards + u32::from(failures > 0), self.failures + failures);
        let has_worked = self.has_worked || here.health.has_worked();
        !has_worked && boards > 1 && all > 2 * retries.max(1)
    }
}

impl<'p> std::ops::Index<usize> for Lanes<'p> {
    type Output = Lane<'p>;

    fn index(&self, index: usize) -> &Lane<'p> {
        &self.lanes[index]
    }
}

impl std::ops::IndexMut<usize> for Lanes<'_> {
    fn index_mut(&mut self, index: usize) -> &mut Self::Output {
        &mut self.lanes[index]
    }
}

impl<'p> Lanes<'p> {
    /// A lane for each board.
    pub(crate) fn new(boards: BTreeMap<String, Vec<Target<'p>>>) -> Lanes<'p> {
        Lanes { lanes: boards.into_iter().map(|(board, targets)| Lane::new(board, targets)).collect() }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.lanes.len()
    }

    /// The lane of a board.
    pub(crate) fn of(&self, board: &str) -> Option<usize> {
        self.lanes.iter().position(|lane| lane.board == board)
    }

    /// The boards to which kinds are pushed.
    pub(crate) fn boards(&self) -> Vec<String> {
        let used = self.lanes.iter().filter(|lane| !lane.targets.is_empty());
        used.map(|lane| lane.board.clone()).collect()
    }

    /// The kinds whose board was found fit.
    pub(crate) fn ready_kinds(&self) -> impl Iterator<Item = Kind> {
        self.lanes.iter().flat_map(|lane| lane.planning.ready().iter().copied())
    }

    /// The kinds on whose board something was done in this run.
    pub(crate) fn worked_kinds(&self) -> BTreeSet<Kind> {
        self.lanes.iter().filter(|lane| lane.health.has_worked()).flat_map(Lane::kinds).collect()
    }

    /// Whether a call is under way.
    pub(crate) fn has_call_in_flight(&self) -> bool {
        self.lanes.iter().any(|lane| matches!(lane.state, LaneState::InFlight(_)))
    }

    /// When the next one goes on by itself.
    pub(crate) fn next_wake(&self) -> Option<Instant> {
        self.lanes.iter().filter_map(|lane| lane.state.wake()).min()
    }

    /// What is waited for, where nothing else is done.
    pub(crate) fn waits_for(&self) -> MondayText {
        let is_lost = |lane: &&Lane| matches!(lane.state, LaneState::Parked { parked_for: ParkedFor::Answer, .. });
        let parked = self.lanes.iter().find(is_lost);
        let why = self.lanes.iter().find_map(|lane| match &lane.state {
            LaneState::Waiting { why, .. } => why.clone(),
            LaneState::Parked { parked_for: ParkedFor::Import, .. } => {
                Some(MondayText::WaitingForImport { board: lane.board.clone() })
            }
            _ => None,
        });
        match (parked, why) {
            (Some(lane), _) => MondayText::WaitingForBoard { board: lane.board.clone() },
            (None, Some(why)) => why,
            (None, None) => MondayText::WaitingForLimit {},
        }
    }

    /// Whether nothing of these kinds will be sent any more, as far as can be seen now.
    pub(crate) fn are_through_with(&self, kinds: impl IntoIterator<Item = Kind>) -> bool {
        kinds
            .into_iter()
            .all(|kind| self.lanes.iter().filter(|lane| has(lane, kind)).all(|lane| lane.is_through_with(kind)))
    }

    /// Nothing of a kind is left to plan, wherever it is pushed to.
    pub(crate) fn exhaust(&mut self, kind: Kind) {
        self.lanes.iter_mut().filter(|lane| has(lane, kind)).for_each(|lane| lane.planning.exhaust(kind));
    }

    /// These kinds are planned again, wherever they are pushed to.
    pub(crate) fn reopen(&mut self, is_meant: impl Fn(Kind) -> bool) {
        for lane in &mut self.lanes {
            for kind in lane.targets.iter().map(|target| target.kind).filter(|kind| is_meant(*kind)) {
                lane.planning.reopen_kind(kind);
            }
        }
    }

    /// These kinds may have something left to plan, on this board; where the planning stands stays.
    pub(crate) fn reopen_kinds(&mut self, board: &str, kinds: &[Kind]) {
        for lane in self.lanes.iter_mut().filter(|lane| lane.board == board) {
            kinds.iter().for_each(|kind| lane.planning.resume(*kind));
        }
    }

    /// A kind is pushed no more in this run.
    pub(crate) fn leave_out(&mut self, kind: Kind) {
        self.lanes.iter_mut().for_each(|lane| lane.targets.retain(|target| target.kind != kind));
    }

    /// How the boards besides that of a lane fare.
    pub(crate) fn besides(&self, lane: usize) -> Elsewhere {
        let mut elsewhere = Elsewhere::default();
        for (_, other) in self.lanes.iter().enumerate().filter(|(index, _)| *index != lane) {
            elsewhere.has_worked |= other.health.has_worked();
            elsewhere.boards += u32::from(other.health.failures() > 0);
            elsewhere.failures += other.health.failures();
        }
        elsewhere
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::message::Why;
    use crate::push::health::FailedCall;
    use std::time::Duration;

    fn targets(board: &'static str, kinds: &[Kind]) -> (String, Vec<Target<'static>>) {
        let target = |&kind: &Kind| Target { kind, board, key_column: "k", group: None };
        (board.to_owned(), kinds.iter().map(target).collect())
    }

    fn units() -> Lane<'static> {
        let (board, targets) = targets("7", &[Kind::UNIT]);
        Lane::new(board, targets)
    }

    #[test]
    fn whether_monday_fails_everywhere_is_judged_by_the_other_boards() {
        let boards = [targets("1", &[Kind::BUILDING]), targets("2", &[Kind::UNIT]), targets("3", &[Kind::TENANT])];
        let mut lanes = Lanes::new(boards.into_iter().collect());
        let (making, changing) = (FailedCall::MakingItems, FailedCall::ChangingItems);
        for (lane, call) in [(0, changing), (1, making), (1, changing)] {
            lanes[lane].health.failed(call, Some(&Why::from("500".to_owned())), 3);
        }
        assert_eq!(lanes.besides(0), Elsewhere { has_worked: false, boards: 1, failures: 3 });
        assert_eq!(lanes.besides(2), Elsewhere { has_worked: false, boards: 2, failures: 4 });
        lanes[1].health.worked();
        assert_eq!(lanes.besides(0), Elsewhere { has_worked: true, boards: 0, failures: 0 });
    }

    #[test]
    fn children_wait_for_what_is_sent_but_not_for_what_fails() {
        let (mut lane, now) = (units(), Clock::system().instant());
        assert!(!lane.is_through_with(Kind::UNIT));
        lane.park(now, 1, ParkedFor::Import);
        assert!(!lane.is_through_with(Kind::UNIT), "an import is sent");
        lane.park(now, 1, ParkedFor::Answer);
        assert!(lane.is_through_with(Kind::UNIT));
        lane.wait(now);
        assert!(!lane.is_through_with(Kind::UNIT));
        lane.exhaust(Kind::UNIT);
        assert!(lane.is_through_with(Kind::UNIT));
    }

    #[test]
    fn a_wait_ends_when_its_time_has_come_and_a_parked_call_is_asked_about() {
        let (mut lane, now) = (units(), Clock::system().instant());
        let later = now + Duration::from_secs(1);
        lane.wait(later);
        assert!(matches!(lane.next_step(now), LaneStep::Wait) && !lane.is_idle());
        assert!(matches!(lane.next_step(later), LaneStep::Resume), "once");
        assert!(matches!(lane.next_step(later), LaneStep::Plan) && lane.is_idle());
        lane.park(later, 3, ParkedFor::Answer);
        assert!(matches!(lane.next_step(now), LaneStep::Wait));
        for _ in 0..2 {
            assert!(matches!(lane.next_step(later), LaneStep::Recover(3)), "until it is known what became of it");
        }
        assert!(lane.put_off_recovery(later + Duration::from_secs(1)));
        assert!(matches!(lane.next_step(later), LaneStep::Wait));
        lane.close();
        assert!(!lane.put_off_recovery(later) && matches!(lane.next_step(later), LaneStep::Wait));
    }

    #[test]
    fn the_next_to_go_on_wakes_the_push_and_a_lost_answer_is_named_first() {
        let boards = [targets("1", &[Kind::BUILDING]), targets("2", &[Kind::UNIT]), targets("3", &[Kind::TENANT])];
        let mut lanes = Lanes::new(boards.into_iter().collect());
        let now = Clock::system().instant();
        let after = |seconds| now + Duration::from_secs(seconds);
        assert_eq!((lanes.next_wake(), lanes.waits_for()), (None, MondayText::WaitingForLimit {}));
        lanes[0].wait_for(after(3), MondayText::WaitingForImport { board: "x".to_owned() });
        lanes[1].park(after(2), 9, ParkedFor::Import);
        assert_eq!(lanes.waits_for(), MondayText::WaitingForImport { board: "x".to_owned() });
        lanes[2].park(after(1), 4, ParkedFor::Answer);
        assert_eq!(lanes.waits_for(), MondayText::WaitingForBoard { board: "3".to_owned() });
        assert_eq!(lanes.next_wake(), Some(after(1)));
    }

    #[test]
    fn what_has_nothing_left_to_plan_is_planned_again_where_something_may_have_come_up() {
        let mut lanes = Lanes::new([targets("1", &[Kind::BUILDING, Kind::UNIT])].into_iter().collect());
        lanes[0].go_on(Kind::UNIT, Cursor { due: 40, ..Cursor::default() });
        lanes.exhaust(Kind::UNIT);
        lanes.exhaust(Kind::TENANT);
        assert_eq!((lanes[0].planning().exhausted(), lanes.are_through_with([Kind::UNIT])), (1, true));
        lanes.reopen_kinds("1", &[Kind::UNIT]);
        assert_eq!(
            (lanes[0].planning().exhausted(), lanes[0].planning().cursor(Kind::UNIT).due),
            (0, 40),
            "where it stands stays"
        );
        lanes.reopen(|kind| kind == Kind::UNIT);
        assert_eq!(lanes[0].planning().cursor(Kind::UNIT).due, 0);
        lanes.leave_out(Kind::UNIT);
        assert_eq!(lanes[0].kinds(), [Kind::BUILDING]);
    }
}
