//! Webhook subscriptions: which entities HApi notifies, and asking it to begin or to end.
//!
//! HApi's integrator document (October 2024) has the bodies and the routes: GET and POST to `/api/subscribe`, POST to
//! `/api/unsubscribe`. Each is settable. Where the list is not there, and not set, likely spellings are tried, by GET only; what
//! worked is returned to the caller, to be tried before the others the next time.

use super::client::Client;
use super::error::{NotDecoded, ReadError};
use super::question::{Body, Question, Retries, Traffic};
use crate::word::words;
use reqwest::Method;
use serde::Serialize;
use serde_json::Value;

words! {
    /// Purpose of a question about subscriptions; the words are names in the store, and of the settings, followed by
    /// `_endpoint`.
    pub(crate) enum Purpose {
        /// Which entities are subscribed.
        List = "subscriptions",
        /// To begin.
        Subscribe = "subscribe",
        /// To end.
        Unsubscribe = "unsubscribe",
    }
}

impl Purpose {
    /// Where the list of subscriptions is documented to be.
    pub(crate) const DOCUMENTED_LIST: &str = "subscribe";

    /// How it is asked.
    fn method(self) -> Method {
        match self {
            Purpose::List => Method::GET,
            Purpose::Subscribe | Purpose::Unsubscribe => Method::POST,
        }
    }

    /// The documented route first. Guesses are for what is only read: a POST to a wrong address might do something.
    fn routes(self) -> Vec<String> {
        match self {
            Purpose::List => [Purpose::DOCUMENTED_LIST].into_iter().map(str::to_owned).chain(guesses()).collect(),
            Purpose::Subscribe => vec!["subscribe".to_owned()],
            Purpose::Unsubscribe => vec!["unsubscribe".to_owned()],
        }
    }
}

/// Where the list may be instead. ASP.NET's routes have no case, but what stands before it may.
fn guesses() -> Vec<String> {
    let mut routes = Vec::new();
    for folder in ["Webhooks", "Webhook", ""] {
        for end in ["", "Subscriptions", "Subscribed", "Subscribe"] {
            let route = [folder, end].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
            let halfway = format!("{folder}/{}", end.to_ascii_lowercase());
            for spelling in [route.clone(), halfway.trim_matches('/').to_owned(), route.to_ascii_lowercase()] {
                if !spelling.is_empty() && spelling != Purpose::DOCUMENTED_LIST && !routes.contains(&spelling) {
                    routes.push(spelling);
                }
            }
        }
    }
    routes
}

/// Subscriptions of HApi's user.
#[derive(Debug)]
pub(crate) struct Subscriptions<'a> {
    client: &'a Client<'a>,
    /// What worked before, or was set.
    known: Vec<(Purpose, Route)>,
}

/// Route at which something is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    /// Behind `/api/`.
    pub(crate) path: String,
    /// Whether the user set it: then no other is tried.
    pub(crate) is_set: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Subscribe<'a> {
    response_url: &'a str,
    response_headers: &'a str,
    entities: [&'a str; 1],
}

impl<'a> Subscriptions<'a> {
    /// Takes the routes that are set, or worked before.
    pub(crate) fn new(client: &'a Client<'a>, known: Vec<(Purpose, Route)>) -> Subscriptions<'a> {
        Subscriptions { client, known }
    }

    /// The routes that worked, and were not set.
    pub(crate) fn found(&self) -> impl Iterator<Item = (Purpose, &str)> {
        let found = self.known.iter().filter(|(_, route)| !route.is_set);
        found.map(|(purpose, route)| (*purpose, route.path.as_str()))
    }

    /// The names of the entities that HApi notifies.
    ///
    /// # Errors
    /// Where HApi refuses, or gives no usable answer.
    pub(crate) fn list(&mut self) -> Result<Vec<String>, ReadError> {
        self.ask(Purpose::List, None, names)
    }

    /// Asks for the events of one entity. `headers`: `name:value`, several joined by `;`. One entity a request, so that a name
    /// that HApi does not know refuses no other.
    ///
    /// # Errors
    /// Where HApi refuses, or gives no usable answer.
    pub(crate) fn add(&mut self, name: &str, url: &str, headers: &str) -> Result<(), ReadError> {
        let body = Subscribe { response_url: url, response_headers: headers, entities: [name] };
        let body = serde_json::to_string(&body).map_err(|error| ReadError::Fatal(error.into()))?;
        self.ask(Purpose::Subscribe, Some(&body), |_| Ok(()))
    }

    /// Asks for no more events of one entity.
    ///
    /// # Errors
    /// Where HApi refuses, or gives no usable answer.
    pub(crate) fn remove(&mut self, name: &str) -> Result<(), ReadError> {
        let body = serde_json::to_string(&[name]).map_err(|error| ReadError::Fatal(error.into()))?;
        self.ask(Purpose::Unsubscribe, Some(&body), |_| Ok(()))
    }

    /// Asks at the documented route, where it was answered before, then at the other likely places. What the documented route says counts, whatever the
    /// guesses say.
    fn ask<T>(
        &mut self,
        purpose: Purpose,
        body: Option<&str>,
        decode: impl Fn(Vec<u8>) -> Result<T, String> + Copy,
    ) -> Result<T, ReadError> {
        let mut refusal = None;
        for candidate in self.candidates(purpose) {
            let question = Question {
                method: purpose.method(),
                url: self.client.address(&candidate.route.path),
                body: body.map(str::to_owned),
                what: format!("{} /api/{}", purpose.method(), candidate.route.path),
                retries: Retries::Configured,
                decode: Box::new(move |body: Body| decode(body.bytes).map_err(NotDecoded::from)),
            };
            match self.client.ask(question, &mut Traffic::default()) {
                Ok(answer) => {
                    self.known.retain(|(known, _)| *known != purpose);
                    self.known.push((purpose, candidate.route));
                    return Ok(answer);
                }
                // Not there, or not for us: another spelling may be.
                Err(error @ (ReadError::Unavailable { .. } | ReadError::Refused { status: 405, .. })) => {
                    refusal.get_or_insert(unavailable(error));
                }
                Err(ReadError::Refused { .. } | ReadError::Down(_) | ReadError::BadPage(_)) if candidate.is_guess => {}
                Err(error) => return Err(error),
            }
        }
        Err(refusal.unwrap_or(ReadError::Unavailable { status: 404 }))
    }

    /// Where something may be asked, in turn: at the route that is set, and there alone; else at the documented one, where it was
    /// answered before, and at the other routes of its purpose.
    fn candidates(&self, purpose: Purpose) -> Vec<Candidate> {
        let known = self.known.iter().find(|(known, _)| *known == purpose).map(|(_, route)| route.clone());
        let is_set = known.as_ref().is_some_and(|route| route.is_set);
        let mut paths = if is_set { Vec::new() } else { purpose.routes() };
        let documented = paths.first().cloned();
        if let Some(known) = known.filter(|known| documented.as_ref() != Some(&known.path)) {
            paths.retain(|path| *path != known.path);
            paths.insert(paths.len().min(1), known.path);
        }
        let candidate = |path: String| {
            let is_guess = !is_set && documented.as_ref() != Some(&path);
            Candidate { route: Route { path, is_set }, is_guess }
        };
        paths.into_iter().map(candidate).collect()
    }
}

/// Candidate for the route of a purpose.
struct Candidate {
    route: Route,
    /// Whether nobody set it, and no document names it.
    is_guess: bool,
}

/// That something is not there, or not by this method.
fn unavailable(error: ReadError) -> ReadError {
    match error {
        ReadError::Refused { status, .. } => ReadError::Unavailable { status },
        other => other,
    }
}

/// Reads `["Building", "Unit"]`, or the same in an envelope, or as objects that name an entity; each name once. ASP.NET says
/// nothing with `null`, or with 204 and no body.
fn names(body: Vec<u8>) -> Result<Vec<String>, String> {
    let text = String::from_utf8_lossy(&body);
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() || text == "null" {
        return Ok(Vec::new());
    }
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut found = Vec::new();
    collect(&value, &mut found).ok_or_else(|| "no list of entity names".to_owned())?;
    let mut once: Vec<String> = Vec::with_capacity(found.len());
    for name in found {
        if !once.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
            once.push(name);
        }
    }
    Ok(once)
}

fn collect(value: &Value, found: &mut Vec<String>) -> Option<()> {
    match value {
        Value::String(name) => found.push(name.trim().to_owned()),
        Value::Array(several) => several.iter().try_for_each(|one| collect(one, found))?,
        Value::Object(members) => {
            let known = ["value", "entities", "entity", "entityname", "name"];
            let member = |wanted: &str| members.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            collect(known.into_iter().find_map(member)?.1, found)?;
        }
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_read_in_every_likely_shape() {
        for body in [
            r#"["Building","Unit"]"#,
            "\u{feff}[\"Building\", \" Unit \"]",
            r#"{"value":["Building","Unit"]}"#,
            r#"[{"Entity":"Building","ResponseUrl":"https://x"},{"entity":"Unit"}]"#,
            r#"[{"ResponseUrl":"https://x","Entities":["Building","Unit"]}]"#,
            r#"["Building","Unit","building","Unit"]"#,
        ] {
            assert_eq!(names(body.into()), Ok(vec!["Building".to_owned(), "Unit".to_owned()]), "{body}");
        }
        for body in ["[]", "", "null"] {
            assert_eq!(names(body.into()), Ok(Vec::new()), "{body}");
        }
        for body in ["<html>", "3", "{}", "[3]"] {
            assert!(names(body.into()).is_err(), "{body}");
        }
    }

    #[test]
    fn the_documented_routes_come_first_and_only_the_list_is_guessed() {
        assert_eq!(Purpose::Subscribe.routes(), ["subscribe"]);
        assert_eq!(Purpose::Unsubscribe.routes(), ["unsubscribe"]);
        let routes = Purpose::List.routes();
        assert_eq!(routes.first().map(String::as_str), Some("subscribe"));
        assert!(routes.contains(&"webhooks".to_owned()) && routes.contains(&"Webhook/subscribe".to_owned()));
        assert!(routes.iter().all(|route| !route.is_empty() && !route.contains("//")), "{routes:?}");
        let unique: std::collections::BTreeSet<&String> = routes.iter().collect();
        assert_eq!(unique.len(), routes.len());
    }
}
