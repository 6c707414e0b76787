//! Writers of batches: monday for real, or a rehearsal in which every answer is imagined.

use super::bulk::import_call::Import;
use super::bulk::price::{EACH_CALL, EACH_CHANGE};
use super::lanes::InFlight;
use crate::boards::session::Session;
use crate::entity::EntityKey;
use crate::http::{Next, Queue, Ticket};
use crate::monday::{Answer, Client, Outcome, Room, Sent};
use crate::store::{Action, Batch, Store};
use serde_json::Map;
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// Answer to a batch, or the certainty that none will come.
#[derive(Debug)]
pub(crate) struct BatchArrival {
    /// The lane that sent it.
    pub(crate) lane: usize,
    /// How long it took.
    pub(crate) took: Duration,
    /// What came of it.
    pub(crate) sent: Sent,
}

/// Cost of a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Price {
    /// Calls to monday.
    pub(crate) calls: u64,
    /// Seconds, as a guess.
    pub(crate) seconds: u64,
    /// New items that go by import; the others go by mutations.
    pub(crate) imported: u64,
}

/// Taking of an import by a writer.
pub(crate) enum ImportTaken {
    /// It has to be started.
    ToStart(Import),
    /// Its call is under way.
    UnderWay(InFlight),
}

/// Writer of batches, one at a time on each lane.
pub(crate) trait Writer {
    /// Whether one more call may be sent; if not, the session ends.
    ///
    /// # Errors
    /// Where the store cannot be read.
    fn may_send(&self, session: &mut Session<'_>, store: &Store) -> anyhow::Result<bool>;

    /// Room for a call with so many changes, before monday has to refuse one.
    fn room(&self, changes: usize) -> Room;

    /// Sends the batch of a lane; what comes of it arrives later. `entities`: the entity of each of its changes.
    ///
    /// # Errors
    /// Where nothing can be sent at all.
    fn send(&mut self, lane: usize, batch: &Batch, entities: &[EntityKey]) -> anyhow::Result<()>;

    /// Takes an import. Returns it where it has to be started; a rehearsal imagines what comes of it, which arrives later.
    ///
    /// # Errors
    /// Where nothing can be sent at all.
    fn import(&mut self, lane: usize, import: Import) -> anyhow::Result<ImportTaken>;

    /// The next answer, waited for, but not past `until` or a reason to end the work.
    fn next(&mut self, until: Option<Instant>) -> Option<BatchArrival>;

    /// Counts a call that was sent.
    fn count_sent(&self, session: &mut Session<'_>);

    /// Takes back the count of a call that never reached monday.
    fn count_unsent(&self, session: &mut Session<'_>);

    /// What it sent costs, and `questions` that were put besides.
    fn price(&self, questions: u64) -> Price;
}

/// Estimate of the time that batches take: lanes work side by side, the calls of a lane one after the other.
#[derive(Debug, Default)]
struct Estimate {
    calls: u64,
    imported: u64,
    lanes: BTreeMap<usize, Duration>,
}

impl Estimate {
    fn add(&mut self, lane: usize, changes: usize) {
        self.calls += 1;
        let changes = u32::try_from(changes).unwrap_or(u32::MAX);
        *self.lanes.entry(lane).or_default() += EACH_CALL + EACH_CHANGE * changes;
    }

    fn add_import(&mut self, lane: usize, import: &Import) {
        self.calls += import.price.calls;
        *self.lanes.entry(lane).or_default() += import.price.takes;
        self.imported += import.call.batch.intents.len() as u64;
    }

    /// `questions`: those that were put besides, one after the other.
    fn price(&self, questions: u64) -> Price {
        let longest = self.lanes.values().max().copied().unwrap_or_default();
        let asked = EACH_CALL * u32::try_from(questions).unwrap_or(u32::MAX);
        let seconds = (longest + asked).as_secs_f64().ceil() as u64;
        Price { calls: self.calls + questions, seconds, imported: self.imported }
    }
}

/// What batches of these sizes cost, each list on a lane of its own, and `questions` that are put besides.
pub(crate) fn price_of_batches(lanes: &[Vec<usize>], questions: u64) -> Price {
    let mut estimate = Estimate::default();
    for (lane, sizes) in lanes.iter().enumerate() {
        sizes.iter().for_each(|&changes| estimate.add(lane, changes));
    }
    estimate.price(questions)
}

/// Writer to monday itself.
pub(crate) struct Live<'p> {
    client: &'p Client<'p>,
    queue: Queue,
    /// The lane of each call under way, and how many changes it makes.
    calls: BTreeMap<Ticket, (usize, usize)>,
    estimate: Estimate,
}

impl<'p> Live<'p> {
    /// A writer that sends for real.
    pub(crate) fn new(client: &'p Client<'p>) -> Live<'p> {
        Live { client, queue: client.http().queue(), calls: BTreeMap::new(), estimate: Estimate::default() }
    }
}

impl Writer for Live<'_> {
    fn may_send(&self, session: &mut Session<'_>, store: &Store) -> anyhow::Result<bool> {
        session.may_spend(store)
    }

    fn room(&self, changes: usize) -> Room {
        self.client.room(changes)
    }

    fn send(&mut self, lane: usize, batch: &Batch, _: &[EntityKey]) -> anyhow::Result<()> {
        let request = self.client.request(batch.body.clone(), Some(&batch.idempotency_key));
        self.calls.insert(self.queue.submit(request)?, (lane, batch.intents.len()));
        self.client.begin(batch.intents.len());
        self.estimate.add(lane, batch.intents.len());
        Ok(())
    }

    fn import(&mut self, lane: usize, import: Import) -> anyhow::Result<ImportTaken> {
        self.estimate.add_import(lane, &import);
        Ok(ImportTaken::ToStart(import))
    }

    fn next(&mut self, until: Option<Instant>) -> Option<BatchArrival> {
        match self.queue.next(until) {
            Next::Arrived(arrival) => {
                let (lane, changes) = self.calls.remove(&arrival.ticket)?;
                Some(BatchArrival { lane, took: arrival.took, sent: self.client.end(changes, arrival.outcome) })
            }
            Next::Woke | Next::Stopped(_) => None,
        }
    }

    fn count_sent(&self, session: &mut Session<'_>) {
        session.count_sent();
    }

    fn count_unsent(&self, session: &mut Session<'_>) {
        session.count_unsent();
    }

    fn price(&self, questions: u64) -> Price {
        self.estimate.price(questions)
    }
}

/// Rehearsal: a monday that takes everything at once. Nothing is sent, and nothing is spent.
#[derive(Debug, Default)]
pub(crate) struct Rehearsal {
    answers: VecDeque<BatchArrival>,
    estimate: Estimate,
}

impl Rehearsal {
    /// Imagines that monday takes all of a call. A new item is named after its entity.
    fn imagine(&mut self, lane: usize, batch: &Batch, entities: &[EntityKey]) {
        let mut data = Map::new();
        for (intent, entity) in batch.intents.iter().zip(entities) {
            let known = intent.item_id.clone().filter(|_| intent.action != Action::Create);
            let id = known.unwrap_or_else(|| entity.to_string());
            data.insert(intent.alias.clone(), serde_json::json!({ "id": id }));
        }
        let outcome = Outcome::Answered(Answer { status: 200, data, errors: Vec::new() });
        let sent = Sent { outcome, is_replayed: false };
        self.answers.push_back(BatchArrival { lane, took: Duration::ZERO, sent });
    }
}

impl Writer for Rehearsal {
    fn may_send(&self, _: &mut Session<'_>, _: &Store) -> anyhow::Result<bool> {
        Ok(true)
    }

    fn room(&self, changes: usize) -> Room {
        Room::For(changes)
    }

    fn send(&mut self, lane: usize, batch: &Batch, entities: &[EntityKey]) -> anyhow::Result<()> {
        self.imagine(lane, batch, entities);
        self.estimate.add(lane, batch.intents.len());
        Ok(())
    }

    fn import(&mut self, lane: usize, import: Import) -> anyhow::Result<ImportTaken> {
        self.imagine(lane, &import.call.batch, &import.call.entities);
        self.estimate.add_import(lane, &import);
        Ok(ImportTaken::UnderWay(import.call))
    }

    fn next(&mut self, _: Option<Instant>) -> Option<BatchArrival> {
        self.answers.pop_front()
    }

    fn count_sent(&self, _: &mut Session<'_>) {}

    fn count_unsent(&self, _: &mut Session<'_>) {}

    fn price(&self, questions: u64) -> Price {
        self.estimate.price(questions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_work_side_by_side_and_calls_of_a_lane_one_after_the_other() {
        let mut estimate = Estimate::default();
        assert_eq!(estimate.price(0), Price::default());
        assert_eq!(estimate.price(3), Price { calls: 3, seconds: 2, imported: 0 });
        estimate.add(0, 100);
        estimate.add(1, 25);
        assert_eq!(estimate.price(0), Price { calls: 2, seconds: 11, imported: 0 });
        estimate.add(1, 100);
        assert_eq!(estimate.price(0), Price { calls: 3, seconds: 14, imported: 0 });
    }
}
