//! Every text that people read, in English and French. The tables are split by subject; each row has both languages, or it
//! does not compile. Messages are data: they can be kept in the store and read back in either language.

mod column;
mod config;
mod dashboard;
mod doctor;
mod hapi;
mod init;
mod inspect;
mod lang;
mod link;
mod listen;
mod monday;
mod network;
mod notify;
mod ownership;
mod page;
mod run;
#[cfg(test)]
mod sample;
mod screen;
mod store;
mod summary;
mod usage;
mod webhook;
mod why;

pub(crate) use column::ColumnText;
pub(crate) use config::ConfigText;
pub(crate) use dashboard::DashboardText;
pub(crate) use doctor::DoctorText;
pub(crate) use hapi::HapiText;
pub(crate) use init::InitText;
pub(crate) use inspect::InspectText;
pub use lang::Lang;
pub(crate) use lang::{grouped, span};
pub(crate) use link::LinkText;
pub(crate) use listen::ListenText;
pub(crate) use monday::MondayText;
pub(crate) use network::NetworkText;
pub(crate) use notify::NotifyText;
pub(crate) use ownership::OwnershipText;
pub(crate) use page::PageText;
pub(crate) use run::RunText;
pub(crate) use screen::ScreenText;
pub(crate) use store::StoreText;
pub(crate) use summary::SummaryText;
pub(crate) use usage::UsageText;
pub(crate) use webhook::WebhookText;
pub use why::Why;

use serde::{Deserialize, Serialize};
use std::fmt;

/// Declares one table of messages. Each row: a name, its values, the English and the French as arguments of `format!`; where it
/// was renamed, `#[serde(alias = …)]` before it, so that what is stored can still be read.
///
/// Values are `String`, `u64` (grouped), `Kind`, `Vec<String>`, or `Why` for what another message says; `{n.word(..)}` agrees a word with a number.
macro_rules! messages {
    ($(#[$outer:meta])* $table:ident { $( $(#[$row:meta])* $name:ident { $($field:ident : $type:ty),* $(,)? } en($($en:tt)*) fr($($fr:tt)*) )* }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[allow(clippy::enum_variant_names, reason = "the names are stored")]
        pub enum $table { $( $(#[$row])* $name { $($field: $type),* } ),* }

        impl $table {
            /// The text in a language.
            pub fn text(&self, lang: $crate::message::lang::Lang) -> String {
                match self { $(
                    Self::$name { $($field),* } => {
                        $( #[allow(unused_variables, reason = "a language may leave a value out")]
                           let $field = $crate::message::lang::Local { value: $field, lang }; )*
                        match lang {
                            $crate::message::lang::Lang::En => format!($($en)*),
                            $crate::message::lang::Lang::Fr => format!($($fr)*),
                        }
                    }
                )* }
            }

            /// The reason that it quotes.
            #[allow(unused_variables, reason = "most quote none")]
            pub(crate) fn quoted(&self) -> Option<&$crate::message::why::Why> {
                match self { $( Self::$name { $($field),* } => {
                    let whys: [Option<&$crate::message::why::Why>; _] = [$( $crate::message::why::Quoted::as_why($field) ),*];
                    whys.into_iter().flatten().next()
                } )* }
            }

            /// The reason that it quotes, to be changed.
            #[allow(unused_variables, reason = "most quote none")]
            pub(crate) fn quoted_mut(&mut self) -> Option<&mut $crate::message::why::Why> {
                match self { $( Self::$name { $($field),* } => {
                    let whys: [Option<&mut $crate::message::why::Why>; _] = [$( $crate::message::why::Quoted::as_why_mut($field) ),*];
                    whys.into_iter().flatten().next()
                } )* }
            }

            /// One of each, for the test that renders them all.
            #[cfg(test)]
            pub(crate) fn samples() -> Vec<Self> {
                vec![ $( Self::$name { $($field: <$type as $crate::message::sample::Sample>::sample()),* } ),* ]
            }
        }

        impl From<$table> for $crate::message::Message {
            fn from(text: $table) -> Self {
                $crate::message::Message::from_table(text.into())
            }
        }
    };
}
pub(crate) use messages;

/// Text for people, not yet in a language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Message(Table);

/// Declares the tables, and what is asked of whichever one a message stands in.
macro_rules! tables {
    ($( $(#[$attribute:meta])? $variant:ident($table:ident), )*) => {
        /// Table that a message stands in, with the message; in the store the table's name stands beside the row's.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        enum Table {
            $( $(#[$attribute])? $variant($table), )*
            /// What another program said, in its own words.
            Foreign(String),
        }

        $( impl From<$table> for Table { fn from(text: $table) -> Self { Table::$variant(text) } } )*

        impl Table {
            fn text(&self, lang: Lang) -> String {
                match self {
                    $( Table::$variant(text) => text.text(lang), )*
                    Table::Foreign(text) => text.clone(),
                }
            }

            /// The reason that the message quotes.
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
            let tables = [$( $table::samples().into_iter().map(Message::from).collect::<Vec<_>>() ),*];
            tables.into_iter().flatten().collect()
        }
    };
}

tables! {
    Column(ColumnText),
    Config(ConfigText),
    Dashboard(DashboardText),
    Doctor(DoctorText),
    Hapi(HapiText),
    Init(InitText),
    #[serde(alias = "Look")]
    Inspect(InspectText),
    Link(LinkText),
    Listen(ListenText),
    Monday(MondayText),
    Network(NetworkText),
    Notify(NotifyText),
    Ownership(OwnershipText),
    Page(PageText),
    Run(RunText),
    Screen(ScreenText),
    Store(StoreText),
    Summary(SummaryText),
    Usage(UsageText),
    Webhook(WebhookText),
}

impl Message {
    fn from_table(table: Table) -> Message {
        Message(table)
    }

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

    /// The reason that it quotes.
    fn quoted(&self) -> Option<&Why> {
        self.0.quoted()
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
    use super::sample::Sample;
    use super::*;
    use crate::entity::Kind;

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
}
