//! Answers of `backup` and `forget`.

use super::{Report, Screen, Style};
use crate::failure::Reported;
use crate::message::{Lang, Message, RunText, ScreenText, StoreText};
use crate::run::FailurePart;
use crate::store::Erased;
use crate::text::harmless;
use serde::Serialize;
use serde_json::{Value, json};

/// Copy of the store.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct BackedUp {
    /// Where it is.
    pub(crate) file: String,
    /// How long it is.
    pub(crate) bytes: u64,
}

/// Result of `forget`: what was removed, and what was not.
#[derive(Debug)]
pub(crate) struct Forgotten {
    /// Those removed.
    pub(crate) erased: Vec<Erased>,
    /// How many of the kinds named were left alone.
    pub(crate) skipped: u64,
    /// The selectors that name nothing.
    pub(crate) missing: Vec<String>,
    /// Those that cannot be removed yet.
    pub(crate) failures: Vec<Reported>,
    /// The copies of the store in which they still stand.
    pub(crate) backups: Vec<String>,
    /// Whether nothing is left in the store's files.
    pub(crate) is_wiped: bool,
}

impl Screen for BackedUp {
    fn document(&self) -> impl Serialize {
        self
    }

    fn is_written_quietly(&self) -> bool {
        false
    }

    fn text(&self, style: Style<'_>) -> String {
        let copied = StoreText::Copied { file: harmless(&self.file), bytes: self.bytes };
        format!("{}\n", style.text(copied))
    }
}

/// Writes what was removed, and beside it what of it is elsewhere and what could not be removed.
///
/// # Errors
/// Where stdout cannot be written to.
pub(crate) fn forgotten(report: &Report, done: &Forgotten) -> anyhow::Result<()> {
    for warning in done.warnings(report.lang) {
        report.warn(&warning);
    }
    report.show(done)
}

impl Screen for Forgotten {
    fn document(&self) -> impl Serialize {
        self.json()
    }

    fn is_written_quietly(&self) -> bool {
        false
    }

    fn text(&self, style: Style<'_>) -> String {
        let mut lines = vec![style.text(StoreText::Forgotten { count: self.erased.len() as u64 })];
        for Erased { entity, item } in &self.erased {
            let entity = harmless(&entity.to_string());
            let line = match item.clone() {
                Some((board, item)) => style.text(StoreText::ItemStays { entity, item, board }),
                None => entity,
            };
            lines.push(format!("  {line}"));
        }
        if self.skipped > 0 {
            lines.push(style.text(ScreenText::LeftAlone { count: self.skipped }));
        }
        if !self.erased.is_empty() {
            lines.push(style.text(StoreText::ComesBack {}));
        }
        lines.iter().map(|line| format!("{line}\n")).collect()
    }
}

impl Forgotten {
    fn warnings(&self, lang: Lang) -> Vec<Message> {
        let missing = self.missing.iter().map(|selector| RunText::NoStoreEntry { selector: selector.clone() }.into());
        let failures = self.failures.iter().map(|failure| {
            ScreenText::OfEntity { entity: failure.subject.to_string(), text: failure.error.text(lang) }.into()
        });
        let copies = match self.backups.as_slice() {
            files if files.is_empty() || self.erased.is_empty() => None,
            files => Some(StoreText::InCopies { files: files.to_vec() }.into()),
        };
        let log = (!self.is_wiped).then(|| StoreText::LogInUse {}.into());
        missing.chain(failures).chain(copies).chain(log).collect()
    }

    fn json(&self) -> Value {
        let entities: Vec<Value> = self
            .erased
            .iter()
            .map(|Erased { entity, item }| {
                let (board, item) = item.clone().unzip();
                json!({"entity": entity.to_string(), "state": "forgotten", "item_id": item, "board": board})
            })
            .collect();
        let mut document = json!({"entities": entities, "skipped": self.skipped, "backups": self.backups});
        if !self.missing.is_empty() {
            document["missing"] = json!(self.missing);
        }
        if !self.failures.is_empty() {
            let failures = self.failures.iter().map(|failure| FailurePart::rendered(failure, Lang::En));
            document["failures"] = json!(failures.collect::<Vec<_>>());
        }
        document
    }
}
