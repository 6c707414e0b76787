//! Entity sets that HApi refuses: a module that was not bought, a slip, a right that was taken away, or HApi as a whole?

use crate::entity::Kind;
use crate::failure::Reported;
use crate::failure::{Exit, Failure, FailureCause, FailureDetail};
use crate::message::{HapiText, Message};
use crate::pull::whole::{Pull, Pulled};
use crate::store::Store;

/// What a refused set means.
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

/// What decides about a refused set.
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

impl Pull<'_> {
    /// Settles what the sets mean that were refused at their first page, `attempted` being all that were read.
    pub(crate) fn settle_refused(
        &self,
        store: &mut Store,
        refused: &[(Kind, u16)],
        attempted: &[Kind],
        pulled: &mut Pulled,
    ) -> anyhow::Result<()> {
        let enabled = self.config.kinds.iter().filter(|entity| entity.enabled);
        let is_every_kind =
            enabled.clone().count() > 0 && enabled.into_iter().all(|entity| attempted.contains(&entity.kind));
        let are_all_refused = !refused.is_empty() && refused.len() == attempted.len() && is_every_kind;
        for &(kind, status) in refused {
            let others_answer = refused.len() < attempted.len() || store.kind_state(kind)?.unavailable.is_some();
            let circumstances = Circumstances {
                status,
                is_configured: self.config.kind(kind).endpoint_is_configured,
                was_read: !store.is_empty(kind)?,
                others_answer: others_answer && !are_all_refused,
            };
            match circumstances.meaning() {
                Meaning::Unavailable => set_unavailable(store, kind, status, pulled)?,
                meaning => self.fail_refused(kind, status, meaning, pulled),
            }
        }
        if are_all_refused {
            let exit = if refused.iter().any(|(_, status)| *status == 403) { Exit::Login } else { Exit::Failed };
            let status = refused.first().map_or(0, |(_, status)| *status).into();
            let failure = Failure::new(exit, HapiText::AllRefused { status }).help(HapiText::CheckRights {});
            pulled.error.get_or_insert(failure.into());
            pulled.ends_with(exit);
        }
        Ok(())
    }

    /// Settles what a set means that was refused when single entities of it were asked for.
    pub(crate) fn fail_refused_by_key(
        &self,
        store: &Store,
        kind: Kind,
        status: u16,
        pulled: &mut Pulled,
    ) -> anyhow::Result<()> {
        let is_configured = self.config.kind(kind).endpoint_is_configured;
        let was_read = !store.is_empty(kind)?;
        let circumstances = Circumstances { status, is_configured, was_read, others_answer: false };
        self.fail_refused(kind, status, circumstances.meaning(), pulled);
        Ok(())
    }

    fn fail_refused(&self, kind: Kind, status: u16, meaning: Meaning, pulled: &mut Pulled) {
        let entity = self.config.kind(kind);
        let status_shown = status.into();
        let cause = if status == 404 { FailureCause::SetMissing } else { FailureCause::SetRefused };
        let detail = match meaning {
            Meaning::WrongEndpoint => {
                let error = HapiText::SetMissing { kind, endpoint: entity.endpoint.clone() };
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
        };
        pulled.kinds.entry(kind).or_default().error = Some(detail.error.clone());
        pulled.failures.push(Reported::of_kind(kind, "pull", detail));
        pulled.ends_with(Exit::Partial);
    }
}

/// Notes that HApi does not give a kind: nothing of it is touched.
fn set_unavailable(store: &mut Store, kind: Kind, status: u16, pulled: &mut Pulled) -> anyhow::Result<()> {
    let why: Message = HapiText::ModuleMissing { status: status.into() }.into();
    store.write(|tx| {
        tx.set_unavailable(kind, &why)?;
        // What changes meanwhile nobody will have read.
        tx.forget_whole_read(kind)
    })?;
    let entry = pulled.kinds.entry(kind).or_default();
    entry.unavailable = Some(why);
    // Whatever events tell of it, there is nothing to read.
    entry.is_settled = true;
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
