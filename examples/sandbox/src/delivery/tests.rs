use std::net::{Ipv4Addr, TcpListener};

use serde_json::{Value, json};

use super::*;
use crate::hapi::{Additional, Event, Subscription};
use crate::{Api, Fault, Options, Rule, Sandbox};

const LONG: Duration = Duration::from_secs(10);

/// A sandbox whose units are subscribed to, and another one that plays the receiver.
fn start() -> (Sandbox, Sandbox) {
    let sandbox = Sandbox::start(Options::default()).expect("there are free ports");
    let receiver = Sandbox::start(Options::default()).expect("there are free ports");
    answer(&receiver, 204, u32::MAX);
    let url = format!("{}/hook?x=1", receiver.hapi_url());
    sandbox.hapi().subscribe(Subscription::new("Unit", &url).with_header("X-Secret", "s3cret"));
    sandbox.hapi().settings.notifies = true;
    (sandbox, receiver)
}

fn answer(receiver: &Sandbox, status: u16, times: u32) {
    let fault = Fault::Status { status, headers: Vec::new(), body: "thanks".to_owned() };
    receiver.inject(Rule { times, ..Rule::once(Api::Hapi, fault) });
}

fn add_units(sandbox: &Sandbox, count: i64) {
    let mut hapi = sandbox.hapi();
    for id in 1..=count {
        hapi.insert("Units", json!({"Id": id}));
    }
}

/// The Ids in the order in which they arrived.
fn received(receiver: &Sandbox) -> Vec<i64> {
    let requests = receiver.requests(Api::Hapi);
    let bodies = requests.iter().map(|request| serde_json::from_str::<Value>(&request.body).expect("JSON"));
    bodies.filter_map(|body| body["Id"].as_i64()).collect()
}

/// What arrives of that many new units under these settings.
fn received_under(delivery: &Delivery, count: i64) -> Vec<i64> {
    let (sandbox, receiver) = start();
    sandbox.set_delivery(delivery.clone());
    add_units(&sandbox, count);
    assert!(sandbox.wait_for_deliveries(LONG));
    received(&receiver)
}

#[test]
fn a_change_reaches_its_subscriber_with_the_headers_asked_for() {
    let (sandbox, receiver) = start();
    add_units(&sandbox, 1);
    sandbox.hapi().insert("Tenants", json!({"Id": 2}));
    assert!(sandbox.wait_for_deliveries(LONG));
    let requests = receiver.requests(Api::Hapi);
    let [request] = requests.as_slice() else { panic!("one request, not {requests:?}") };
    assert_eq!(
        (request.method.as_str(), request.path.as_str(), request.query.as_deref()),
        ("POST", "/hook", Some("x=1"))
    );
    assert_eq!(request.body, r#"{"Id":1,"Entity":"Unit","Status":3,"DatabaseName":"DEV/ALEX"}"#);
    assert_eq!(request.header("x-secret"), Some("s3cret"));
    assert_eq!(request.header("content-type"), Some("application/json; charset=utf-8"));
    assert!(receiver.hapi_url().ends_with(request.header("host").expect("there is a host")));
    let deliveries = sandbox.deliveries();
    assert_eq!(deliveries.len(), 1);
    assert_eq!((&deliveries[0].body, &deliveries[0].outcome), (&request.body, &DeliveryOutcome::Answered(204)));
}

#[test]
fn nothing_leaves_while_the_guard_lives() {
    let (sandbox, receiver) = start();
    let mut hapi = sandbox.hapi();
    hapi.insert("Units", json!({"Id": 1}));
    assert!(hapi.has_letters());
    hapi.insert("Units", json!({"Id": 2}));
    assert_eq!(receiver.request_count(Api::Hapi), 0);
    drop(hapi);
    assert!(sandbox.wait_for_deliveries(LONG));
    assert_eq!(received(&receiver), [1, 2]);
}

#[test]
fn events_are_repeated_and_every_third_is_lost() {
    let delivery = Delivery { copies: 2, losses: Losses::Every(3), ..Delivery::default() };
    assert_eq!(received_under(&delivery, 4), [1, 1, 2, 2, 4, 4]);
}

#[test]
fn lost_events_are_on_record_and_waited_for() {
    let (sandbox, receiver) = start();
    sandbox.set_delivery(Delivery { losses: Losses::Every(1), ..Delivery::default() });
    add_units(&sandbox, 2);
    assert!(sandbox.wait_for_deliveries(LONG));
    assert_eq!(receiver.request_count(Api::Hapi), 0);
    let deliveries = sandbox.deliveries();
    assert_eq!(deliveries.iter().map(|lost| lost.event).collect::<Vec<_>>(), [1, 2]);
    assert!(deliveries.iter().all(|lost| lost.outcome == DeliveryOutcome::Lost));
    sandbox.clear_deliveries();
    assert!(sandbox.deliveries().is_empty());
}

#[test]
fn the_seed_decides_order_and_losses() {
    let delivery =
        |seed| Delivery { seed, shuffle_window: 4, losses: Losses::PerMille(300), copies: 2, ..Delivery::default() };
    let first = received_under(&delivery(1), 12);
    assert_eq!(first, received_under(&delivery(1), 12));
    assert_ne!(first, received_under(&delivery(2), 12));
    assert!(first.len() < 24 && !first.is_sorted());
}

#[test]
fn a_window_keeps_disorder_within_itself() {
    let order = received_under(&Delivery { shuffle_window: 4, ..Delivery::default() }, 8);
    assert!(!order.is_sorted());
    assert!(order[..4].iter().all(|id| *id <= 4), "{order:?}");
}

#[test]
fn what_was_held_is_shuffled_as_one() {
    let (sandbox, receiver) = start();
    sandbox.set_delivery(Delivery { shuffle_window: usize::MAX, ..Delivery::default() });
    sandbox.hold_deliveries();
    for id in 1..=8 {
        sandbox.hapi().insert("Units", json!({"Id": id}));
    }
    assert!(!sandbox.wait_for_deliveries(Duration::from_millis(1)));
    sandbox.release_deliveries();
    assert!(sandbox.wait_for_deliveries(LONG));
    let order = received(&receiver);
    assert_eq!(order, received_under(&Delivery { shuffle_window: 8, ..Delivery::default() }, 8));
    assert!(!order.is_sorted());
}

#[test]
fn delays_are_waited_for_and_random_ones_change_the_order() {
    let (sandbox, receiver) = start();
    let wait = Duration::from_millis(20);
    sandbox.set_delivery(Delivery { delay: wait..=wait, ..Delivery::default() });
    let begun = Instant::now();
    add_units(&sandbox, 2);
    assert!(sandbox.wait_for_deliveries(LONG));
    assert!(sandbox.deliveries().iter().all(|delivery| delivery.at >= begun + wait));
    assert_eq!(received(&receiver), [1, 2]);
    let order = received_under(&Delivery { delay: Duration::ZERO..=wait, ..Delivery::default() }, 6);
    assert!(order.len() == 6 && !order.is_sorted(), "{order:?}");
}

#[test]
fn what_was_refused_is_sent_again_as_often_as_configured() {
    let (sandbox, receiver) = start();
    receiver.clear_faults();
    answer(&receiver, 500, 2);
    answer(&receiver, 200, u32::MAX);
    sandbox
        .set_delivery(Delivery { retry: Retry { times: 3, pause: Duration::from_millis(1) }, ..Delivery::default() });
    add_units(&sandbox, 1);
    assert!(sandbox.wait_for_deliveries(LONG));
    let attempts: Vec<_> =
        sandbox.deliveries().into_iter().map(|delivery| (delivery.event, delivery.attempt, delivery.outcome)).collect();
    let answered = DeliveryOutcome::Answered;
    assert_eq!(attempts, [(1, 1, answered(500)), (1, 2, answered(500)), (1, 3, answered(200))]);
}

#[test]
fn a_refused_or_lost_connection_is_on_record_and_tried_again() {
    let (sandbox, receiver) = start();
    receiver.clear_faults();
    receiver.inject(Rule::once(Api::Hapi, Fault::LostBefore));
    answer(&receiver, 200, 1);
    sandbox.set_delivery(Delivery { retry: Retry { times: 1, pause: Duration::ZERO }, ..Delivery::default() });
    add_units(&sandbox, 1);
    assert!(sandbox.wait_for_deliveries(LONG));
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|taken| taken.local_addr()).expect("a free port");
    sandbox.hapi().subscribe(Subscription::new("Unit", &format!("http://{free}")));
    add_units(&sandbox, 1);
    assert!(sandbox.wait_for_deliveries(LONG));
    let outcomes: Vec<_> = sandbox.deliveries().into_iter().map(|delivery| delivery.outcome).collect();
    assert!(
        matches!(
            outcomes.as_slice(),
            [
                DeliveryOutcome::Failed(_),
                DeliveryOutcome::Answered(200),
                DeliveryOutcome::Failed(_),
                DeliveryOutcome::Failed(_),
            ]
        ),
        "{outcomes:?}"
    );
}

#[test]
fn a_receiver_that_hangs_is_left_after_the_timeout() {
    let (sandbox, receiver) = start();
    receiver.clear_faults();
    receiver.inject(Rule::always(Api::Hapi, Fault::Hang));
    sandbox.set_delivery(Delivery { timeout: Duration::from_millis(20), ..Delivery::default() });
    add_units(&sandbox, 1);
    assert!(sandbox.wait_for_deliveries(LONG));
    assert_eq!(sandbox.deliveries()[0].outcome, DeliveryOutcome::Failed("no answer within 20ms".to_owned()));
}

#[test]
fn payloads_take_turns_and_raw_bodies_stay_as_they_are() {
    let (sandbox, receiver) = start();
    let garbage = Payload { body: Some("?".to_owned()), ..Payload::default() };
    sandbox.set_delivery(Delivery { payloads: vec![garbage, Payload::with(Additional::Null)], ..Delivery::default() });
    for id in 1..=3 {
        assert_eq!(sandbox.deliver(Event::new("Unit", id, Event::UPDATE)), 1);
    }
    assert_eq!(sandbox.deliver_raw("raw"), 1);
    assert!(sandbox.wait_for_deliveries(LONG));
    let bodies: Vec<String> = receiver.requests(Api::Hapi).into_iter().map(|request| request.body).collect();
    let null = r#"{"Id":2,"Entity":"Unit","Status":1,"DatabaseName":"DEV/ALEX","AdditionalInformationJson":null}"#;
    assert_eq!(bodies, ["?", null, "?", "raw"]);
}

#[test]
fn nothing_is_posted_beyond_this_machine_but_a_proxy_may_stand_in() {
    let (sandbox, receiver) = start();
    for url in ["http://192.0.2.1/", "http://example.com/", "https://127.0.0.1/"] {
        sandbox.hapi().subscribe(Subscription::new("Unit", url));
        add_units(&sandbox, 1);
    }
    assert!(sandbox.wait_for_deliveries(LONG));
    for delivery in sandbox.deliveries() {
        let DeliveryOutcome::Failed(why) = &delivery.outcome else { panic!("{delivery:?}") };
        assert!(why.contains(" is not "), "{why}");
    }
    let port = receiver.hapi_url().rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    let through = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    sandbox.set_delivery(Delivery { through, ..Delivery::default() });
    sandbox.hapi().subscribe(Subscription::new("Unit", "https://example.com/hook"));
    add_units(&sandbox, 1);
    assert!(sandbox.wait_for_deliveries(LONG));
    let requests = receiver.requests(Api::Hapi);
    assert_eq!(requests.iter().filter_map(|request| request.header("host")).collect::<Vec<_>>(), ["example.com"]);
}
