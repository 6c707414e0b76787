//! What HApi notifies, and what it should.

use super::table::{Cell, Table};
use super::{Report, Screen, Style, Tone};
use crate::entity::Kind;
use crate::failure::Reported;
use crate::message::{Lang, WebhookText};
use crate::run::FailurePart;
use crate::store::Subscription;
use crate::text::harmless;
use serde::Serialize;

/// State of HApi's subscriptions.
#[derive(Debug)]
pub(crate) struct PushStatus {
    /// The entities that HApi notifies, in its own spelling.
    pub(crate) subscribed: Vec<String>,
    /// Those that the configuration reads, as webhooks name them.
    pub(crate) wanted: Vec<(Kind, String)>,
    /// Where HApi was asked to send the events of each, the last one last; HApi itself does not say.
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

impl PushStatus {
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

impl Screen for PushStatus {
    fn document(&self) -> impl Serialize {
        StandingDocument {
            subscribed: &self.subscribed,
            wanted: self.wanted.iter().map(|(_, name)| name.as_str()).collect(),
            url: self.asked.last().map(|asked| asked.url.as_str()),
            failures: self.failures.iter().map(|failure| FailurePart::rendered(failure, Lang::En)).collect(),
        }
    }

    fn is_written_quietly(&self) -> bool {
        false
    }

    fn text(&self, style: Style<'_>) -> String {
        let mut text = self.table(style).render(style.out);
        let missing = self.wanted.iter().filter(|(_, name)| !self.has(name));
        let kinds: Vec<&str> = missing.map(|(kind, _)| kind.name()).collect();
        if !kinds.is_empty() && style.out.is_terminal {
            let hint = WebhookText::AddHint { kinds: kinds.join(" ") };
            text.push_str(&format!("{}\n", style.text(hint)));
        }
        text
    }
}

impl PushStatus {
    fn table(&self, style: Style<'_>) -> Table {
        let mut table = Table::default();
        for (kind, name) in &self.wanted {
            let is_on = self.has(name);
            let (mark, tone, word) = match is_on {
                true => ("●", Tone::Good, WebhookText::Subscribed {}),
                false => ("○", Tone::Plain, WebhookText::NotSubscribed {}),
            };
            table.row(vec![
                Cell::new(format!("{mark} {name}")).tone(tone),
                Cell::new(kind.name()),
                Cell::new(style.text(word)),
                Cell::new(if is_on { harmless(self.url_of(name)) } else { String::new() }),
            ]);
        }
        for name in self.subscribed.iter().filter(|name| !self.wants(name)) {
            table.row(vec![
                Cell::new(format!("– {}", harmless(name))).tone(Tone::Faint),
                Cell::default(),
                Cell::new(style.text(WebhookText::NotWanted {})),
                Cell::default(),
            ]);
        }
        table
    }
}

/// Writes how things stand with HApi's subscriptions, and beside it what HApi refused.
///
/// # Errors
/// Where stdout cannot be written to.
pub(crate) fn subscriptions(report: &Report, standing: &PushStatus) -> anyhow::Result<()> {
    report.show(standing)?;
    for failure in standing.failures.iter().filter(|_| !report.is_json) {
        // Said also with `--quiet`: the command did not do what it was asked.
        report.line(&report.warning(&failure.error));
        if let Some(hint) = &failure.hint {
            report.info(&format!("  {}", report.text(hint.clone())));
        }
    }
    Ok(())
}
