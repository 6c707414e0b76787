//! The refusal of a command line that is none.

use super::error::error_document;
use super::style::Style;
use super::surface::{Surface, Tone};
use crate::console::{Console, Stream};
use crate::failure::{ErrorPart, Exit};
use crate::message::{Lang, Message, RunText, SummaryText, UsageText};
use crate::options::ColorWhen;
use crate::text::harmless;
use std::collections::BTreeMap;

/// Mistake in a command line.
#[derive(Debug, Clone)]
pub(crate) struct Mistake {
    /// What is wrong.
    pub(crate) what: Message,
    /// The text of the value's own reader.
    pub(crate) why: Option<Message>,
    /// What may have been meant; what is possible.
    pub(crate) hints: Vec<Message>,
    /// How the command is used, without the word for that.
    pub(crate) usage: Option<String>,
    /// The command, such as `hopem-sync push`.
    pub(crate) command: String,
}

impl Mistake {
    /// What is wrong, in one line.
    pub(crate) fn text(&self, lang: Lang) -> String {
        let what = self.what.text(lang);
        match &self.why {
            Some(why) => UsageText::Because { what, why: why.text(lang) }.text(lang),
            None => what,
        }
    }

    /// What to do, in one line.
    pub(crate) fn hint(&self, lang: Lang) -> String {
        let hints: Vec<String> = self.hints.iter().map(|hint| hint.text(lang)).collect();
        if hints.is_empty() { format!("{} --help", self.command) } else { hints.join("; ") }
    }

    /// How the command is used, and where that is explained.
    fn usage(&self) -> Vec<UsageText> {
        let usage = self.usage.iter().map(|usage| UsageText::Usage { usage: usage.clone() });
        usage.chain([UsageText::SeeHelp { command: self.command.clone() }]).collect()
    }

    /// As it stands on a terminal.
    fn lines(&self, style: Style<'_>) -> String {
        let headline = style.text(RunText::Error { text: self.text(style.lang) });
        let mut lines = vec![style.paint(Tone::Bad, &headline)];
        let hints = self.hints.iter().map(|hint| RunText::Help { text: hint.text(style.lang) });
        lines.extend(hints.map(|hint| format!("  {}", style.text(hint))));
        lines.extend(self.usage().into_iter().map(|line| style.text(line)));
        style.out.wrapped(&lines.join("\n"))
    }
}

/// Refusal of a command line that is none.
pub(crate) struct Refusal {
    /// The program's help, where nothing was asked for.
    pub(crate) help: Option<clap::builder::StyledStr>,
    /// What is wrong.
    pub(crate) mistake: Mistake,
    /// Whether the answer is to be JSON.
    pub(crate) is_json: bool,
    /// Whether a monitor asks.
    pub(crate) is_check: bool,
    /// Whether one line is all that is wanted.
    pub(crate) is_quiet: bool,
}

/// Writes what is wrong with a command line. `exit`: how the process ends.
pub(crate) fn refused(
    console: &Console,
    refusal: &Refusal,
    exit: Exit,
    lang: Lang,
    environment: &BTreeMap<String, String>,
) {
    let (code, mistake) = (exit.code(), &refusal.mistake);
    if refusal.is_json {
        let (message, hint) = (mistake.text(Lang::En), Some(mistake.hint(Lang::En)));
        return error_document(console, ErrorPart { message, causes: Vec::new(), hint, exit_code: code });
    }
    let out = Surface::new(console.is_terminal(Stream::Err), ColorWhen::Auto, environment);
    let style = Style::bare(lang, out);
    if refusal.is_quiet {
        let (error, hint) = (mistake.text(lang), mistake.hint(lang));
        let line = style.text(SummaryText::QuietErrorAndHint { error, hint, code: code.into() });
        return console.line(&harmless(&line).replace(['\n', '\r'], " "));
    }
    match &refusal.help {
        Some(help) if out.is_coloured => console.line(help.ansi().to_string().trim_end()),
        Some(help) => console.line(help.to_string().trim_end()),
        None => console.line(&mistake.lines(style)),
    }
}
