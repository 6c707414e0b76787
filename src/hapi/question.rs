//! One question to HApi: what is sent, and what follows from each answer to it. Pure: it neither sends nor waits.

use super::error::{NotDecoded, ReadError};
use crate::failure::{Exit, Failure};
use crate::http::{Masks, NoAnswer, NoAnswerCause, Reply, is_down};
use crate::message::HapiText;
use crate::retry::{Attempts, Decision, Policy, RetryCause};
use jiff::Timestamp;
use reqwest::Method;
use std::time::Duration;

/// How often one question may meet a 401 before the login counts as refused: once for a token that ended, once more because
/// another process may have renewed, and thereby voided, the new one too.
const MOST_RENEWALS: u32 = 2;
/// The longest pause that HApi is believed to ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

/// Number of repetitions of a question whose answer breaks off or fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retries {
    /// As many as `[network] retries` allows.
    Configured,
    /// One: whoever asks will then ask for less.
    One,
}

/// Body of an answer, with the status that it came under.
#[derive(Debug)]
pub struct Body {
    /// The HTTP status, 200 to 299.
    pub status: u16,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Traffic that questions caused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Requests sent, repetitions included.
    pub(crate) requests: u64,
    /// Bytes of the bodies received.
    pub(crate) bytes: u64,
}

impl std::ops::AddAssign for Traffic {
    fn add_assign(&mut self, more: Traffic) {
        self.requests += more.requests;
        self.bytes += more.bytes;
    }
}

/// Function that makes the value of a body.
type Decode<'q, T> = Box<dyn Fn(Body) -> Result<T, NotDecoded> + 'q>;

/// Question to HApi. It may be sent more than once, so it must be one that does no harm when it is repeated.
pub(super) struct Question<'q, T> {
    pub(super) method: Method,
    pub(super) url: String,
    /// JSON.
    pub(super) body: Option<String>,
    /// Its name in messages, without the query: a filter can hold personal data.
    pub(super) what: String,
    pub(super) retries: Retries,
    pub(super) decode: Decode<'q, T>,
}

/// Circumstances in which an answer is judged.
pub(super) struct Circumstances<'m> {
    pub(super) now: Timestamp,
    pub(super) policy: Policy,
    /// A random fraction of one.
    pub(super) jitter: f64,
    pub(super) masks: &'m Masks,
}

/// Step that follows from an answer.
#[derive(Debug)]
pub(super) enum Step<T> {
    /// The question is answered.
    Done(Result<T, ReadError>),
    /// The same is asked again with another token.
    RenewToken,
    /// The same is asked again after a pause.
    Again(Duration),
}

/// Judge of the answers to one question: what came of earlier ones.
#[derive(Debug, Default)]
pub(super) struct Judge {
    attempts: Attempts,
    renewals: u32,
}

impl Judge {
    /// What follows from what an exchange brought.
    pub(super) fn judge<T>(
        &mut self,
        question: &Question<'_, T>,
        outcome: Result<Reply, NoAnswer>,
        circumstances: &Circumstances<'_>,
    ) -> Step<T> {
        let read = match outcome {
            Ok(reply) if reply.status == 401 && self.renewals < MOST_RENEWALS => {
                self.renewals += 1;
                return Step::RenewToken;
            }
            Ok(reply) => question.read(reply, circumstances),
            Err(error) => Err(question.without_answer(error)),
        };
        match read {
            Ok(value) => Step::Done(Ok(value)),
            Err(Failed::ForGood(error)) => Step::Done(Err(error)),
            Err(Failed::ThisTime(trouble)) => self.repeat(trouble, question.retries, circumstances),
        }
    }

    /// Whether the same is asked again.
    fn repeat<T>(&mut self, trouble: Trouble, retries: Retries, circumstances: &Circumstances<'_>) -> Step<T> {
        let policy = match retries == Retries::One && trouble.sort == TroubleSort::BadPage {
            true => circumstances.policy.at_most(1),
            false => circumstances.policy,
        };
        match policy.decide(&mut self.attempts, RetryCause::Fault(trouble.wait), circumstances.jitter) {
            Decision::Again(pause) => Step::Again(pause),
            Decision::NotBefore(wait) => Step::Done(Err(ReadError::NotBefore(wait))),
            Decision::GiveUp(_) => Step::Done(Err(trouble.into_error())),
        }
    }
}

/// Failure of an exchange: it brought no value.
enum Failed {
    /// And would not, however often.
    ForGood(ReadError),
    /// Another one may.
    ThisTime(Trouble),
}

/// Sort of a trouble, by what may remedy it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TroubleSort {
    /// To ask for less.
    BadPage,
    /// Time.
    Down,
    /// Higher limits on this machine.
    NoHandles,
}

impl TroubleSort {
    /// Of an answer.
    fn of_answer(is_bad_page: bool) -> TroubleSort {
        if is_bad_page { TroubleSort::BadPage } else { TroubleSort::Down }
    }
}

/// Reason to ask again.
struct Trouble {
    sort: TroubleSort,
    text: HapiText,
    wait: Option<Duration>,
}

impl Trouble {
    fn into_error(self) -> ReadError {
        match self.sort {
            TroubleSort::BadPage => ReadError::BadPage(self.text),
            TroubleSort::Down => ReadError::Down(self.text),
            TroubleSort::NoHandles => ReadError::NoHandles(self.text),
        }
    }
}

impl<T> Question<'_, T> {
    /// What an answer means.
    fn read(&self, reply: Reply, circumstances: &Circumstances<'_>) -> Result<T, Failed> {
        let status = reply.status;
        Err(match status {
            200..=299 => return self.decoded(reply, circumstances.masks),
            300..=399 => Failed::ForGood(ReadError::WrongAddress(redirected(&self.what, &reply))),
            401 => Failed::ForGood(ReadError::Fatal(refused_twice(&self.what).into())),
            403 | 404 => Failed::ForGood(ReadError::Unavailable { status }),
            _ if is_down(status) && !(status == 500 && refuses_the_query(&reply.body)) => {
                let what = self.what.clone();
                Failed::ThisTime(Trouble {
                    sort: TroubleSort::of_answer(status == 500),
                    text: HapiText::ServerError { what, status: status.into(), answer: reply.excerpt() },
                    wait: reply.retry_after(circumstances.now).map(|wait| wait.min(LONGEST_WAIT)),
                })
            }
            _ => Failed::ForGood(ReadError::Refused { status, answer: reply.excerpt() }),
        })
    }

    fn decoded(&self, reply: Reply, masks: &Masks) -> Result<T, Failed> {
        (self.decode)(Body { status: reply.status, bytes: reply.body }).map_err(|mut error| {
            error.why.change_foreign(&|text| masks.mask(text));
            let text = HapiText::NotAPage { what: self.what.clone(), why: error.why };
            match error.is_web_page {
                true => Failed::ForGood(ReadError::WrongAddress(text)),
                false => Failed::ThisTime(Trouble { sort: TroubleSort::of_answer(error.is_cut), text, wait: None }),
            }
        })
    }

    fn without_answer(&self, error: NoAnswer) -> Failed {
        if let Some(reason) = error.stop_reason() {
            return Failed::ForGood(ReadError::Stopped(reason));
        }
        Failed::ThisTime(Trouble {
            sort: match error.cause {
                NoAnswerCause::NoHandles => TroubleSort::NoHandles,
                // A connection that ends while the answer comes is how a server breaks off.
                NoAnswerCause::Broken if !error.never_sent => TroubleSort::BadPage,
                _ => TroubleSort::Down,
            },
            text: no_answer(&self.what, error),
            wait: None,
        })
    }
}

/// What is reported of an exchange that brought no answer.
pub(super) fn no_answer(what: &str, error: NoAnswer) -> HapiText {
    let (what, why) = (what.to_owned(), error.why);
    match error.cause {
        NoAnswerCause::NoHandles => HapiText::NoHandles { what, why },
        _ => HapiText::Unreachable { what, why },
    }
}

/// Whether a 500 says that the question itself is refused. Source: AspNetCoreOData #1285, WebApi #1809.
fn refuses_the_query(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    ["ODataException", "Could not find a property named", "The query specified in the URI is not valid"]
        .iter()
        .any(|sign| text.contains(sign))
}

/// What is reported of a redirect, which is never followed.
pub(super) fn redirected(what: &str, reply: &Reply) -> HapiText {
    let target = reply.redirect.clone().unwrap_or_else(|| "?".to_owned());
    HapiText::Redirected { what: what.to_owned(), status: reply.status.into(), target }
}

fn refused_twice(what: &str) -> Failure {
    Failure::new(Exit::Login, HapiText::LoginRefusedTwice { what: what.to_owned() }).help(HapiText::CheckLogin {})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(retries: Retries) -> Question<'static, usize> {
        let decode = |body: Body| match body.bytes.as_slice() {
            b"<html>" => Err(NotDecoded { is_cut: false, is_web_page: true, why: "a web page".to_owned().into() }),
            b"{" => Err(NotDecoded { is_cut: true, is_web_page: false, why: "cut".to_owned().into() }),
            b"?" => Err(NotDecoded::from("odd".to_owned())),
            bytes => Ok(bytes.len()),
        };
        let (method, url, what) = (Method::GET, String::new(), "GET /api/Units".to_owned());
        Question { method, url, body: None, what, retries, decode: Box::new(decode) }
    }

    fn reply(status: u16, body: &str) -> Result<Reply, NoAnswer> {
        Ok(Reply { status, body: body.as_bytes().to_vec(), ..Reply::default() })
    }

    /// What follows from these answers in turn, each in a word.
    fn steps(retries: Retries, outcomes: Vec<Result<Reply, NoAnswer>>) -> Vec<String> {
        let policy = Policy { retries: 2, base: Duration::from_secs(1), max_wait: Duration::from_secs(60) };
        let masks = Masks::default();
        let circumstances = Circumstances { now: Timestamp::UNIX_EPOCH, policy, jitter: 1.0, masks: &masks };
        let (question, mut judge) = (question(retries), Judge::default());
        let step = |outcome| match judge.judge(&question, outcome, &circumstances) {
            Step::Done(Ok(length)) => format!("{length} bytes"),
            Step::Done(Err(error)) => format!("{error:?}").split([' ', '(']).next().unwrap_or_default().to_owned(),
            Step::RenewToken => "token".to_owned(),
            Step::Again(pause) => format!("again in {}", pause.as_secs()),
        };
        outcomes.into_iter().map(step).collect()
    }

    #[test]
    fn a_question_is_complete_by_an_answer_and_by_a_refusal() {
        for (status, body, step) in [
            (200, "four", "4 bytes"),
            (204, "", "0 bytes"),
            (200, "<html>", "WrongAddress"),
            (302, "", "WrongAddress"),
            (403, "", "Unavailable"),
            (404, "", "Unavailable"),
            (400, "", "Refused"),
            (500, "Microsoft.OData.ODataException: no", "Refused"),
            (422, "", "Refused"),
        ] {
            assert_eq!(steps(Retries::Configured, vec![reply(status, body)]), [step], "{status} {body}");
        }
    }

    #[test]
    fn what_may_be_the_moment_is_asked_again() {
        let down = || reply(503, "");
        assert_eq!(steps(Retries::One, vec![down(), down(), down()]), ["again in 1", "again in 2", "Down"]);
        let odd = || reply(200, "?");
        assert_eq!(steps(Retries::One, vec![odd(), reply(200, "x")]), ["again in 1", "1 bytes"]);
        let unsent = || Err(NoAnswer::unsent("refused"));
        assert_eq!(steps(Retries::One, vec![unsent(), unsent(), unsent()])[2], "Down");
        let no_handles = || Err(NoAnswer { cause: NoAnswerCause::NoHandles, ..NoAnswer::unsent("no") });
        assert_eq!(steps(Retries::One, vec![no_handles(), no_handles(), no_handles()])[2], "NoHandles");
    }

    #[test]
    fn every_status_of_a_server_that_cannot_answer_is_asked_again() {
        for status in [408, 429, 501, 502, 503, 504, 520, 522, 527, 599] {
            assert!(is_down(status), "{status}");
            assert_eq!(steps(Retries::One, vec![reply(status, "")]), ["again in 1"], "{status}");
        }
        assert!(![200, 302, 400, 401, 403, 404, 422, 499, 600].into_iter().any(is_down));
    }

    #[test]
    fn an_answer_that_breaks_off_is_asked_for_once_more_where_less_can_be_asked_for() {
        for bad in [|| reply(500, "boom"), || reply(200, "{"), || Err(NoAnswer::broken("reset"))] {
            assert_eq!(steps(Retries::One, vec![bad(), bad()]), ["again in 1", "BadPage"]);
            assert_eq!(steps(Retries::Configured, vec![bad(), bad(), bad()])[1..], ["again in 2", "BadPage"]);
        }
    }

    #[test]
    fn a_token_is_renewed_twice_before_the_login_counts_as_refused() {
        let refused = || reply(401, "");
        assert_eq!(steps(Retries::Configured, vec![refused(), refused(), refused()]), ["token", "token", "Fatal"]);
    }

    #[test]
    fn a_pause_that_is_asked_for_is_made_or_ends_the_reading() {
        let limited = |seconds: &str| {
            let mut reply = reply(429, "").expect("a reply");
            reply.headers.insert("retry-after", seconds.parse().expect("a header value"));
            Ok(reply)
        };
        assert_eq!(steps(Retries::Configured, vec![limited("7"), limited("61")]), ["again in 7", "NotBefore"]);
    }
}
