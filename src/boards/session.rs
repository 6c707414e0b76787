//! Spending calls: the budget, questions with their repetitions, and what ends the monday side of a run.

use crate::failure::{Exit, Failure};
use crate::message::{Message, MondayText};
use crate::monday::document::{Document, Halves};
use crate::monday::{Answer, GraphqlError, Limit, Outcome, told};
use crate::push::engine::Engine;
use crate::retry::{Attempts, DEFAULT_WAIT, Decision, GaveUp, Policy};
use crate::store::Side;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// What a question came to.
pub(crate) enum Asked {
    /// An answer.
    Answer(Answer),
    /// monday refuses this question, in its words.
    Refused(MondayText),
    /// The monday side of the run has ended; why is noted.
    Ended,
}

/// monday says, in these words, that a question is more than one may be.
struct TooMuch(String);

/// What follows from the outcome of a question.
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
    let decision = outcome.setback().map(|setback| policy.decide(attempts, setback, jitter));
    match (decision, outcome) {
        (Some(Decision::Again(pause)), _) => Next::After(pause),
        (Some(Decision::NotBefore(_)), outcome) => Next::GiveUp(outcome.as_wait()),
        (Some(Decision::GiveUp(GaveUp::Locked)), outcome) => Next::Refused(told(&outcome)),
        (None, Outcome::Answered(answer)) => Next::Answer(answer),
        (_, Outcome::TooLarge(why)) => Next::TooLarge(why),
        // Other boards may fare better.
        (_, outcome @ (Outcome::Answered(_) | Outcome::Fault(_) | Outcome::Refused(..))) => {
            Next::Refused(told(&outcome))
        }
        (_, outcome) => Next::GiveUp(outcome),
    }
}

impl Engine<'_, '_> {
    /// Whether one more call may be spent; if not, the push ends.
    pub(crate) fn may_spend(&mut self) -> anyhow::Result<bool> {
        let now = self.now();
        let allowed = self.push.config.monday.daily_calls;
        let spent = self.store.calls_today(Side::Monday, now)?;
        let text = if allowed > 0 && spent >= allowed {
            self.result.is_day_spent = true;
            MondayText::BudgetUsed { spent, allowed }
        } else if let Some(most) = self.push.max_calls.filter(|most| self.result.calls >= *most) {
            MondayText::BudgetOfRunUsed { allowed: most }
        } else {
            return Ok(true);
        };
        self.leave(text.into());
        Ok(false)
    }

    /// Ends the push: the rest waits for a later run, and that is no failure.
    fn leave(&mut self, why: Message) {
        self.end(Exit::Budget);
        self.result.left_because.get_or_insert_with(|| why.clone());
        self.result.notes.push(why);
    }

    /// Whether one more change may be sent. In a dry run it is only imagined, and costs nothing.
    pub(crate) fn may_write(&mut self) -> anyhow::Result<bool> {
        Ok(self.is_dry() || self.may_spend()?)
    }

    /// Whether monday asked, in an earlier run, not to be called yet; then the push ends here.
    pub(crate) fn must_wait(&mut self) -> anyhow::Result<bool> {
        let Some(wait) = self.store.wait(Side::Monday, self.now())? else { return Ok(false) };
        self.result.is_day_spent = wait.is_daily;
        self.leave(wait.why);
        Ok(true)
    }

    /// Puts a question, waiting and repeating as far as a run may. One that is too much at once is put in halves.
    pub(crate) fn ask(&mut self, document: &Document) -> anyhow::Result<Asked> {
        let document = document.limited_to(self.page_size);
        let why = match self.ask_once(&document)? {
            Ok(asked) => return Ok(asked),
            Err(TooMuch(why)) => why,
        };
        match document.in_halves() {
            Some(Halves::Smaller(limit)) => {
                self.page_size = limit;
                self.ask(&document)
            }
            Some(Halves::Two(halves)) => self.ask_both(&halves),
            None => Ok(Asked::Refused(MondayText::Refused { why })),
        }
    }

    /// Puts the halves of a question, and gives one answer.
    fn ask_both(&mut self, halves: &[Document; 2]) -> anyhow::Result<Asked> {
        let mut whole = Answer::default();
        for half in halves {
            match self.ask(half)? {
                Asked::Answer(answer) => whole.join(answer),
                asked => return Ok(asked),
            }
        }
        Ok(Asked::Answer(whole))
    }

    /// Puts one question.
    fn ask_once(&mut self, document: &Document) -> anyhow::Result<Result<Asked, TooMuch>> {
        let mut attempts = Attempts::default();
        loop {
            if let Some(reason) = self.push.stop.reason() {
                self.end(reason.exit());
                return Ok(Ok(Asked::Ended));
            }
            if !self.may_spend()? {
                return Ok(Ok(Asked::Ended));
            }
            let outcome = self.spend(document)?;
            let http = self.push.client.http();
            match next(outcome, http.retry(), &mut attempts, http.random().fraction()) {
                Next::Answer(answer) => return Ok(Ok(Asked::Answer(answer))),
                Next::TooLarge(why) => return Ok(Err(TooMuch(why))),
                Next::Refused(why) => return Ok(Ok(Asked::Refused(why))),
                Next::GiveUp(outcome) => {
                    self.give_up(&outcome)?;
                    return Ok(Ok(Asked::Ended));
                }
                Next::After(pause) => self.pause(pause),
            }
        }
    }

    /// Spends one call on a question; one that found no connection is not counted.
    fn spend(&mut self, document: &Document) -> anyhow::Result<Outcome> {
        let now = self.now();
        self.result.calls += 1;
        self.result.price.calls += 1;
        self.write(|tx| tx.count_call(Side::Monday, now))?;
        let outcome = self.push.client.ask(document)?;
        if matches!(outcome, Outcome::NotSent(_)) {
            self.result.calls -= 1;
            self.result.price.calls -= 1;
            self.write(|tx| tx.uncount_call(Side::Monday, now))?;
        }
        Ok(outcome)
    }

    /// Waits, saying what for. A reason to stop is seen by the caller.
    fn pause(&self, pause: Duration) {
        if pause >= Duration::from_secs(1) {
            let why: Message = MondayText::WaitingForLimit {}.into();
            self.push.progress.waiting(Some((&why, pause)));
        }
        let _ = self.push.stop.sleep(pause);
        self.push.progress.waiting(None);
    }

    /// How long a limit inside an answer that is whole otherwise is waited out.
    pub(crate) fn wait_inside(&self, limit: &GraphqlError) -> Duration {
        limit.wait().unwrap_or(DEFAULT_WAIT).min(self.max_wait())
    }

    /// Whether a limit inside an answer asks for more patience than a run has.
    pub(crate) fn ends_the_side(&self, limit: &GraphqlError) -> bool {
        limit.is_daily_limit() || limit.wait().is_some_and(|wait| wait > self.max_wait())
    }

    pub(crate) fn max_wait(&self) -> Duration {
        self.push.config.network.max_wait
    }

    /// Ends the monday side: a refused token, a long wait, no answer at all.
    pub(crate) fn give_up(&mut self, outcome: &Outcome) -> anyhow::Result<()> {
        if let (Outcome::NotSent(_) | Outcome::Lost { .. }, Some(reason)) = (outcome, self.push.stop.reason()) {
            // monday is not down: its answer was not waited for.
            self.end(reason.exit());
            return Ok(());
        }
        let text = told(outcome);
        let (exit, help): (Exit, MondayText) = match outcome {
            Outcome::Login(..) => (Exit::Login, MondayText::CheckToken {}),
            Outcome::Wait { wait, limit, .. } => {
                let is_daily = *limit == Limit::Day;
                self.keep_wait(wait.unwrap_or(DEFAULT_WAIT), &text, is_daily)?;
                self.result.is_day_spent |= is_daily;
                self.leave(text.into());
                let help = if is_daily { MondayText::RaiseBudget {} } else { MondayText::MondayLater {} };
                self.result.notes.push(help.into());
                return Ok(());
            }
            _ => (Exit::Failed, MondayText::MondayLater {}),
        };
        self.end(exit);
        if self.result.error.is_none() {
            self.result.error = Some(Failure::new(exit, text).help(help).into());
        }
        Ok(())
    }

    fn keep_wait(&mut self, wait: Duration, why: &MondayText, is_daily: bool) -> anyhow::Result<()> {
        let now = self.now();
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX).min(Side::Monday.longest_wait());
        let until = now.checked_add(wait).unwrap_or(Timestamp::MAX);
        let why = MondayText::MondayNotBefore { until: format!("{until:.0}"), why: why.text(crate::message::Lang::En) };
        self.write(|tx| tx.set_wait(Side::Monday, until, &why.into(), is_daily, now))
    }
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
        let lost = Outcome::Lost { why: "reset".to_owned(), is_cut_off: false };
        assert_eq!((first(&lost), third(&lost)), (Next::After(Duration::from_secs(1)), Next::GiveUp(lost)));
        assert_eq!(first(&Outcome::TooLarge("no".to_owned())), Next::TooLarge("no".to_owned()));
        let login = Outcome::Login("no".to_owned(), Proof::WholeCall);
        assert_eq!(first(&login), Next::GiveUp(login));
        assert_eq!(first(&Outcome::Answered(Answer::default())), Next::Answer(Answer::default()));
    }
}
