//! What is wrong with a command line, as messages.

use crate::message::{Message, UsageText};
use crate::report::Mistake;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// What the parser found in the command line of a command, such as `hopem-sync push`.
pub(super) fn mistake(error: &clap::Error, command: String) -> Mistake {
    let usage = text(error, ContextKind::Usage).map(|usage| usage.trim_start_matches("Usage: ").to_owned());
    Mistake { what: what(error), why: why(error), hints: hints(error), usage, command }
}

/// The texts of a part of an error; none where it has no such part.
fn texts(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        Some(ContextValue::StyledStr(text)) => vec![text.to_string()],
        Some(ContextValue::StyledStrs(texts)) => texts.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    }
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<String> {
    texts(error, kind).into_iter().next()
}

fn what(error: &clap::Error) -> Message {
    let argument = text(error, ContextKind::InvalidArg).unwrap_or_default();
    let value = text(error, ContextKind::InvalidValue);
    match (error.kind(), value) {
        (ErrorKind::InvalidSubcommand, _) => {
            UsageText::UnknownCommand { word: text(error, ContextKind::InvalidSubcommand).unwrap_or_default() }
        }
        (ErrorKind::UnknownArgument, _) => UsageText::UnknownFlag { word: argument },
        (ErrorKind::InvalidValue, None) => UsageText::ValueMissing { argument },
        (ErrorKind::InvalidValue, Some(value)) if value.is_empty() => UsageText::ValueMissing { argument },
        (ErrorKind::InvalidValue | ErrorKind::ValueValidation, Some(value)) => UsageText::BadValue { value, argument },
        (ErrorKind::TooManyValues, Some(value)) => UsageText::ValueUnexpected { argument, value },
        (ErrorKind::MissingRequiredArgument, _) => {
            UsageText::ArgumentsMissing { arguments: texts(error, ContextKind::InvalidArg) }
        }
        (ErrorKind::ArgumentConflict, _) => match texts(error, ContextKind::PriorArg) {
            others if others.is_empty() || others.contains(&argument) => UsageText::GivenTwice { argument },
            others => UsageText::Conflict { argument, others },
        },
        (ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand, _) => {
            UsageText::NoCommand {}
        }
        _ => UsageText::Unfit { text: first_paragraph(&error.to_string()) },
    }
    .into()
}

/// What the value's own reader says.
fn why(error: &clap::Error) -> Option<Message> {
    std::error::Error::source(error)?.downcast_ref::<Message>().cloned()
}

fn hints(error: &clap::Error) -> Vec<Message> {
    let mut hints: Vec<Message> = Vec::new();
    let near = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    let near = near.into_iter().flat_map(|kind| texts(error, kind));
    hints.extend(near.map(|near| UsageText::NearWord { near }.into()));
    let values = texts(error, ContextKind::ValidValue);
    if !values.is_empty() {
        hints.push(UsageText::PossibleValues { values }.into());
    }
    if error.kind() == ErrorKind::UnknownArgument
        && let Some(word) = text(error, ContextKind::InvalidArg).filter(|_| error.get(ContextKind::Suggested).is_some())
        && hints.is_empty()
    {
        hints.push(UsageText::AsValue { word }.into());
    }
    hints
}

/// The lines up to the first blank one as one, without what only marks an error.
fn first_paragraph(text: &str) -> String {
    let lines: Vec<&str> = text.lines().take_while(|line| !line.trim().is_empty()).map(str::trim).collect();
    lines.join(" ").trim_start_matches("error: ").to_owned()
}
