//! Making boards and columns on monday, each once. What is about to be sent is kept in the store first; where its answer is lost, monday
//! is asked what became of it, not before `settle` since then and once more later, and only what is absent is sent again.

use super::structure::BoardPlan;
use crate::boards::session::{Asked, Session};
use crate::entity::Kind;
use crate::failure::{Exit, Failure};
use crate::message::{InitText, Message, MondayText};
use crate::monday::document::{Document, alias};
use crate::monday::structure::{self as documents, BoardStructure, Named, NewBoard, NewColumn, PER_PAGE};
use crate::monday::{ItemResult, NotDone, Outcome};
use crate::retry::{Attempts, Decision, MOST_CREATING_RETRIES, lookup_waits};
use crate::store::{Store, StructureCall};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Boards made by one call; monday makes at most 40 in a minute.
const BOARDS_PER_CALL: usize = 10;
/// Columns made by one call: each takes monday up to two seconds, and calls are cut off after a minute.
const COLUMNS_PER_CALL: usize = 15;
/// How often what is missing is looked for and sent; each time something was there that is not now, or an answer was lost.
const MOST_ROUNDS: u32 = 8;

/// End of making before all was made.
#[derive(Debug)]
pub(crate) enum Halt {
    /// The session has ended, and knows why.
    Ended,
    /// This.
    Error(anyhow::Error),
}

impl From<anyhow::Error> for Halt {
    fn from(error: anyhow::Error) -> Halt {
        Halt::Error(error)
    }
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Halt {
        Halt::Error(failure.into())
    }
}

/// Consent to boards that bear a plan's mark and that this store has not made, by their names and numbers.
pub(crate) type TakeOver<'m> = &'m dyn Fn(Vec<String>) -> anyhow::Result<()>;

/// Maker of boards and columns in a workspace.
pub(crate) struct Maker<'m, 'a> {
    session: &'m mut Session<'a>,
    store: &'m mut Store,
    workspace: String,
    take_over: TakeOver<'m>,
    /// What calls of this store make, or made: boards are found by their markers.
    sent: BTreeSet<String>,
    /// Board and column of each column that monday confirmed: a reading may not show it yet.
    confirmed: BTreeSet<(String, String)>,
    /// What monday refused to make, in its words: it may be there already.
    refusal: Option<MondayText>,
    /// How often what was to be made was put off by limits inside answers.
    limits: Attempts,
}

impl<'m, 'a> Maker<'m, 'a> {
    /// A maker that spends the calls of a session. `take_over` fails where boards that another store has made are not to be used.
    pub(crate) fn new(
        session: &'m mut Session<'a>,
        store: &'m mut Store,
        workspace: String,
        take_over: TakeOver<'m>,
    ) -> Maker<'m, 'a> {
        let (sent, confirmed) = (BTreeSet::new(), BTreeSet::new());
        Maker { session, store, workspace, take_over, sent, confirmed, refusal: None, limits: Attempts::default() }
    }

    /// Makes the boards that are not there, and the columns that they lack; `others`: boards that there are beside them, to connect to.
    /// Gives each kind's board.
    ///
    /// # Errors
    /// What ended it before all was made. What was made is found again the next time.
    pub(crate) fn make(
        &mut self,
        plans: &[BoardPlan],
        others: &BTreeMap<Kind, String>,
    ) -> Result<BTreeMap<Kind, BoardStructure>, Halt> {
        self.recover_open_call()?;
        for _ in 0..MOST_ROUNDS {
            let boards = self.boards(plans)?;
            let structures = self.structures(&boards)?;
            let gone: Vec<&BoardPlan> = plans.iter().filter(|plan| !structures.contains_key(&plan.kind)).collect();
            if !gone.is_empty() {
                self.wait_or_forget(&gone)?;
                continue;
            }
            let ids: BTreeMap<Kind, String> = others.clone().into_iter().chain(boards).collect();
            let missing = self.missing(plans, &structures, &ids);
            if missing.is_empty() {
                return Ok(structures);
            }
            self.end_on_refusal()?;
            for (board, columns) in missing {
                self.make_columns(&board, &columns)?;
            }
            self.wait_where_refused()?;
        }
        Err(Failure::new(Exit::Failed, InitText::BoardsUnsettled {}).help(InitText::RunAgain {}).into())
    }

    /// The columns that each board lacks.
    fn missing(
        &self,
        plans: &[BoardPlan],
        structures: &BTreeMap<Kind, BoardStructure>,
        ids: &BTreeMap<Kind, String>,
    ) -> Vec<(String, Vec<NewColumn>)> {
        let of_plan = |plan: &BoardPlan| {
            let structure = structures.get(&plan.kind)?;
            let mut columns = plan.missing(&structure.columns, ids);
            columns.retain(|column| !self.confirmed.contains(&(structure.id.clone(), column.id.clone())));
            (!columns.is_empty()).then(|| (structure.id.clone(), columns))
        };
        plans.iter().filter_map(of_plan).collect()
    }

    /// Boards that were made and are not shown: one that was made just now is waited for, any other was removed by somebody.
    fn wait_or_forget(&mut self, gone: &[&BoardPlan]) -> Result<(), Halt> {
        let setup = self.session.setup();
        let settle = setup.config.monday.settle;
        for plan in gone {
            let Some((_, made_at)) = self.store.made_board(&plan.marker)? else { continue };
            match Duration::try_from(setup.clock().now().duration_since(made_at)) {
                Ok(age) if age >= settle => self.store.write(|tx| tx.forget_made_board(&plan.marker))?,
                _ => self.wait_until(made_at, settle)?,
            }
        }
        Ok(())
    }

    /// What monday refused is there after all, since nothing of it is missing; or else that ends the work.
    fn end_on_refusal(&mut self) -> Result<(), Halt> {
        match self.refusal.take() {
            Some(why) => Err(refused(why)),
            None => Ok(()),
        }
    }

    /// A column may have been refused because it is there and was not shown yet.
    fn wait_where_refused(&mut self) -> Result<(), Halt> {
        let setup = self.session.setup();
        match self.refusal {
            Some(_) => self.wait_until(setup.clock().now(), setup.config.monday.settle),
            None => Ok(()),
        }
    }

    /// Adds columns to a board that there is.
    ///
    /// # Errors
    /// As [`Maker::make`].
    pub(crate) fn add_columns(&mut self, board: &str, columns: &[NewColumn]) -> Result<(), Halt> {
        self.recover_open_call()?;
        self.make_columns(board, columns)?;
        self.end_on_refusal()
    }

    /// The board of each plan: those that are there, and those that are made now.
    fn boards(&mut self, plans: &[BoardPlan]) -> Result<BTreeMap<Kind, String>, Halt> {
        let mut boards = BTreeMap::new();
        for plan in plans {
            if let Some((board, _)) = self.store.made_board(&plan.marker)? {
                boards.insert(plan.kind, board);
            }
        }
        if boards.len() < plans.len() {
            let unknown = plans.iter().filter(|plan| !boards.contains_key(&plan.kind)).collect::<Vec<_>>();
            boards.extend(self.find_marked(&unknown)?);
        }
        let missing: Vec<&BoardPlan> = plans.iter().filter(|plan| !boards.contains_key(&plan.kind)).collect();
        for chunk in missing.chunks(BOARDS_PER_CALL) {
            let new: Vec<NewBoard> = chunk.iter().map(|plan| plan.board.clone()).collect();
            let markers = chunk.iter().map(|plan| plan.marker.clone()).collect();
            self.send(&documents::create_boards(&self.workspace, &new), None, markers)?;
        }
        for plan in missing {
            boards.extend(self.store.made_board(&plan.marker)?.map(|(board, _)| (plan.kind, board)));
        }
        // Nothing that another board could have taken: here a refusal is final.
        self.end_on_refusal()?;
        Ok(boards)
    }

    /// Boards that are there and bear the marks of these plans. Those that no call of this store made are another's, or were made before
    /// this store was lost, which cannot be told apart.
    fn find_marked(&mut self, plans: &[&BoardPlan]) -> Result<BTreeMap<Kind, String>, Halt> {
        let (listed, now) = (self.list()?, self.session.setup().clock().now());
        let mut found: Vec<(&BoardPlan, &Named)> = Vec::new();
        for &plan in plans {
            found.extend(only_marked(&listed, plan)?.map(|board| (plan, board)));
        }
        let of_others = found.iter().filter(|(plan, _)| !self.sent.contains(&plan.marker));
        let of_others: Vec<String> = of_others.map(|(_, board)| format!("{} ({})", board.name, board.id)).collect();
        if !of_others.is_empty() {
            (self.take_over)(of_others)?;
        }
        for (plan, board) in &found {
            self.store.write(|tx| tx.set_made_board(&plan.marker, &board.id, now))?;
        }
        Ok(found.into_iter().map(|(plan, board)| (plan.kind, board.id.clone())).collect())
    }

    fn make_columns(&mut self, board: &str, columns: &[NewColumn]) -> Result<(), Halt> {
        for chunk in columns.chunks(COLUMNS_PER_CALL) {
            let ids = chunk.iter().map(|column| column.id.clone()).collect();
            self.send(&documents::create_columns(board, chunk), Some(board), ids)?;
        }
        Ok(())
    }

    /// Every active board of the workspace.
    fn list(&mut self) -> Result<Vec<Named>, Halt> {
        let mut all = Vec::new();
        for page in 1.. {
            let listed = self.ask(&documents::boards_of(&self.workspace, page), documents::named)?;
            let is_last = listed.len() < PER_PAGE;
            all.extend(listed);
            if is_last {
                break;
            }
        }
        Ok(all)
    }

    fn structures(&mut self, boards: &BTreeMap<Kind, String>) -> Result<BTreeMap<Kind, BoardStructure>, Halt> {
        if boards.is_empty() {
            return Ok(BTreeMap::new());
        }
        let ids: Vec<&str> = boards.values().map(String::as_str).collect();
        let read = self.ask(&documents::board_structures(&ids), documents::structures)?;
        let of = |board: &String| read.iter().find(|structure| structure.id == *board).cloned();
        Ok(boards.iter().filter_map(|(&kind, board)| Some((kind, of(board)?))).collect())
    }

    /// Puts a question whose answer has to be a list.
    fn ask<T>(
        &mut self,
        document: &Document,
        read: impl Fn(&serde_json::Map<String, serde_json::Value>) -> Option<T>,
    ) -> Result<T, Halt> {
        match self.session.ask(self.store, document)? {
            Asked::Ended => Err(Halt::Ended),
            Asked::Refused(why) => Err(refused(why)),
            Asked::Answer(answer) if !answer.errors.is_empty() => Err(refused(Outcome::Answered(answer).message())),
            Asked::Answer(answer) => read(&answer.data).ok_or_else(|| refused(MondayText::NoItemList {})),
        }
    }

    /// Sends a call that makes something, until it is known what became of it. `makes`: what each of its changes makes.
    fn send(&mut self, document: &Document, board: Option<&str>, makes: Vec<String>) -> Result<(), Halt> {
        let setup = self.session.setup();
        let call = StructureCall {
            board: board.map(str::to_owned),
            makes,
            body: document.body(),
            idempotency_key: setup.client.http().random().idempotency_key(),
            times_sent: 0,
            sent_at: setup.clock().now(),
        };
        if self.send_once(call)? {
            return Ok(());
        }
        self.recover_open_call()
    }

    /// Sends a call. Returns whether it is known what became of it.
    fn send_once(&mut self, mut call: StructureCall) -> Result<bool, Halt> {
        let mut attempts = Attempts::default();
        self.sent.extend(call.makes.iter().cloned());
        call.times_sent += 1;
        loop {
            if self.session.check_stop() || !self.session.may_spend(self.store)? {
                self.store.write(|tx| tx.end_structure_call())?;
                return Err(Halt::Ended);
            }
            call.sent_at = self.session.setup().clock().now();
            self.store.write(|tx| tx.set_structure_call(&call))?;
            let outcome = self.session.send(self.store, &call.body, &call.idempotency_key)?;
            if !outcome.proves_nothing_done(call.makes.len()) {
                return self.take(&call, &outcome);
            }
            self.store.write(|tx| tx.end_structure_call())?;
            self.put_off(&outcome, &mut attempts)?;
        }
    }

    /// What follows from a call of which nothing was done: a pause before the same again, or the end.
    fn put_off(&mut self, outcome: &Outcome, attempts: &mut Attempts) -> Result<(), Halt> {
        let http = self.session.setup().client.http();
        let decision =
            outcome.retry_cause().map(|cause| http.retry().decide(attempts, cause, http.random().fraction()));
        match decision {
            Some(Decision::Again(pause)) => {
                self.session.pause(pause);
                Ok(())
            }
            None if !matches!(outcome, Outcome::Login(..)) => Err(refused(outcome.message())),
            _ => {
                self.session.give_up(self.store, outcome)?;
                Err(Halt::Ended)
            }
        }
    }

    /// Takes in what came of each change. Returns whether that is known of all.
    fn take(&mut self, call: &StructureCall, outcome: &Outcome) -> Result<bool, Halt> {
        let (mut is_known, mut limit) = (true, None);
        for (position, made) in call.makes.iter().enumerate() {
            match outcome.result_of(&alias(position), call.makes.len()) {
                ItemResult::Done(id) => self.confirm(call, made, &id)?,
                ItemResult::NotDone(NotDone::WholeCall) => {}
                ItemResult::NotDone(NotDone::Refused(error)) if error.is_limit() => {
                    limit.get_or_insert_with(|| Outcome::of_limit(error));
                }
                ItemResult::NotDone(NotDone::Refused(error)) => {
                    self.refusal.get_or_insert(MondayText::Refused { why: error.to_why() });
                }
                ItemResult::Unknown => is_known = false,
            }
        }
        if is_known {
            self.store.write(|tx| tx.end_structure_call())?;
        }
        // What asks for a pause is made in the next round, and what may be made is looked up after it.
        if let Some(limit) = limit.or_else(|| outcome.wait_when_lost().map(|_| outcome.clone())) {
            let mut limits = self.limits;
            let put_off = self.put_off(&limit, &mut limits);
            self.limits = limits;
            put_off?;
        }
        Ok(is_known)
    }

    fn confirm(&mut self, call: &StructureCall, made: &str, id: &str) -> Result<(), Halt> {
        let now = self.session.setup().clock().now();
        match &call.board {
            None => self.store.write(|tx| tx.set_made_board(made, id, now))?,
            Some(board) => drop(self.confirmed.insert((board.clone(), made.to_owned()))),
        }
        Ok(())
    }

    /// Finds out what became of a call whose answer was lost, now or in an earlier run.
    fn recover_open_call(&mut self) -> Result<(), Halt> {
        let settle = self.session.setup().config.monday.settle;
        while let Some(call) = self.store.structure_call()? {
            self.sent.extend(call.makes.iter().cloned());
            let mut found = 0;
            // Searches lag behind writes: what was made may not be seen at once.
            for wait in lookup_waits(settle) {
                self.wait_until(call.sent_at, wait)?;
                found = self.look_for(&call)?;
                if found == call.makes.len() {
                    break;
                }
            }
            self.store.write(|tx| tx.end_structure_call())?;
            // Nothing of it is there: the same call under the same idempotency key is done once at most. Where a part is there, the rest is
            // made in the next round.
            if found == 0 && call.times_sent <= MOST_CREATING_RETRIES {
                self.send_once(call)?;
            }
        }
        Ok(())
    }

    /// How much of what a call makes is there; boards that are found are kept.
    fn look_for(&mut self, call: &StructureCall) -> Result<usize, Halt> {
        if let Some(board) = &call.board {
            let read = self.ask(&documents::board_structures(&[board]), documents::structures)?;
            let is_there = |id: &&String| read.iter().any(|board| board.columns.contains_key(*id));
            return Ok(call.makes.iter().filter(is_there).count());
        }
        let (listed, now) = (self.list()?, self.session.setup().clock().now());
        let mut count = 0;
        for marker in &call.makes {
            let mut found = listed.iter().filter(|board| board.description.contains(marker));
            if let (Some(board), None) = (found.next(), found.next()) {
                self.store.write(|tx| tx.set_made_board(marker, &board.id, now))?;
                count += 1;
            }
        }
        Ok(count)
    }

    /// Waits until this long after a time, saying what for.
    fn wait_until(&mut self, since: Timestamp, long: Duration) -> Result<(), Halt> {
        let setup = self.session.setup();
        let until = since.checked_add(SignedDuration::try_from(long).unwrap_or(SignedDuration::MAX));
        let left = until.unwrap_or(since).duration_since(setup.clock().now());
        // A time that lies ahead, as after a wrong clock, is waited for no longer than any other.
        let Ok(left) = Duration::try_from(left).map(|left| left.min(long)) else { return Ok(()) };
        let why: Message = InitText::WaitingForAnswer {}.into();
        setup.progress.waiting(Some((&why, left)));
        let slept = setup.stop.sleep(left);
        setup.progress.waiting(None);
        if slept.is_err() {
            self.session.check_stop();
            return Err(Halt::Ended);
        }
        Ok(())
    }
}

/// The only board that bears the marker of a plan.
fn only_marked<'l>(listed: &'l [Named], plan: &BoardPlan) -> Result<Option<&'l Named>, Halt> {
    let mut marked = listed.iter().filter(|board| board.description.contains(&plan.marker));
    match (marked.next(), marked.next()) {
        (Some(first), Some(second)) => {
            let boards = vec![first.id.clone(), second.id.clone()];
            let what = InitText::BoardTwice { kind: plan.kind, boards };
            Err(Failure::new(Exit::Failed, what).help(InitText::BoardTwiceHelp { kind: plan.kind }).into())
        }
        (found, _) => Ok(found),
    }
}

fn refused(why: MondayText) -> Halt {
    Failure::new(Exit::Failed, why).help(InitText::CheckRights {}).into()
}
