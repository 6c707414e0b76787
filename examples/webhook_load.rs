//! Sends webhooks to a receiver at a steady rate and says how long their answers took:
//! `cargo run --release --example webhook_load -- 127.0.0.1:8787 SECRET RATE SECONDS [CONNECTIONS]`
//!
//! A request's time begins when it was due, not when a connection was free for it, so that a receiver that stalls cannot hide
//! it. With 0 connections, each request makes its own.
#![allow(clippy::disallowed_methods, reason = "a program of its own")]

use std::collections::BTreeMap;
use std::io::{Error, Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Workers where each request makes a connection of its own.
const WORKERS: usize = 64;

#[derive(Default)]
struct Tally {
    statuses: BTreeMap<u16, u64>,
    times: Vec<Duration>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, secret, rate, seconds, rest @ ..] = arguments.as_slice() else {
        return Err("usage: webhook_load ADDRESS SECRET RATE SECONDS [CONNECTIONS]".into());
    };
    let (rate, seconds): (f64, f64) = (rate.parse()?, seconds.parse()?);
    let connections: usize = rest.first().map_or(Ok(32), |count| count.parse())?;
    let (next, total) = (AtomicU64::new(0), (rate * seconds) as u64);
    let (tally, began) = (Mutex::new(Tally::default()), Instant::now());
    std::thread::scope(|scope| {
        for _ in 0..if connections == 0 { WORKERS } else { connections } {
            scope.spawn(|| {
                let mut kept: Option<TcpStream> = None;
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= total {
                        return;
                    }
                    let due = began + Duration::from_secs_f64(number as f64 / rate);
                    std::thread::sleep(due.saturating_duration_since(Instant::now()));
                    let outcome = deliver(&mut kept, address, secret, number, connections > 0);
                    if outcome.is_err() || connections == 0 {
                        kept = None;
                    }
                    let Ok(mut tally) = tally.lock() else { return };
                    *tally.statuses.entry(outcome.unwrap_or(0)).or_default() += 1;
                    tally.times.push(due.elapsed());
                }
            });
        }
    });
    let mut tally = tally.into_inner().map_err(|_| "a worker broke off")?;
    tally.times.sort_unstable();
    let at = |share: f64| tally.times.get((tally.times.len() as f64 * share) as usize).or(tally.times.last());
    let times: Vec<String> = [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("max", 1.0)]
        .map(|(name, share)| format!("{name} {:.1} ms", at(share).copied().unwrap_or_default().as_secs_f64() * 1e3))
        .to_vec();
    let took = began.elapsed().as_secs_f64();
    let statuses: Vec<String> = tally.statuses.iter().map(|(status, count)| format!("{status}: {count}")).collect();
    // Status 0: no answer.
    let mut out = std::io::stdout();
    writeln!(out, "{total} in {took:.1} s; {}; {}", statuses.join(", "), times.join(", "))?;
    Ok(())
}

/// Sends one and reads its answer's status.
fn deliver(
    kept: &mut Option<TcpStream>,
    address: &str,
    secret: &str,
    number: u64,
    is_kept: bool,
) -> Result<u16, Error> {
    let stream = match kept {
        Some(stream) => stream,
        None => {
            let stream = TcpStream::connect(address)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(Duration::from_secs(30)))?;
            kept.insert(stream)
        }
    };
    let body = format!(
        r#"{{"Id":{number},"Entity":"Unit","Status":1,"DatabaseName":"LOAD","AdditionalInformationJson":null}}"#
    );
    let connection = if is_kept { "keep-alive" } else { "close" };
    let request = format!(
        "POST / HTTP/1.1\r\nHost: x\r\nConnection: {connection}\r\nX-Hopem-Sync-Token: {secret}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    let mut piece = [0; 1_024];
    // Its answers have no bodies.
    while !answer.ends_with(b"\r\n\r\n") {
        match stream.read(&mut piece)? {
            0 => return Err(Error::other("closed")),
            count => answer.extend_from_slice(piece.get(..count).unwrap_or_default()),
        }
    }
    let text = String::from_utf8_lossy(&answer);
    text.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(|| Error::other("no status"))
}
