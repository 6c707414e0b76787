//! Entity sets that HApi refuses: a module that was not bought, a misspelt name, a right that was taken away, or HApi as a whole?

use crate::entity::Kind;
use crate::failure::{Exit, Failure, FailureCause, FailureDetail};
use crate::message::{HapiText, Message};
use crate::pull::Pull;
use crate::pull::result::PullResult;
use crate::store::Store;

/// Meaning of a refused set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// The module is not there: shown, and no failure.
    Unavailable,
    /// The configured entity set does not exist.
    WrongEndpoint,
    /// It was given before, or nobody else was asked.
    Failure {
        /// Whether the store ever held an entity of the kind.
        was_read: bool,
    },
}

/// Circumstances that decide about a refused set.
#[derive(Debug, Clone, Copy)]
struct Circumstances {
    /// The HTTP status, 403 or 404.
    status: u16,
    /// Whether somebody configured the entity set.
    is_configured: bool,
    /// Whether the store ever held an entity of the kind.
    was_read: bool,
    /// Whether another set was answered in the same read, or the kind was found unavailable while others were.
    others_answer: bool,
}

impl Circumstances {
    fn meaning(self) -> Meaning {
        match self {
            Circumstances { status: 404, is_configured: true, .. } => Meaning::WrongEndpoint,
            Circumstances { was_read: false, others_answer: true, .. } => Meaning::Unavailable,
            Circumstances { was_read, .. } => Meaning::Failure { was_read },
        }
    }
}

/// Concludes what the sets mean that were refused at their first page, `attempted` being all that were read.
///
/// # Errors
/// Where the store cannot be read or written.
pub(super) fn conclude(
    pull: &Pull<'_>,
    store: &mut Store,
    refused: &[(Kind, u16)],
    attempted: &[Kind],
    result: &mut PullResult,
) -> anyhow::Result<()> {
    let are_all_refused = !refused.is_empty() && refused.len() == attempted.len() && is_every_kind(pull, attempted);
    for &(kind, status) in refused {
        let others_answer = refused.len() < attempted.len() || store.kind_state(kind)?.unavailable.is_some();
        let circumstances = Circumstances {
            status,
            is_configured: pull.config.kind(kind).endpoint_is_configured,
            was_read: !store.is_empty(kind)?,
            others_answer: others_answer && !are_all_refused,
        };
        match circumstances.meaning() {
            Meaning::Unavailable => set_unavailable(store, kind, status, result)?,
            meaning => result.fail_kind(kind, detail(pull, kind, status, meaning), Exit::Partial),
        }
    }
    if let Some((_, status)) = refused.first().filter(|_| are_all_refused) {
        let exit = if refused.iter().any(|(_, status)| *status == 403) { Exit::Login } else { Exit::Failed };
        let status = (*status).into();
        let failure = Failure::new(exit, HapiText::AllRefused { status }).help(HapiText::CheckRights {});
        result.ends_early(failure.into(), exit);
    }
    Ok(())
}

/// Whether all enabled kinds, at least one, are among these.
fn is_every_kind(pull: &Pull<'_>, attempted: &[Kind]) -> bool {
    let mut enabled = pull.config.kinds.iter().filter(|settings| settings.enabled).peekable();
    enabled.peek().is_some() && enabled.all(|settings| attempted.contains(&settings.kind))
}

/// Notes a set that was refused when single entities of it were asked for.
///
/// # Errors
/// Where the store cannot be read.
pub(super) fn fail_by_key(
    pull: &Pull<'_>,
    store: &Store,
    kind: Kind,
    status: u16,
    result: &mut PullResult,
) -> anyhow::Result<()> {
    let is_configured = pull.config.kind(kind).endpoint_is_configured;
    let was_read = !store.is_empty(kind)?;
    let circumstances = Circumstances { status, is_configured, was_read, others_answer: false };
    result.fail_kind(kind, detail(pull, kind, status, circumstances.meaning()), Exit::Partial);
    Ok(())
}

fn detail(pull: &Pull<'_>, kind: Kind, status: u16, meaning: Meaning) -> FailureDetail {
    let status_shown = status.into();
    let cause = if status == 404 { FailureCause::SetMissing } else { FailureCause::SetRefused };
    match meaning {
        Meaning::WrongEndpoint => {
            let error = HapiText::SetMissing { kind, endpoint: pull.config.kind(kind).endpoint.clone() };
            FailureDetail::new(cause, error).hint(HapiText::CheckEndpoint { kind })
        }
        Meaning::Failure { was_read: true } => {
            let error = HapiText::SetRefused { kind, status: status_shown };
            FailureDetail::new(cause, error).hint(HapiText::CheckRights {})
        }
        Meaning::Failure { was_read: false } | Meaning::Unavailable => {
            let error = HapiText::SetNotThere { kind, status: status_shown };
            FailureDetail::new(cause, error).hint(HapiText::CheckRights {})
        }
    }
}

/// Notes that HApi does not give a kind: nothing of it is touched.
fn set_unavailable(store: &mut Store, kind: Kind, status: u16, result: &mut PullResult) -> anyhow::Result<()> {
    let why: Message = HapiText::ModuleMissing { status: status.into() }.into();
    store.write(|tx| {
        tx.set_unavailable(kind, &why)?;
        // Changes from now on are not read, so the next read must be a whole one.
        tx.forget_whole_read(kind)
    })?;
    let part = result.of(kind);
    part.unavailable = Some(why);
    // Its pending events are answered: there is nothing to read.
    part.is_complete = true;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_unavailable_only_where_it_was_never_read_and_others_answer() {
        let meaning = |status, is_configured, was_read, others_answer| {
            Circumstances { status, is_configured, was_read, others_answer }.meaning()
        };
        assert_eq!(meaning(403, false, false, true), Meaning::Unavailable);
        assert_eq!(meaning(403, true, false, true), Meaning::Unavailable);
        assert_eq!(meaning(404, false, false, true), Meaning::Unavailable);
        assert_eq!(meaning(404, true, false, true), Meaning::WrongEndpoint);
        assert_eq!(meaning(404, true, true, true), Meaning::WrongEndpoint);
        assert_eq!(meaning(403, false, true, true), Meaning::Failure { was_read: true });
        assert_eq!(meaning(403, false, false, false), Meaning::Failure { was_read: false });
    }
}
