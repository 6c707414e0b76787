//! Who is notified of changes: the subscriptions, how they are made over HTTP, and what waits to be sent to them.
//!
//! Requests and answers are those of the vendor's integrator document (October 2024); addresses and refusals are not in
//! it. Sends nothing itself.

use std::sync::Arc;

use hyper::Uri;
use hyper::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::event::Event;
use super::settings::{WebhookListing, WebhookRoute};
use super::{Hapi, JSON, has_json, problem};
use crate::server::{Request, Response};

/// Who is notified of the changes of one entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The entity in its proper case: `TenantParking`.
    pub entity: String,
    /// Where the events go.
    pub url: String,
    /// What is sent with them.
    pub headers: Vec<(String, String)>,
}

impl Subscription {
    /// A subscription without headers.
    pub fn new(entity: &str, url: &str) -> Subscription {
        Subscription { entity: entity.to_owned(), url: url.to_owned(), headers: Vec::new() }
    }

    /// The same with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Subscription {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn letter(&self, content: Content) -> Letter {
        Letter { url: self.url.clone(), headers: self.headers.clone(), content }
    }
}

/// Something to be sent to one address.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) content: Content,
}

/// An event, still to be written down, or a body as it is.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    Event(Event),
    Body(String),
}

/// The subscriptions, and what waits to be sent.
#[derive(Debug, Default)]
pub(super) struct Webhooks {
    /// At most one for each entity.
    subscriptions: Vec<Subscription>,
    outbox: Vec<Letter>,
    /// Rings when something was put into the outbox.
    bell: Arc<Notify>,
}

impl Webhooks {
    fn post(&mut self, letter: Letter) {
        self.outbox.push(letter);
        self.bell.notify_one();
    }
}

/// Whom it notifies of changes.
impl Hapi {
    /// The subscriptions, in the order in which they were first made.
    pub fn subscriptions(&self) -> &[Subscription] {
        &self.webhooks.subscriptions
    }

    /// The subscription to this entity, in any case.
    pub fn subscription(&self, entity: &str) -> Option<&Subscription> {
        self.webhooks.subscriptions.iter().find(|known| known.entity.eq_ignore_ascii_case(entity))
    }

    /// Subscribes without asking whether there is such an entity. The subscription to the same entity is replaced.
    pub fn subscribe(&mut self, subscription: Subscription) {
        let subscriptions = &mut self.webhooks.subscriptions;
        match subscriptions.iter_mut().find(|known| known.entity.eq_ignore_ascii_case(&subscription.entity)) {
            Some(known) => *known = subscription,
            None => subscriptions.push(subscription),
        }
    }

    /// Ends the subscription to this entity, in any case; says whether there was one.
    pub fn unsubscribe(&mut self, entity: &str) -> bool {
        let before = self.webhooks.subscriptions.len();
        self.webhooks.subscriptions.retain(|known| !known.entity.eq_ignore_ascii_case(entity));
        self.webhooks.subscriptions.len() < before
    }

    /// Tells of an event, whether or not anything has changed, whoever subscribed to its entity; says to how many
    /// addresses it goes. What nobody subscribed to, such as an entity that does not exist, goes to every address.
    pub fn announce(&mut self, event: Event) -> usize {
        let subscription = self.subscription(&event.entity).cloned();
        let addresses = subscription.map_or_else(|| self.addresses(), |subscription| vec![subscription]);
        self.post(&addresses, &Content::Event(event))
    }

    /// Sends exactly this body to every address that subscribed to anything; says how many these are.
    pub fn announce_raw(&mut self, body: &str) -> usize {
        let addresses = self.addresses();
        self.post(&addresses, &Content::Body(body.to_owned()))
    }

    /// One subscription for each address and its headers.
    fn addresses(&self) -> Vec<Subscription> {
        let mut addresses: Vec<Subscription> = Vec::new();
        for subscription in &self.webhooks.subscriptions {
            let is_same =
                |known: &Subscription| (&known.url, &known.headers) == (&subscription.url, &subscription.headers);
            if !addresses.iter().any(is_same) {
                addresses.push(subscription.clone());
            }
        }
        addresses
    }

    fn post(&mut self, addresses: &[Subscription], content: &Content) -> usize {
        for address in addresses {
            self.webhooks.post(address.letter(content.clone()));
        }
        addresses.len()
    }

    /// Notifies the subscribers of what has changed, if they are notified at all.
    pub(super) fn notify(&mut self, events: impl IntoIterator<Item = Event>) {
        if !self.settings.notifies {
            return;
        }
        for event in events {
            if let Some(subscription) = self.subscription(&event.entity) {
                let letter = subscription.letter(Content::Event(event));
                self.webhooks.post(letter);
            }
        }
    }

    pub(crate) fn bell(&self) -> Arc<Notify> {
        Arc::clone(&self.webhooks.bell)
    }

    pub(crate) fn has_letters(&self) -> bool {
        !self.webhooks.outbox.is_empty()
    }

    pub(crate) fn take_letters(&mut self) -> Vec<Letter> {
        std::mem::take(&mut self.webhooks.outbox)
    }
}

/// What it answers about subscriptions.
impl Hapi {
    /// The answer to a request to one of the routes for subscriptions.
    pub(super) fn answer_about_webhooks(&mut self, route: &str, request: &Request) -> Option<Response> {
        type Answer = fn(&mut Hapi, &Request) -> Result<Response, Response>;
        let settings = &self.settings.webhooks;
        let routes: [(&WebhookRoute, Answer); 3] = [
            (&settings.list, Hapi::answer_list),
            (&settings.subscribe, Hapi::answer_subscribe),
            (&settings.unsubscribe, Hapi::answer_unsubscribe),
        ];
        let here = || routes.iter().filter(|(known, _)| known.path.eq_ignore_ascii_case(route));
        let methods: Vec<&str> = here().map(|(known, _)| known.method.as_str()).collect();
        if methods.is_empty() {
            return None;
        }
        let Some((_, answer)) = here().find(|(known, _)| known.method == request.method) else {
            return Some(Response::empty(405).with_header("allow", &methods.join(", ")));
        };
        Some(answer(self, request).unwrap_or_else(|refusal| refusal))
    }

    fn answer_list(&mut self, _: &Request) -> Result<Response, Response> {
        let subscriptions = self.subscriptions();
        let names = || subscriptions.iter().map(|subscription| subscription.entity.as_str()).collect::<Value>();
        let body = match &self.settings.webhooks.listing {
            WebhookListing::Names => names().to_string(),
            WebhookListing::Wrapped => json!({ "value": names() }).to_string(),
            WebhookListing::Objects => subscriptions.iter().map(listed).collect::<Value>().to_string(),
            WebhookListing::Custom(body) => body.clone(),
        };
        Ok(Response::with_body(200, JSON, body))
    }

    fn answer_subscribe(&mut self, request: &Request) -> Result<Response, Response> {
        let body = json_body(request)?;
        let body = body.as_object().ok_or_else(|| problem(400, "The request body must be an object."))?;
        // System.Text.Json in ASP.NET reads property names without case.
        let field =
            |name: &str| body.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        let url = field("ResponseUrl")
            .and_then(Value::as_str)
            .filter(|url| is_web_address(url))
            .ok_or_else(|| problem(400, "The field ResponseUrl must be an absolute http or https address."))?;
        let headers = match field("ResponseHeaders") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::String(text)) => headers(text).map_err(|message| problem(400, &message))?,
            Some(_) => return Err(problem(400, "The field ResponseHeaders must be a string.")),
        };
        let entities = self.entities(field("Entities"))?;
        for entity in entities {
            self.subscribe(Subscription { entity, url: url.to_owned(), headers: headers.clone() });
        }
        Ok(Response::empty(200))
    }

    fn answer_unsubscribe(&mut self, request: &Request) -> Result<Response, Response> {
        let body = json_body(request)?;
        for entity in self.entities(Some(&body))? {
            self.unsubscribe(&entity);
        }
        Ok(Response::empty(200))
    }

    /// The proper names of entities; one unknown name refuses all.
    fn entities(&self, named: Option<&Value>) -> Result<Vec<String>, Response> {
        let named = named
            .and_then(Value::as_array)
            .filter(|named| !named.is_empty())
            .ok_or_else(|| problem(400, "Entities must be a list of at least one name."))?;
        let known = &self.settings.webhooks.entities;
        named
            .iter()
            .map(|name| {
                let proper = name.as_str().and_then(|name| known.iter().find(|known| known.eq_ignore_ascii_case(name)));
                proper.cloned().ok_or_else(|| problem(400, &format!("Unknown entity: {name}.")))
            })
            .collect()
    }
}

fn listed(subscription: &Subscription) -> Value {
    let headers: Vec<String> = subscription.headers.iter().map(|(name, value)| format!("{name}:{value}")).collect();
    json!({
        "Entity": subscription.entity,
        "ResponseUrl": subscription.url,
        "ResponseHeaders": headers.join(";"),
    })
}

fn json_body(request: &Request) -> Result<Value, Response> {
    if !has_json(request) {
        return Err(Response::empty(415));
    }
    serde_json::from_slice(&request.body)
        .map_err(|error| problem(400, &format!("The request body is not valid JSON: {error}")))
}

fn is_web_address(url: &str) -> bool {
    url.parse::<Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
    })
}

/// Reads `name:value;name2:value2`. Nothing tells how a `:` or `;` in a value would be written, so there can be none.
fn headers(text: &str) -> Result<Vec<(String, String)>, String> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    text.split(';')
        .map(|pair| {
            pair.split_once(':')
                .map(|(name, value)| (name.trim(), value.trim()))
                .filter(|(name, value)| {
                    !value.contains(':') && HeaderName::try_from(*name).is_ok() && HeaderValue::from_str(value).is_ok()
                })
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .ok_or_else(|| format!("The field ResponseHeaders must be 'name:value;name2:value2', not '{text}'."))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://testing-website.com";

    fn send(hapi: &mut Hapi, method: &str, path: &str, body: &str) -> (u16, String) {
        let login = [("x-api-key", "sandbox-key"), ("content-type", "application/json")];
        let headers = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>()
        };
        let request = |method: &str, path: &str, headers: Vec<(String, String)>, body: &str| Request {
            method: method.to_owned(),
            path: path.to_owned(),
            query: None,
            headers,
            body: body.as_bytes().to_vec(),
        };
        let credentials = r#"{"UserName":"svc-monday","Password":"sandbox-password"}"#;
        hapi.answer(&request("POST", "/api/Token", headers(&login), credentials));
        let bearer = format!("Bearer {}", hapi.tokens().pop().expect("the login works"));
        let with_token = headers(&[("authorization", &bearer), ("content-type", "application/json")]);
        let response = hapi.answer(&request(method, path, with_token, body));
        (response.status, String::from_utf8(response.body).expect("answers are UTF-8"))
    }

    fn subscribe(hapi: &mut Hapi, headers: &str, entities: &str) -> (u16, String) {
        let body = format!(r#"{{"ResponseUrl":"{URL}","ResponseHeaders":{headers},"Entities":{entities}}}"#);
        send(hapi, "POST", "/api/SUBSCRIBE", &body)
    }

    fn entities(hapi: &Hapi) -> Vec<&str> {
        hapi.subscriptions().iter().map(|subscription| subscription.entity.as_str()).collect()
    }

    #[test]
    fn entities_are_subscribed_listed_and_unsubscribed_in_any_case() {
        let mut hapi = Hapi::new();
        let headers = r#""testing-website-token:TEST123456""#;
        assert_eq!(subscribe(&mut hapi, headers, r#"["building","UNIT"]"#), (200, String::new()));
        assert_eq!(
            hapi.subscription("unit"),
            Some(&Subscription::new("Unit", URL).with_header("testing-website-token", "TEST123456"))
        );
        assert_eq!(send(&mut hapi, "GET", "/api/subscribe", "").1, r#"["Building","Unit"]"#);
        assert_eq!(send(&mut hapi, "POST", "/api/unsubscribe", r#"["unit","tenant"]"#).0, 200);
        assert_eq!(entities(&hapi), ["Building"]);
    }

    #[test]
    fn subscribing_again_replaces_address_and_headers() {
        let mut hapi = Hapi::new();
        hapi.subscribe(Subscription::new("unit", "http://127.0.0.1:1").with_header("a", "b"));
        for (headers, expected) in [
            ("null", vec![]),
            (r#""""#, vec![]),
            (r#""a:1;b: 2""#, vec![("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())]),
        ] {
            assert_eq!(subscribe(&mut hapi, headers, r#"["Unit"]"#).0, 200);
            assert_eq!(
                hapi.subscriptions(),
                [Subscription { entity: "Unit".to_owned(), url: URL.to_owned(), headers: expected }]
            );
        }
    }

    #[test]
    fn what_is_wrong_refuses_the_whole_request() {
        let mut hapi = Hapi::new();
        let refused = [
            ("null", r#"["unit","widget"]"#, r#"Unknown entity: \"widget\""#),
            ("null", r#"["unit",7]"#, "Unknown entity: 7"),
            ("null", "[]", "at least one"),
            ("null", r#""unit""#, "a list"),
            ("7", r#"["unit"]"#, "ResponseHeaders"),
            (r#""no colon""#, r#"["unit"]"#, "no colon"),
            (r#""a:b;""#, r#"["unit"]"#, "a:b;"),
            (r#""a:b:c""#, r#"["unit"]"#, "a:b:c"),
            (r#""a b:c""#, r#"["unit"]"#, "a b:c"),
            ("null", "[", "not valid JSON"),
        ];
        for (headers, entities, message) in refused {
            let (status, body) = subscribe(&mut hapi, headers, entities);
            assert!(status == 400 && body.contains(message), "{headers} {entities}: {status} {body}");
        }
        for url in ["", "/hook", "ftp://a", "https://"] {
            let body = format!(r#"{{"ResponseUrl":"{url}","Entities":["unit"]}}"#);
            assert_eq!(send(&mut hapi, "POST", "/api/subscribe", &body).0, 400, "{url}");
        }
        assert!(hapi.subscriptions().is_empty());
        assert_eq!(send(&mut hapi, "DELETE", "/api/subscribe", "[]").0, 405);
        let bare = Request {
            method: "GET".to_owned(),
            path: "/api/subscribe".to_owned(),
            query: None,
            headers: Vec::new(),
            body: Vec::new(),
        };
        assert_eq!(hapi.answer(&bare).status, 401);
    }

    #[test]
    fn a_body_of_another_type_is_refused() {
        let mut hapi = Hapi::new();
        send(&mut hapi, "GET", "/api/subscribe", "");
        let bearer = format!("Bearer {}", hapi.tokens().pop().expect("the login works"));
        let headers = vec![("authorization".to_owned(), bearer), ("content-type".to_owned(), "text/plain".to_owned())];
        for path in ["/api/subscribe", "/api/unsubscribe"] {
            let request = Request {
                method: "POST".to_owned(),
                path: path.to_owned(),
                query: None,
                headers: headers.clone(),
                body: b"[\"unit\"]".to_vec(),
            };
            assert_eq!(hapi.answer(&request).status, 415);
        }
    }

    #[test]
    fn the_list_and_the_routes_take_other_shapes() {
        let mut hapi = Hapi::new();
        hapi.subscribe(Subscription::new("Unit", URL).with_header("a", "b").with_header("c", "d"));
        let webhooks = &mut hapi.settings.webhooks;
        webhooks.list.path = "Subscriptions".to_owned();
        webhooks.subscribe = WebhookRoute::new("PUT", "Subscriptions");
        let shapes = [
            (WebhookListing::Wrapped, r#"{"value":["Unit"]}"#.to_owned()),
            (
                WebhookListing::Objects,
                format!(r#"[{{"Entity":"Unit","ResponseUrl":"{URL}","ResponseHeaders":"a:b;c:d"}}]"#),
            ),
            (WebhookListing::Custom("null".to_owned()), "null".to_owned()),
        ];
        for (listing, expected) in shapes {
            hapi.settings.webhooks.listing = listing;
            assert_eq!(send(&mut hapi, "GET", "/api/subscriptions", ""), (200, expected));
        }
        let body = format!(r#"{{"responseurl":"{URL}","entities":["tenant"]}}"#);
        assert_eq!(send(&mut hapi, "PUT", "/api/subscriptions", &body).0, 200);
        assert_eq!(send(&mut hapi, "POST", "/api/subscriptions", &body).0, 405);
        assert_eq!(send(&mut hapi, "GET", "/api/subscribe", "").0, 404);
        assert_eq!(entities(&hapi), ["Unit", "Tenant"]);
    }

    #[test]
    fn only_changes_of_subscribed_entities_are_notified_and_only_when_switched_on() {
        let mut hapi = Hapi::new();
        hapi.subscribe(Subscription::new("Unit", URL));
        hapi.insert("Units", json!({"Id": 1}));
        assert!(!hapi.has_letters());
        hapi.settings.notifies = true;
        for id in [2, 3] {
            hapi.insert("Units", json!({"Id": id}));
        }
        hapi.insert("Tenants", json!({"Id": 4}));
        hapi.update("Units", 1, "Rent", json!(5));
        hapi.update_all("Units", |unit| unit["Id"] != 1, &[("Rent".into(), json!(6)), ("Comment".into(), json!(""))]);
        hapi.remove("Units", 2);
        hapi.remove_where("Units", |unit| unit["Id"] == 9);
        hapi.clear();
        let reported: Vec<(i64, i64)> = hapi
            .take_letters()
            .into_iter()
            .filter_map(|letter| match letter.content {
                Content::Event(event) => Some((event.id, event.status)),
                Content::Body(_) => None,
            })
            .collect();
        assert_eq!(reported, [(2, 3), (3, 3), (1, 1), (2, 1), (3, 1), (2, 2)]);
    }

    #[test]
    fn an_announced_event_finds_its_subscriber_and_a_strange_one_finds_all() {
        let mut hapi = Hapi::new();
        assert_eq!(hapi.announce(Event::new("Unit", 1, Event::UPDATE)), 0);
        for (entity, url) in [("Unit", "http://a"), ("Tenant", "http://b"), ("Building", "http://a")] {
            hapi.subscribe(Subscription::new(entity, url));
        }
        assert_eq!(hapi.announce(Event::new("unit", 1, Event::UPDATE)), 1);
        assert_eq!(hapi.announce(Event::new("WorkOrder", 1, Event::UPDATE)), 2);
        assert_eq!(hapi.announce_raw("?"), 2);
        let urls: Vec<String> = hapi.take_letters().into_iter().map(|letter| letter.url).collect();
        assert_eq!(urls, ["http://a", "http://a", "http://b", "http://a", "http://b"]);
    }
}
