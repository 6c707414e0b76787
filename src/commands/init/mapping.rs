//! The mapping that goes into the draft: which kinds, whom of them, and what into which column.

use super::answers::Answers;
use super::boards;
use super::conversation::Conversation;
use super::sides::Inspection;
use super::unfinished::Unfinished;
use super::wishes::{self, ALL, Wishes, list};
use crate::commands::context::Context;
use crate::entity::Kind;
use crate::failure::Failure;
use crate::message::{InitText, Lang, Message};
use crate::monday::structure::BoardStructure;
use crate::report::init::{KindOutline, Outline, Screen};
use crate::setup::matching::BoardMatch;
use crate::setup::proposal::{KEY_COLUMN, Proposal};
use crate::setup::survey::Survey;
use crate::setup::titles;
use crate::store::{Pushing, State};
use std::collections::{BTreeMap, BTreeSet};

/// A board that takes less than one in so many of a kind's columns is hardly the kind's.
const FEW: usize = 3;

/// Puts a proposal for each kind into the draft that does not decide on it yet, and says what there is.
///
/// # Errors
/// Where the person who is asked gives no usable answer, a board that was named is not there, or stdout cannot be written to.
pub(super) fn propose(
    answers: &mut Answers<'_>,
    context: &Context,
    sides: &mut Inspection,
    wishes: &mut Wishes,
    person: Option<&Conversation<'_>>,
    screen: &Screen<'_>,
) -> anyhow::Result<Outline> {
    wishes.settle(&sides.surveys, &context.report)?;
    let mut outline = outline_of(sides);
    screen.print(|style| outline.offer(style))?;
    let chosen = choose(context, sides, answers, person)?;
    let boards = boards::read(context, sides, &wishes.boards)?;
    let cap = context.config.monday.daily_calls;
    if let Some(limit) = sides.account.daily_limit.filter(|limit| cap.is_some_and(|cap| *limit < cap.get())) {
        let most = limit - limit / 4;
        let remark = InitText::RemarkDailyCalls { limit };
        answers.draft.set("monday", "daily_calls", i64::try_from(most).unwrap_or(i64::MAX), Some(remark.into()));
    }
    if answers.is_first {
        // What was not named is not wanted, whether it was named here or in the conversation.
        for kind in Kind::all().filter(|kind| !sides.surveys.contains_key(kind)) {
            answers.draft.leave_out(kind, &[InitText::RemarkNotChosen {}.into()]);
        }
    }
    let wishes = &*wishes;
    let mapper = Mapper { context, sides, wishes, person, chosen: &chosen, boards: &boards };
    for (&kind, part) in &mut outline.kinds {
        part.is_chosen = chosen.contains(&kind) && context.config.kind(kind).enabled;
        mapper.decide(answers, kind, part)?;
    }
    for (&kind, structure) in &boards {
        outline.has_board(kind, structure);
    }
    count(&mut outline, sides, &answers.context(&context.stop)?)?;
    screen.print(|style| outline.mapping(style))?;
    Ok(outline)
}

/// What was seen, before anything is decided.
fn outline_of(sides: &Inspection) -> Outline {
    let mut outline = Outline::new(sides.account.clone());
    for (&kind, survey) in &sides.surveys {
        let why = sides.failed.get(&kind).or_else(|| sides.unavailable.get(&kind)).cloned();
        let has_failed = sides.failed.contains_key(&kind);
        outline.kinds.insert(kind, KindOutline { records: survey.records, why, has_failed, ..KindOutline::default() });
    }
    outline
}

/// Mapper: what decides on the mapping of a kind.
struct Mapper<'m> {
    context: &'m Context,
    sides: &'m Inspection,
    wishes: &'m Wishes,
    person: Option<&'m Conversation<'m>>,
    chosen: &'m BTreeSet<Kind>,
    boards: &'m BTreeMap<Kind, BoardStructure>,
}

impl Mapper<'_> {
    /// Puts a kind into the draft, unless that decides on it.
    fn decide(&self, answers: &mut Answers<'_>, kind: Kind, part: &mut KindOutline) -> anyhow::Result<()> {
        let is_decided = answers.draft.decides_on(kind);
        match self.sides.unavailable.get(&kind) {
            _ if is_decided => self.complete(answers, kind, part),
            Some(why) => {
                let mut remarks: Vec<Message> = vec![InitText::RemarkUnavailable { why: why.clone().into() }.into()];
                let sets = self.sides.other_sets(&self.context.config);
                if !sets.is_empty() {
                    remarks.push(InitText::RemarkOtherSets { sets }.into());
                }
                answers.draft.leave_out(kind, &remarks);
                Ok(())
            }
            None if !self.chosen.contains(&kind) => {
                answers.draft.leave_out(kind, &[InitText::RemarkNotChosen {}.into()]);
                Ok(())
            }
            None => self.map(answers, kind, part),
        }
    }

    /// Proposes a mapping, onto the columns of the kind's board where one was named.
    fn map(&self, answers: &mut Answers<'_>, kind: Kind, part: &mut KindOutline) -> anyhow::Result<()> {
        let (survey, lang) = (&self.sides.surveys[&kind], self.context.lang());
        let settings = self.context.config.kind(kind);
        let mut proposal = Proposal::of(settings, survey, |parent| self.chosen.contains(&parent), lang);
        self.wishes.apply(kind, &mut proposal.only);
        if let Some(person) = self.person {
            let unfinished = &mut answers.unfinished;
            ask_whether_gone_are_pushed(kind, survey, self.wishes, &mut proposal.only, person, unfinished)?;
        }
        let mut remarks = remarks(survey, lang);
        if self.sides.is_subscribable(settings) {
            remarks.push(InitText::RemarkSubscribable { kind }.into());
        }
        let Some(structure) = self.boards.get(&kind) else {
            add(answers, &proposal, &remarks);
            return Ok(());
        };
        let boards = self.boards.iter().map(|(&kind, board)| (kind, board.id.clone())).collect();
        let proposed = proposal.columns.len();
        let matched = BoardMatch::of(proposal, survey, &structure.columns, &boards);
        self.warn_of_few(kind, structure, matched.proposal.columns.len(), proposed, &boards);
        for (column, codes) in matched.without_label {
            let column = structure.columns.get(&column).map_or(column.clone(), |column| column.title.clone());
            let remark = Message::from(InitText::RemarkWithoutLabel { column, codes });
            self.context.report.line(&self.context.report.warning(&remark));
            remarks.push(remark);
        }
        part.has_key_column = matched.key_column.is_some();
        let key_column = self.key_column(kind, structure, matched.key_column)?;
        answers.draft.set_board(kind, &structure.id, &key_column);
        add(answers, &matched.proposal, &remarks);
        Ok(())
    }

    /// Of a kind whose columns stand in the configuration, the board may still be named.
    fn complete(&self, answers: &mut Answers<'_>, kind: Kind, part: &mut KindOutline) -> anyhow::Result<()> {
        part.board.clone_from(&self.context.config.kind(kind).board);
        part.has_key_column = true;
        for (property, values) in self.wishes.only_of(kind) {
            if !answers.draft.set_only(kind, property, values) {
                self.context.report.warn(&InitText::OnlyStays { kind, property: property.clone() }.into());
            }
        }
        let Some(structure) = self.boards.get(&kind) else { return Ok(()) };
        let columns = &self.context.config.kind(kind).columns;
        let fit = columns.keys().filter(|id| structure.columns.contains_key(*id)).count();
        self.warn_of_few(kind, structure, fit, columns.len(), &BTreeMap::new());
        let known = self.context.config.kind(kind).key_column.clone();
        let known = known.filter(|column| structure.columns.contains_key(column));
        let found = known.or_else(|| BoardMatch::key_column_of(&structure.columns));
        part.has_key_column = found.is_some();
        let key_column = self.key_column(kind, structure, found)?;
        answers.draft.set_board(kind, &structure.id, &key_column);
        Ok(())
    }

    /// Warns of a board that takes hardly any of the columns of a kind: it may be another kind's.
    fn warn_of_few(
        &self,
        kind: Kind,
        structure: &BoardStructure,
        fit: usize,
        proposed: usize,
        boards: &BTreeMap<Kind, String>,
    ) {
        if fit * FEW >= proposed {
            return;
        }
        let board = structure.id.clone();
        let (fit_count, proposed) = (fit as u64, proposed as u64);
        let few = InitText::FewColumnsFit { kind, board: board.clone(), fit: fit_count, proposed };
        self.context.report.warn(&few.into());
        let fits = |other: Kind, survey| {
            let settings = self.context.config.kind(other);
            let proposal = Proposal::of(settings, survey, |parent| self.chosen.contains(&parent), self.context.lang());
            BoardMatch::of(proposal, survey, &structure.columns, boards).proposal.columns.len()
        };
        let others = self.sides.surveys.iter().filter(|(other, _)| **other != kind);
        let best = others.map(|(&other, survey)| (fits(other, survey), other)).max_by_key(|(fit, _)| *fit);
        if let Some((_, other)) = best.filter(|(better, _)| *better > fit) {
            self.context.report.warn(&InitText::FitsOther { board, kind, other }.into());
        }
    }

    /// The key column of a board: the one that it has, or the one that it is given with `--create-boards`.
    fn key_column(&self, kind: Kind, structure: &BoardStructure, found: Option<String>) -> anyhow::Result<String> {
        match found {
            Some(column) => Ok(column),
            None if self.wishes.makes_boards => Ok(KEY_COLUMN.to_owned()),
            None => {
                let what = InitText::KeyColumnWanted { kind, board: structure.id.clone() };
                let title = titles::key_column(self.context.lang()).to_owned();
                Err(Failure::usage(what).help(InitText::KeyColumnWantedHelp { title }).into())
            }
        }
    }
}

/// The kinds that are synced: those that HApi gives, or, of these, those that the person names.
fn choose(
    context: &Context,
    sides: &Inspection,
    answers: &mut Answers<'_>,
    person: Option<&Conversation<'_>>,
) -> anyhow::Result<BTreeSet<Kind>> {
    let offered: BTreeSet<Kind> = sides.surveys.keys().copied().filter(|&kind| sides.is_offered(kind)).collect();
    // Where the configuration says of each how it is synced, there is nothing left to choose.
    let is_open =
        |person: &&Conversation<'_>| !person.is_sure() && offered.iter().any(|&kind| !answers.draft.decides_on(kind));
    let Some(person) = person.filter(is_open) else { return Ok(offered) };
    if let Some(chosen) = answers.unfinished.kinds(&offered) {
        return Ok(chosen);
    }
    let lang = person.lang();
    let name = |kind: &Kind| kind.french().filter(|_| lang == Lang::Fr).unwrap_or(kind.name()).to_owned();
    let names: Vec<String> = offered.iter().map(name).collect();
    loop {
        let answer = person.ask(InitText::AskKinds { kinds: names.clone() }, Some(&names.join(",")))?;
        let kinds = named_kinds(&answer).into_iter().map(|(word, kind)| match kind {
            Some(kind) if offered.contains(&kind) => Ok(kind),
            kind => Err(why_not_offered(word, kind, context, sides)),
        });
        match kinds.collect::<Result<BTreeSet<Kind>, InitText>>() {
            Ok(kinds) => {
                answers.unfinished.set_kinds(&offered, &kinds)?;
                return Ok(kinds);
            }
            Err(why) => person.inform(why),
        }
    }
}

/// The kinds that an answer names, each with its word: a name of two words, such as `baux stationnement`, stands between commas.
fn named_kinds(answer: &str) -> Vec<(String, Option<Kind>)> {
    let parts = answer.split(',').map(str::trim).filter(|part| !part.is_empty());
    let kinds = parts.flat_map(|part| match Kind::parse(part) {
        Some(kind) => vec![(part.to_owned(), Some(kind))],
        None => part.split_whitespace().map(|word| (word.to_owned(), Kind::parse(word))).collect(),
    });
    kinds.collect()
}

/// Why a kind that was named cannot be chosen.
fn why_not_offered(word: String, kind: Option<Kind>, context: &Context, sides: &Inspection) -> InitText {
    let Some(kind) = kind else { return InitText::UnknownAnswer { answer: word } };
    match sides.unavailable.get(&kind).or_else(|| sides.failed.get(&kind)) {
        Some(why) => InitText::RemarkUnavailable { why: why.clone().into() },
        None if !context.config.kind(kind).enabled => InitText::KindSwitchedOff { kind },
        None => InitText::UnknownAnswer { answer: word },
    }
}

/// Asks whom to push, of what is counted by whether it is gone.
fn ask_whether_gone_are_pushed(
    kind: Kind,
    survey: &Survey,
    wishes: &Wishes,
    only: &mut BTreeMap<String, Vec<String>>,
    person: &Conversation<'_>,
    unfinished: &mut Unfinished,
) -> anyhow::Result<()> {
    for property in survey.properties().filter(|property| titles::tells_who_is_gone(&property.name)) {
        let Some(choices) = property.choices().filter(|choices| choices.len() > 1) else { continue };
        if wishes.are_about(kind, &property.name) {
            continue;
        }
        let values = match unfinished.only(kind, &property.name) {
            Some(values) => values,
            None => {
                let proposed = only.get(&property.name).cloned().unwrap_or_else(|| choices.keys().cloned().collect());
                let counts = counts(survey, &property.name, person.lang());
                person.inform(InitText::CountedBy { kind, property: property.name.clone(), counts });
                let values = ask_only(&property.name, proposed, choices, person)?;
                unfinished.set_only(kind, &property.name, &values)?;
                values
            }
        };
        let is_all = choices.keys().all(|code| values.contains(code)) || values.iter().any(|code| code == ALL);
        match is_all {
            true => _ = only.remove(&property.name),
            false => _ = only.insert(property.name.clone(), values),
        }
    }
    Ok(())
}

/// Asks which values of a property are pushed.
fn ask_only(
    property: &str,
    proposed: Vec<String>,
    choices: &BTreeMap<String, u64>,
    person: &Conversation<'_>,
) -> anyhow::Result<Vec<String>> {
    // What is proposed may be taken, though no record has it at the moment.
    let is_known = |code: &String| code == ALL || choices.contains_key(code) || proposed.contains(code);
    loop {
        let question = InitText::AskOnly { property: property.to_owned(), codes: proposed.clone() };
        let answer = wishes::spelled(list(&person.ask(question, Some(&proposed.join(",")))?), choices);
        match answer.iter().find(|code| !is_known(code)) {
            Some(wrong) => person.inform(InitText::UnknownAnswer { answer: wrong.clone() }),
            None => return Ok(answer),
        }
    }
}

/// `L (current) 6,020, A (future) 31`.
fn counts(survey: &Survey, property: &str, lang: Lang) -> String {
    let choices = survey.property(property).and_then(|property| property.choices()).into_iter().flatten();
    let one = |(code, &count): (&String, &u64)| match titles::code(property, code, lang) {
        Some(label) => InitText::CodeNamed { code: code.clone(), label: label.to_owned(), count },
        None => InitText::CodeBare { code: code.clone(), count },
    };
    choices.map(|choice| one(choice).text(lang)).collect::<Vec<_>>().join(", ")
}

/// What is worth knowing of the records of a kind.
fn remarks(survey: &Survey, lang: Lang) -> Vec<Message> {
    let mut remarks: Vec<Message> = vec![InitText::RemarkRecords { records: survey.records }.into()];
    for property in survey.properties().filter(|property| titles::tells_who_is_gone(&property.name)) {
        let (property, counts) = (property.name.clone(), counts(survey, &property.name, lang));
        if !counts.is_empty() {
            remarks.push(InitText::RemarkOnly { property, counts }.into());
        }
    }
    let odd = survey.properties().filter(|property| property.odd() > 0);
    remarks.extend(odd.map(|property| {
        let (odd, filled) = (property.odd(), property.filled);
        Message::from(InitText::RemarkOdd { property: property.name.clone(), odd, filled })
    }));
    remarks
}

/// Adds a kind with its mapping.
fn add(answers: &mut Answers<'_>, proposal: &Proposal, remarks: &[Message]) {
    let left_out = proposal.left_out.clone();
    let below = (!left_out.is_empty()).then(|| InitText::RemarkLeftOut { properties: left_out }.into());
    answers.draft.add_kind(proposal, remarks, below);
}

/// Counts what of each kind would be pushed, with the configuration as it is now.
fn count(outline: &mut Outline, sides: &mut Inspection, context: &Context) -> anyhow::Result<()> {
    sides.derive_again(&context.config)?;
    for (&kind, part) in &mut outline.kinds {
        part.columns = context.config.kind(kind).columns.len() as u64;
        if part.is_chosen {
            let states = sides.store.count_states(kind, Pushing::On, context.now())?;
            part.pushed = states.iter().filter(|(state, ..)| *state != State::Off).map(|(.., count)| count).sum();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_named_with_commas_or_blanks_between_them_in_either_language() {
        let kinds = |answer: &str| named_kinds(answer).into_iter().map(|(_, kind)| kind).collect::<Vec<_>>();
        let (unit, lease) = (Some(Kind::UNIT), Some(Kind::PARKING_LEASE));
        assert_eq!(kinds("Baux stationnement, unité"), [lease, unit]);
        assert_eq!(kinds("unit parking-lease"), [unit, lease]);
        assert_eq!(kinds("Parking leases,,units"), [lease, unit]);
        assert_eq!(kinds("unit nonsense"), [unit, None]);
    }
}
