//! Spending calls: the budget, questions with their repetitions, and what ends the monday side of a run.

use super::engine::Engine;
use crate::failure::{Exit, Failure};
use crate::message::{Message, MondayText};
use crate::monday::document::Document;
use crate::monday::{Answer, GraphqlError, Outcome, told};
use crate::store::Side;
use jiff::Timestamp;
use std::time::Duration;

/// How often one question, or one board, is put off by limits before the side counts as down.
pub(super) const MOST_WAITS: u32 = 20;
/// The wait after a limit inside an answer that names none.
const DEFAULT_WAIT: Duration = Duration::from_secs(15);

/// What a question came to.
pub(super) enum Asked {
    /// An answer.
    Answer(Answer),
    /// monday refuses this question, in its words.
    Refused(MondayText),
    /// The monday side of the run has ended; why is noted.
    Ended,
}

impl Engine<'_, '_> {
    /// Whether one more call may be spent; if not, the push ends.
    pub(super) fn may_spend(&mut self) -> anyhow::Result<bool> {
        let now = Timestamp::now();
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
    pub(super) fn may_write(&mut self) -> anyhow::Result<bool> {
        Ok(self.is_dry() || self.may_spend()?)
    }

    /// Whether monday asked, in an earlier run, not to be called yet; then the push ends here.
    pub(super) fn must_wait(&mut self) -> anyhow::Result<bool> {
        let Some(wait) = self.store.wait(Side::Monday, Timestamp::now())? else { return Ok(false) };
        self.result.is_day_spent = wait.is_daily;
        self.leave(wait.why);
        Ok(true)
    }

    /// Puts a question, waiting and repeating as far as a run may.
    pub(super) fn ask(&mut self, document: &Document) -> anyhow::Result<Asked> {
        let (mut failures, mut waits) = (0, 0);
        loop {
            if let Some(reason) = self.push.stop.reason() {
                self.end(reason.exit());
                return Ok(Asked::Ended);
            }
            if !self.may_spend()? {
                return Ok(Asked::Ended);
            }
            self.result.calls += 1;
            self.result.price.calls += 1;
            self.store.count_call(Side::Monday, Timestamp::now())?;
            let outcome = self.push.client.ask(document)?;
            let pause = match &outcome {
                Outcome::Answered(answer) => match answer.errors.iter().find(|error| error.is_limit()) {
                    Some(limit) if self.ends_the_side(limit) => {
                        self.give_up(&limit.as_outcome())?;
                        return Ok(Asked::Ended);
                    }
                    Some(limit) => self.wait_inside(limit),
                    None => return Ok(Asked::Answer(answer.clone())),
                },
                Outcome::Refused(_) | Outcome::TooLarge(_) => return Ok(Asked::Refused(told(&outcome))),
                Outcome::Wait { wait, is_daily: false, .. } if *wait <= self.max_wait() => *wait,
                Outcome::Wait { .. } | Outcome::Login(_) => {
                    self.give_up(&outcome)?;
                    return Ok(Asked::Ended);
                }
                Outcome::NotSent(_) | Outcome::Lost(_) => {
                    failures += 1;
                    self.push.client.http().backoff(failures)
                }
            };
            waits += 1;
            if failures > self.push.config.network.retries || waits > MOST_WAITS {
                self.give_up(&outcome)?;
                return Ok(Asked::Ended);
            }
            self.pause(pause);
        }
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
    pub(super) fn wait_inside(&self, limit: &GraphqlError) -> Duration {
        limit.wait().unwrap_or(DEFAULT_WAIT).min(self.max_wait())
    }

    /// Whether a limit inside an answer asks for more patience than a run has.
    pub(super) fn ends_the_side(&self, limit: &GraphqlError) -> bool {
        limit.is_daily_limit() || limit.wait().is_some_and(|wait| wait > self.max_wait())
    }

    pub(super) fn max_wait(&self) -> Duration {
        self.push.config.network.max_wait
    }

    /// Ends the monday side: a refused token, a long wait, no answer at all.
    pub(super) fn give_up(&mut self, outcome: &Outcome) -> anyhow::Result<()> {
        if let (Outcome::NotSent(_) | Outcome::Lost(_), Some(reason)) = (outcome, self.push.stop.reason()) {
            // monday is not down: its answer was not waited for.
            self.end(reason.exit());
            return Ok(());
        }
        let text = told(outcome);
        let (exit, help): (Exit, MondayText) = match outcome {
            Outcome::Login(_) => (Exit::Login, MondayText::CheckToken {}),
            Outcome::Wait { wait, is_daily, .. } => {
                self.keep_wait(*wait, &text, *is_daily)?;
                self.result.is_day_spent |= *is_daily;
                self.leave(text.into());
                let help = if *is_daily { MondayText::RaiseBudget {} } else { MondayText::MondayLater {} };
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
        let until = Timestamp::now().checked_add(wait).unwrap_or(Timestamp::MAX);
        let why = MondayText::MondayNotBefore { until: format!("{until:.0}"), why: why.text(crate::message::Lang::En) };
        self.store.set_wait(Side::Monday, until, &why.into(), is_daily)
    }
}
