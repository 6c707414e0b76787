//! Notice that the state has changed, in the forms in which it travels.

use super::check::Verdict;
use super::threshold::Level;
use crate::config::{NotifyFormat, NotifyLevel};
use crate::failure::{RenderedError, render};
use crate::message::{Lang, NotifyText};
use crate::store::NotifiedState;
use crate::text::{harmless, with_flags};
use jiff::Timestamp;
use serde_json::{Value, json};

/// Notice of a state.
#[derive(Debug)]
pub(crate) struct Notice {
    /// Whether it is good or bad.
    pub(crate) state: NotifiedState,
    content: Content,
    who: String,
    at: Timestamp,
    lang: Lang,
    /// The flags that commands to be pasted need.
    flags: String,
}

/// Content of a notice.
#[derive(Debug)]
enum Content {
    /// The state of things, as the store has it, and the last run where it ended badly.
    Verdict(Verdict, Option<i64>),
    /// Why the store cannot be used, in the language of the notice and for programs, and what to do.
    NoStore { what: String, for_programs: String, help: Option<String> },
}

impl Notice {
    /// The notice that a store cannot be used.
    pub(crate) fn no_store(error: &anyhow::Error, who: String, at: Timestamp, lang: Lang, flags: &str) -> Notice {
        let RenderedError { message: what, hint: help, .. } = render(error, lang);
        let content = Content::NoStore { what, for_programs: render(error, Lang::En).message, help };
        Notice { state: NotifiedState::Critical, content, who, at, lang, flags: flags.to_owned() }
    }

    /// The notice of a verdict; `None` where it is not known how things are. `run`: a run that ended badly, and was the last.
    pub(crate) fn new(
        verdict: Verdict,
        run: Option<i64>,
        from: NotifyLevel,
        who: String,
        at: Timestamp,
        lang: Lang,
        flags: &str,
    ) -> Option<Notice> {
        let state = match (verdict.level, from) {
            (Level::Unknown, _) => return None,
            (Level::Critical, _) => NotifiedState::Critical,
            (Level::Warning, NotifyLevel::Warning) => NotifiedState::Bad,
            (Level::Warning, NotifyLevel::Critical) | (Level::Ok, _) => NotifiedState::Good,
        };
        Some(Notice { state, content: Content::Verdict(verdict, run), who, at, lang, flags: flags.to_owned() })
    }

    /// What people read, one line or two.
    pub(crate) fn text(&self) -> String {
        let who = self.who.clone();
        if self.state == NotifiedState::Good {
            return NotifyText::TurnedGood { who }.text(self.lang);
        }
        let (what, help) = match &self.content {
            Content::Verdict(verdict, run) => {
                let see = match run {
                    Some(run) => NotifyText::SeeErrorsAndRun { run: run.to_string() },
                    None => NotifyText::SeeErrors {},
                };
                (verdict.summary(self.lang), Some(see.text(self.lang)))
            }
            Content::NoStore { what, help, .. } => (harmless(what), help.clone()),
        };
        let lines = std::iter::once(NotifyText::TurnedBad { who, what }.text(self.lang)).chain(help);
        with_flags(&lines.collect::<Vec<_>>().join("\n"), &self.flags).into_owned()
    }

    /// The body of a message.
    pub(crate) fn body(&self, format: NotifyFormat) -> Value {
        match format {
            NotifyFormat::Generic => self.generic(),
            NotifyFormat::Slack => json!({ "text": for_slack(&self.text()) }),
            NotifyFormat::Teams => card(&self.text()),
        }
    }

    fn generic(&self) -> Value {
        let mut object = json!({
            "state": if self.state == NotifiedState::Good { "good" } else { "bad" },
            "text": self.text(),
            "source": self.who,
            "at": format!("{:.0}", self.at),
        });
        let more = match &self.content {
            Content::Verdict(verdict, _) => json!({
                "level": verdict.level.word().to_lowercase(),
                "reasons": verdict.reasons.iter().map(|reason| harmless(&reason.text(Lang::En))).collect::<Vec<_>>(),
                "errors": verdict.errors,
                "pending": verdict.pending,
                "age_seconds": verdict.age,
            }),
            Content::NoStore { for_programs, .. } => json!({
                "level": Level::Critical.word().to_lowercase(),
                "reasons": [harmless(for_programs)],
                "errors": null, "pending": null, "age_seconds": null,
            }),
        };
        if let (Value::Object(object), Value::Object(more)) = (&mut object, more) {
            object.extend(more);
        }
        object
    }
}

/// The signs that mean something to Slack.
fn for_slack(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// An adaptive card, a block of text for each line.
fn card(text: &str) -> Value {
    let blocks: Vec<Value> =
        text.lines().map(|line| json!({ "type": "TextBlock", "text": line, "wrap": true })).collect();
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": blocks,
            },
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::super::check::Limits;
    use super::*;
    use crate::config::Threshold;

    fn notice(level: Level, from: NotifyLevel, lang: Lang) -> Option<Notice> {
        let threshold = Threshold { warning: 0, critical: None };
        let verdict = Verdict {
            level,
            reasons: vec![
                NotifyText::Trouble { whose: "HApi".to_owned(), error: "refused <login> & all".to_owned().into() }
                    .into(),
            ],
            age: Some(60),
            oldest_read: Some(None),
            errors: 3,
            stuck: 0,
            pending: 2,
            limits: Limits { age: threshold, errors: threshold, pending: threshold },
            kinds: Vec::new(),
        };
        let at = "2026-11-22T05:00:00Z".parse().expect("a time");
        Notice::new(verdict, None, from, "hopem-sync (srv)".to_owned(), at, lang, "--profile acme")
    }

    #[test]
    fn a_state_is_bad_from_the_level_on_that_was_asked_for() {
        let state = |level, from| notice(level, from, Lang::En).map(|notice| notice.state);
        assert_eq!(state(Level::Warning, NotifyLevel::Warning), Some(NotifiedState::Bad));
        assert_eq!(state(Level::Warning, NotifyLevel::Critical), Some(NotifiedState::Good));
        assert_eq!(state(Level::Critical, NotifyLevel::Critical), Some(NotifiedState::Critical));
        assert_eq!(state(Level::Ok, NotifyLevel::Warning), Some(NotifiedState::Good));
        assert_eq!(state(Level::Unknown, NotifyLevel::Warning), None);
    }

    #[test]
    fn each_receiver_gets_what_it_understands() {
        let notice = notice(Level::Critical, NotifyLevel::Warning, Lang::En).expect("a notice");
        let what = "HApi: refused <login> & all; 3 in error, 2 pending";
        let text = format!(
            "hopem-sync (srv): someone should look: {what}\nsee: hopem-sync status --profile acme --state error"
        );
        assert_eq!(notice.text(), text);
        let slack = notice.body(NotifyFormat::Slack);
        assert!(slack["text"].as_str().is_some_and(|text| text.contains("&lt;login&gt; &amp; all")), "{slack}");
        let card = notice.body(NotifyFormat::Teams);
        let blocks = card["attachments"][0]["content"]["body"].as_array().expect("blocks").clone();
        assert_eq!((card["type"].as_str(), blocks.len()), (Some("message"), 2));
        let object = notice.body(NotifyFormat::Generic);
        assert_eq!((object["state"].as_str(), object["level"].as_str()), (Some("bad"), Some("critical")));
        assert_eq!((&object["errors"], &object["at"]), (&json!(3), &json!("2026-11-22T05:00:00Z")));
    }

    #[test]
    fn that_the_store_cannot_be_used_is_reported_with_what_to_do_and_no_figures() {
        let error = crate::failure::Failure::new(
            crate::failure::Exit::Store,
            crate::message::StoreText::Damaged { path: "/s.db".to_owned() },
        )
        .help(crate::message::StoreText::RestoreBackup {});
        let at = "2026-11-22T05:00:00Z".parse().expect("a time");
        let notice = Notice::no_store(&error.into(), "hopem-sync".to_owned(), at, Lang::Fr, "");
        let lines: Vec<String> = notice.text().lines().map(str::to_owned).collect();
        assert!(lines.len() == 2 && lines[0].contains("/s.db") && !lines[0].contains("in error"), "{lines:?}");
        let object = notice.body(NotifyFormat::Generic);
        assert_eq!((&object["level"], &object["errors"]), (&json!("critical"), &json!(null)));
        assert!(object["reasons"][0].as_str().is_some_and(|reason| reason.contains("/s.db")), "{object}");
    }

    #[test]
    fn both_languages_are_spoken() {
        let text_at = |level| notice(level, NotifyLevel::Warning, Lang::Fr).expect("a notice").text();
        assert!(text_at(Level::Ok).ends_with("\u{a0}: tout est rentré dans l’ordre"));
        let bad = text_at(Level::Warning);
        let reported = "\u{a0}: à vérifier\u{a0}: HApi\u{a0}: refused <login> & all; 3 en erreur, 2 en attente\nvoir\u{a0}: hopem-sync";
        assert!(bad.contains(reported), "{bad}");
    }
}
