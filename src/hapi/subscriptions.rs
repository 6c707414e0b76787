//! Webhook subscriptions: which entities HApi notifies, and asking it to begin or to end.
//!
//! HApi's integrator document (October 2024) has the bodies; the routes are not public. So each is settable, and where it is
//! not set the likely spellings are tried until one is not refused with 404 or 405; what worked is told to the caller, to be
//! tried first the next time.

use super::client::{Ask, Client, ReadError, Tally};
use reqwest::Method;
use serde::Serialize;
use serde_json::Value;

/// What is asked of HApi.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Which entities are subscribed.
    List,
    /// To begin.
    Subscribe,
    /// To end.
    Unsubscribe,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Purpose; 3] = [Purpose::List, Purpose::Subscribe, Purpose::Unsubscribe];

    /// Its name in the store, and of the setting, followed by `_endpoint`.
    pub fn word(self) -> &'static str {
        match self {
            Purpose::List => "subscriptions",
            Purpose::Subscribe => "subscribe",
            Purpose::Unsubscribe => "unsubscribe",
        }
    }

    /// How it is asked; the second where the first is not for this address.
    fn methods(self) -> &'static [Method] {
        match self {
            Purpose::List => &[Method::GET],
            Purpose::Subscribe => &[Method::POST],
            Purpose::Unsubscribe => &[Method::POST, Method::DELETE],
        }
    }

    /// What may follow the folder of the webhooks, the likeliest first.
    fn ends(self) -> &'static [&'static str] {
        match self {
            Purpose::List => &["", "Subscriptions", "Subscribed", "Subscribe"],
            Purpose::Subscribe => &["Subscribe", "", "Subscriptions"],
            Purpose::Unsubscribe => &["Unsubscribe", "UnSubscribe"],
        }
    }

    /// Every route worth trying. ASP.NET's routes have no case, but what stands before it may.
    fn routes(self) -> Vec<String> {
        let mut routes = Vec::new();
        for folder in ["Webhooks", "Webhook", ""] {
            for end in self.ends() {
                let route = [folder, end].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
                let halfway = format!("{folder}/{}", end.to_ascii_lowercase());
                for spelling in [route.clone(), halfway.trim_matches('/').to_owned(), route.to_ascii_lowercase()] {
                    if !spelling.is_empty() && !routes.contains(&spelling) {
                        routes.push(spelling);
                    }
                }
            }
        }
        routes
    }
}

/// The subscriptions of HApi's user.
#[derive(Debug)]
pub struct Subscriptions<'a> {
    client: &'a Client<'a>,
    /// What worked before, or was set.
    known: Vec<(Purpose, Route)>,
}

/// Where something is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Behind `/api/`.
    pub path: String,
    /// Whether the user set it: then no other is tried.
    pub is_set: bool,
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
    pub fn new(client: &'a Client<'a>, known: Vec<(Purpose, Route)>) -> Subscriptions<'a> {
        Subscriptions { client, known }
    }

    /// The routes that worked, and were not set.
    pub fn found(&self) -> impl Iterator<Item = (Purpose, &str)> {
        let found = self.known.iter().filter(|(_, route)| !route.is_set);
        found.map(|(purpose, route)| (*purpose, route.path.as_str()))
    }

    /// The names of the entities that HApi notifies.
    pub fn list(&mut self) -> Result<Vec<String>, ReadError> {
        self.ask(Purpose::List, None, names)
    }

    /// Asks for the events of one entity. `headers`: `name:value`, several joined by `;`.
    ///
    /// One entity a request, so that a name that HApi does not know refuses no other.
    pub fn add(&mut self, name: &str, url: &str, headers: &str) -> Result<(), ReadError> {
        let body = Subscribe { response_url: url, response_headers: headers, entities: [name] };
        let body = serde_json::to_string(&body).map_err(|error| ReadError::Fatal(error.into()))?;
        self.ask(Purpose::Subscribe, Some(&body), |_| Ok(()))
    }

    /// Asks for no more events of one entity.
    pub fn remove(&mut self, name: &str) -> Result<(), ReadError> {
        let body = serde_json::to_string(&[name]).map_err(|error| ReadError::Fatal(error.into()))?;
        self.ask(Purpose::Unsubscribe, Some(&body), |_| Ok(()))
    }

    fn ask<T>(
        &mut self,
        purpose: Purpose,
        body: Option<&str>,
        decode: impl Fn(Vec<u8>) -> Result<T, String> + Copy,
    ) -> Result<T, ReadError> {
        let known = self.known.iter().find(|(known, _)| *known == purpose).map(|(_, route)| route.clone());
        let is_set = known.as_ref().is_some_and(|route| route.is_set);
        let others = if is_set { Vec::new() } else { purpose.routes() };
        let mut refusal = ReadError::Unavailable { status: 404 };
        for path in known.map(|route| route.path).into_iter().chain(others) {
            let url = self.client.address(&path);
            for method in purpose.methods() {
                let what = format!("{method} /api/{path}");
                let ask = Ask { method: method.clone(), url: &url, body, what: &what };
                match self.client.ask(&ask, &mut Tally::default(), decode) {
                    Ok(answer) => {
                        self.known.retain(|(known, _)| *known != purpose);
                        self.known.push((purpose, Route { path, is_set }));
                        return Ok(answer);
                    }
                    // Not there, or not for this: another spelling may be.
                    Err(ReadError::Unavailable { status: 404 }) => break,
                    Err(ReadError::Refused { status: 405, .. }) => refusal = ReadError::Unavailable { status: 405 },
                    Err(error) => return Err(error),
                }
            }
        }
        Err(refusal)
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
    fn every_route_is_tried_once_and_none_is_empty() {
        for purpose in Purpose::ALL {
            let routes = purpose.routes();
            assert!(routes.iter().all(|route| !route.is_empty() && !route.contains("//")), "{routes:?}");
            let mut unique = routes.clone();
            unique.sort();
            unique.dedup();
            assert_eq!(unique.len(), routes.len());
        }
        assert!(Purpose::Subscribe.routes().contains(&"Webhook/subscribe".to_owned()));
        assert!(Purpose::List.routes().contains(&"webhooks".to_owned()));
    }
}
