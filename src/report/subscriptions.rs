//! What HApi notifies, and what it should.

use super::run::FailurePart;
use super::table::{Cell, Table};
use super::{Report, Tone, talk};
use crate::entity::Kind;
use crate::failure::Reported;
use crate::message::{Lang, WebhookText};
use crate::store::Subscription;
use crate::text::harmless;
use serde::Serialize;

/// How things stand with HApi's subscriptions.
#[derive(Debug)]
pub(crate) struct Standing {
    /// The entities that HApi notifies, in its own spelling.
    pub(crate) subscribed: Vec<String>,
    /// Those that the configuration reads, as webhooks name them.
    pub(crate) wanted: Vec<(Kind, String)>,
    /// Where HApi was asked to send the events of each, the last one last; it does not tell itself.
    pub(crate) asked: Vec<Subscription>,
    /// What HApi refused.
    pub(crate) failures: Vec<Reported>,
}

#[derive(Serialize)]
struct StandingDocument<'a> {
    subscribed: &'a [String],
    wanted: Vec<&'a str>,
    url: Option<&'a str>,
    failures: Vec<FailurePart>,
}

impl Standing {
    fn has(&self, name: &str) -> bool {
        self.subscribed.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    fn url_of(&self, name: &str) -> &str {
        let asked = self.asked.iter().find(|asked| asked.name.eq_ignore_ascii_case(name));
        asked.map(|asked| asked.url.as_str()).unwrap_or_default()
    }

    fn wants(&self, name: &str) -> bool {
        self.wanted.iter().any(|(_, wanted)| wanted.eq_ignore_ascii_case(name))
    }
}

impl Report {
    /// Tells how things stand with HApi's subscriptions.
    pub(crate) fn subscriptions(&self, standing: &Standing) -> anyhow::Result<()> {
        if self.is_json {
            return self.json(&StandingDocument {
                subscribed: &standing.subscribed,
                wanted: standing.wanted.iter().map(|(_, name)| name.as_str()).collect(),
                url: standing.asked.last().map(|asked| asked.url.as_str()),
                failures: standing.failures.iter().map(|failure| FailurePart::told(failure, Lang::En)).collect(),
            });
        }
        if !self.is_quiet {
            self.print(&self.subscription_lines(standing))?;
        }
        for failure in &standing.failures {
            // Said also with `--quiet`: the command did not do what it was asked.
            talk(&self.warning(&failure.error));
            if let Some(hint) = &failure.hint {
                self.say(&format!("  {}", self.text(hint.clone())));
            }
        }
        Ok(())
    }

    fn subscription_lines(&self, standing: &Standing) -> String {
        let mut table = Table::default();
        for (kind, name) in &standing.wanted {
            let is_on = standing.has(name);
            let (mark, tone, word) = match is_on {
                true => ("●", Tone::Good, WebhookText::Subscribed {}),
                false => ("○", Tone::Plain, WebhookText::NotSubscribed {}),
            };
            table.row(vec![
                Cell::new(format!("{mark} {name}")).tone(tone),
                Cell::new(kind.name()),
                Cell::new(self.text(word)),
                Cell::new(if is_on { harmless(standing.url_of(name)) } else { String::new() }),
            ]);
        }
        for name in standing.subscribed.iter().filter(|name| !standing.wants(name)) {
            table.row(vec![
                Cell::new(format!("– {}", harmless(name))).tone(Tone::Faint),
                Cell::default(),
                Cell::new(self.text(WebhookText::NotWanted {})),
                Cell::default(),
            ]);
        }
        let mut text = table.render(self.out);
        let missing = standing.wanted.iter().filter(|(_, name)| !standing.has(name));
        let kinds: Vec<&str> = missing.map(|(kind, _)| kind.name()).collect();
        if !kinds.is_empty() && self.out.is_terminal {
            let hint = WebhookText::AddHint { kinds: kinds.join(" ") };
            text.push_str(&format!("{}\n", self.text(hint)));
        }
        text
    }
}
