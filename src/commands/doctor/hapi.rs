//! Checks of HApi: the login, each entity set, each property that the configuration names, what is subscribed, the clock.

use super::checks::{Checks, Problem, name};
use crate::age::age;
use crate::commands::context::Context;
use crate::config::KindConfig;
use crate::entity::Kind;
use crate::failure::{FailureCause, FailureDetail};
use crate::hapi::{Client, Description, EntitySet, Purpose, ReadError, Route, Sample, Subscriptions, TokenFile};
use crate::message::{DoctorText, HapiText, Message, RunText, WebhookText};
use crate::plan::properties::unknown_property;
use crate::pull::known_routes;
use crate::pull::trouble::failure;
use crate::store::{Side, Store};
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};

/// Certificates, tokens and idempotency keys are judged by the clock; it may be off by so much.
const MOST_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Events that are older than this belong to webhooks that were given up.
const LATELY: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Inspection of HApi: what it showed.
#[derive(Debug, Default)]
pub(super) struct HapiInspection {
    /// What it says of itself; `None`: nothing that can be read.
    pub(super) description: Option<Description>,
    /// Each set that was asked for: what its first records look like, or the status that refused it.
    pub(super) sets: BTreeMap<Kind, Result<Sample, Option<u16>>>,
}

/// Asks HApi.
///
/// # Errors
/// Where the store cannot be read.
pub(super) fn check(context: &Context, store: Option<&Store>, checks: &mut Checks) -> anyhow::Result<HapiInspection> {
    let mut inspection = HapiInspection::default();
    let access = match context.config.required_hapi() {
        Ok(access) => access,
        Err(error) => {
            checks.note(name::HAPI, "[hapi]", [Problem::of_error(&error)]);
            return Ok(inspection);
        }
    };
    let wait = store.map(|store| store.wait(Side::Hapi, context.now())).transpose()?.flatten();
    if let Some(wait) = wait {
        checks.note(name::HAPI, access.url.to_owned(), [Problem::warning(wait.why).hint(HapiText::WaitForHapi {})]);
        return Ok(inspection);
    }
    let http = context.http.without_retries();
    // A secret that cannot be read is reported where secrets are checked.
    let Ok(client) = Client::new(&http, access, &context.stop, TokenFile::in_memory()) else { return Ok(inspection) };
    let asked = ask(context, store, &client, &mut inspection, checks);
    checks.note(name::CLOCK, access.url.to_owned(), skewed(client.skew()));
    asked.map(|()| inspection)
}

/// Asks what HApi says of itself, for a login, and for a sample of each set.
fn ask(
    context: &Context,
    store: Option<&Store>,
    client: &Client<'_>,
    inspection: &mut HapiInspection,
    checks: &mut Checks,
) -> anyhow::Result<()> {
    inspection.description = client.describe().ok();
    let login = client.log_in();
    let refused = login.as_ref().err().map(|error| of_read(context, error, "/api/Token"));
    checks.note(name::HAPI, client.root().to_owned(), refused);
    if login.is_err() {
        return Ok(());
    }
    for entity in context.config.kinds.iter().filter(|entity| entity.enabled) {
        let sample = set(context, entity).sample(client);
        checks.note(
            name::SET,
            subject(entity),
            sample.as_ref().err().and_then(|error| refused_set(context, store, entity, error)),
        );
        inspection.sets.insert(entity.kind, sample.map_err(|error| status_of(&error)));
    }
    check_properties(context, inspection, checks);
    check_webhooks(context, store, client, inspection.description.as_ref(), checks)
}

/// What is wrong with the clock, where a server's `Date` tells.
pub(super) fn skewed(skew: Option<SignedDuration>) -> Option<Problem> {
    let skew = skew?;
    let minutes = skew.abs().as_mins().unsigned_abs();
    (skew.abs() > MOST_SKEW).then(|| {
        let what =
            if skew.is_positive() { DoctorText::ClockAhead { minutes } } else { DoctorText::ClockBehind { minutes } };
        Problem::warning(what).hint(DoctorText::SetClock {})
    })
}

fn set<'c>(context: &'c Context, entity: &'c KindConfig) -> EntitySet<'c> {
    EntitySet::whole(entity.kind, &entity.endpoint, &entity.key, context.config.hapi.page_size)
}

fn subject(entity: &KindConfig) -> String {
    format!("{} ({})", entity.kind, entity.endpoint)
}

fn status_of(error: &ReadError) -> Option<u16> {
    match error {
        ReadError::Unavailable { status } | ReadError::Refused { status, .. } => Some(*status),
        _ => None,
    }
}

fn of_read(context: &Context, error: &ReadError, what: &str) -> Problem {
    match error {
        ReadError::Fatal(error) => Problem::of_error(error),
        ReadError::WrongAddress(why) => Problem::error(why.clone()).hint(HapiText::CheckUrl {}),
        ReadError::Down(why) | ReadError::BadPage(why) => {
            let why = Message::from(why.clone());
            let remedy = why.remedy().cloned().unwrap_or_else(|| DoctorText::LookAtNetwork {}.into());
            Problem::error(why).hint(remedy)
        }
        ReadError::NoHandles(why) => Problem::error(why.clone()).hint(RunText::RaiseLimits {}),
        ReadError::Unavailable { status } => {
            Problem::error(HapiText::ModuleMissing { status: (*status).into() }).hint(HapiText::CheckRights {})
        }
        ReadError::Refused { status, answer } => {
            let (what, answer) = (what.to_owned(), answer.clone());
            Problem::error(HapiText::ServerError { what, status: (*status).into(), answer })
        }
        ReadError::NotBefore(wait) => {
            Problem::of_error(&failure(what, HapiText::RetryLater {}, ReadError::NotBefore(*wait), context.now()))
        }
        ReadError::Stopped(reason) => {
            Problem::of_error(&failure(what, HapiText::RetryLater {}, ReadError::Stopped(*reason), context.now()))
        }
    }
}

/// A set that is refused: a misspelt name where somebody set it, else a module that is perhaps not there.
fn refused_set(context: &Context, store: Option<&Store>, entity: &KindConfig, error: &ReadError) -> Option<Problem> {
    let kind = entity.kind;
    let ReadError::Unavailable { status } = error else {
        return Some(of_read(context, error, &format!("GET /api/{}", entity.endpoint)));
    };
    let was_read = store.is_some_and(|store| store.is_empty(kind).is_ok_and(|is_empty| !is_empty));
    let status = *status;
    Some(match (status, entity.endpoint_is_configured, was_read) {
        (404, true, _) => {
            let what = HapiText::SetMissing { kind, endpoint: entity.endpoint.clone() };
            Problem::of(FailureDetail::new(FailureCause::SetMissing, what).hint(HapiText::CheckEndpoint { kind }))
        }
        (_, _, true) => {
            Problem::error(HapiText::SetRefused { kind, status: status.into() }).hint(HapiText::CheckRights {})
        }
        (404, false, false) => Problem::warning(HapiText::SetMissing { kind, endpoint: entity.endpoint.clone() })
            .hint(DoctorText::NameSetOrSwitchOff { kind }),
        _ => {
            Problem::warning(HapiText::ModuleMissing { status: status.into() }).hint(DoctorText::SwitchKindOff { kind })
        }
    })
}

/// The properties that the configuration names, against what HApi says of itself and what its records carry.
fn check_properties(context: &Context, inspection: &HapiInspection, checks: &mut Checks) {
    for entity in context.config.kinds.iter().filter(|entity| entity.enabled) {
        let there = properties_of(inspection, entity);
        if there.is_empty() {
            continue;
        }
        for property in entity.named_properties(&context.config) {
            let is_there = there.iter().any(|name| name.eq_ignore_ascii_case(&property));
            let problem = (!is_there).then(|| Problem::of(unknown_property(entity.kind, &property, &there)));
            checks.note(name::PROPERTY, format!("{}.{property}", entity.kind), problem);
        }
    }
}

/// The properties of a set, as far as anything tells.
fn properties_of(inspection: &HapiInspection, entity: &KindConfig) -> BTreeSet<String> {
    let described =
        inspection.description.as_ref().and_then(|described| described.set(&entity.endpoint)?.properties.as_ref());
    let mut there: BTreeSet<String> = described.into_iter().flatten().map(|property| property.name.clone()).collect();
    if let Some(Ok(sample)) = inspection.sets.get(&entity.kind) {
        there.extend(sample.names());
    }
    there
}

/// What HApi notifies, where events are received or were asked for.
fn check_webhooks(
    context: &Context,
    store: Option<&Store>,
    client: &Client<'_>,
    description: Option<&Description>,
    checks: &mut Checks,
) -> anyhow::Result<()> {
    let Some(store) = store else { return Ok(()) };
    if !uses_webhooks(context, store)? {
        return Ok(());
    }
    let listed = Subscriptions::new(client, only_known(known_routes(store, &context.config)?)).list();
    let problem = listed.as_ref().err().map(|error| match error {
        ReadError::Unavailable { status } => Problem::warning(WebhookText::RoutesUnknown { status: (*status).into() })
            .hint(WebhookText::RoutesUnknownHelp {}),
        error => of_read(context, error, "/api/subscribe"),
    });
    checks.note(name::WEBHOOKS, "HApi", problem);
    let Ok(listed) = listed else { return Ok(()) };
    for entity in context.config.kinds.iter().filter(|entity| entity.enabled) {
        let may_be = description.and_then(|described| described.is_subscribable(&entity.event)).unwrap_or(true);
        let is_there = listed.iter().any(|name| name.eq_ignore_ascii_case(&entity.event));
        let problem = (may_be && !is_there).then(|| {
            let kind = entity.kind;
            Problem::warning(DoctorText::NotNotified { event: entity.event.clone() })
                .hint(DoctorText::SubscribeIt { kind })
        });
        checks.note(name::WEBHOOKS, entity.kind.name(), problem);
    }
    let is_dead = store.receiver()?.is_some() && !context.receiver_is_alive();
    let problem = is_dead.then(|| Problem::warning(DoctorText::ReceiverDead {}).hint(DoctorText::StartReceiver {}));
    checks.note(name::WEBHOOKS, "listen", problem);
    Ok(())
}

/// Whether webhooks are in use: subscribed by this store, received now, or received lately. A trial that brought none, or one that was
/// ended, is none.
fn uses_webhooks(context: &Context, store: &Store) -> anyhow::Result<bool> {
    let last = store.event_counts()?.last_at.and_then(|at| age(at, context.now()));
    let is_recent = last.is_some_and(|age| age < LATELY);
    Ok(is_recent || context.receiver_is_alive() || !store.subscriptions()?.is_empty())
}

/// The one place that is asked for the list: where it is said or was found, else where it is documented.
fn only_known(routes: Vec<(Purpose, Route)>) -> Vec<(Purpose, Route)> {
    let known = routes.into_iter().find(|(purpose, _)| *purpose == Purpose::List).map(|(_, route)| route.path);
    let path = known.unwrap_or_else(|| Purpose::DOCUMENTED_LIST.to_owned());
    vec![(Purpose::List, Route { path, is_set: true })]
}
