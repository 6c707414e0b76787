//! Both sides before anything is written: what HApi holds, read into a store in memory, and whose account at monday it is.

use crate::boards::Setup;
use crate::boards::session::{Asked, Session};
use crate::commands::context::Context;
use crate::config::{Config, KindConfig, Select};
use crate::entity::{Kind, Record};
use crate::failure::{Exit, Failure};
use crate::hapi::{Client, Description, PropertyType, TokenFile};
use crate::message::{InitText, Message, MondayText};
use crate::monday::structure::{Account, account, account_of};
use crate::plan::derive::DerivationRules;
use crate::progress::Progress;
use crate::pull::guard::Allowed;
use crate::pull::{Pull, Scope};
use crate::report::bars;
use crate::setup::survey::{Form, Survey};
use crate::store::{Pushing, Store};
use std::collections::BTreeMap;

/// Inspection of both sides: what they hold and allow.
pub(super) struct Inspection {
    /// Everything that HApi gave.
    pub(super) store: Store,
    /// What the records of each kind hold.
    pub(super) surveys: BTreeMap<Kind, Survey>,
    /// The kinds that HApi does not give, and why.
    pub(super) unavailable: BTreeMap<Kind, Message>,
    /// The kinds that could not be read, and why.
    pub(super) failed: BTreeMap<Kind, Message>,
    /// The account at monday.
    pub(super) account: Account,
    /// What HApi says that it offers, where it says so.
    description: Option<Description>,
}

impl Inspection {
    /// Inspects what HApi holds, into a store that counts the calls to both sides. `account`: whose the token for monday is.
    ///
    /// # Errors
    /// Where HApi cannot be read.
    pub(super) fn inspect(
        context: &Context,
        kinds: &[Kind],
        mut store: Store,
        account: Account,
    ) -> anyhow::Result<Inspection> {
        let config = reading(&context.config, kinds);
        let client = Client::new(&context.http, config.required_hapi()?, &context.stop, TokenFile::in_memory())?;
        let derivation = DerivationRules::of(&config);
        let progress = bars::watcher(&context.report, context.clock());
        let allowed = Allowed::All;
        let pull = Pull {
            config: &config,
            derivation: &derivation,
            client: &client,
            progress: progress.as_ref(),
            allowed: &allowed,
        };
        let pulled = pull.run_due(&mut store, kinds, Scope::Whole { receiver_is_alive: false }, None)?;
        if let Some(error) = pulled.error {
            return Err(error);
        }
        let part = |of: fn(&crate::pull::KindPull) -> Option<Message>| {
            pulled.kinds.iter().filter_map(|(&kind, part)| Some((kind, of(part)?))).collect()
        };
        let unavailable: BTreeMap<Kind, Message> = part(|part| part.unavailable.clone());
        let failed: BTreeMap<Kind, Message> = part(|part| part.error.clone());
        let mut surveys = surveys(context, &store, kinds)?;
        // What records hold is seen without it.
        let description = client.describe().ok();
        for (&kind, survey) in &mut surveys {
            let set = description.as_ref().and_then(|offered| offered.set(&config.kind(kind).endpoint));
            for property in set.and_then(|set| set.properties.as_ref()).into_iter().flatten() {
                survey.declare(&property.name, form(property.property_type));
            }
        }
        Ok(Inspection { store, surveys, unavailable, failed, account, description })
    }

    /// Derives names, parents and `only` anew by another configuration.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(super) fn derive_again(&mut self, config: &Config) -> anyhow::Result<()> {
        let derivation = DerivationRules::known(config, &self.store)?;
        derivation.apply(&mut self.store, self.surveys.keys().copied())
    }

    /// The entity sets that HApi offers and no kind reads.
    pub(super) fn other_sets(&self, config: &Config) -> Vec<String> {
        let is_read = |name: &str| config.kinds.iter().any(|settings| settings.endpoint.eq_ignore_ascii_case(name));
        let sets = self.description.iter().flat_map(|offered| &offered.sets);
        sets.map(|set| set.name.clone()).filter(|name| !is_read(name)).collect()
    }

    /// Whether HApi says that it notifies of a kind by webhooks.
    pub(super) fn is_subscribable(&self, settings: &KindConfig) -> bool {
        self.description.as_ref().and_then(|offered| offered.is_subscribable(&settings.event)) == Some(true)
    }

    /// Whether HApi gives a kind.
    pub(super) fn is_offered(&self, kind: Kind) -> bool {
        !self.unavailable.contains_key(&kind) && !self.failed.contains_key(&kind)
    }
}

/// The configuration with which these kinds are read with all their properties.
fn reading(config: &Config, kinds: &[Kind]) -> Config {
    let mut config = config.clone();
    for settings in &mut config.kinds {
        settings.select = Select::All;
        settings.enabled = kinds.contains(&settings.kind);
    }
    config
}

fn surveys(context: &Context, store: &Store, kinds: &[Kind]) -> anyhow::Result<BTreeMap<Kind, Survey>> {
    let blanks = &context.config.sync.blank;
    let mut surveys = BTreeMap::new();
    for &kind in kinds {
        let mut survey = Survey::default();
        store.each(kind, Pushing::On, context.now(), |entity, _| {
            if let Ok(record) = Record::parse(&entity.record) {
                survey.add(&record, blanks);
            }
            Ok(())
        })?;
        surveys.insert(kind, survey);
    }
    Ok(surveys)
}

/// The form of values of a declared type.
fn form(property_type: PropertyType) -> Option<Form> {
    match property_type {
        PropertyType::Text => Some(Form::Text),
        PropertyType::Number => Some(Form::Number),
        PropertyType::Date => Some(Form::Date),
        PropertyType::Boolean => Some(Form::Boolean),
        PropertyType::Nested => Some(Form::Nested),
        PropertyType::Unknown => None,
    }
}

/// Whose the token is.
///
/// # Errors
/// Where monday refuses it, or cannot be asked.
pub(super) fn account_of_token(context: &Context, store: &mut Store) -> anyhow::Result<Account> {
    let derivation = DerivationRules::of(&context.config);
    let client = crate::monday::Client::new(&context.http, &context.config.monday)?;
    let progress = bars::watcher(&context.report, context.clock());
    let mut session = Session::new(setup(context, &derivation, &client, progress.as_ref()));
    let asked = session.ask(store, &account())?;
    let why = match asked {
        Asked::Answer(answer) => match account_of(&answer.data) {
            Some(account) => return Ok(account),
            None => answer.errors.first().map(|error| error.to_text()).unwrap_or_default(),
        },
        Asked::Refused(why) => {
            let remedy = Message::from(why.clone()).remedy().cloned();
            let remedy = remedy.unwrap_or_else(|| MondayText::MondayLater {}.into());
            return Err(Failure::new(Exit::Failed, why).help(remedy).into());
        }
        Asked::Ended => return Err(ended(session)),
    };
    Err(Failure::new(Exit::Login, MondayText::LoginRefused { why }).help(MondayText::CheckToken {}).into())
}

/// The setup of a session that only asks, and makes boards.
pub(super) fn setup<'a>(
    context: &'a Context,
    derivation: &'a DerivationRules,
    client: &'a crate::monday::Client<'a>,
    progress: &'a dyn Progress,
) -> Setup<'a> {
    Setup {
        config: &context.config,
        derivation,
        client,
        stop: &context.stop,
        progress,
        max_calls: None,
        trust_boards: None,
    }
}

/// Why a session ended, as an error.
pub(super) fn ended(session: Session<'_>) -> anyhow::Error {
    let ending = session.finish();
    let exit = ending.exit.unwrap_or(Exit::Failed);
    match (ending.error, ending.left_because) {
        (Some(error), _) => error,
        (None, Some(why)) => Failure::new(exit, why).help(InitText::RunAgain {}).into(),
        (None, None) => {
            Failure::new(exit, crate::message::RunText::StoppedBySignal {}).help(InitText::RunAgain {}).into()
        }
    }
}
