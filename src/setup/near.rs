//! Columns of a board whose title or id says in other words what a proposed column is called: `No locataire` for `No de locataire`,
//! `Code` of a unit for `UnitCode`. Pure.

use super::titles;
use crate::config::{Column, Source};
use crate::entity::Kind;
use crate::message::Lang;
use crate::monday::column::{BoardColumn, ColumnType};
use crate::text::case_folded;
use std::collections::BTreeSet;

/// Words that say nothing of what something is.
const SMALL_WORDS: &[&str] = &["a", "au", "d", "de", "des", "du", "from", "l", "la", "le", "les", "of", "the"];

/// How near a column's title is to what is proposed: the larger the nearer; `None`: not near at all.
pub(super) fn nearness(kind: Kind, column: &Column, candidate: &BoardColumn) -> Option<u32> {
    let Source::Field(property) = &column.source else { return None };
    let (title, name) = (words(&candidate.title), words(property));
    let called = [Lang::En, Lang::Fr].map(|lang| words(&titles::property(property, lang)));
    if called.contains(&title) || title == name || words_of_id(candidate) == name {
        return Some(3);
    }
    let is_part = |of: &BTreeSet<String>| !title.is_empty() && title.is_subset(of);
    // What is left out may be whose it is: a code among units is that of the unit.
    let own = words(kind.name());
    if is_part(&name) && name.difference(&title).all(|word| own.contains(word)) {
        return Some(2);
    }
    called.iter().chain([&name]).any(is_part).then_some(1)
}

/// Whether a title is near to what two dates have in common, such as `Bail` for the start and the end of a lease.
pub(super) fn names_a_span(candidate: &BoardColumn, start: &str, end: &str) -> bool {
    let title = words(&candidate.title);
    let in_common = |one: &str, other: &str| words(one).intersection(&words(other)).cloned().collect::<BTreeSet<_>>();
    let called =
        [Lang::En, Lang::Fr].map(|lang| in_common(&titles::property(start, lang), &titles::property(end, lang)));
    let named = in_common(start, end);
    let fits = |common: &BTreeSet<String>| !title.is_empty() && !common.is_empty() && title.is_subset(common);
    called.iter().chain([&named]).any(fits)
}

/// The two properties of a span of time among those given: the same name with `Start` and with `End`.
pub(super) fn spans<'p>(properties: &[&'p str]) -> Vec<(&'p str, &'p str)> {
    let end_of = |start: &str| {
        let end = start.replace("Start", "End");
        properties.iter().copied().find(|other| *other == end && end != start)
    };
    properties.iter().filter_map(|&start| Some((start, end_of(start)?))).collect()
}

/// The words of a title or of a property's name, without small ones.
fn words(text: &str) -> BTreeSet<String> {
    let apart = titles::apart(text);
    let words = apart.split(|c: char| !c.is_alphanumeric()).map(case_folded);
    words.filter(|word| !word.is_empty() && !SMALL_WORDS.contains(&word.as_str())).collect()
}

/// The words of an id, without its type where others are left.
fn words_of_id(candidate: &BoardColumn) -> BTreeSet<String> {
    let all = words(&candidate.id);
    let column_type = candidate.known_type().map_or("", ColumnType::name);
    // `date_available` is the date of something; `text_code` is any text.
    if column_type == ColumnType::Date.name() {
        return all;
    }
    all.into_iter().filter(|word| word != column_type).collect()
}
