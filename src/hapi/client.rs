//! One request to HApi: the token, the repetitions, and what an answer means.

use super::token::{Login, Token, TokenFile};
use crate::config::{Hapi, Secret};
use crate::failure::{Exit, Failure};
use crate::http::{Http, Reply, Request, Stop, StopReason};
use crate::message::HapiText;
use jiff::Timestamp;
use reqwest::Method;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How often one request may meet a 401 before the login counts as refused: once for a token that ended, once more because
/// another process may have renewed, and thereby voided, the new one too.
const MOST_RENEWALS: u32 = 2;

/// Why records could not be read.
#[derive(Debug)]
pub enum ReadError {
    /// 403 or 404: the module is not bought, or there is no such set.
    Unavailable {
        /// The status.
        status: u16,
    },
    /// 400 or another refusal of this request.
    Refused {
        /// The status.
        status: u16,
        /// What HApi said, shortened.
        answer: String,
    },
    /// No usable answer after all repetitions.
    Down(HapiText),
    /// HApi asks for a longer pause than a run may make.
    NotBefore(Duration),
    /// A signal, or the end of the time allowed.
    Stopped(StopReason),
    /// A refused login, a missing secret: nothing can be read at all.
    Fatal(anyhow::Error),
}

/// What was spent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Requests sent, repetitions included.
    pub requests: u64,
    /// Bytes of the bodies received.
    pub bytes: u64,
}

/// One request.
#[derive(Debug, Clone)]
pub(super) struct Ask<'a> {
    pub(super) method: Method,
    pub(super) url: &'a str,
    /// JSON.
    pub(super) body: Option<&'a str>,
    /// Its name in messages, without the query.
    pub(super) what: &'a str,
}

/// The client: shared by all threads that read.
#[derive(Debug)]
pub struct Client<'a> {
    http: &'a Http,
    settings: &'a Hapi,
    stop: &'a Stop,
    tokens: TokenFile,
    password: Secret,
    api_key: Secret,
    calls: AtomicU64,
}

impl<'a> Client<'a> {
    /// Takes the settings and reads the secrets; nothing is sent yet.
    pub fn new(http: &'a Http, settings: &'a Hapi, stop: &'a Stop, tokens: TokenFile) -> anyhow::Result<Client<'a>> {
        let password = settings.password.read()?;
        let api_key = settings.api_key.read()?;
        http.masks().add_login(&settings.username, password.expose());
        http.masks().add(api_key.expose());
        Ok(Client { http, settings, stop, tokens, password, api_key, calls: AtomicU64::new(0) })
    }

    /// Requests sent so far, logins included.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Why no more should be asked, if so.
    pub fn stop_reason(&self) -> Option<StopReason> {
        self.stop.reason()
    }

    /// The address of an entity set.
    pub fn address(&self, endpoint: &str) -> String {
        format!("{}/api/{endpoint}", self.settings.url)
    }

    /// Reads `url` until it gives a body that `decode` accepts, or until it is certain that it will not.
    ///
    /// `what` names the request in messages, without the query: a filter can hold personal data.
    pub fn get<T>(
        &self,
        url: &str,
        what: &str,
        tally: &mut Tally,
        decode: impl Fn(Vec<u8>) -> Result<T, String>,
    ) -> Result<T, ReadError> {
        self.ask(&Ask { method: Method::GET, url, body: None, what }, tally, decode)
    }

    /// Sends a request until it gets an answer that `decode` accepts. It may be sent more than once, so it must be one that
    /// does no harm when it is repeated.
    pub(super) fn ask<T>(
        &self,
        ask: &Ask<'_>,
        tally: &mut Tally,
        decode: impl Fn(Vec<u8>) -> Result<T, String>,
    ) -> Result<T, ReadError> {
        let what = ask.what;
        let mut failures = 0;
        let mut renewals = 0;
        let mut token = self.tokens.get(&self.login())?;
        loop {
            if let Some(reason) = self.stop.reason() {
                return Err(ReadError::Stopped(reason));
            }
            let outcome = self.once(ask, &token, tally)?;
            let (problem, wait) = match outcome {
                Ok(reply) => match reply.status {
                    200..=299 => match decode(reply.body) {
                        Ok(value) => return Ok(value),
                        Err(why) => {
                            let why = self.http.masks().mask(&why);
                            (HapiText::NotAPage { what: what.to_owned(), why }, None)
                        }
                    },
                    401 if renewals < MOST_RENEWALS => {
                        renewals += 1;
                        token = self.tokens.renew(&self.login(), &token)?;
                        continue;
                    }
                    401 => return Err(ReadError::Fatal(refused_twice(what).into())),
                    status @ (403 | 404) => return Err(ReadError::Unavailable { status }),
                    408 | 429 | 500..=599 => {
                        let wait = reply.retry_after(Timestamp::now());
                        let (status, answer) = (reply.status.into(), reply.excerpt());
                        (HapiText::ServerError { what: what.to_owned(), status, answer }, wait)
                    }
                    status => {
                        return Err(ReadError::Refused { status, answer: reply.excerpt() });
                    }
                },
                Err(why) => (HapiText::Unreachable { what: what.to_owned(), why }, None),
            };
            failures += 1;
            if let Some(wait) = wait.filter(|wait| *wait > self.http.network().max_wait) {
                return Err(ReadError::NotBefore(wait));
            }
            if failures > self.http.network().retries {
                return Err(ReadError::Down(problem));
            }
            let pause = wait.unwrap_or_else(|| self.http.backoff(failures));
            self.stop.sleep(pause).map_err(ReadError::Stopped)?;
        }
    }

    /// One exchange; the outer error ends everything, the inner one says why there was no whole answer.
    fn once(&self, ask: &Ask<'_>, token: &Token, tally: &mut Tally) -> Result<Result<Reply, String>, ReadError> {
        self.http.masks().add(token.expose());
        let mut request = Request::new(ask.method.clone(), ask.url)
            .header("accept", "application/json")
            .header("authorization", format!("Bearer {}", token.expose()));
        if let Some(body) = ask.body {
            request = request.header("content-type", "application/json").body(body);
        }
        self.calls.fetch_add(1, Ordering::Relaxed);
        tally.requests += 1;
        match self.http.exchange(request).map_err(ReadError::Fatal)? {
            Ok(reply) => {
                tally.bytes += reply.body.len() as u64;
                Ok(Ok(reply))
            }
            Err(error) => match error.stop_reason() {
                Some(reason) => Err(ReadError::Stopped(reason)),
                None => Ok(Err(error.why)),
            },
        }
    }

    fn login(&self) -> Login<'_> {
        Login {
            http: self.http,
            settings: self.settings,
            stop: self.stop,
            password: &self.password,
            api_key: &self.api_key,
            calls: &self.calls,
        }
    }
}

fn refused_twice(what: &str) -> Failure {
    Failure::new(Exit::Login, HapiText::LoginRefusedTwice { what: what.to_owned() }).help(HapiText::CheckLogin {})
}
