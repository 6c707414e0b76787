//! The login: one token for all that is asked.

use super::Access;
use super::client::Client;
use super::error::ReadError;
use super::question::{no_answer, redirected};
use super::token::{LoginFailure, Token, TokenFile};
use crate::failure::Exit;
use crate::http::{Http, NoAnswer, NoAnswerCause, Reply, Request, Stop, StopReason, is_down};
use crate::message::{HapiText, Message};
use crate::retry::{Attempts, Decision, RetryCause};
use crate::secret::Secret;
use jiff::SignedDuration;
use sha2::{Digest, Sha256};

/// How long HApi's tokens live. Source: HApi's integrator document (October 2024).
const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(24);
/// The login's name in messages.
const WHAT: &str = "POST /api/Token";
/// A token is renewed this long before it ends, so that it does not end within a run.
const RENEW_BEFORE: SignedDuration = SignedDuration::from_mins(30);

impl Client<'_> {
    /// Logs in, where there is no token that lasts.
    ///
    /// # Errors
    /// Where HApi refuses the login, or gives no usable answer.
    pub(crate) fn log_in(&self) -> Result<(), ReadError> {
        self.token().map(|_| ())
    }

    /// The token to use now; logs in where there is none that lasts.
    pub(super) fn token(&self) -> Result<Token, ReadError> {
        self.tokens.get(&self.login())
    }

    /// Another token than the one that was refused.
    pub(super) fn renew(&self, refused: &Token) -> Result<Token, ReadError> {
        self.tokens.renew(&self.login(), refused)
    }

    fn login(&self) -> Login<'_> {
        Login {
            client: self,
            http: self.http,
            access: self.access,
            stop: self.stop,
            password: &self.password,
            api_key: &self.api_key,
        }
    }
}

impl TokenFile {
    /// The token to use now; logs in where there is none that lasts.
    pub(super) fn get(&self, login: &Login<'_>) -> Result<Token, ReadError> {
        self.replace(login, None)
    }

    /// Another token than the one that was refused: the one that another question or process got meanwhile, or a new one.
    pub(super) fn renew(&self, login: &Login<'_>, refused: &Token) -> Result<Token, ReadError> {
        self.replace(login, Some(refused))
    }

    fn replace(&self, login: &Login<'_>, refused: Option<&Token>) -> Result<Token, ReadError> {
        let now = login.http.clock().now();
        let usable = |token: &Token| token.account == login.account() && token.is_fresh(now) && Some(token) != refused;
        if let Some(token) = self.current.borrow().as_ref().filter(|token| usable(token)) {
            return Ok(token.clone());
        }
        let _turn = self.take_turn(login.stop);
        let token = match self.read().filter(usable) {
            Some(token) => token,
            None => self.log_in(login)?,
        };
        self.current.replace(Some(token.clone()));
        Ok(token)
    }

    /// A new token, kept for all processes; a login that failed for good is not retried.
    fn log_in(&self, login: &Login<'_>) -> Result<Token, ReadError> {
        if let Some(failure) = self.failure.borrow().as_ref() {
            return Err(failure.into());
        }
        let token = login.perform().map_err(|error| match error {
            LoginError::Failed(why) => {
                let error = ReadError::from(&*why);
                self.failure.replace(Some(*why));
                error
            }
            LoginError::Read(error) => error,
        })?;
        self.write(&token).map_err(|error| self.unwritable(error))?;
        Ok(token)
    }
}

/// Error that ends an attempt to log in.
enum LoginError {
    /// It failed for good.
    Failed(Box<LoginFailure>),
    /// It did not come to an answer: a signal, a long wait.
    Read(ReadError),
}

/// Login: what it needs.
pub(super) struct Login<'a> {
    pub(super) client: &'a Client<'a>,
    pub(super) http: &'a Http,
    pub(super) access: Access<'a>,
    pub(super) stop: &'a Stop,
    pub(super) password: &'a Secret,
    pub(super) api_key: &'a Secret,
}

impl Login<'_> {
    fn account(&self) -> String {
        let digest = Sha256::digest(format!("{}\n{}", self.access.url, self.access.username));
        digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Asks for a token. It is asked for again only where nobody tried the login: repeating a refused one could lock the account.
    fn perform(&self) -> Result<Token, LoginError> {
        let url = format!("{}/api/Token", self.access.url);
        let mut attempts = Attempts::default();
        loop {
            if let Some(reason) = self.stop.reason() {
                return Err(stopped(reason));
            }
            let outcome = self.once(&url).map_err(|error| LoginError::Read(ReadError::Fatal(error)))?;
            let mut help: Message = HapiText::RetryLater {}.into();
            let (text, wait) = match outcome {
                // A piece of a token would be refused as if the login were wrong.
                Ok(reply) if is_good(&reply) && breaks_off(&reply.body) => {
                    (HapiText::BreaksOff { what: WHAT.to_owned() }, None)
                }
                Ok(reply) if is_good(&reply) => return self.accept(&reply, &url),
                Ok(reply) if is_down(reply.status) && never_reached_it(reply.status) => {
                    (down(&reply), reply.retry_after(self.http.clock().now()))
                }
                Ok(reply) if is_down(reply.status) => return Err(failed(Exit::Failed, down(&reply), help)),
                Ok(reply) => return Err(refused(&reply, url)),
                Err(NoAnswer { cause: NoAnswerCause::Stopped(reason), .. }) => return Err(stopped(reason)),
                Err(error) => {
                    let is_unsent = error.never_sent;
                    let text = no_answer(WHAT, error);
                    if let Some(remedy) = Message::from(text.clone()).remedy() {
                        help = remedy.clone();
                    } else if is_unsent {
                        help = HapiText::CheckNetwork {}.into();
                    }
                    (text, None)
                }
            };
            match self.http.retry().decide(&mut attempts, RetryCause::Fault(wait), self.http.random().fraction()) {
                Decision::Again(pause) => {
                    self.client.waiting(Some(pause));
                    let slept = self.stop.sleep(pause);
                    self.client.waiting(None);
                    slept.map_err(stopped)?;
                }
                Decision::NotBefore(wait) => return Err(LoginError::Read(ReadError::NotBefore(wait))),
                Decision::GiveUp(_) => return Err(failed(Exit::Failed, text, help)),
            }
        }
    }

    fn once(&self, url: &str) -> anyhow::Result<Result<Reply, NoAnswer>> {
        let login = serde_json::json!({"UserName": self.access.username, "Password": self.password.expose()});
        let request = Request::post(url)
            .header("content-type", "application/json")
            .header("accept", "application/json")
            .header("x-api-key", self.api_key.expose())
            .body(login.to_string());
        self.client.exchange(request)
    }

    fn accept(&self, reply: &Reply, url: &str) -> Result<Token, LoginError> {
        let found = token_in(&reply.body);
        let no_token = || {
            wrong_address(HapiText::NoTokenInAnswer {
                url: url.to_owned(),
                status: reply.status.into(),
                answer: sort_of(reply),
            })
        };
        let (token, life) = found.ok_or_else(no_token)?;
        let life = life.unwrap_or(TOKEN_LIFE);
        // Renewed before it expires: half an hour before, or a tenth of a short life.
        let margin = RENEW_BEFORE.min(life / 10);
        Ok(Token { account: self.account(), token, expires_at: self.http.clock().now() + (life - margin) })
    }
}

fn is_good(reply: &Reply) -> bool {
    (200..300).contains(&reply.status)
}

/// Whether a status is that of a proxy, or of a server that takes no requests now: nobody tried the login. Any other failure may stand
/// for a wrong password, and repeating one could lock the account.
fn never_reached_it(status: u16) -> bool {
    matches!(status, 408 | 429 | 502..=504 | 520..=599)
}

/// Whether an answer is the beginning of JSON, or nothing.
fn breaks_off(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}').trim();
    text.is_empty()
        || (text.starts_with(['"', '{', '[']) && serde_json::from_str::<serde::de::IgnoredAny>(text).is_err())
}

fn down(reply: &Reply) -> HapiText {
    HapiText::ServerError { what: WHAT.to_owned(), status: reply.status.into(), answer: reply.excerpt() }
}

/// An answer that says no: to the login, or to the question whether there is one.
fn refused(reply: &Reply, url: String) -> LoginError {
    let (status, answer) = (reply.status.into(), reply.excerpt());
    match reply.status {
        300..=399 => wrong_address(redirected(&format!("POST {url}"), reply)),
        404 | 405 => wrong_address(HapiText::NoLoginThere { url, status, answer }),
        _ => failed(Exit::Login, HapiText::LoginRefused { url, status, answer }, HapiText::CheckLogin {}),
    }
}

fn stopped(reason: StopReason) -> LoginError {
    LoginError::Read(ReadError::Stopped(reason))
}

fn failed(exit: Exit, text: HapiText, help: impl Into<Message>) -> LoginError {
    LoginError::Failed(Box::new(LoginFailure { exit, text, help: help.into() }))
}

/// What answers is not HApi: that says nothing of the password.
fn wrong_address(text: HapiText) -> LoginError {
    failed(Exit::Failed, text, HapiText::CheckUrl {})
}

/// What an answer without a token is. A web page may be shown; anything else could hold a token that was not recognised.
fn sort_of(reply: &Reply) -> String {
    let excerpt = reply.excerpt();
    if excerpt.starts_with('<') { excerpt } else { format!("{} bytes", reply.body.len()) }
}

/// The token in an answer's body: plain text, a JSON string, or an object with it; and its life where the object says it.
fn token_in(body: &[u8]) -> Option<(String, Option<SignedDuration>)> {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}').trim();
    let parsed = serde_json::from_str::<serde_json::Value>(text).ok();
    let (raw, life) = match &parsed {
        Some(serde_json::Value::String(token)) => (token.clone(), None),
        Some(object @ serde_json::Value::Object(_)) => in_object(object, 3)?,
        // A token of digits only would parse as a number.
        Some(serde_json::Value::Number(_)) | None => (text.to_owned(), None),
        Some(_) => return None,
    };
    let token = raw.trim_start_matches('\u{feff}').trim();
    let token = match token.get(..7) {
        Some(prefix) if prefix.eq_ignore_ascii_case("bearer ") => token.get(7..).unwrap_or("").trim(),
        _ => token,
    };
    let is_sane = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'<');
    is_sane.then(|| (token.to_owned(), life))
}

/// Looks for the token in an object, also in an object within it such as `data`.
fn in_object(object: &serde_json::Value, depth: u8) -> Option<(String, Option<SignedDuration>)> {
    let members = object.as_object()?;
    let named = |wanted: &[&str]| {
        members.iter().find(|(name, _)| wanted.contains(&name.to_lowercase().replace('_', "").as_str())).map(|(_, v)| v)
    };
    if let Some(token) = named(&["token", "accesstoken", "jwt", "bearer"]).and_then(|value| value.as_str()) {
        let life = named(&["expiresin"])
            .and_then(|value| value.as_i64().or_else(|| value.as_str()?.parse().ok()))
            .filter(|seconds| *seconds > 0)
            .map(SignedDuration::from_secs);
        return Some((token.to_owned(), life));
    }
    (depth > 0).then(|| members.values().find_map(|inner| in_object(inner, depth - 1))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(body: &str) -> Option<String> {
        token_in(body.as_bytes()).map(|(token, _)| token)
    }

    #[test]
    fn a_token_is_found_in_every_envelope() {
        for body in [
            "abc.def-1",
            "  abc.def-1\r\n",
            "\u{feff}abc.def-1",
            "\"abc.def-1\"",
            "\u{feff}\"Bearer abc.def-1\"",
            "Bearer abc.def-1",
            r#"{"token":"abc.def-1"}"#,
            r#"{"Token":"Bearer abc.def-1"}"#,
            r#"{"access_token":"abc.def-1","token_type":"Bearer","expires_in":60}"#,
            r#"{"accessToken":"abc.def-1"}"#,
            r#"{"data":{"token":"abc.def-1"}}"#,
        ] {
            assert_eq!(token(body).as_deref(), Some("abc.def-1"), "{body}");
        }
    }

    #[test]
    fn no_token_is_found_in_an_empty_answer_or_a_web_page() {
        for body in ["", "   ", "\"\"", "{}", "null", "<html><body>login</body></html>", "two words", "[1]"] {
            assert_eq!(token(body), None, "{body}");
        }
    }

    #[test]
    fn a_piece_of_an_answer_is_no_token() {
        for body in ["", " ", "\"abc.d", "{\"token\":\"abc.d", "{\"token\":\"abc.def-1\"", "\u{feff}\"", "["] {
            assert!(breaks_off(body.as_bytes()), "{body}");
        }
        for body in ["abc.d", "\"abc.def-1\"", "{\"token\":\"abc.def-1\"}", "\u{feff}\"a\"\n", "{}", "<html>"] {
            assert!(!breaks_off(body.as_bytes()), "{body}");
        }
    }
}
