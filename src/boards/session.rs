//! Spending calls: the budget, questions with their repetitions, and what ends the monday side of a run.

use crate::config::Network;
use crate::failure::{Exit, Failure};
use crate::message::{Message, MondayText};
use crate::monday::document::{Document, Halves};
use crate::monday::{Answer, GraphqlError, Limit, Outcome, told};
use crate::push::engine::Engine;
use crate::store::Side;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// How often one question, or one board, is put off by limits before the side counts as down.
pub(crate) const MOST_WAITS: u32 = 20;
/// The wait after a limit that names none.
pub(crate) const DEFAULT_WAIT: Duration = Duration::from_secs(15);

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

/// How often a question was put, and put off.
#[derive(Debug, Default)]
struct Tries {
    failures: u32,
    waits: u32,
}

impl Tries {
    /// What follows from an outcome. Pure: `backoff` gives the pause after so many failures.
    fn judge(&mut self, outcome: Outcome, network: &Network, backoff: impl Fn(u32) -> Duration) -> Next {
        let limit = match &outcome {
            Outcome::Wait { wait, limit, .. } => Some((*wait, *limit)),
            Outcome::Answered(answer) => {
                answer.errors.iter().find(|error| error.is_limit()).map(|error| (error.wait(), error.limit()))
            }
            _ => None,
        };
        let is_fault = match &outcome {
            Outcome::Answered(answer) => limit.is_none() && answer.errors.iter().any(GraphqlError::is_fault),
            Outcome::Fault(_) | Outcome::NotSent(_) | Outcome::Lost { .. } => true,
            _ => false,
        };
        self.failures += u32::from(is_fault);
        let is_patient = self.failures <= network.retries;
        match (limit, outcome) {
            (Some((asked, limit)), outcome) => {
                self.waits += 1;
                let wait = asked.unwrap_or_else(|| DEFAULT_WAIT.min(network.max_wait));
                let is_too_long = wait > network.max_wait || self.waits > MOST_WAITS;
                match limit {
                    Limit::Lock if is_too_long || self.waits > network.retries => Next::Refused(told(&outcome)),
                    Limit::Lock => Next::After(asked.unwrap_or_else(|| backoff(self.waits))),
                    Limit::Day => Next::GiveUp(outcome.as_wait()),
                    Limit::Rate if is_too_long => Next::GiveUp(outcome.as_wait()),
                    Limit::Rate => Next::After(wait),
                }
            }
            (None, Outcome::TooLarge(why)) => Next::TooLarge(why),
            (None, _) if is_fault && is_patient => Next::After(backoff(self.failures)),
            (None, Outcome::Answered(answer)) if !is_fault => Next::Answer(answer),
            // Other boards may fare better.
            (None, outcome @ (Outcome::Answered(_) | Outcome::Fault(_) | Outcome::Refused(..))) => {
                Next::Refused(told(&outcome))
            }
            (None, outcome) => Next::GiveUp(outcome),
        }
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
        let mut tries = Tries::default();
        loop {
            if let Some(reason) = self.push.stop.reason() {
                self.end(reason.exit());
                return Ok(Ok(Asked::Ended));
            }
            if !self.may_spend()? {
                return Ok(Ok(Asked::Ended));
            }
            let outcome = self.spend(document)?;
            let (network, http) = (&self.push.config.network, self.push.client.http());
            match tries.judge(outcome, network, |attempt| http.backoff(attempt)) {
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
