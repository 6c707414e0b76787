//! `hopem-sync subscribe`: HApi's webhook subscriptions, the only thing that is ever written to HApi.

use super::context::Context;
use super::selector;
use crate::entity::Kind;
use crate::failure::Reported;
use crate::failure::{Exit, Failure, FailureCause, FailureDetail, Stage};
use crate::hapi::{Client, ReadError, Subscriptions};
use crate::message::{HapiText, Message, WebhookText};
use crate::pull::{keep_routes, known_routes};
use crate::report::subscriptions::PushStatus;
use crate::store::{Side, Store};
use jiff::Timestamp;

/// How often HApi is asked to end a subscription that it goes on listing: it may have been made more than once.
const MOST_REMOVALS: usize = 5;

/// Arguments of `subscribe`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync subscribe                                                     what HApi notifies, and what it should
  hopem-sync subscribe add unit tenant --url https://sync.example.com/hapi
  hopem-sync subscribe remove tenant")]
pub(crate) struct Subscribe {
    #[command(subcommand)]
    command: Option<SubscribeCommand>,
}

#[derive(Debug, clap::Subcommand)]
enum SubscribeCommand {
    /// Show what HApi notifies, and what it should
    #[command(before_long_help = "\
Examples:
  hopem-sync subscribe list
  hopem-sync subscribe list --json")]
    List,
    /// Ask HApi to notify kinds; repeating it does no harm
    #[command(before_long_help = "\
Examples:
  hopem-sync subscribe add unit tenant --url https://sync.example.com/hapi
  hopem-sync subscribe add unit --url https://sync.example.com/hapi --header 'X-Site:site-2'")]
    Add(Add),
    /// Ask HApi to notify kinds no longer
    #[command(before_long_help = "\
Examples:
  hopem-sync subscribe remove tenant
  hopem-sync subscribe remove unit tenant --json")]
    Remove(Remove),
}

#[derive(Debug, clap::Args)]
struct Add {
    /// Kinds, such as `unit`
    #[arg(value_name = "KIND", required = true)]
    kinds: Vec<String>,
    /// Where HApi sends events: the public address of `listen`
    #[arg(long, value_name = "URL")]
    url: String,
    /// Another header that HApi sends back, besides the configured one; may be repeated
    #[arg(long = "header", value_name = "NAME:VALUE")]
    headers: Vec<String>,
}

#[derive(Debug, clap::Args)]
struct Remove {
    /// Kinds, such as `unit`
    #[arg(value_name = "KIND", required = true)]
    kinds: Vec<String>,
}

impl Subscribe {
    /// Lists, adds or removes subscriptions.
    ///
    /// # Errors
    /// Where the address or the secret cannot be used, or HApi refuses.
    pub(crate) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        match &self.command {
            None | Some(SubscribeCommand::List) => list(context),
            Some(SubscribeCommand::Add(command)) => command.run(context),
            Some(SubscribeCommand::Remove(command)) => command.run(context),
        }
    }
}

impl Add {
    fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let kinds = selector::kinds(&self.kinds, &context.config)?;
        self.check_url(context)?;
        let headers = self.headers(context)?;
        let client = context.hapi()?;
        let mut session = Session::open(context, &client)?;
        let before = session.list()?;
        for kind in kinds {
            let name = &context.config.kind(kind).event;
            // A subscription of ours to another address would go on beside this one.
            let is_elsewhere = session
                .store
                .subscriptions()?
                .iter()
                .any(|known| known.name.eq_ignore_ascii_case(name) && known.url != self.url);
            if is_elsewhere && before.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                // Where HApi does not take it, the new one may replace it all the same; `remove` shows it.
                let _ = session.subscriptions.remove(name);
            }
            let outcome = session.subscriptions.add(name, &self.url, &headers);
            if session.accept(kind, name, outcome)? {
                session.store.write(|tx| tx.set_subscription(name, &self.url, context.now()))?;
                session.added.push((kind, name.clone()));
            }
        }
        let names = session.list()?;
        session.close(names)
    }

    fn check_url(&self, context: &Context) -> anyhow::Result<()> {
        let invalid = || Failure::usage(WebhookText::UrlInvalid { url: self.url.clone() });
        let url = reqwest::Url::parse(&self.url).map_err(|_| invalid())?;
        let is_plain = url.username().is_empty() && url.password().is_none() && !self.url.contains(char::is_whitespace);
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() || !is_plain {
            return Err(invalid().into());
        }
        let is_here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if url.scheme() == "http" && !is_here {
            context.report.warn(&WebhookText::UrlUnsafe {}.into());
        }
        Ok(())
    }

    /// What HApi sends back with every event: the configured header and secret, and those of the command line.
    fn headers(&self, context: &Context) -> anyhow::Result<String> {
        let listen = &context.config.listen;
        let mut headers = Vec::new();
        for header in &self.headers {
            headers.push(header_pair(header).ok_or_else(|| {
                let name = header.split(':').next().unwrap_or_default();
                Failure::usage(WebhookText::HeaderInvalid { header: format!("{name}:…") })
            })?);
        }
        // HApi may repeat them where it refuses.
        headers.iter().for_each(|(_, value)| context.http.masks().add(value));
        let is_overridden = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(&listen.header));
        if listen.secret.is_set() && !is_overridden {
            let secret = listen.secret_to_subscribe_with()?;
            context.http.masks().add(secret.expose());
            headers.insert(0, (listen.header.as_str(), secret.expose().to_owned()));
            return Ok(joined(&headers));
        }
        if headers.is_empty() {
            let what = WebhookText::SecretMissing { header: listen.header.clone() };
            return Err(Failure::usage(what).help(WebhookText::SecretMissingHelp {}).into());
        }
        Ok(joined(&headers))
    }
}

impl Remove {
    fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let kinds = selector::kinds(&self.kinds, &context.config)?;
        let client = context.hapi()?;
        let mut session = Session::open(context, &client)?;
        let before = session.list()?;
        for kind in kinds {
            let name = &context.config.kind(kind).event;
            let is_among = |names: &[String]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
            let mut is_there = is_among(&before);
            let mut is_refused = false;
            for _ in 0..MOST_REMOVALS {
                if !is_there || is_refused {
                    break;
                }
                let outcome = session.subscriptions.remove(name);
                is_refused = !session.accept(kind, name, outcome)?;
                is_there = is_among(&session.list()?);
            }
            if is_there && !is_refused {
                session.fails(kind, WebhookText::StillListed { name: name.clone() });
            }
            if !is_there {
                session.store.write(|tx| {
                    tx.remove_subscription(name)?;
                    tx.forget_whole_read(kind)
                })?;
            }
        }
        let names = session.list()?;
        session.close(names)
    }
}

fn list(context: &Context) -> anyhow::Result<Exit> {
    let client = context.hapi()?;
    let mut session = Session::open(context, &client)?;
    let names = session.list()?;
    session.close(names)
}

/// Session with HApi about subscriptions.
struct Session<'c> {
    context: &'c Context,
    client: &'c Client<'c>,
    store: Store,
    subscriptions: Subscriptions<'c>,
    failures: Vec<Reported>,
    added: Vec<(Kind, String)>,
}

impl<'c> Session<'c> {
    fn open(context: &'c Context, client: &'c Client<'c>) -> anyhow::Result<Session<'c>> {
        let store = context.store()?;
        if let Some(wait) = store.wait(Side::Hapi, context.now())? {
            return Err(Failure::new(Exit::Failed, wait.why).help(HapiText::WaitForHapi {}).into());
        }
        let subscriptions = Subscriptions::new(client, known_routes(&store, &context.config)?);
        Ok(Session { context, client, store, subscriptions, failures: Vec::new(), added: Vec::new() })
    }

    /// What HApi notifies now.
    fn list(&mut self) -> anyhow::Result<Vec<String>> {
        let listed = self.subscriptions.list();
        self.keep_account()?;
        listed.map_err(|error| fatal(error, self.context.now()))
    }

    /// Takes the outcome of one request. What HApi refused is listed at the end; anything else ends the command.
    fn accept(&mut self, kind: Kind, name: &str, outcome: Result<(), ReadError>) -> anyhow::Result<bool> {
        match outcome {
            Ok(()) => Ok(true),
            Err(ReadError::Refused { status, answer }) => {
                let error = WebhookText::Refused { name: name.to_owned(), status: status.into(), answer };
                self.fails(kind, error);
                Ok(false)
            }
            Err(error) => {
                self.keep_account()?;
                Err(fatal(error, self.context.now()))
            }
        }
    }

    fn fails(&mut self, kind: Kind, error: WebhookText) {
        let hint: Message = WebhookText::CheckEvent { kind }.into();
        let detail = FailureDetail::new(FailureCause::SubscriptionRefused, error).hint(hint);
        self.failures.push(Reported::of_kind(kind, Stage::Subscribe, detail));
    }

    /// Counts what was asked, and keeps where HApi answered.
    fn keep_account(&mut self) -> anyhow::Result<()> {
        keep_routes(&mut self.store, &self.subscriptions)
    }

    /// Writes how things stand, `names` being what HApi notifies.
    fn close(mut self, names: Vec<String>) -> anyhow::Result<Exit> {
        for (kind, name) in std::mem::take(&mut self.added) {
            if !names.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
                self.fails(kind, WebhookText::NotListed { name });
            }
        }
        self.store.write(|tx| tx.count_calls(Side::Hapi, self.client.calls(), self.context.now()))?;
        let exit = if self.failures.is_empty() { Exit::Ok } else { Exit::Partial };
        let wanted = self.context.config.kinds.iter().filter(|entity| entity.enabled);
        let standing = PushStatus {
            wanted: wanted.map(|entity| (entity.kind, entity.event.clone())).collect(),
            subscribed: names,
            asked: self.store.subscriptions()?,
            failures: self.failures,
        };
        crate::report::subscriptions::subscriptions(&self.context.report, &standing)?;
        Ok(exit)
    }
}

/// An error after which nothing more is asked.
fn fatal(error: ReadError, now: Timestamp) -> anyhow::Error {
    match error {
        ReadError::Unavailable { status } => {
            Failure::new(Exit::Failed, WebhookText::RoutesUnknown { status: status.into() })
                .help(WebhookText::RoutesUnknownHelp {})
                .into()
        }
        other => crate::pull::trouble::failure("/api/Webhooks", HapiText::RetryLater {}, other, now),
    }
}

/// `Name:Value`, where HApi can carry it.
fn header_pair(text: &str) -> Option<(&str, String)> {
    let (name, value) = text.split_once(':')?;
    let (name, value) = (name.trim(), value.trim());
    let is_name = reqwest::header::HeaderName::from_bytes(name.as_bytes()).is_ok();
    (is_name && is_plain(value)).then(|| (name, value.to_owned()))
}

/// Whether a header's value can travel in `a:b;c:d`.
fn is_plain(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';' && byte != b':')
}

fn joined(headers: &[(&str, String)]) -> String {
    headers.iter().map(|(name, value)| format!("{name}:{value}")).collect::<Vec<_>>().join(";")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_joined_as_hapi_wants_them_and_what_would_break_the_list_is_refused() {
        let pairs = [header_pair("A: b"), header_pair("X-C:d=e")].map(|pair| pair.expect("a header"));
        assert_eq!(joined(&pairs), "A:b;X-C:d=e");
        for wrong in ["", "A", "A:", "A:b;c", "A:b:c", "A b:c", "A:b c", ":b", "A:é", "A:b\nc"] {
            assert_eq!(header_pair(wrong), None, "{wrong:?}");
        }
    }
}
