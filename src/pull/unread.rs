//! Notes of what could not be read: what it means for the kind is kept, and a wait that HApi asks for.

use super::Pull;
use crate::entity::Kind;
use crate::failure::{Exit, Failure, FailureCause, FailureDetail, exit_of};
use crate::hapi::ReadError;
use crate::message::{HapiText, Message};
use crate::pull::refused;
use crate::pull::result::PullResult;
use crate::pull::trouble::{Trouble, not_before, trouble};
use crate::store::{Side, Store, Tx, WaitCause};
use jiff::Timestamp;
use std::time::Duration;

/// Notes that a kind could not be read: it is unavailable, at fault, or the whole pull ends.
///
/// # Errors
/// Where the store cannot be read or written.
pub(super) fn note(
    pull: &Pull<'_>,
    store: &mut Store,
    kind: Kind,
    error: ReadError,
    result: &mut PullResult,
) -> anyhow::Result<()> {
    let what = format!("GET /api/{}", pull.config.kind(kind).endpoint);
    match trouble(&what, HapiText::CheckOptions { kind }, error) {
        Trouble::Refused { status } => refused::fail_by_key(pull, store, kind, status, result)?,
        Trouble::OfKind(detail) => result.fail_kind(kind, *detail, Exit::Partial),
        Trouble::NotBefore(wait) => {
            let why = store.write(|tx| keep_wait(tx, wait, pull.now()))?;
            result.error = Some(Failure::new(Exit::Failed, why.clone()).help(HapiText::WaitForHapi {}).into());
            let detail = FailureDetail::new(FailureCause::NotBefore, why).hint(HapiText::WaitForHapi {});
            result.fail_kind(kind, detail, Exit::Failed);
        }
        Trouble::Stopped(reason) => result.ends_with(reason.exit()),
        Trouble::Fatal(error) => {
            let exit = exit_of(&error);
            result.error = Some(error);
            result.ends_with(exit);
        }
    }
    Ok(())
}

/// Keeps for how long HApi is to be left alone. Returns it in words.
///
/// # Errors
/// Where the store cannot be written.
pub(crate) fn keep_wait(tx: &Tx<'_>, wait: Duration, now: Timestamp) -> anyhow::Result<Message> {
    let (until, why) = not_before(wait, now);
    tx.set_wait(Side::Hapi, until, &why, WaitCause::Asked)?;
    Ok(why)
}
