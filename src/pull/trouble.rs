//! What follows from a question that HApi did not answer: for a kind, for a pull, for a command. Pure.

use crate::failure::{Exit, Failure, FailureCause, FailureDetail};
use crate::hapi::ReadError;
use crate::http::StopReason;
use crate::message::{HapiText, Message, RunText};
use crate::store::Side;
use jiff::Timestamp;
use std::time::Duration;

/// Consequence of a set, or of entities of it, that could not be read.
#[derive(Debug)]
pub(super) enum Trouble {
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

/// What follows from an error. `what`: what was asked, without the query; `refused`: what to do where HApi refused it.
pub(super) fn trouble(what: &str, refused: HapiText, error: ReadError) -> Trouble {
    let of_kind =
        |cause, error: Message, hint: Message| Trouble::OfKind(Box::new(FailureDetail::new(cause, error).hint(hint)));
    match error {
        ReadError::Unavailable { status } => Trouble::Refused { status },
        ReadError::WrongAddress(why) => of_kind(FailureCause::WrongAddress, why.into(), HapiText::CheckUrl {}.into()),
        ReadError::Refused { status, answer } => {
            let error = HapiText::ServerError { what: what.to_owned(), status: status.into(), answer };
            of_kind(FailureCause::QueryRefused, error.into(), refused.into())
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

/// Failure of a command that asked something of HApi. `what`: what was asked, without the query; `hint`: what to do where HApi
/// refused it.
pub(crate) fn failure(what: &str, hint: HapiText, error: ReadError, now: Timestamp) -> anyhow::Error {
    match trouble(what, hint, error) {
        Trouble::Refused { status } => {
            Failure::new(Exit::Failed, HapiText::ModuleMissing { status: status.into() }).into()
        }
        Trouble::OfKind(detail) => {
            let failure = Failure::new(Exit::Failed, detail.error);
            match detail.hint {
                Some(hint) => failure.help(hint).into(),
                None => failure.into(),
            }
        }
        Trouble::NotBefore(wait) => {
            let (_, why) = not_before(wait, now);
            Failure::new(Exit::Failed, why).help(HapiText::WaitForHapi {}).into()
        }
        Trouble::Stopped(reason) => Failure::new(reason.exit(), RunText::StoppedBySignal {}).into(),
        Trouble::Fatal(error) => error,
    }
}

/// The time before which HApi is not to be asked, and that in words.
pub(super) fn not_before(wait: Duration, now: Timestamp) -> (Timestamp, Message) {
    let until = Side::Hapi.believed_until(wait, now);
    (until, HapiText::NotBefore { until: format!("{until:.0}") }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::Kind;

    #[test]
    fn every_error_of_a_reading_has_its_cause() {
        let why = || HapiText::CannotAskFor {};
        let cause = |error| match trouble("GET /api/Units", HapiText::CheckOptions { kind: Kind::UNIT }, error) {
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

    #[test]
    fn a_command_ends_with_the_exit_code_of_what_went_wrong_and_the_same_words_as_a_pull() {
        let now: Timestamp = "2026-11-22T05:00:00Z".parse().expect("a time");
        let ended = |error| {
            let error = failure("GET /api/Units", HapiText::RetryLater {}, error, now);
            (crate::failure::exit_of(&error), error.to_string())
        };
        let refused = ReadError::Refused { status: 400, answer: "no".to_owned() };
        assert!(ended(refused).1.contains("GET /api/Units"));
        let (exit, text) = ended(ReadError::NotBefore(Duration::from_secs(90)));
        assert_eq!((exit, text.contains("2026-11-22T05:01:30Z")), (Exit::Failed, true), "{text}");
        let (_, text) = ended(ReadError::NotBefore(Duration::MAX));
        assert!(text.contains("2026-11-22T06:00:00Z"), "no server is believed for longer: {text}");
        assert_eq!(ended(ReadError::Stopped(StopReason::TimeUp)).0, StopReason::TimeUp.exit());
        let login = Failure::new(Exit::Login, HapiText::CheckLogin {}).into();
        assert_eq!(ended(ReadError::Fatal(login)).0, Exit::Login);
    }
}
