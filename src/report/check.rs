//! What a monitor reads: one line in the manner of a Nagios plug-in, or the same in JSON.

use super::Report;
use super::threshold::Level;
use crate::config::Threshold;
use crate::entity::Kind;
use crate::message::{Lang, Message, NotifyText};
use crate::text::harmless;
use serde::Serialize;
use std::fmt::Write as _;

/// Most reasons named in the line; the others are counted.
const MOST_NAMED: usize = 3;

/// Thresholds of a check.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// `--max-age`, in seconds.
    pub(crate) age: Threshold,
    /// `--max-errors`.
    pub(crate) errors: Threshold,
    /// `--max-pending`.
    pub(crate) pending: Threshold,
}

/// Answer to a monitor.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) level: Level,
    /// Why it is not better, the worst first.
    pub(crate) reasons: Vec<Message>,
    /// Seconds since the oldest kind was read, or since the oldest change waits; `None`: not known.
    pub(crate) age: Option<u64>,
    /// The age of the kind that was read longest ago, and which it is; `None`: nothing is known at all.
    pub(crate) oldest_read: Option<Option<(u64, Kind)>>,
    /// Entities in error, the stuck ones included.
    pub(crate) errors: u64,
    /// Deleted entities whose items could not be let go.
    pub(crate) stuck: u64,
    pub(crate) pending: u64,
    pub(crate) limits: Limits,
    /// The kinds that HApi should give.
    pub(crate) kinds: Vec<KindAge>,
}

/// Age of one kind.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct KindAge {
    pub(crate) kind: Kind,
    pub(crate) age_seconds: Option<u64>,
    pub(crate) reason: Option<String>,
}

#[derive(Serialize)]
struct CheckDocument<'c> {
    check: CheckPart<'c>,
}

#[derive(Serialize)]
struct CheckPart<'c> {
    message: &'c str,
    exit_code: u8,
    age_seconds: Option<u64>,
    errors: u64,
    pending: u64,
    /// Why it is not better, the worst first.
    reasons: Vec<String>,
    kinds: &'c [KindAge],
}

/// Answers a monitor.
///
/// # Errors
/// Where stdout cannot be written to.
pub(crate) fn check(report: &Report, verdict: &Verdict) -> anyhow::Result<()> {
    if !report.is_json {
        return report.print_as_is(&verdict.line());
    }
    report.json(&CheckDocument {
        check: CheckPart {
            message: &verdict.headline(),
            exit_code: verdict.level.code(),
            age_seconds: verdict.age,
            errors: verdict.errors,
            pending: verdict.pending,
            reasons: verdict.reasons.iter().map(|reason| reason.text(Lang::En)).collect(),
            kinds: &verdict.kinds,
        },
    })
}

impl Verdict {
    /// The plug-in's one line, in English like all that programs read.
    pub(crate) fn line(&self) -> String {
        match self.oldest_read {
            None => format!("{}\n", self.headline()),
            Some(_) => format!("{} | {}\n", self.headline(), self.perfdata()),
        }
    }

    /// The line without its figures for programs.
    fn headline(&self) -> String {
        match self.oldest_read {
            None => "HOPEM-SYNC UNKNOWN - no run has ended well yet".to_owned(),
            Some(_) => format!("HOPEM-SYNC {} - {}", self.level.word(), self.summary(Lang::En)),
        }
    }

    /// The summary for people: why it is not better, and the figures.
    pub(crate) fn summary(&self, lang: Lang) -> String {
        let mut parts: Vec<String> = self.reasons.iter().take(MOST_NAMED).map(|reason| reason.text(lang)).collect();
        if self.reasons.len() > MOST_NAMED {
            let count = (self.reasons.len() - MOST_NAMED).to_string();
            parts.push(NotifyText::MoreReasons { count }.text(lang));
        }
        parts.push(self.figures().iter().map(|figure| figure.text(lang)).collect::<Vec<_>>().join(", "));
        harmless(&parts.join("; ")).replace('|', "/").replace(['\n', '\r'], " ")
    }

    fn figures(&self) -> Vec<NotifyText> {
        let (count, stuck) = (self.errors.to_string(), self.stuck.to_string());
        let read = self.oldest_read.flatten().map(|(seconds, kind)| NotifyText::ReadAgo { kind, seconds });
        let errors = match self.stuck {
            0 => NotifyText::InError { count },
            _ => NotifyText::InErrorAndStuck { count, stuck },
        };
        read.into_iter().chain([errors, NotifyText::Pending { count: self.pending.to_string() }]).collect()
    }

    fn perfdata(&self) -> String {
        let seconds = |age: Option<u64>| age.map_or("U".to_owned(), |age| format!("{age}s"));
        let Limits { age, errors, pending } = self.limits;
        let mut text = format!("age={};{};0", seconds(self.age), age.perfdata());
        let _ = write!(text, " errors={};{};0", self.errors, errors.perfdata());
        let _ = write!(text, " pending={};{};0", self.pending, pending.perfdata());
        for kind in &self.kinds {
            let _ = write!(text, " age_{}={};{};0", kind.kind, seconds(kind.age_seconds), age.perfdata());
        }
        text
    }
}
