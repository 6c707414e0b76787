//! One request to HApi: the token, the repetitions, and what an answer means.

use super::token::{Login, Token, TokenFile};
use crate::clock::Clock;
use crate::config::{ApiKeyOn, Hapi, Secret};
use crate::failure::{Exit, Failure};
use crate::http::{Http, NoAnswer, NoAnswerCause, Reply, Request, Stop, StopReason};
use crate::message::HapiText;
use crate::retry::{Attempts, Decision, Setback};
use reqwest::Method;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How often one request may meet a 401 before the login counts as refused: once for a token that ended, once more because
/// another process may have renewed, and thereby voided, the new one too.
const MOST_RENEWALS: u32 = 2;

/// The longest pause that HApi is believed to ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);
/// How often a question is repeated whose answer breaks off or fails, where asking for less is the better remedy.
const RETRIES_BEFORE_ASKING_FOR_LESS: u32 = 1;

/// Why records could not be read.
#[derive(Debug)]
pub enum ReadError {
    /// 403 or 404: the module is not bought, or there is no such set.
    Unavailable {
        /// The status.
        status: u16,
    },
    /// The answer broke off, or was a 500, each time: it may hold a record that HApi cannot deliver.
    BadPage(HapiText),
    /// What answers there is not HApi: a web page, a redirect.
    WrongAddress(HapiText),
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

/// How often a question is put that meets the same bad answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// As often as `[network] retries` allows.
    Whole,
    /// Twice: whoever asks will then ask for less.
    Short,
}

/// Why a body is not what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotDecoded {
    /// Whether it begins as it should and breaks off.
    pub is_cut: bool,
    /// Whether it is a web page.
    pub is_web_page: bool,
    /// Why, in words.
    pub why: String,
}

impl From<String> for NotDecoded {
    fn from(why: String) -> NotDecoded {
        NotDecoded { is_cut: false, is_web_page: false, why }
    }
}

/// A body, with the status that it came under.
#[derive(Debug)]
pub struct Body {
    /// The HTTP status, 200 to 299.
    pub status: u16,
    /// The bytes.
    pub bytes: Vec<u8>,
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

    /// The clock of the work.
    pub fn clock(&self) -> &Clock {
        self.http.clock()
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
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn get<T>(
        &self,
        url: &str,
        what: &str,
        tally: &mut Tally,
        patience: Patience,
        decode: impl Fn(Body) -> Result<T, NotDecoded>,
    ) -> Result<T, ReadError> {
        self.ask(&Ask { method: Method::GET, url, body: None, what }, tally, patience, decode)
    }

    /// Sends a request until it gets an answer that `decode` accepts. It may be sent more than once, so it must be one that
    /// does no harm when it is repeated.
    pub(super) fn ask<T>(
        &self,
        ask: &Ask<'_>,
        tally: &mut Tally,
        patience: Patience,
        decode: impl Fn(Body) -> Result<T, NotDecoded>,
    ) -> Result<T, ReadError> {
        let (mut attempts, mut renewals) = (Attempts::default(), 0);
        let mut token = self.tokens.get(&self.login())?;
        loop {
            if let Some(reason) = self.stop.reason() {
                return Err(ReadError::Stopped(reason));
            }
            let trouble = match self.once(ask, &token, tally)? {
                Ok(reply) if reply.status == 401 && renewals < MOST_RENEWALS => {
                    renewals += 1;
                    token = self.tokens.renew(&self.login(), &token)?;
                    continue;
                }
                Ok(reply) => match self.judge(ask.what, reply, &decode)? {
                    Ok(value) => return Ok(value),
                    Err(trouble) => trouble,
                },
                Err(error) => Trouble {
                    // A connection that ends while the answer comes is how a server breaks off.
                    is_bad_page: !error.never_sent && error.cause == NoAnswerCause::Broken,
                    text: HapiText::Unreachable { what: ask.what.to_owned(), why: error.why },
                    wait: None,
                },
            };
            match self.decide(&mut attempts, &trouble, patience) {
                Decision::Again(pause) => self.stop.sleep(pause).map_err(ReadError::Stopped)?,
                Decision::NotBefore(wait) => return Err(ReadError::NotBefore(wait)),
                Decision::GiveUp(_) => return Err(trouble.into_error()),
            }
        }
    }

    /// Whether the same is asked again.
    fn decide(&self, attempts: &mut Attempts, trouble: &Trouble, patience: Patience) -> Decision {
        let asks_for_less = patience == Patience::Short && trouble.is_bad_page;
        let policy = match asks_for_less {
            true => self.http.retry().at_most(RETRIES_BEFORE_ASKING_FOR_LESS),
            false => self.http.retry(),
        };
        policy.decide(attempts, Setback::Fault(trouble.wait), self.http.random().fraction())
    }

    /// What an answer means: a value, a reason to ask again, or (the outer error) the end of asking.
    fn judge<T>(
        &self,
        what: &str,
        reply: Reply,
        decode: &impl Fn(Body) -> Result<T, NotDecoded>,
    ) -> Result<Result<T, Trouble>, ReadError> {
        let status = reply.status;
        let server_error = |reply: &Reply| {
            let (status, answer) = (reply.status.into(), reply.excerpt());
            HapiText::ServerError { what: what.to_owned(), status, answer }
        };
        let trouble = match status {
            200..=299 => match decode(Body { status, bytes: reply.body }) {
                Ok(value) => return Ok(Ok(value)),
                Err(NotDecoded { is_cut, is_web_page, why }) => {
                    let text = HapiText::NotAPage { what: what.to_owned(), why: self.http.masks().mask(&why) };
                    if is_web_page {
                        return Err(ReadError::WrongAddress(text));
                    }
                    Trouble { is_bad_page: is_cut, text, wait: None }
                }
            },
            300..=399 => return Err(ReadError::WrongAddress(redirected(what, &reply))),
            401 => return Err(ReadError::Fatal(refused_twice(what).into())),
            403 | 404 => return Err(ReadError::Unavailable { status }),
            500 if refuses_the_query(&reply.body) => {
                return Err(ReadError::Refused { status, answer: reply.excerpt() });
            }
            408 | 429 | 500..=599 => Trouble {
                is_bad_page: status == 500,
                text: server_error(&reply),
                wait: reply.retry_after(self.http.clock().now()).map(|wait| wait.min(LONGEST_WAIT)),
            },
            _ => return Err(ReadError::Refused { status, answer: reply.excerpt() }),
        };
        Ok(Err(trouble))
    }

    /// One exchange; the outer error ends everything, the inner one says why there was no whole answer.
    fn once(&self, ask: &Ask<'_>, token: &Token, tally: &mut Tally) -> Result<Result<Reply, NoAnswer>, ReadError> {
        self.http.masks().add(token.expose());
        let mut request = Request::new(ask.method.clone(), ask.url)
            .header("accept", "application/json")
            .header("authorization", format!("Bearer {}", token.expose()));
        if self.settings.api_key_on == ApiKeyOn::All {
            request = request.header("x-api-key", self.api_key.expose());
        }
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
                None => Ok(Err(error)),
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

/// A reason to ask again.
struct Trouble {
    /// Whether asking for less may be the remedy.
    is_bad_page: bool,
    text: HapiText,
    wait: Option<Duration>,
}

impl Trouble {
    fn into_error(self) -> ReadError {
        if self.is_bad_page { ReadError::BadPage(self.text) } else { ReadError::Down(self.text) }
    }
}

/// Whether a 500 says that the question itself is refused. Source: AspNetCoreOData #1285, WebApi #1809.
fn refuses_the_query(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    ["ODataException", "Could not find a property named", "The query specified in the URI is not valid"]
        .iter()
        .any(|sign| text.contains(sign))
}

/// What is said of a redirect, which is never followed.
pub(super) fn redirected(what: &str, reply: &Reply) -> HapiText {
    let target = reply.redirect.clone().unwrap_or_else(|| "?".to_owned());
    HapiText::Redirected { what: what.to_owned(), status: reply.status.into(), target }
}

fn refused_twice(what: &str) -> Failure {
    Failure::new(Exit::Login, HapiText::LoginRefusedTwice { what: what.to_owned() }).help(HapiText::CheckLogin {})
}
