//! The HApi half: eight entity sets that answer OData queries, behind a login.
//!
//! What is known of HApi is in the vendor's integrator document of October 2024; messages and limits are ASP.NET's.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use crate::server::{Request, Response, percent_encode};

mod event;
mod filter;
mod properties;
mod query;
mod settings;
mod swagger;
mod webhooks;

pub use event::{Additional, Event, Names, Payload};
pub use properties::{KINDS, PROPERTIES, typed_value};
pub use settings::{
    NextLink, Poison, Quirks, RateLimit, Settings, TokenStyle, WebhookListing, WebhookRoute, WebhookSettings,
};
pub use swagger::{SwaggerPlace, SwaggerSettings};
pub use webhooks::Subscription;
pub(crate) use webhooks::{Content, Letter};

use filter::Scalar;
use webhooks::Webhooks;

use query::{Pairs, Query};

/// Content type of all JSON.
const JSON: &str = "application/json; charset=utf-8";

/// HApi's state: what it holds, who is logged in, how it behaves.
#[derive(Debug)]
pub struct Hapi {
    /// How it behaves as a whole.
    pub settings: Settings,
    /// How all those sets behave that have no quirks of their own.
    pub quirks: Quirks,
    own_quirks: BTreeMap<&'static str, Quirks>,
    sets: Vec<Set>,
    tokens: Vec<Token>,
    /// When the current window of the rate limit began, and how many requests it has seen.
    window: Option<(Instant, u32)>,
    webhooks: Webhooks,
}

#[derive(Debug)]
struct Set {
    name: &'static str,
    /// The properties that it knows.
    properties: &'static [&'static str],
    /// The name in the address.
    route: String,
    records: Vec<Value>,
    /// For each record the text that is sent in its place, if any.
    raw: Vec<Option<String>>,
    /// The records' numbers and places, by number, as long as nothing changes; `None` inside: not all have one.
    by_id: OnceLock<Option<Vec<(f64, usize)>>>,
}

impl Set {
    fn new(name: &'static str, properties: &'static [&'static str]) -> Set {
        Set { name, properties, route: name.to_owned(), records: Vec::new(), raw: Vec::new(), by_id: OnceLock::new() }
    }

    /// The numbers of all records with their places, by number, so that a page of a large set takes no longer than one of a small
    /// set; `None`: not all records have one.
    fn by_id(&self) -> Option<&[(f64, usize)]> {
        let by_id = self.by_id.get_or_init(|| {
            let numbered = self.records.iter().enumerate().map(|(place, record)| match Scalar::of(record, query::ID) {
                Scalar::Number(number) => Some((number, place)),
                _ => None,
            });
            let mut numbered: Vec<(f64, usize)> = numbered.collect::<Option<_>>()?;
            numbered.sort_by(|left, right| left.0.total_cmp(&right.0));
            Some(numbered)
        });
        by_id.as_deref()
    }
}

#[derive(Debug)]
struct Token {
    text: String,
    valid_until: Instant,
}

fn properties_of(set: &str) -> &'static [&'static str] {
    PROPERTIES.iter().find(|(name, _)| *name == set).map_or(&[], |(_, properties)| properties)
}

impl Default for Hapi {
    fn default() -> Hapi {
        Hapi::new()
    }
}

/// What it holds.
impl Hapi {
    /// Eight empty sets.
    pub fn new() -> Hapi {
        let sets = KINDS.iter().map(|(_, set)| Set::new(set, properties_of(set))).collect();
        Hapi {
            settings: Settings::default(),
            quirks: Quirks::default(),
            own_quirks: BTreeMap::new(),
            sets,
            tokens: Vec::new(),
            window: None,
            webhooks: Webhooks::default(),
        }
    }

    /// Adds an empty set that knows these properties.
    pub fn add_set(&mut self, name: &'static str, properties: &'static [&'static str]) {
        self.sets.push(Set::new(name, properties));
    }

    /// Whether there is such a set, by its standard name.
    pub fn has_set(&self, set: &str) -> bool {
        self.sets.iter().any(|known| known.name == set)
    }

    #[track_caller]
    fn set(&self, set: &str) -> &Set {
        self.sets.iter().find(|known| known.name == set).unwrap_or_else(|| panic!("the sandbox has no set `{set}`"))
    }

    #[track_caller]
    fn set_mut(&mut self, set: &str) -> &mut Set {
        self.sets.iter_mut().find(|known| known.name == set).unwrap_or_else(|| panic!("the sandbox has no set `{set}`"))
    }

    /// Adds a record, exactly as it is to be sent, behind the others.
    ///
    /// # Panics
    /// Like all methods that take a set: when there is no set of this standard name.
    #[track_caller]
    pub fn insert(&mut self, set: &str, record: Value) {
        let set = self.set_mut(set);
        let event = Event::of(set.name, &record, Event::INSERT);
        set.records.push(record);
        set.by_id.take();
        set.raw.push(None);
        self.notify(event);
    }

    /// All records of a set, in the order of insertion.
    #[track_caller]
    pub fn records(&self, set: &str) -> &[Value] {
        &self.set(set).records
    }

    /// The record with this `Id`.
    #[track_caller]
    pub fn record(&self, set: &str, id: i64) -> Option<&Value> {
        self.records(set).iter().find(|record| has_id(record, id))
    }

    /// Sets one property of the record with this `Id`; says whether there was one.
    #[track_caller]
    pub fn update(&mut self, set: &str, id: i64, property: &str, value: Value) -> bool {
        self.update_where(set, |record| has_id(record, id), property, value) > 0
    }

    /// Sets one property of all records that fit; says how many did. A raw text set for them is dropped.
    #[track_caller]
    pub fn update_where(&mut self, set: &str, fits: impl Fn(&Value) -> bool, property: &str, value: Value) -> usize {
        self.update_all(set, fits, &[(property.to_owned(), value)])
    }

    /// Sets several properties of all records that fit, as one change of each; says how many records did.
    #[track_caller]
    pub fn update_all(&mut self, set: &str, fits: impl Fn(&Value) -> bool, changes: &[(String, Value)]) -> usize {
        let set = self.set_mut(set);
        set.by_id.take();
        let mut count = 0;
        let mut events = Vec::new();
        for (record, raw) in set.records.iter_mut().zip(&mut set.raw) {
            if fits(record)
                && let Some(properties) = record.as_object_mut()
            {
                properties.extend(changes.iter().cloned());
                *raw = None;
                count += 1;
                events.extend(Event::of(set.name, record, Event::UPDATE));
            }
        }
        self.notify(events);
        count
    }

    /// Removes the record with this `Id`; says whether there was one.
    #[track_caller]
    pub fn remove(&mut self, set: &str, id: i64) -> bool {
        self.remove_where(set, |record| has_id(record, id)) > 0
    }

    /// Removes all records that fit; says how many did.
    #[track_caller]
    pub fn remove_where(&mut self, set: &str, fits: impl Fn(&Value) -> bool) -> usize {
        let set = self.set_mut(set);
        set.by_id.take();
        let keep: Vec<bool> = set.records.iter().map(|record| !fits(record)).collect();
        let gone = set.records.iter().zip(&keep).filter(|(_, kept)| !**kept);
        let events: Vec<Event> = gone.filter_map(|(record, _)| Event::of(set.name, record, Event::DELETE)).collect();
        let mut kept = keep.iter();
        set.records.retain(|_| kept.next() == Some(&true));
        let mut kept = keep.iter();
        set.raw.retain(|_| kept.next() == Some(&true));
        let count = keep.len() - set.records.len();
        self.notify(events);
        count
    }

    /// Removes all records of all sets, which no subscriber is notified of.
    pub fn clear(&mut self) {
        for set in &mut self.sets {
            set.records.clear();
            set.by_id.take();
            set.raw.clear();
        }
    }

    /// Sends exactly this text in place of the record at `index`, however broken it is. Filter and order still see the
    /// record.
    ///
    /// # Panics
    /// When there is no record at `index`.
    #[track_caller]
    pub fn set_raw_record(&mut self, set: &str, index: usize, text: String) {
        let set = self.set_mut(set);
        match set.raw.get_mut(index) {
            Some(raw) => *raw = Some(text),
            None => panic!("`{}` has {} records, none at {index}", set.name, set.records.len()),
        }
    }
}

/// How it behaves.
impl Hapi {
    /// The quirks of one set. From the first call on they are its own, and `quirks` no longer counts for it.
    #[track_caller]
    pub fn quirks_of(&mut self, set: &str) -> &mut Quirks {
        let name = self.set(set).name;
        let common = self.quirks.clone();
        self.own_quirks.entry(name).or_insert(common)
    }

    /// Answers 403 for this set, as for a module that was not bought.
    #[track_caller]
    pub fn switch_off(&mut self, set: &str) {
        self.quirks_of(set).refused = Some(403);
    }

    /// Undoes `switch_off`.
    #[track_caller]
    pub fn switch_on(&mut self, set: &str) {
        self.quirks_of(set).refused = None;
    }

    /// Gives a set another name in the address; the methods here go on using the standard one.
    #[track_caller]
    pub fn rename(&mut self, set: &str, route: &str) {
        self.set_mut(set).route = route.to_owned();
    }

    /// All tokens given out so far, oldest first, void ones included.
    pub fn tokens(&self) -> Vec<String> {
        self.tokens.iter().map(|token| token.text.clone()).collect()
    }

    /// Voids all tokens given out so far.
    pub fn void_tokens(&mut self) {
        let now = Instant::now();
        for token in &mut self.tokens {
            token.valid_until = token.valid_until.min(now);
        }
    }
}

fn has_json(request: &Request) -> bool {
    request.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("json"))
}

fn has_id(record: &Value, id: i64) -> bool {
    // An Id may be spelt `7.0`.
    record.get("Id").and_then(Value::as_f64) == Some(id as f64)
}

/// What it answers.
impl Hapi {
    /// Answers one request.
    pub fn answer(&mut self, request: &Request) -> Response {
        let query = request.query.as_deref().unwrap_or_default();
        if query.chars().count() > self.settings.max_query_length {
            return query_too_long();
        }
        // Routes in ASP.NET have no case.
        let path = request.path.trim_end_matches('/');
        if let Some(response) = self.answer_about_itself(request) {
            return response;
        }
        let Some(place) = path.to_ascii_lowercase().rfind("/api/") else { return Response::empty(404) };
        let route = path.get(place + "/api/".len()..).unwrap_or_default();
        if route.eq_ignore_ascii_case("Token") {
            return match request.method.as_str() {
                "POST" => self.log_in(request),
                _ => Response::empty(405).with_header("allow", "POST"),
            };
        }
        if let Err(refusal) = self.admit(request) {
            return refusal;
        }
        if let Some(response) = self.answer_about_webhooks(route, request) {
            return response;
        }
        let Some(set) = self.sets.iter().find(|set| set.route.eq_ignore_ascii_case(route)) else {
            return Response::empty(404);
        };
        if request.method != "GET" {
            return Response::empty(405).with_header("allow", "GET");
        }
        let quirks = self.own_quirks.get(set.name).unwrap_or(&self.quirks);
        if let Some(status) = quirks.refused {
            return Response::empty(status);
        }
        let understood = query::pairs(query, &self.settings).and_then(|pairs| {
            query::parse(&pairs, (set.name, set.properties), &self.settings, quirks).map(|query| (pairs, query))
        });
        match understood {
            Ok((pairs, query)) => self.page(request, set, quirks, &pairs, &query),
            Err(message) if quirks.refuses_with_500 => refused_with_500(&message),
            Err(message) => invalid_query(&message),
        }
    }

    fn log_in(&mut self, request: &Request) -> Response {
        if !has_json(request) {
            return Response::empty(415);
        }
        if request.header("x-api-key") != Some(self.settings.api_key.as_str()) {
            return Response::with_body(401, "text/plain; charset=utf-8", "Api Key was not provided or is not valid");
        }
        let Ok(Value::Object(login)) = serde_json::from_slice(&request.body) else {
            return problem(400, "One or more validation errors occurred.");
        };
        // System.Text.Json in ASP.NET reads property names without case.
        let field = |name: &str| {
            login.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).and_then(|(_, value)| value.as_str())
        };
        if field("UserName") != Some(self.settings.username.as_str())
            || field("Password") != Some(self.settings.password.as_str())
        {
            return problem(401, "Unauthorized");
        }
        let text = format!("eyJhbGciOiJIUzI1NiJ9.c2FuZGJveA.{:06}", self.tokens.len() + 1);
        if self.settings.newer_token_voids_older {
            self.void_tokens();
        }
        self.tokens.push(Token { text: text.clone(), valid_until: Instant::now() + self.settings.token_life });
        let accepts_json = request.header("accept").is_some_and(|accept| accept.contains("json"));
        token_answer(&self.settings.token_style, &text, accepts_json, self.settings.token_life)
    }

    /// Whether a request carries a token that is good now.
    fn knows_token_of(&self, request: &Request) -> bool {
        let token = request
            .header("authorization")
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"))
            .map(|(_, token)| token.trim());
        let now = Instant::now();
        self.tokens.iter().any(|known| Some(known.text.as_str()) == token && now < known.valid_until)
    }

    /// Checks key, token and rate of anything but a login.
    fn admit(&mut self, request: &Request) -> Result<(), Response> {
        let unauthorized = || Response::empty(401).with_header("www-authenticate", "Bearer error=\"invalid_token\"");
        if self.settings.api_key_on_every_call && request.header("x-api-key") != Some(self.settings.api_key.as_str()) {
            return Err(unauthorized());
        }
        if !self.knows_token_of(request) {
            return Err(unauthorized());
        }
        let now = Instant::now();
        let Some(limit) = &self.settings.rate_limit else { return Ok(()) };
        let (began, seen) = match self.window {
            Some((began, seen)) if now.duration_since(began) < limit.window => (began, seen),
            _ => (now, 0),
        };
        self.window = Some((began, seen.saturating_add(1)));
        if seen < limit.requests {
            return Ok(());
        }
        let refusal = Response::with_body(429, "text/plain; charset=utf-8", "API calls quota exceeded!");
        Err(match &limit.retry_after {
            Some(retry_after) => refusal.with_header("retry-after", retry_after),
            None => refusal,
        })
    }

    fn page(&self, request: &Request, set: &Set, quirks: &Quirks, pairs: &Pairs, query: &Query) -> Response {
        let mut places = query.matching(set).skip(query.skip);
        let wanted = query.top.unwrap_or(usize::MAX);
        let size = wanted.min(quirks.page_cap.unwrap_or(usize::MAX));
        let places_here: Vec<usize> = places.by_ref().take(size).collect();
        let poison = places_here.iter().find_map(|place| poison_of(quirks, set.records.get(*place)?));
        if poison == Some(Poison::Fails) {
            return Response::with_body(500, JSON, json!({"Message": "An error has occurred."}).to_string());
        }
        let records: Vec<String> =
            places_here.into_iter().map(|place| as_written(quirks, self.render(set, place, query))).collect();
        if records.is_empty() && quirks.empty_is_no_content {
            return Response::empty(204);
        }
        let is_cut = size < wanted && places.next().is_some();
        let records = records.join(",");
        let body = match (
            quirks.bare_array,
            is_cut.then(|| next_link(request, &quirks.next_link, pairs, query, size)).flatten(),
        ) {
            (true, _) => format!("[{records}]"),
            (false, None) => format!("{{\"value\":[{records}]}}"),
            (false, Some(link)) => format!("{{\"value\":[{records}],\"@odata.nextLink\":{}}}", Value::from(link)),
        };
        let body = match poison {
            Some(Poison::BreaksOff) => body.chars().take(body.chars().count() / 2).collect(),
            _ => body,
        };
        Response::with_body(200, JSON, body)
    }

    /// The text of one record, with the expanded part first, as ASP.NET writes it.
    fn render(&self, set: &Set, place: usize, query: &Query) -> String {
        if let Some(Some(raw)) = set.raw.get(place) {
            return raw.clone();
        }
        let Some(Value::Object(record)) = set.records.get(place) else {
            return set.records.get(place).map(Value::to_string).unwrap_or_default();
        };
        let mut properties = Vec::new();
        if let Some(nested) = &query.expand_units {
            properties.push(format!("\"Units\":[{}]", self.units_of(record, nested)));
        }
        for (name, value) in record {
            if query.select.as_ref().is_none_or(|selected| selected.contains(name)) {
                properties.push(format!("{}:{value}", Value::from(name.as_str())));
            }
        }
        format!("{{{}}}", properties.join(","))
    }

    fn units_of(&self, building: &Map<String, Value>, query: &Query) -> String {
        let units = self.set("Units");
        let belongs = |unit: Option<&Value>| {
            ["CompanyNo", "DivisionNo", "BuildingCode"].iter().all(|property| {
                let of_unit = unit.and_then(|unit| unit.get(property)).map(comparable);
                of_unit.is_some() && of_unit == building.get(*property).map(comparable)
            })
        };
        query
            .matching(units)
            .filter(|place| belongs(units.records.get(*place)))
            .skip(query.skip)
            .take(query.top.unwrap_or(usize::MAX))
            .map(|place| self.render(units, place, query))
            .collect::<Vec<_>>()
            .join(",")
    }
}

/// What becomes of a page with this record.
fn poison_of(quirks: &Quirks, record: &Value) -> Option<Poison> {
    quirks.poisoned.iter().find(|(id, _)| has_id(record, *id)).map(|(_, poison)| *poison)
}

/// A record as this server writes it.
fn as_written(quirks: &Quirks, text: String) -> String {
    if !quirks.leaves_nulls_out && !quirks.is_camel_case {
        return text;
    }
    let Ok(Value::Object(record)) = serde_json::from_str(&text) else { return text };
    let name = |name: String| {
        let mut letters = name.chars();
        match letters.next() {
            Some(first) if quirks.is_camel_case => first.to_lowercase().chain(letters).collect(),
            _ => name,
        }
    };
    let kept = record.into_iter().filter(|(_, value)| !(quirks.leaves_nulls_out && value.is_null()));
    Value::Object(kept.map(|(property, value)| (name(property), value)).collect()).to_string()
}

fn refused_with_500(message: &str) -> Response {
    let body = json!({
        "Message": "An error has occurred.",
        "ExceptionMessage": message,
        "ExceptionType": "Microsoft.OData.ODataException",
    });
    Response::with_body(500, JSON, body.to_string())
}

fn comparable(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim_end_matches(' ').to_owned(),
        other => other.to_string(),
    }
}

fn next_link(request: &Request, style: &NextLink, pairs: &Pairs, query: &Query, size: usize) -> Option<String> {
    let mut next: Vec<String> = pairs
        .iter()
        .filter(|(option, _)| option != "top" && option != "skip")
        .map(|(option, value)| format!("${option}={}", percent_encode(value)))
        .collect();
    if let Some(top) = query.top {
        next.push(format!("$top={}", top - size));
    }
    next.push(format!("$skip={}", query.skip + size));
    let next = next.join("&");
    let set = request.path.rsplit('/').next().unwrap_or_default();
    match style {
        NextLink::Missing => None,
        NextLink::Absolute => {
            Some(format!("http://{}{}?{next}", request.header("host").unwrap_or_default(), request.path))
        }
        NextLink::Relative => Some(format!("{set}?{next}")),
        NextLink::Foreign(host) => Some(format!("http://{host}{}?{next}", request.path)),
    }
}

fn token_answer(style: &TokenStyle, token: &str, accepts_json: bool, life: Duration) -> Response {
    let plain = |body: String| Response::with_body(200, "text/plain; charset=utf-8", body);
    let as_json = |body: Value| Response::with_body(200, JSON, body.to_string());
    match style {
        TokenStyle::Negotiated if accepts_json => as_json(json!(token)),
        TokenStyle::Negotiated | TokenStyle::Plain => plain(token.to_owned()),
        TokenStyle::JsonString => as_json(json!(token)),
        TokenStyle::LowerToken => as_json(json!({"token": token})),
        TokenStyle::UpperToken => as_json(json!({"Token": token})),
        TokenStyle::AccessToken => {
            as_json(json!({"access_token": token, "token_type": "bearer", "expires_in": life.as_secs()}))
        }
        TokenStyle::WithBearer => plain(format!("Bearer {token}")),
        TokenStyle::WithBom => plain(format!("\u{feff}{token}")),
        TokenStyle::Custom { content_type, body } => {
            Response::with_body(200, content_type, body.replace("{token}", token))
        }
    }
}

fn problem(status: u16, title: &str) -> Response {
    let body = json!({"type": "https://tools.ietf.org/html/rfc7231", "title": title, "status": status});
    Response::with_body(status, "application/problem+json; charset=utf-8", body.to_string())
}

/// What a plain ASP.NET controller with `[EnableQuery]` answers to a query it does not understand.
fn invalid_query(message: &str) -> Response {
    let body = json!({
        "Message": format!("The query specified in the URI is not valid. {message}"),
        "ExceptionMessage": message,
        "ExceptionType": "Microsoft.OData.ODataException",
        "StackTrace": "   at Microsoft.AspNetCore.OData.Query.EnableQueryAttribute.ValidateQuery(HttpRequest request)",
    });
    Response::with_body(400, JSON, body.to_string())
}

fn query_too_long() -> Response {
    Response::with_body(
        404,
        "text/html",
        "<!DOCTYPE html><html><head><title>IIS 10.0 Detailed Error - 404.15 - Not Found</title></head><body>\
         <h2>HTTP Error 404.15 - Not Found</h2>\
         <h3>The request filtering module is configured to deny a request where the query string is too long.</h3></body></html>",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Request {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path.to_owned(), Some(query.to_owned())),
            None => (target.to_owned(), None),
        };
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Request { method: method.to_owned(), path, query, headers, body: body.as_bytes().to_vec() }
    }

    fn log_in(hapi: &mut Hapi) -> Response {
        let headers = [("x-api-key", "sandbox-key"), ("content-type", "application/json")];
        let body = r#"{"UserName":"svc-monday","Password":"sandbox-password"}"#;
        hapi.answer(&request("POST", "/demo/api/Token", &headers, body))
    }

    fn logged_in() -> Hapi {
        let mut hapi = Hapi::new();
        assert_eq!(log_in(&mut hapi).status, 200);
        hapi
    }

    /// Asks with the newest token.
    fn get(hapi: &mut Hapi, target: &str) -> (u16, String) {
        let token = format!("Bearer {}", hapi.tokens().pop().unwrap_or_default());
        let response = hapi.answer(&request("GET", target, &[("authorization", &token), ("host", "h:1")], ""));
        (response.status, String::from_utf8(response.body).expect("answers are UTF-8"))
    }

    fn with_units(count: i64) -> Hapi {
        let mut hapi = logged_in();
        // Backwards, so that the order of insertion differs from that of the Ids.
        for id in (1..=count).rev() {
            hapi.insert("Units", json!({"Id": id, "UnitCode": format!(" {id}")}));
        }
        hapi
    }

    #[test]
    fn the_token_comes_in_every_style() {
        let mut hapi = Hapi::new();
        let styles = [
            (TokenStyle::Negotiated, "{}"),
            (TokenStyle::Plain, "{}"),
            (TokenStyle::JsonString, "\"{}\""),
            (TokenStyle::LowerToken, "{\"token\":\"{}\"}"),
            (TokenStyle::UpperToken, "{\"Token\":\"{}\"}"),
            (TokenStyle::WithBearer, "Bearer {}"),
            (TokenStyle::WithBom, "\u{feff}{}"),
            (TokenStyle::Custom { content_type: "text/html".to_owned(), body: "<p>{token}".to_owned() }, "<p>{}"),
        ];
        for (style, shape) in styles {
            hapi.settings.token_style = style;
            let response = log_in(&mut hapi);
            let token = hapi.tokens().pop().expect("a token was given out");
            assert_eq!(String::from_utf8(response.body).expect("UTF-8"), shape.replace("{}", &token));
        }
    }

    #[test]
    fn a_void_or_missing_token_gets_401() {
        let mut hapi = logged_in();
        assert_eq!(get(&mut hapi, "/api/Units").0, 200);
        hapi.void_tokens();
        assert_eq!(get(&mut hapi, "/api/Units").0, 401);
        assert_eq!(hapi.answer(&request("GET", "/api/Units", &[], "")).status, 401);
        hapi.settings.newer_token_voids_older = true;
        log_in(&mut hapi);
        log_in(&mut hapi);
        let valid = hapi.tokens.iter().filter(|token| token.valid_until > Instant::now()).count();
        assert_eq!(valid, 1);
        let wrong = request("POST", "/api/Token", &[("x-api-key", "no"), ("content-type", "application/json")], "{}");
        assert_eq!(hapi.answer(&wrong).status, 401);
    }

    #[test]
    fn key_order_pages_find_everything_under_a_silent_cap() {
        let mut hapi = with_units(5);
        hapi.quirks.page_cap = Some(2);
        assert_eq!(
            get(&mut hapi, "/api/Units?$orderby=Id&$top=3&$filter=Id%20gt%203&$Select=Id").1,
            r#"{"value":[{"Id":4},{"Id":5}]}"#
        );
        assert_eq!(get(&mut hapi, "/api/Units?$orderby=Id&$filter=Id%20gt%205").1, r#"{"value":[]}"#);
    }

    #[test]
    fn next_links_lead_to_the_end() {
        let mut hapi = with_units(3);
        hapi.quirks_of("Units").page_cap = Some(2);
        hapi.quirks_of("Units").next_link = NextLink::Absolute;
        let (_, first) = get(&mut hapi, "/api/Units?$orderby=Id&$select=Id,%20UnitCode");
        let first: Value = serde_json::from_str(&first).expect("JSON");
        let link = first["@odata.nextLink"].as_str().expect("a link");
        assert_eq!(link, "http://h:1/api/Units?$orderby=Id&$select=Id%2C%20UnitCode&$skip=2");
        let (_, second) = get(&mut hapi, link.trim_start_matches("http://h:1"));
        assert_eq!(second, r#"{"value":[{"Id":3,"UnitCode":" 3"}]}"#);
    }

    #[test]
    fn records_leave_exactly_as_they_came() {
        let mut hapi = logged_in();
        let record = r#"{"UnitCode":"  1","NumberOfRooms":4.50,"Id":1.0,"HousingType":null}"#;
        hapi.insert("Units", serde_json::from_str(record).expect("JSON"));
        hapi.insert("Units", json!({"Id": 2}));
        hapi.set_raw_record("Units", 1, r#"{"Id":2,"Id":"\ud800"}"#.to_owned());
        let sent = format!(r#"{{"value":[{record},{{"Id":2,"Id":"\ud800"}}]}}"#);
        assert_eq!(get(&mut hapi, "/api/Units").1, sent);
        assert_eq!(
            get(&mut hapi, "/api/Units?$top=1&$select=Id,NumberOfRooms").1,
            r#"{"value":[{"NumberOfRooms":4.50,"Id":1.0}]}"#
        );
    }

    #[test]
    fn units_are_expanded_before_the_buildings_own_properties() {
        let mut hapi = logged_in();
        hapi.insert("Buildings", json!({"Id": 1, "CompanyNo": 3, "DivisionNo": 1, "BuildingCode": "1000PINS"}));
        hapi.insert(
            "Units",
            json!({"Id": 9, "CompanyNo": 3, "DivisionNo": 1, "BuildingCode": "1000PINS  ", "UnitCode": " 1"}),
        );
        assert_eq!(
            get(&mut hapi, "/api/Buildings?$expand=Units($select=Id,%20UnitCode)&$select=Id").1,
            r#"{"value":[{"Units":[{"Id":9,"UnitCode":" 1"}],"Id":1}]}"#
        );
    }

    #[test]
    fn what_a_strict_server_refuses() {
        let mut hapi = with_units(1);
        hapi.quirks.max_top = Some(100);
        hapi.switch_off("Parkings");
        hapi.rename("Storages", "Rangements");
        let refused = [
            ("/api/Parkings", 403, ""),
            ("/api/Storages", 404, ""),
            ("/api/Nothing", 404, ""),
            ("/api/Units?$count=true", 400, "'$count' is not supported"),
            ("/api/Units?$where=Id%20eq%201", 400, "'$where' is not supported"),
            ("/api/Units?$select=Id,Nom", 400, "Could not find a property named 'Nom' on type 'Unit'."),
            ("/api/Units?$filter=Id+eq+1", 400, "'+'"),
            ("/api/Units?$top=101", 400, "The limit of '100' for Top query has been exceeded."),
            ("/api/Units?$top=-1", 400, "non-negative"),
            ("/api/Units?$orderby=Id&$OrderBy=Id", 400, "more than once"),
            ("/api/Units?$expand=Tenants", 400, "Could not find a property named 'Tenants'"),
        ];
        for (target, status, text) in refused {
            let (found, body) = get(&mut hapi, target);
            assert_eq!(found, status, "{target}");
            assert!(body.contains(text), "{target}: {body}");
        }
        assert_eq!(get(&mut hapi, "/api/Rangements").0, 200);
        let (status, body) = get(&mut hapi, &format!("/api/Units?$filter={}", "x".repeat(2048)));
        assert!(status == 404 && body.contains("404.15"));
    }

    #[test]
    fn what_a_server_may_do_to_a_page() {
        let mut hapi = with_units(3);
        hapi.quirks.poisoned = vec![(2, Poison::Fails)];
        assert_eq!(get(&mut hapi, "/api/Units?$orderby=Id&$top=2").0, 500);
        assert_eq!(get(&mut hapi, "/api/Units?$orderby=Id&$top=1").0, 200);
        hapi.quirks.poisoned = vec![(2, Poison::BreaksOff)];
        let (status, body) = get(&mut hapi, "/api/Units?$orderby=Id&$skip=1&$select=Id");
        assert_eq!((status, body.as_str()), (200, r#"{"value":[{"Id"#));
        hapi.quirks = Quirks { is_camel_case: true, leaves_nulls_out: true, ..Quirks::default() };
        hapi.insert("Units", json!({"Id": 4, "UnitCode": "4", "HousingType": null}));
        assert_eq!(get(&mut hapi, "/api/Units?$filter=Id%20eq%204").1, r#"{"value":[{"id":4,"unitCode":"4"}]}"#);
        hapi.quirks = Quirks { empty_is_no_content: true, refuses_with_500: true, ..Quirks::default() };
        assert_eq!(get(&mut hapi, "/api/Units?$filter=Id%20eq%2099"), (204, String::new()));
        let (status, body) = get(&mut hapi, "/api/Units?$select=Nom");
        assert!(status == 500 && body.contains("ODataException") && body.contains("'Nom'"), "{body}");
    }

    #[test]
    fn the_rate_limit_says_when_to_come_back() {
        let mut hapi = logged_in();
        hapi.settings.rate_limit =
            Some(RateLimit { requests: 2, window: Duration::from_secs(3600), retry_after: Some("7".to_owned()) });
        let statuses: Vec<u16> = (0..3).map(|_| get(&mut hapi, "/api/Units").0).collect();
        assert_eq!(statuses, [200, 200, 429]);
    }
}
