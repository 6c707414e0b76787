//! Allowance that monday reports with each answer: points, calls, and calls at once. It is kept before monday has to refuse. Pure: time
//! is an argument.
//!
//! Source: monday's page on rate limits, `RateLimit` and `RateLimit-Policy`.

use std::time::{Duration, Instant};

/// What a change costs until an answer says otherwise, in points. Source: monday's changelog samples.
const USUAL_POINTS: u64 = 10_000;
/// How long a window is: a minute, and one second more, since monday gives its end in whole seconds.
const WINDOW: Duration = Duration::from_secs(61);
/// Two answers that give the same end of a window differ by less than this.
const SAME_END: Duration = Duration::from_secs(3);
/// The pause where too many calls are under way at once.
const UNTIL_ANOTHER_ENDS: Duration = Duration::from_secs(1);

/// Room for a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// So many changes.
    For(usize),
    /// None before then.
    At(Instant),
}

/// Allowance, as far as answers reported it.
#[derive(Debug, Default)]
pub(crate) struct Allowance {
    points: Option<Window>,
    calls: Option<Window>,
    /// Most calls at once.
    at_once: Option<u64>,
    /// What the calls under way may cost.
    points_under_way: u64,
    calls_under_way: u64,
    /// What a change costs, by the last answer.
    each: Option<u64>,
}

/// Window of a minute, and what is left in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Window {
    all: u64,
    left: u64,
    until: Instant,
}

impl Window {
    /// What is left by then; in a new window the calls under way may still be charged.
    fn left_at(self, now: Instant, under_way: u64) -> u64 {
        if now >= self.until { self.all.saturating_sub(under_way) } else { self.left }
    }

    /// The window in which something is spent.
    fn spent(self, cost: u64, under_way: u64, now: Instant) -> Window {
        let left = self.left_at(now, under_way).saturating_sub(cost);
        Window { left, until: if now >= self.until { now + WINDOW } else { self.until }, ..self }
    }

    /// The window after an answer reported it. What others spent shows; what is under way may not show yet.
    fn announced(known: Option<Window>, announced: Window, under_way: u64, now: Instant) -> Window {
        let others = Window { left: announced.left.saturating_sub(under_way), ..announced };
        match known {
            Some(known) if now < known.until && announced.until < known.until + SAME_END => {
                let left = if announced.left < known.left { others.left } else { known.left };
                Window { left, until: known.until.max(announced.until), ..announced }
            }
            _ => others,
        }
    }
}

impl Allowance {
    /// Takes note of the headers of an answer.
    pub(crate) fn observe(&mut self, policy: &str, left: &str, now: Instant) {
        let announced = |name: &str| {
            let resets_in = Duration::from_secs(parameter(left, name, "t")? + 1);
            Some(Window {
                all: parameter(policy, name, "q")?,
                left: parameter(left, name, "r")?,
                until: now + resets_in,
            })
        };
        if let Some(window) = announced("complexityMinute") {
            self.points = Some(Window::announced(self.points, window, self.points_under_way, now));
        }
        if let Some(window) = announced("minuteRate") {
            self.calls = Some(Window::announced(self.calls, window, self.calls_under_way, now));
        }
        self.at_once = parameter(policy, "concurrency", "q").or(self.at_once);
    }

    /// Takes note of what a call with so many changes cost.
    pub(crate) fn learn(&mut self, points: u64, changes: usize) {
        self.each = points.checked_div(changes as u64).map(|each| each.max(1)).or(self.each);
    }

    fn each(&self) -> u64 {
        self.each.unwrap_or(USUAL_POINTS)
    }

    /// Room for a call with so many changes now. A call that is less than half of what it could be waits: calls are what is saved.
    pub(crate) fn room(&self, changes: usize, now: Instant) -> Room {
        if let Some(until) = self.minute_is_spent(now) {
            return Room::At(until);
        }
        // One of those at once is left for a question.
        if self.at_once.is_some_and(|most| self.calls_under_way >= most.saturating_sub(1).max(1)) {
            return Room::At(now + UNTIL_ANOTHER_ENDS);
        }
        let Some(points) = self.points else { return Room::For(changes) };
        let affordable = |points: u64| usize::try_from(points / self.each()).unwrap_or(usize::MAX);
        let (now_affordable, ever) = (affordable(points.left_at(now, self.points_under_way)), affordable(points.all));
        let worth_a_call = changes.min(ever).div_ceil(2).max(1);
        match now_affordable {
            affordable if affordable >= worth_a_call => Room::For(changes.min(affordable)),
            _ if now >= points.until => Room::At(now + UNTIL_ANOTHER_ENDS),
            _ => Room::At(points.until),
        }
    }

    /// When the next minute begins, where the calls of this one are spent.
    pub(crate) fn minute_is_spent(&self, now: Instant) -> Option<Instant> {
        let spent = self.calls.filter(|calls| calls.left_at(now, self.calls_under_way) == 0);
        spent.map(|calls| calls.until.max(now + UNTIL_ANOTHER_ENDS))
    }

    /// A call with so many changes is sent.
    pub(crate) fn begin(&mut self, changes: usize, now: Instant) {
        let cost = self.cost(changes);
        self.points = self.points.map(|window| window.spent(cost, self.points_under_way, now));
        self.calls = self.calls.map(|window| window.spent(1, self.calls_under_way, now));
        self.points_under_way += cost;
        self.calls_under_way += 1;
    }

    /// A call with so many changes is over, whatever came of it.
    pub(crate) fn end(&mut self, changes: usize) {
        self.points_under_way = self.points_under_way.saturating_sub(self.cost(changes));
        self.calls_under_way = self.calls_under_way.saturating_sub(1);
    }

    fn cost(&self, changes: usize) -> u64 {
        self.each() * changes as u64 + 1
    }
}

/// A parameter of a member of such a header: `"minuteRate";r=0;t=38, "concurrency";r=249`.
fn parameter(header: &str, member: &str, name: &str) -> Option<u64> {
    let mut members = header.split(',').map(|member| member.trim().split(';'));
    let parameters =
        members.find_map(|mut parts| (parts.next()?.trim().trim_matches('"') == member).then_some(parts))?;
    let mut values = parameters.filter_map(|part| part.trim().split_once('='));
    values.find(|(known, _)| *known == name).and_then(|(_, value)| value.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    const POLICY: &str = r#""minuteRate";q=1000;w=60, "concurrency";q=3, "complexityMinute";q=1000000;w=60"#;

    fn reported(points: u64, seconds: u64) -> String {
        format!(r#""minuteRate";r=900;t={seconds}, "concurrency";r=2, "complexityMinute";r={points};t={seconds}"#)
    }

    #[test]
    fn headers_are_read_by_their_names() {
        assert_eq!(parameter(POLICY, "complexityMinute", "q"), Some(1_000_000));
        assert_eq!(parameter(&reported(7, 38), "minuteRate", "t"), Some(38));
        for (header, member) in [("", "minuteRate"), (POLICY, "other"), (r#""minuteRate";q=x"#, "minuteRate")] {
            assert_eq!(parameter(header, member, "q"), None, "{header}");
        }
    }

    #[test]
    fn what_is_left_is_spent_and_then_the_next_window_is_waited_for() {
        let (mut allowance, now) = (Allowance::default(), Clock::system().instant());
        assert_eq!(allowance.room(100, now), Room::For(100), "nothing is known yet");
        allowance.observe(POLICY, &reported(800_001, 30), now);
        assert_eq!(allowance.room(100, now), Room::For(80));
        allowance.begin(50, now);
        allowance.begin(20, now);
        assert!(matches!(allowance.room(10, now), Room::At(_)), "two at once are the most");
        allowance.end(20);
        // The other one is not charged yet, as far as monday reports.
        allowance.observe(POLICY, &reported(600_000, 30), now);
        assert_eq!(allowance.room(100, now), Room::At(now + Duration::from_secs(31)));
        let next = now + Duration::from_secs(32);
        assert_eq!(allowance.room(90, next), Room::For(49), "the call under way may be charged to the new one");
        allowance.end(50);
        assert_eq!(allowance.room(100, next), Room::For(100));
    }

    #[test]
    fn what_others_spend_counts() {
        let (mut allowance, now) = (Allowance::default(), Clock::system().instant());
        allowance.observe(POLICY, &reported(900_000, 30), now);
        allowance.observe(POLICY, &reported(100_000, 29), now + Duration::from_secs(1));
        assert_eq!(allowance.room(10, now + Duration::from_secs(1)), Room::For(10));
        assert!(matches!(allowance.room(50, now + Duration::from_secs(1)), Room::At(_)));
        allowance.observe(POLICY, &reported(950_000, 59), now + Duration::from_secs(2));
        assert_eq!(allowance.room(50, now + Duration::from_secs(2)), Room::For(50), "a new window");
    }

    #[test]
    fn a_change_costs_what_the_last_answer_said() {
        let (mut allowance, now) = (Allowance::default(), Clock::system().instant());
        allowance.observe(POLICY, &reported(1_000_000, 30), now);
        allowance.learn(1_000_000, 50);
        assert_eq!(allowance.room(100, now), Room::For(50));
        allowance.learn(0, 0);
        assert_eq!(allowance.each(), 20_000);
    }
}
