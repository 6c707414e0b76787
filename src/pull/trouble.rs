//! What a set means for its kind, and for the pull, that could not be read. Pure.

use crate::entity::Kind;
use crate::failure::{Exit, Failure, FailureCause, FailureDetail, exit_of};
use crate::hapi::ReadError;
use crate::http::StopReason;
use crate::message::{HapiText, Message, RunText};
use crate::pull::Pull;
use crate::pull::refused;
use crate::pull::result::PullResult;
use crate::store::{Side, Store};
use jiff::SignedDuration;
use std::time::Duration;

/// Consequence of a set, or of entities of it, that could not be read.
#[derive(Debug)]
enum Trouble {
    /// HApi refuses the set.
    Refused { status: u16 },
    /// Something is wrong with this kind.
    OfKind(Box<FailureDetail>),
    /// HApi is to be left alone for so long.
    NotBefore(Duration),
    /// The work is to end.
    Stopped(StopReason),
    /// Nothing can be read at all.
    Fatal(anyhow::Error),
}

/// What follows from an error. `endpoint`: the entity set of the kind.
fn trouble(kind: Kind, endpoint: &str, error: ReadError) -> Trouble {
    let of_kind =
        |cause, error: Message, hint: Message| Trouble::OfKind(Box::new(FailureDetail::new(cause, error).hint(hint)));
    match error {
        ReadError::Unavailable { status } => Trouble::Refused { status },
        ReadError::WrongAddress(why) => of_kind(FailureCause::WrongAddress, why.into(), HapiText::CheckUrl {}.into()),
        ReadError::Refused { status, answer } => {
            let what = format!("GET /api/{endpoint}");
            let error = HapiText::ServerError { what, status: status.into(), answer };
            of_kind(FailureCause::QueryRefused, error.into(), HapiText::CheckOptions { kind }.into())
        }
        ReadError::Down(why) | ReadError::BadPage(why) => {
            let why = Message::from(why);
            let remedy = why.remedy().cloned().unwrap_or_else(|| HapiText::RetryLater {}.into());
            of_kind(FailureCause::Unreachable, why, remedy)
        }
        // HApi cannot be reached because of a limit of this machine.
        ReadError::NoHandles(why) => of_kind(FailureCause::Unreachable, why.into(), RunText::RaiseLimits {}.into()),
        ReadError::NotBefore(wait) => Trouble::NotBefore(wait),
        ReadError::Stopped(reason) => Trouble::Stopped(reason),
        ReadError::Fatal(error) => Trouble::Fatal(error),
    }
}

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
    match trouble(kind, &pull.config.kind(kind).endpoint, error) {
        Trouble::Refused { status } => refused::fail_by_key(pull, store, kind, status, result)?,
        Trouble::OfKind(detail) => result.fail_kind(kind, *detail, Exit::Partial),
        Trouble::NotBefore(wait) => {
            let why = keep_wait(pull, store, wait)?;
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
fn keep_wait(pull: &Pull<'_>, store: &mut Store, wait: Duration) -> anyhow::Result<Message> {
    let now = pull.now();
    let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX).min(Side::Hapi.longest_wait());
    let until = now.checked_add(wait).unwrap_or(jiff::Timestamp::MAX);
    let why: Message = HapiText::NotBefore { until: format!("{until:.0}") }.into();
    store.write(|tx| tx.set_wait(Side::Hapi, until, &why, false, now))?;
    Ok(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_of_a_reading_has_its_cause() {
        let why = || HapiText::CannotAskFor {};
        let cause = |error| match trouble(Kind::UNIT, "Units", error) {
            Trouble::OfKind(detail) if detail.hint == Some(RunText::RaiseLimits {}.into()) => "limits".to_owned(),
            Trouble::OfKind(detail) => format!("{:?}", detail.cause),
            Trouble::NotBefore(wait) => format!("not before {}", wait.as_secs()),
            other => format!("{other:?}").split([' ', '(']).next().unwrap_or_default().to_owned(),
        };
        assert_eq!(cause(ReadError::Unavailable { status: 404 }), "Refused");
        assert_eq!(cause(ReadError::WrongAddress(why())), "WrongAddress");
        assert_eq!(cause(ReadError::Refused { status: 400, answer: "no".to_owned() }), "QueryRefused");
        assert_eq!(cause(ReadError::Down(why())), "Unreachable");
        assert_eq!(cause(ReadError::BadPage(why())), "Unreachable");
        assert_eq!(cause(ReadError::NoHandles(why())), "limits");
        assert_eq!(cause(ReadError::NotBefore(Duration::from_secs(61))), "not before 61");
        assert_eq!(cause(ReadError::Stopped(StopReason::TimeUp)), "Stopped");
        assert_eq!(cause(ReadError::Fatal(anyhow::anyhow!("no"))), "Fatal");
    }
}
