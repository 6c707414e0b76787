//! A message: a row of one of the tables, which are listed here.

use super::lang::Lang;
use super::why::{self, Quoting, Render};
use super::{
    column, config, dashboard, doctor, hapi, init, inspect, link, listen, monday, network, notify, ownership, page,
    run, screen, store, summary, usage, webhook,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Reason that a message quotes, as a message itself.
pub type Why = why::Why<Message>;

/// Text for people, not yet in a language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Message(Table);

/// Declares the tables, and what is asked of whichever one a message stands in.
macro_rules! tables {
    ($( $(#[$attribute:meta])? $variant:ident($table:ident = $type:ty), )*) => {
        /// Table that a message stands in, with the message; in the store the table's name stands beside the row's.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        enum Table {
            $( $(#[$attribute])? $variant($table), )*
            /// What another program said, in its own words.
            Foreign(String),
        }

        $(
            /// Table of messages whose reasons are messages.
            pub(crate) type $table = $type;

            impl From<$table> for Message {
                fn from(text: $table) -> Message {
                    Message(Table::$variant(text))
                }
            }
        )*

        impl Table {
            fn text(&self, lang: Lang) -> String {
                match self {
                    $( Table::$variant(text) => text.text(lang), )*
                    Table::Foreign(text) => text.clone(),
                }
            }
        }

        impl Quoting<Message> for Table {
            fn quoted(&self) -> Option<&Why> {
                match self {
                    $( Table::$variant(text) => text.quoted(), )*
                    Table::Foreign(_) => None,
                }
            }

            fn quoted_mut(&mut self) -> Option<&mut Why> {
                match self {
                    $( Table::$variant(text) => text.quoted_mut(), )*
                    Table::Foreign(_) => None,
                }
            }
        }

        /// One message of each row of each table.
        #[cfg(test)]
        fn every_message() -> Vec<Message> {
            let tables = [$( <$table>::samples().into_iter().map(Message::from).collect::<Vec<_>>() ),*];
            tables.into_iter().flatten().collect()
        }
    };
}

tables! {
    Column(ColumnText = column::ColumnText),
    Config(ConfigText = config::ConfigText),
    Dashboard(DashboardText = dashboard::DashboardText),
    Doctor(DoctorText = doctor::DoctorText<Message>),
    Hapi(HapiText = hapi::HapiText<Message>),
    Init(InitText = init::InitText<Message>),
    #[serde(alias = "Look")]
    Inspect(InspectText = inspect::InspectText),
    Link(LinkText = link::LinkText),
    Listen(ListenText = listen::ListenText),
    Monday(MondayText = monday::MondayText<Message>),
    Network(NetworkText = network::NetworkText<Message>),
    Notify(NotifyText = notify::NotifyText<Message>),
    Ownership(OwnershipText = ownership::OwnershipText),
    Page(PageText = page::PageText),
    Run(RunText = run::RunText),
    Screen(ScreenText = screen::ScreenText<Message>),
    Store(StoreText = store::StoreText),
    Summary(SummaryText = summary::SummaryText),
    Usage(UsageText = usage::UsageText),
    Webhook(WebhookText = webhook::WebhookText),
}

impl Render for Message {
    fn text(&self, lang: Lang) -> String {
        Message::text(self, lang)
    }

    fn change_foreign(&mut self, change: &dyn Fn(&str) -> String) {
        Message::change_foreign(self, change);
    }

    fn foreign(text: String) -> Message {
        Message::foreign(text)
    }
}

impl Message {
    /// What another program said, in its own words.
    pub(crate) fn foreign(text: impl Into<String>) -> Message {
        Message(Table::Foreign(text.into()))
    }

    /// The text in a language. Text from outside may stand in it: see `text::harmless` before a terminal.
    pub fn text(&self, lang: Lang) -> String {
        let text = self.0.text(lang);
        // What ends by quoting an answer ends before the quotation where the answer was empty.
        let whole = text.trim_end_matches([' ', '\u{a0}', ':']).len();
        if text.ends_with(": ") { text[..whole].to_owned() } else { text }
    }

    /// Changes what others said in it.
    pub(crate) fn change_foreign(&mut self, change: &dyn Fn(&str) -> String) {
        let quoted = match &mut self.0 {
            Table::Foreign(text) => {
                *text = change(text);
                None
            }
            table => table.quoted_mut(),
        };
        if let Some(why) = quoted {
            why.change_foreign(change);
        }
    }

    /// As kept in the store, to be read again in either language.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Read back from the store; what an older or newer version wrote and this one does not know is shown as it stands.
    pub(crate) fn from_json(json: &str) -> Message {
        serde_json::from_str(json).unwrap_or_else(|_| Message::foreign(json))
    }

    /// The reasons that it quotes, from the nearest to the farthest.
    fn reasons(&self) -> impl Iterator<Item = &Why> {
        std::iter::successors(self.0.quoted(), |why| why.message().0.quoted())
    }

    /// What the system or a library says of the reason that it quotes.
    pub(crate) fn detail(&self) -> Option<&str> {
        self.reasons().find_map(Why::detail_given)
    }

    /// What remedies the reason that it quotes.
    pub(crate) fn remedy(&self) -> Option<&Message> {
        self.reasons().find_map(Why::remedy_given)
    }
}

impl<M: Into<Message>> From<M> for Why {
    fn from(message: M) -> Why {
        Why::new(message.into())
    }
}

impl From<String> for Message {
    /// What another program said, in its own words.
    fn from(text: String) -> Message {
        Message::foreign(text)
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}

/// A message may be what is wrong with a value on the command line.
impl std::error::Error for Message {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::Kind;
    use crate::message::grouped;
    use crate::message::sample::Sample;

    impl Sample for Why {
        fn sample() -> Self {
            NetworkText::NoSuchHost {}.into()
        }
    }

    #[test]
    fn every_message_reads_in_both_languages_and_survives_the_store() {
        for message in every_message() {
            for lang in [Lang::En, Lang::Fr] {
                let text = message.text(lang);
                assert!(!text.trim().is_empty(), "{message:?}");
                assert!(!text.contains("  "), "two blanks in {text:?}");
            }
            assert_eq!(Message::from_json(&message.to_json()), message, "{}", message.to_json());
        }
    }

    #[test]
    fn french_has_one_form_of_apostrophe() {
        for message in every_message() {
            let text = message.text(Lang::Fr);
            // Between backquotes stands what is typed.
            let prose = text.split('`').step_by(2);
            let is_straight = |part: &str| part.contains('\'');
            assert!(!prose.into_iter().any(is_straight), "{text}");
        }
    }

    #[test]
    fn french_is_set_by_one_rule() {
        let ends = |rest: &str| rest.chars().next().is_none_or(char::is_whitespace);
        for message in every_message() {
            let text = message.text(Lang::Fr);
            // Between backquotes stands what is typed.
            let prose: Vec<&str> = text.split('`').step_by(2).collect();
            for (at, part) in prose.iter().enumerate() {
                for (mark, _) in part.match_indices([':', ';', '?', '!']) {
                    let (before, sign, after) = (&part[..mark], &part[mark..=mark], &part[mark + 1..]);
                    let has_blank = before.ends_with([' ', '\u{a0}']) || (before.is_empty() && at == 0);
                    match sign {
                        ":" if ends(after) => {
                            assert!(before.ends_with('\u{a0}'), "no-break space before a colon: {text}")
                        }
                        ":" => {}
                        _ => assert!(!has_blank, "a blank before `{sign}`: {text}"),
                    }
                }
                for (mark, _) in part.match_indices('«') {
                    assert!(part[mark..].starts_with("«\u{a0}"), "{text}");
                }
                for (mark, _) in part.match_indices('»') {
                    assert!(part[..mark].ends_with('\u{a0}'), "{text}");
                }
                let words = part.split(|c: char| !c.is_alphabetic()).filter(|word| word.len() > 4);
                let orders: Vec<&str> =
                    words.filter(|word| word.ends_with("ez") && !["assez", "vouliez"].contains(word)).collect();
                assert!(orders.is_empty(), "advice stands in the infinitive: {orders:?} in {text}");
            }
        }
    }

    /// The program's sources without the tables of messages and without tests.
    fn sources(folder: &std::path::Path) -> String {
        let mut all = String::new();
        for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                all.push_str(&sources(&entry));
            } else if entry.parent().is_some_and(|parent| !parent.ends_with("message")) {
                let text = std::fs::read_to_string(entry).expect("a file");
                all.push_str(text.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default());
            }
        }
        all
    }

    #[test]
    fn every_message_is_used() {
        let sources = sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
        let paths = sources.split(|c: char| !c.is_ascii_alphanumeric() && c != ':');
        let used: std::collections::HashSet<&str> = paths.filter(|path| path.contains("Text::")).collect();
        let unused: Vec<String> = every_message()
            .iter()
            .filter_map(|message| {
                // `Message(Screen(StateSynced))`, or with values `Message(Run(TimeUp { … }))`
                let shown = format!("{message:?}");
                let mut words = shown.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).skip(1);
                let name = format!("{}Text::{}", words.next()?, words.next()?);
                (!used.contains(name.as_str())).then_some(name)
            })
            .collect();
        assert_eq!(unused, Vec::<String>::new());
    }

    #[test]
    fn a_message_of_an_earlier_name_is_read() {
        let old = r#"{"Hapi":{"SelectRefusedNaming":{"kind":"unit","property":"Rent"}}}"#;
        let new = HapiText::PropertyUnknown { kind: Kind::UNIT, property: "Rent".to_owned() };
        assert_eq!(Message::from_json(old), new.into());
        assert_eq!(Message::from_json(r#"{"Look":{"WhySame":{}}}"#), InspectText::WhySame {}.into());
    }

    #[test]
    fn an_empty_answer_is_not_quoted() {
        let url = "https://h/api/Token".to_owned();
        let message = Message::from(HapiText::LoginRefused { status: 401, url, answer: String::new() });
        assert_eq!(message.text(Lang::En), "HApi refused the login (401 to POST https://h/api/Token)");
        assert_eq!(message.text(Lang::Fr), "HApi refuse la connexion (401 à POST https://h/api/Token)");
        let message = Message::from(MondayText::Unreachable { why: "HTTP 503: ".to_owned().into() });
        assert_eq!(message.text(Lang::En), "monday gave no usable answer: HTTP 503");
    }

    #[test]
    fn numbers_are_grouped_as_the_language_does() {
        assert_eq!(grouped(1_234_567, Lang::En), "1,234,567");
        assert_eq!(grouped(6_480, Lang::Fr), "6\u{a0}480");
        assert_eq!(grouped(12, Lang::Fr), "12");
    }

    fn unreachable(why: impl Into<Why>) -> Message {
        HapiText::Unreachable { what: "GET /api/Units".to_owned(), why: why.into() }.into()
    }

    #[test]
    fn a_reason_is_read_in_the_language_of_what_quotes_it_also_from_the_store() {
        let message = unreachable(NetworkText::NoSuchHost {});
        assert!(message.text(Lang::Fr).ends_with(&NetworkText::NoSuchHost {}.text(Lang::Fr)));
        let kept = Message::from_json(&message.to_json());
        assert_eq!(kept.text(Lang::Fr), message.text(Lang::Fr));
        let old = r#"{"Hapi":{"Unreachable":{"what":"GET /api/Units","why":"reset by peer"}}}"#;
        assert_eq!(Message::from_json(old), unreachable("reset by peer".to_owned()));
    }

    #[test]
    fn detail_and_remedy_are_found_however_deep_and_secrets_in_what_others_said_are_not() {
        let remedy = HapiText::CheckUrl {};
        let inner = Why::from("peer says s3cret".to_owned()).because("os says s3cret").remedy(remedy.clone());
        let mut outer = unreachable(unreachable(inner));
        outer.change_foreign(&|text| text.replace("s3cret", "***"));
        assert_eq!((outer.detail(), outer.remedy()), (Some("os says ***"), Some(&remedy.into())));
        assert!(outer.text(Lang::En).ends_with("peer says ***"));
        assert_eq!(unreachable(NetworkText::NoSuchHost {}).detail(), None);
    }
}
