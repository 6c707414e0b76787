//! Notice that the state has changed, in the forms in which it travels.

use super::check::Verdict;
use super::threshold::Level;
use crate::config::{NotifyFormat, NotifyLevel};
use crate::message::{Lang, NotifyText};
use crate::store::NotifiedState;
use crate::text::harmless;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Notice of a state.
#[derive(Debug)]
pub(crate) struct Notice {
    /// Whether it is good or bad.
    pub(crate) state: NotifiedState,
    verdict: Verdict,
    who: String,
    at: Timestamp,
    lang: Lang,
}

impl Notice {
    /// The notice of a verdict; `None` where it is not known how things are.
    pub(crate) fn new(verdict: Verdict, from: NotifyLevel, who: String, at: Timestamp, lang: Lang) -> Option<Notice> {
        let state = match (verdict.level, from) {
            (Level::Unknown, _) => return None,
            (Level::Critical, _) | (Level::Warning, NotifyLevel::Warning) => NotifiedState::Bad,
            (Level::Warning, NotifyLevel::Critical) | (Level::Ok, _) => NotifiedState::Good,
        };
        Some(Notice { state, verdict, who, at, lang })
    }

    /// What people read, one line or two.
    pub(crate) fn text(&self) -> String {
        let who = self.who.clone();
        match self.state {
            NotifiedState::Good => NotifyText::TurnedGood { who }.text(self.lang),
            NotifiedState::Bad => {
                let what = self.verdict.summary();
                let see = NotifyText::SeeErrors {}.text(self.lang);
                format!("{}\n{see}", NotifyText::TurnedBad { who, what }.text(self.lang))
            }
        }
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
        json!({
            "state": self.state.word(),
            "level": self.verdict.level.word().to_lowercase(),
            "text": self.text(),
            "source": self.who,
            "at": format!("{:.0}", self.at),
            "reasons": self.verdict.reasons.iter().map(|reason| harmless(reason)).collect::<Vec<_>>(),
            "errors": self.verdict.errors,
            "pending": self.verdict.pending,
            "age_seconds": self.verdict.age,
        })
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
            reasons: vec!["HApi: refused <login> & all".to_owned()],
            age: Some(60),
            oldest_read: Some(None),
            errors: 3,
            stuck: 0,
            pending: 2,
            limits: Limits { age: threshold, errors: threshold, pending: threshold },
            kinds: Vec::new(),
        };
        let at = "2026-11-22T05:00:00Z".parse().expect("a time");
        Notice::new(verdict, from, "hopem-sync (srv)".to_owned(), at, lang)
    }

    #[test]
    fn a_state_is_bad_from_the_level_on_that_was_asked_for() {
        let state = |level, from| notice(level, from, Lang::En).map(|notice| notice.state);
        assert_eq!(state(Level::Warning, NotifyLevel::Warning), Some(NotifiedState::Bad));
        assert_eq!(state(Level::Warning, NotifyLevel::Critical), Some(NotifiedState::Good));
        assert_eq!(state(Level::Critical, NotifyLevel::Critical), Some(NotifiedState::Bad));
        assert_eq!(state(Level::Ok, NotifyLevel::Warning), Some(NotifiedState::Good));
        assert_eq!(state(Level::Unknown, NotifyLevel::Warning), None);
    }

    #[test]
    fn each_receiver_gets_what_it_understands() {
        let notice = notice(Level::Critical, NotifyLevel::Warning, Lang::En).expect("a notice");
        let what = "HApi: refused <login> & all; 3 in error, 2 pending";
        let text = format!("hopem-sync (srv): someone should look: {what}\nsee: hopem-sync status --state error");
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
    fn both_languages_are_spoken() {
        let text_at = |level| notice(level, NotifyLevel::Warning, Lang::Fr).expect("a notice").text();
        assert!(text_at(Level::Ok).ends_with("\u{a0}: tout est rentré dans l’ordre"));
        assert!(text_at(Level::Warning).contains("\u{a0}: à vérifier\u{a0}: HApi"));
    }
}
