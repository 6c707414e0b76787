//! The commands about subscriptions and deliveries.

use std::fmt::Write as _;
use std::time::Duration;

use hopem_sandbox::hapi::Payload;
use hopem_sandbox::{Delivery, DeliveryOutcome, Event, Losses, RecordedDelivery, Sandbox};

use super::{SHOWN, count_of};

/// How long a command waits for the events that it has caused.
const PATIENCE: Duration = Duration::from_secs(1);

pub(super) fn subscriptions(sandbox: &Sandbox) -> String {
    let hapi = sandbox.hapi();
    let lines: Vec<String> = hapi
        .subscriptions()
        .iter()
        .map(|subscription| {
            // Values are secrets, even if only somebody's who plays.
            let headers: Vec<&str> = subscription.headers.iter().map(|(name, _)| name.as_str()).collect();
            format!("{:<18}{} {}", subscription.entity, subscription.url, headers.join(", "))
        })
        .collect();
    match lines.is_empty() {
        true => format!("nobody has subscribed; POST /api/{} does it", hapi.settings.webhooks.subscribe.path),
        false => lines.join("\n"),
    }
}

pub(super) fn deliveries(sandbox: &Sandbox) -> String {
    let deliveries = sandbox.deliveries();
    let shown = deliveries.iter().skip(deliveries.len().saturating_sub(SHOWN));
    shown.fold(format!("{} deliveries", deliveries.len()), |text, delivery| format!("{text}\n{}", line(delivery)))
}

fn line(delivery: &RecordedDelivery) -> String {
    let outcome = match &delivery.outcome {
        DeliveryOutcome::Answered(status) => status.to_string(),
        DeliveryOutcome::Failed(why) => why.clone(),
        DeliveryOutcome::Lost => "lost".to_owned(),
    };
    let attempt = match delivery.attempt {
        1 => String::new(),
        attempt => format!(" (attempt {attempt})"),
    };
    format!("  {:>5} {} {} -> {outcome}{attempt}", delivery.number, delivery.url, delivery.body)
}

/// Does `work` and adds to its answer what was delivered because of it.
pub(super) fn with_deliveries(
    sandbox: &Sandbox,
    work: impl FnOnce() -> Result<String, String>,
) -> Result<String, String> {
    let last = sandbox.deliveries().last().map_or(0, |delivery| delivery.number);
    let mut text = work()?;
    let is_done = sandbox.wait_for_deliveries(PATIENCE);
    for delivery in sandbox.deliveries().iter().filter(|delivery| delivery.number > last) {
        let _ = write!(text, "\n{}", line(delivery));
    }
    if !is_done {
        text.push_str("\n  more is on its way; `deliveries` will show it");
    }
    Ok(text)
}

pub(super) fn deliver(sandbox: &Sandbox, entity: &str, id: &str, status: &str) -> Result<String, String> {
    let id = id.parse().map_err(|_| format!("`{id}` is no whole number"))?;
    let status = match status {
        "update" => Event::UPDATE,
        "delete" => Event::DELETE,
        "insert" => Event::INSERT,
        other => other.parse().map_err(|_| format!("`{other}` is neither update, delete, insert nor a number"))?,
    };
    match sandbox.deliver(Event::new(entity, id, status)) {
        0 => Err("nobody has subscribed".to_owned()),
        1 => Ok("sent to 1 address".to_owned()),
        count => Ok(format!("sent to {count} addresses")),
    }
}

/// Reads how events are to be delivered. What is not named is as usual.
pub(super) fn settings(words: &[&str]) -> Result<Delivery, String> {
    let mut delivery = Delivery::default();
    for word in words {
        let (name, value) = word.split_once('=').ok_or_else(|| format!("`{word}` is not NAME=VALUE"))?;
        let number = || -> Result<u32, String> { value.parse().map_err(|_| format!("`{value}` is no number")) };
        match name {
            "seed" => delivery.seed = number()?.into(),
            "copies" => delivery.copies = number()?,
            "lose" => delivery.losses = Losses::Every(number()?.into()),
            "shuffle" => delivery.shuffle_window = count_of(value)?,
            "retries" => delivery.retry.times = number()?,
            "pause" => delivery.retry.pause = Duration::from_millis(number()?.into()),
            "delay" => {
                let (least, most) = value.split_once('-').unwrap_or((value, value));
                let (least, most) = (count_of(least)?, count_of(most)?);
                if least > most {
                    return Err(format!("`{value}` ends before it begins"));
                }
                delivery.delay = Duration::from_millis(least as u64)..=Duration::from_millis(most as u64);
            }
            "payload" => delivery.payloads = value.split(',').map(payload).collect::<Result<_, _>>()?,
            _ => {
                return Err(format!("`{name}` is none of seed, copies, lose, shuffle, retries, pause, delay, payload"));
            }
        }
    }
    Ok(delivery)
}

fn payload(name: &str) -> Result<Payload, String> {
    let shapes = Payload::shapes();
    let names: Vec<&str> = shapes.iter().map(|(name, _)| *name).collect();
    let refusal = format!("there is no payload `{name}`; there are {}", names.join(", "));
    shapes.into_iter().find(|(known, _)| *known == name).map(|(_, payload)| payload).ok_or(refusal)
}

#[cfg(test)]
mod tests {
    use hopem_sandbox::{Api, Fault, Options, Rule, Subscription};

    use super::super::{Console, Next};
    use super::*;

    fn say(console: &mut Console<'_>, line: &str) -> String {
        match console.obey(line) {
            Next::Say(text) => text,
            Next::Quit => panic!("`{line}` ended the console"),
        }
    }

    fn start() -> Sandbox {
        Sandbox::start(Options::default()).expect("there are free ports")
    }

    #[test]
    fn who_subscribed_is_notified_of_what_the_console_changes() {
        let (sandbox, receiver) = (start(), start());
        let status = Fault::Status { status: 202, headers: Vec::new(), body: String::new() };
        receiver.inject(Rule::always(Api::Hapi, status));
        sandbox.hapi().settings.notifies = true;
        let mut console = Console::new(&sandbox, Vec::new());
        assert!(say(&mut console, "subscriptions").contains("/api/subscribe"));
        let url = format!("{}/hook", receiver.hapi_url());
        sandbox.hapi().subscribe(Subscription::new("Unit", &url).with_header("token", "s3cret"));
        assert_eq!(say(&mut console, "subscriptions"), format!("Unit              {url} token"));
        let lines = [
            ("add unit UnitCode=1", 3, 1),
            ("change unit 1 UnitCode=2 Rent=5", 1, 1),
            ("delete unit 1", 2, 1),
            ("deliver Unit 1 update", 1, 1),
            ("deliver WorkOrder 1 9", 9, 1),
            ("add tenant LastName=Roy", 0, 0),
        ];
        for (line, status, count) in lines {
            let answer = say(&mut console, line);
            assert_eq!(answer.matches("-> 202").count(), count, "{answer}");
            assert!(count == 0 || answer.contains(&format!(r#""Status":{status},"#)), "{answer}");
        }
        assert!(say(&mut console, "deliveries").starts_with("5 deliveries\n      1 http://"));
        say(&mut console, "delivery copies=2 payload=text-id");
        let answer = say(&mut console, "deliver Unit 4 insert");
        assert_eq!(answer.matches(r#""Id":"4""#).count(), 2, "{answer}");
        say(&mut console, "calm");
        assert!(say(&mut console, "deliver Unit 4 insert").contains(r#""Id":4"#));
    }

    #[test]
    fn settings_are_read_or_refused_with_what_there_is() {
        let delivery =
            settings(&["seed=7", "lose=3", "shuffle=8", "delay=5-9", "retries=2", "pause=1"]).expect("known");
        assert_eq!((delivery.seed, delivery.losses, delivery.shuffle_window), (7, Losses::Every(3), 8));
        assert_eq!(delivery.delay, Duration::from_millis(5)..=Duration::from_millis(9));
        assert_eq!((delivery.retry.times, delivery.retry.pause), (2, Duration::from_millis(1)));
        for (word, message) in [
            ("copies", "NAME=VALUE"),
            ("copies=x", "no number"),
            ("delay=9-5", "ends before"),
            ("payload=text,odd", "printed"),
            ("speed=9", "shuffle"),
        ] {
            let refusal = settings(&[word]).map(|_| ()).expect_err(word);
            assert!(refusal.contains(message), "{refusal}");
        }
    }
}
