//! Session with monday: the budget, questions with their repetitions, and what ends the monday side of a run.

use super::Setup;
use crate::failure::{Exit, Failure};
use crate::message::{Message, MondayText};
use crate::monday::document::{self, Document, Halves};
use crate::monday::{Answer, Limit, Outcome};
use crate::retry::{Attempts, DEFAULT_WAIT, Decision, GaveUp, Policy};
use crate::store::{Side, Store, WaitCause};
use std::num::NonZeroU64;
use std::time::Duration;

/// Outcome of a question.
pub(crate) enum Asked {
    /// An answer.
    Answer(Answer),
    /// monday refuses this question, in its words.
    Refused(MondayText),
    /// The monday side of the run has ended; why is noted.
    Ended,
}

/// Refusal of a question that is more than one may be, in monday's words.
struct TooMuch(String);

/// Step that follows from the outcome of a question.
#[derive(Debug, PartialEq)]
enum Next {
    Answer(Answer),
    Refused(MondayText),
    TooLarge(String),
    /// The same again, after a pause.
    After(Duration),
    /// The side is given up.
    GiveUp(Outcome),
}

/// What follows from the outcome of a question. Pure.
fn next(outcome: Outcome, policy: Policy, attempts: &mut Attempts, jitter: f64) -> Next {
    let decision = outcome.retry_cause().map(|cause| policy.decide(attempts, cause, jitter));
    match (decision, outcome) {
        (Some(Decision::Again(pause)), _) => Next::After(pause),
        (Some(Decision::NotBefore(_)), outcome) => Next::GiveUp(outcome.as_wait()),
        (Some(Decision::GiveUp(GaveUp::Locked)), outcome) => Next::Refused(outcome.message()),
        (None, Outcome::Answered(answer)) => Next::Answer(answer),
        (_, Outcome::TooLarge(why)) => Next::TooLarge(why),
        // Other boards may fare better.
        (_, outcome @ (Outcome::Answered(_) | Outcome::Fault(_) | Outcome::Refused(..))) => {
            Next::Refused(outcome.message())
        }
        (_, outcome) => Next::GiveUp(outcome),
    }
}

/// Ending of the monday side of a run: how, and why.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    /// How the run ends for it; `None`: nothing decides.
    pub(crate) exit: Option<Exit>,
    /// Why something is left to a later run, where that is no failure.
    pub(crate) left_because: Option<Message>,
    /// Whether the calls of the UTC day are used up.
    pub(crate) is_day_spent: bool,
    /// What ended it, where that is a failure.
    pub(crate) error: Option<anyhow::Error>,
    /// What people should know.
    pub(crate) notes: Vec<Message>,
    /// Calls spent.
    pub(crate) calls: u64,
}

/// Session with monday: owns the calls that a run spends, and why it spends no more.
pub(crate) struct Session<'a> {
    setup: Setup<'a>,
    has_ended: bool,
    ending: Ending,
    questions: u64,
    /// Most items asked for at once: monday refuses a question for what it may cost.
    page_size: usize,
}

impl<'a> Session<'a> {
    /// A session in which nothing was asked yet.
    pub(crate) fn new(setup: Setup<'a>) -> Session<'a> {
        let page_size = document::ITEMS_PER_PAGE;
        Session { setup, has_ended: false, ending: Ending::default(), questions: 0, page_size }
    }

    /// What it was set up with.
    pub(crate) fn setup(&self) -> Setup<'a> {
        self.setup
    }

    /// Whether nothing more is asked or sent in this run.
    pub(crate) fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// How many calls were spent on questions.
    pub(crate) fn questions(&self) -> u64 {
        self.questions
    }

    /// How it ended, with everything that it counted.
    pub(crate) fn finish(self) -> Ending {
        self.ending
    }

    /// Ends it: what is under way is still recorded.
    pub(crate) fn end(&mut self, exit: Exit) {
        self.has_ended = true;
        self.add_exit(exit);
    }

    /// Another reason to end with, while the work goes on.
    pub(crate) fn add_exit(&mut self, exit: Exit) {
        self.ending.exit = Some(self.ending.exit.unwrap_or(Exit::Ok).and(exit));
    }

    /// Ends it where a signal, or the end of the time allowed, asks for it.
    pub(crate) fn check_stop(&mut self) -> bool {
        let reason = self.setup.stop.reason();
        if let Some(reason) = reason {
            self.end(reason.exit());
        }
        reason.is_some()
    }

    /// Counts a call that carries changes.
    pub(crate) fn count_sent(&mut self) {
        self.ending.calls += 1;
    }

    /// Takes back a call that found no connection.
    pub(crate) fn count_unsent(&mut self) {
        self.ending.calls = self.ending.calls.saturating_sub(1);
    }

    /// Whether one more call may be spent; if not, the session ends.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn may_spend(&mut self, store: &Store) -> anyhow::Result<bool> {
        let spent = store.calls_today(Side::Monday, self.setup.clock().now())?;
        let cap = self.setup.config.monday.daily_calls.map(NonZeroU64::get);
        let text = if let Some(allowed) = cap.filter(|allowed| spent >= *allowed) {
            self.ending.is_day_spent = true;
            MondayText::BudgetUsed { spent, allowed }
        } else if let Some(most) = self.setup.max_calls.filter(|most| self.ending.calls >= *most) {
            MondayText::BudgetOfRunUsed { allowed: most }
        } else {
            let left = cap.map(|allowed| allowed.saturating_sub(spent));
            self.setup.progress.calls(self.ending.calls, left);
            return Ok(true);
        };
        self.leave(text.into());
        Ok(false)
    }

    /// Whether so many calls may be spent on reading; if not, it waits for a later run, and what is pending goes first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn can_afford(&mut self, store: &Store, calls: u64) -> anyhow::Result<bool> {
        let allowed = calls_of_the_day_left(self.setup, store)?.unwrap_or(u64::MAX);
        let left = allowed.min(self.setup.max_calls.unwrap_or(u64::MAX));
        if calls <= left {
            return Ok(true);
        }
        let why: Message = MondayText::VerificationPutOff { calls, left }.into();
        self.ending.is_day_spent |= left == allowed;
        self.ending.left_because = Some(why.clone());
        self.ending.notes.push(why);
        self.add_exit(Exit::Budget);
        Ok(false)
    }

    /// Ends the session: the rest waits for a later run, and that is no failure.
    fn leave(&mut self, why: Message) {
        self.end(Exit::Budget);
        self.ending.left_because.get_or_insert_with(|| why.clone());
        self.ending.notes.push(why);
    }

    /// Whether monday asked, in an earlier run, not to be called yet; then the session ends here.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn must_wait(&mut self, store: &Store) -> anyhow::Result<bool> {
        let Some(wait) = store.wait(Side::Monday, self.setup.clock().now())? else { return Ok(false) };
        self.ending.is_day_spent = wait.is_daily;
        self.leave(wait.why);
        Ok(true)
    }

    /// Puts a question, waiting and repeating as far as a run may. One that is too much at once is put in halves.
    ///
    /// # Errors
    /// Where the store cannot be written, or nothing can be sent at all.
    pub(crate) fn ask(&mut self, store: &mut Store, document: &Document) -> anyhow::Result<Asked> {
        let document = document.limited_to(self.page_size);
        let why = match self.ask_once(store, &document)? {
            Ok(asked) => return Ok(asked),
            Err(TooMuch(why)) => why,
        };
        match document.in_halves() {
            Some(Halves::Smaller(limit)) => {
                self.page_size = limit;
                self.ask(store, &document)
            }
            Some(Halves::Two(halves)) => self.ask_both(store, &halves),
            None => Ok(Asked::Refused(MondayText::Refused { why: why.into() })),
        }
    }

    /// Puts the halves of a question, and gives one answer.
    fn ask_both(&mut self, store: &mut Store, halves: &[Document; 2]) -> anyhow::Result<Asked> {
        let mut whole = Answer::default();
        for half in halves {
            match self.ask(store, half)? {
                Asked::Answer(answer) => whole.join(answer),
                asked => return Ok(asked),
            }
        }
        Ok(Asked::Answer(whole))
    }

    /// Puts one question.
    fn ask_once(&mut self, store: &mut Store, document: &Document) -> anyhow::Result<Result<Asked, TooMuch>> {
        let mut attempts = Attempts::default();
        loop {
            if self.check_stop() || !self.may_spend(store)? {
                return Ok(Ok(Asked::Ended));
            }
            if let Some(until) = self.setup.client.minute_is_spent() {
                self.pause(self.setup.clock().until(until));
            }
            let outcome = self.spend(store, document)?;
            let http = self.setup.client.http();
            match next(outcome, http.retry(), &mut attempts, http.random().fraction()) {
                Next::Answer(answer) => return Ok(Ok(Asked::Answer(answer))),
                Next::TooLarge(why) => return Ok(Err(TooMuch(why))),
                Next::Refused(why) => return Ok(Ok(Asked::Refused(why))),
                Next::GiveUp(outcome) => {
                    self.give_up(store, &outcome)?;
                    return Ok(Ok(Asked::Ended));
                }
                Next::After(pause) => self.pause(pause),
            }
        }
    }

    /// Spends one call on a question; one that found no connection is not counted.
    fn spend(&mut self, store: &mut Store, document: &Document) -> anyhow::Result<Outcome> {
        let now = self.setup.clock().now();
        store.write(|tx| tx.count_call(Side::Monday, now))?;
        self.ending.calls += 1;
        self.questions += 1;
        let outcome = self.setup.client.ask(document)?;
        if matches!(outcome, Outcome::NotSent { .. }) {
            self.count_unsent();
            self.questions -= 1;
            store.write(|tx| tx.uncount_call(Side::Monday, now))?;
        }
        Ok(outcome)
    }

    /// Spends one call on changes other than those of items, once. One that found no connection is not counted.
    ///
    /// # Errors
    /// Where the store cannot be written, or nothing can be sent at all.
    pub(crate) fn send(&mut self, store: &mut Store, body: &str, idempotency_key: &str) -> anyhow::Result<Outcome> {
        let (now, client) = (self.setup.clock().now(), self.setup.client);
        store.write(|tx| tx.count_call(Side::Monday, now))?;
        self.count_sent();
        let request = client.request(body.to_owned(), Some(idempotency_key));
        let outcome = client.judge(client.http().exchange(request)?).outcome;
        if matches!(outcome, Outcome::NotSent { .. }) {
            self.count_unsent();
            store.write(|tx| tx.uncount_call(Side::Monday, now))?;
        }
        Ok(outcome)
    }

    /// Waits, saying what for. A reason to stop is seen by the caller.
    pub(crate) fn pause(&self, pause: Duration) {
        if pause >= Duration::from_secs(1) {
            let why: Message = MondayText::WaitingForLimit {}.into();
            self.setup.progress.waiting(Some((&why, pause)));
        }
        let _ = self.setup.stop.sleep(pause);
        self.setup.progress.waiting(None);
    }

    /// Ends the session after an outcome that nothing can follow: a refused token, a long wait, no answer at all.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn give_up(&mut self, store: &mut Store, outcome: &Outcome) -> anyhow::Result<()> {
        let longest = self.setup.client.http().retry().max_wait;
        if let Some(wait) = outcome.wait_when_lost().filter(|wait| *wait > longest) {
            self.keep_wait(store, wait, &outcome.message(), WaitCause::Asked)?;
            self.leave(outcome.message().into());
            self.ending.notes.push(MondayText::MondayLater {}.into());
            return Ok(());
        }
        if let (Outcome::NotSent { .. } | Outcome::Lost { .. }, Some(reason)) = (outcome, self.setup.stop.reason()) {
            // monday is not down: its answer was not waited for.
            self.end(reason.exit());
            return Ok(());
        }
        let text = outcome.message();
        let (exit, help): (Exit, Message) = match outcome {
            Outcome::Login(..) => (Exit::Login, MondayText::CheckToken {}.into()),
            Outcome::Wait { wait, limit, .. } => {
                let is_daily = *limit == Limit::Day;
                let cause = if is_daily { WaitCause::DaySpent } else { WaitCause::Asked };
                self.keep_wait(store, wait.unwrap_or(DEFAULT_WAIT), &text, cause)?;
                self.ending.is_day_spent |= is_daily;
                self.leave(text.into());
                let help = if is_daily { MondayText::RaiseBudget {} } else { MondayText::MondayLater {} };
                self.ending.notes.push(help.into());
                return Ok(());
            }
            _ => (Exit::Failed, outcome.remedy()),
        };
        self.fail(exit, text, help);
        Ok(())
    }

    /// Ends the session with a failure; the first one is reported.
    pub(crate) fn fail(&mut self, exit: Exit, text: MondayText, help: impl Into<Message>) {
        self.end(exit);
        if self.ending.error.is_none() {
            self.ending.error = Some(Failure::new(exit, text).help(help).into());
        }
    }

    fn keep_wait(&self, store: &mut Store, wait: Duration, why: &MondayText, cause: WaitCause) -> anyhow::Result<()> {
        let now = self.setup.clock().now();
        let until = Side::Monday.believed_until(wait, now);
        let why = MondayText::MondayNotBefore { until: format!("{until:.0}"), why: why.clone().into() };
        store.write(|tx| tx.set_wait(Side::Monday, until, &why.into(), cause))
    }
}

/// How many calls may still be spent today; `None`: there is no cap.
///
/// # Errors
/// Where the store cannot be read.
pub(crate) fn calls_of_the_day_left(setup: Setup<'_>, store: &Store) -> anyhow::Result<Option<u64>> {
    let spent = store.calls_today(Side::Monday, setup.clock().now())?;
    Ok(setup.config.monday.calls_left(spent))
}

/// How many calls a run may still spend; `None`: there is no cap.
///
/// # Errors
/// Where the store cannot be read.
pub(crate) fn calls_left(session: &Session<'_>, store: &Store) -> anyhow::Result<Option<u64>> {
    let of_run = session.setup.max_calls.map(|most| most.saturating_sub(session.ending.calls));
    Ok([calls_of_the_day_left(session.setup, store)?, of_run].into_iter().flatten().min())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monday::Proof;

    const POLICY: Policy = Policy { retries: 2, base: Duration::from_secs(1), max_wait: Duration::from_secs(60) };

    fn wait(seconds: u64, limit: Limit) -> Outcome {
        let wait = Some(Duration::from_secs(seconds));
        Outcome::Wait { wait, limit, why: "later".to_owned(), proof: Proof::WholeCall }
    }

    /// What follows from the third time that a question comes to the same.
    fn third(outcome: &Outcome) -> Next {
        let mut attempts = Attempts::default();
        (0..2).for_each(|_| drop(next(outcome.clone(), POLICY, &mut attempts, 1.0)));
        next(outcome.clone(), POLICY, &mut attempts, 1.0)
    }

    fn first(outcome: &Outcome) -> Next {
        next(outcome.clone(), POLICY, &mut Attempts::default(), 1.0)
    }

    #[test]
    fn a_question_waits_for_limits_and_ends_the_side_where_they_ask_for_more_than_a_run_has() {
        assert_eq!(third(&wait(60, Limit::Rate)), Next::After(Duration::from_secs(60)));
        assert!(matches!(first(&wait(61, Limit::Rate)), Next::GiveUp(Outcome::Wait { .. })));
        assert!(matches!(first(&wait(5, Limit::Day)), Next::GiveUp(Outcome::Wait { .. })));
        assert_eq!(first(&wait(5, Limit::Lock)), Next::After(Duration::from_secs(5)));
        assert!(matches!(third(&wait(5, Limit::Lock)), Next::Refused(_)), "a lock closes one board, not the side");
    }

    #[test]
    fn a_question_that_fails_is_put_again_and_then_given_up_for_its_board_or_for_the_side() {
        let lost = Outcome::Lost { why: "reset".to_owned().into(), is_cut_off: false, wait: None };
        assert_eq!((first(&lost), third(&lost)), (Next::After(Duration::from_secs(1)), Next::GiveUp(lost)));
        let asking = |seconds| {
            let wait = Some(Duration::from_secs(seconds));
            Outcome::Lost { why: "503".to_owned().into(), is_cut_off: true, wait }
        };
        assert_eq!(first(&asking(60)), Next::After(Duration::from_secs(60)));
        assert_eq!((first(&asking(61)), third(&asking(60))), (Next::GiveUp(asking(61)), Next::GiveUp(asking(60))));
        assert_eq!(first(&Outcome::TooLarge("no".to_owned())), Next::TooLarge("no".to_owned()));
        let login = Outcome::Login("no".to_owned(), Proof::WholeCall);
        assert_eq!(first(&login), Next::GiveUp(login));
        assert_eq!(first(&Outcome::Answered(Answer::default())), Next::Answer(Answer::default()));
    }
}
