//! Single records from HApi now, whole.

use super::Context;
use crate::entity::Record;
use crate::failure::{Exit, Failure};
use crate::hapi::{ReadError, SetReader, Tally, literal};
use crate::message::{HapiText, RunText, ScreenText};
use crate::store::{Side, Store, Stored};
use jiff::Timestamp;

/// The records of these entities as HApi gives them now, with every property. One that is gone is an error.
pub(crate) fn records(context: &Context, store: &Store, entities: &[Stored]) -> anyhow::Result<Vec<String>> {
    if let Some(wait) = store.wait(Side::Hapi, Timestamp::now())? {
        return Err(Failure::new(Exit::Failed, wait.why).help(HapiText::WaitForHapi {}).into());
    }
    let client = context.hapi()?;
    let records: anyhow::Result<Vec<String>> = entities.iter().map(|entity| record(context, &client, entity)).collect();
    if client.calls() > 0 && !entities.is_empty() {
        context.store()?.count_calls(Side::Hapi, client.calls(), Timestamp::now())?;
    }
    records
}

fn record(context: &Context, client: &crate::hapi::Client<'_>, stored: &Stored) -> anyhow::Result<String> {
    let entity = context.config.entity(stored.kind);
    let gone = || {
        let entity = format!("{}:{}", stored.kind, stored.key);
        Failure::new(Exit::Partial, ScreenText::GoneFromHapi { entity })
    };
    let condition = condition(&entity.key, &stored.record).ok_or_else(gone)?;
    let reader = SetReader {
        kind: stored.kind,
        endpoint: &entity.endpoint,
        key: &entity.key,
        filter: None,
        select: Vec::new(),
        page_size: context.config.hapi.page_size,
    };
    let (what, hint) = (format!("GET /api/{}", entity.endpoint), HapiText::CheckOptions { kind: stored.kind });
    let page =
        reader.ask(client, &mut Tally::default(), vec![condition]).map_err(|error| failure(&what, hint, error))?;
    let row = page.rows.iter().find(|row| row.key.as_ref() == Ok(&stored.key)).ok_or_else(gone)?;
    Ok(page.json(row).to_owned())
}

/// `Id eq 1`, in the spelling of the stored record.
fn condition(key: &[String], record: &str) -> Option<String> {
    let record = Record::parse(record).ok()?;
    let parts: Option<Vec<String>> =
        key.iter().map(|property| Some(format!("{property} eq {}", literal(record.raw(property)?)?))).collect();
    Some(parts?.join(" and "))
}

/// An error that ends a command. `what`: what was asked, without the query; `hint`: what to do where HApi refused it.
pub(super) fn failure(what: &str, hint: HapiText, error: ReadError) -> anyhow::Error {
    match error {
        ReadError::Unavailable { status } => {
            Failure::new(Exit::Failed, HapiText::ModuleMissing { status: status.into() }).into()
        }
        ReadError::Refused { status, answer } => {
            let what = HapiText::ServerError { what: what.to_owned(), status: status.into(), answer };
            Failure::new(Exit::Failed, what).help(hint).into()
        }
        ReadError::Down(why) => Failure::new(Exit::Failed, why).help(HapiText::RetryLater {}).into(),
        ReadError::NotBefore(wait) => {
            let until = Timestamp::now().checked_add(wait).unwrap_or(Timestamp::MAX);
            let what = HapiText::NotBefore { until: format!("{until:.0}") };
            Failure::new(Exit::Failed, what).help(HapiText::WaitForHapi {}).into()
        }
        ReadError::Stopped(reason) => Failure::new(reason.exit(), RunText::StoppedBySignal {}).into(),
        ReadError::Fatal(error) => error,
    }
}
