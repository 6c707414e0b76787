//! Logins: the answers about a side are tried as soon as they are given. What is refused is asked for again, and nothing else.

use super::answers::Answers;
use super::conversation::Conversation;
use super::sides::account_of_token;
use super::site::Site;
use crate::commands::context::Context;
use crate::failure::{Exit, exit_of};
use crate::hapi::{Client, TokenFile};
use crate::http::Stop;
use crate::message::HapiText;
use crate::monday::structure::Account;
use crate::pull::trouble::failure;
use crate::store::{Side, Store};
use std::sync::Arc;

/// How often the answers about a side are typed anew.
const MOST_TRIES: u32 = 3;

/// Completes the answers about both sides and tries them. Returns whose account at monday it is; `store` counts the calls.
///
/// # Errors
/// Where an answer is missing, or what was answered is refused and nobody types it anew.
pub(super) fn complete(
    answers: &mut Answers<'_>,
    site: &mut Site,
    person: Option<&Conversation<'_>>,
    stop: &Arc<Stop>,
    store: &mut Store,
) -> anyhow::Result<Account> {
    until_accepted(answers, Side::Hapi, site, person, stop, |context| log_in(context, person.is_some()))?;
    until_accepted(answers, Side::Monday, site, person, stop, |context| account_of_token(context, store))
}

/// Asks for the answers about a side until they are accepted.
fn until_accepted<T>(
    answers: &mut Answers<'_>,
    side: Side,
    site: &mut Site,
    person: Option<&Conversation<'_>>,
    stop: &Arc<Stop>,
    mut attempt: impl FnMut(&Context) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let mut tries = 0;
    loop {
        answers.complete(side, site, person)?;
        let context = answers.context(stop)?;
        let error = match attempt(&context) {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        tries += 1;
        let exit = exit_of(&error);
        let may_be_typed = person.is_some() && matches!(exit, Exit::Login | Exit::Failed);
        // Forgotten the last time too: the next `init` asks for it, and does not try what was refused.
        if !may_be_typed || !answers.forget(side, exit == Exit::Login, site)? || tries == MOST_TRIES {
            return Err(error);
        }
        context.report.error(&error);
    }
}

/// Logs in to HApi. At a terminal it is shown at once that nothing answers.
fn log_in(context: &Context, is_awaited: bool) -> anyhow::Result<()> {
    let at_once = context.http.without_retries();
    let http = if is_awaited { &at_once } else { &context.http };
    let client = Client::new(http, context.config.required_hapi()?, &context.stop, TokenFile::in_memory())?;
    client.log_in().map_err(|error| failure("/api/Token", HapiText::CheckUrl {}, error, context.now()))
}
