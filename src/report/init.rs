//! What `init` found, proposes and did.

use super::output::Report;
use super::style::Style;
use super::surface::Tone;
use super::table::{Cell, Table};
use crate::entity::Kind;
use crate::failure::Exit;
use crate::message::{InitText, Lang, Message, ScreenText};
use crate::monday::structure::{Account, BoardStructure};
use crate::setup::estimate::{BoardLoad, FirstLoad, USUAL_LIMIT};
use crate::setup::preview::{ItemPreview, Shown};
use crate::text::harmless;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::num::NonZeroU64;

/// The length that values are cut to on a screen.
const LONGEST_VALUE: usize = 60;

/// Listener to what `init` reports on its way: stdout, or stderr where stdout is for the configuration itself.
pub(crate) struct Screen<'r> {
    report: &'r Report,
    is_beside: bool,
}

impl<'r> Screen<'r> {
    /// `is_beside`: stdout is for something else.
    pub(crate) fn new(report: &'r Report, is_beside: bool) -> Screen<'r> {
        Screen { report, is_beside }
    }

    /// Whether a person looks on.
    pub(crate) fn is_watched(&self) -> bool {
        if self.is_beside { self.report.err.is_terminal } else { self.report.out.is_terminal }
    }

    /// Says something of whole lines; a program is given one document at the end instead.
    ///
    /// # Errors
    /// Where stdout cannot be written to.
    pub(crate) fn print(&self, text: impl FnOnce(Style) -> String) -> anyhow::Result<()> {
        if self.report.is_json || self.report.is_quiet {
            return Ok(());
        }
        match self.is_beside {
            true => self.report.line(text(self.report.style_of_stderr()).trim_end()),
            false => self.report.print(&text(self.report.style()))?,
        }
        Ok(())
    }

    /// Says how a sync begins by itself, once there are boards. A line of a crontab is one line, however long.
    ///
    /// # Errors
    /// Where stdout cannot be written to.
    pub(crate) fn schedule(&self, outline: &Outline, schedule: &Schedule) -> anyhow::Result<()> {
        if !outline.has_boards() {
            return Ok(());
        }
        match schedule {
            Schedule::Timer(timer) => self.print(|style| style.text(InitText::ByTimer { timer: timer.clone() }) + "\n"),
            Schedule::Cron(program) => {
                self.print(|style| style.text(InitText::ByCron {}) + "\n")?;
                if self.report.is_json || self.report.is_quiet {
                    return Ok(());
                }
                let flags = Some(&self.report.flags).filter(|flags| !flags.is_empty());
                let flags = flags.map(|flags| format!("{flags} ")).unwrap_or_default();
                let line = self.report.style().text(InitText::CronLine { program: program.clone(), flags });
                self.report.print_as_is(&format!("{line}\n"))
            }
        }
    }
}

/// Schedule by which syncs begin by themselves, as it is proposed at the end of `init`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Schedule {
    /// A timer of systemd that is there, by its name.
    Timer(String),
    /// A line of a crontab that runs the program, as a shell takes its path.
    Cron(String),
}

/// Outline of what `init` found and did.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Outline {
    #[serde(serialize_with = "account")]
    account: Account,
    /// The kinds.
    pub(crate) kinds: BTreeMap<Kind, KindOutline>,
    /// What the first load takes.
    #[serde(serialize_with = "first_load")]
    pub(crate) first_load: FirstLoad,
    /// The files that were written.
    pub(crate) written: Vec<String>,
    /// The boards made by init: their kinds, names and addresses.
    #[serde(skip)]
    pub(crate) made: Vec<(Kind, String, String)>,
    /// The configuration, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) configuration: Option<String>,
}

/// Outline of one kind.
#[derive(Debug, Default, Serialize)]
pub(crate) struct KindOutline {
    /// How many records HApi gave.
    pub(crate) records: u64,
    /// How many of them would be pushed.
    pub(crate) pushed: u64,
    /// How many columns are mapped.
    pub(crate) columns: u64,
    /// Its board.
    pub(crate) board: Option<String>,
    /// Whether its board has a key column.
    #[serde(skip)]
    pub(crate) has_key_column: bool,
    /// Why HApi does not give it.
    #[serde(rename = "unavailable", serialize_with = "in_english")]
    pub(crate) why: Option<Message>,
    /// Whether it could not be read, though HApi may have it.
    #[serde(skip)]
    pub(crate) has_failed: bool,
    /// Whether it is synced.
    #[serde(rename = "enabled")]
    pub(crate) is_chosen: bool,
    /// Whether nothing else stands on its board.
    #[serde(skip)]
    pub(crate) is_own_board: bool,
    /// How many items are on its board, and how many may be.
    #[serde(skip)]
    pub(crate) room: Option<(u64, u64)>,
}

impl Outline {
    /// An outline of which only the account is known.
    pub(crate) fn new(account: Account) -> Outline {
        Outline { account, ..Outline::default() }
    }

    /// Whether there is a board to bring anything to.
    pub(crate) fn has_boards(&self) -> bool {
        self.kinds.values().any(|part| part.board.is_some())
    }

    /// Notes the board of a kind.
    pub(crate) fn has_board(&mut self, kind: Kind, structure: &BoardStructure) {
        if let Some(part) = self.kinds.get_mut(&kind) {
            part.board = Some(structure.id.clone());
            part.room = Some((structure.items_count, structure.items_limit.unwrap_or(USUAL_LIMIT)));
        }
    }

    /// Notes that nothing but the entities of a kind stands on its board: what is there need not be made.
    pub(crate) fn is_filled_by_us(&mut self, kind: Kind) {
        if let Some(part) = self.kinds.get_mut(&kind) {
            part.is_own_board = true;
        }
    }

    /// Estimates the first load. `cap`: calls that the configuration lets be spent in a day.
    pub(crate) fn estimate(&mut self, cap: Option<NonZeroU64>) {
        self.first_load = FirstLoad::of(&self.loads(), self.account.daily_limit, cap);
    }

    /// How the command ends.
    pub(crate) fn exit(&self) -> Exit {
        if self.kinds.values().any(|part| part.has_failed) { Exit::Partial } else { Exit::Ok }
    }

    /// The kind of which most is to be seen on a board.
    pub(crate) fn best_example(&self) -> Option<Kind> {
        let shown = self.kinds.iter().filter(|(_, part)| part.pushed > 0);
        shown.max_by_key(|(_, part)| part.columns).map(|(&kind, _)| kind)
    }

    /// The loads of the boards.
    pub(crate) fn loads(&self) -> Vec<BoardLoad> {
        let load = |(&kind, part): (&Kind, &KindOutline)| {
            let (present, limit) = part.room.unwrap_or((0, USUAL_LIMIT));
            let there = if part.is_own_board { present } else { 0 };
            BoardLoad { kind, items: part.pushed.saturating_sub(there), present, limit }
        };
        self.kinds.iter().filter(|(_, part)| part.pushed > 0).map(load).collect()
    }

    /// Whose account it is, and what HApi offers.
    pub(crate) fn offer(&self, style: Style<'_>) -> String {
        let (user, account) = (self.account.user.clone(), self.account.name.clone());
        let plan = self.account.tier.clone().unwrap_or_else(|| "?".to_owned());
        let mut text = format!("{}\n", style.text(InitText::LoggedIn { user, account, plan }));
        let mut table = headed(style, &[InitText::HeadKind {}, InitText::HeadRecords {}]);
        for (kind, part) in &self.kinds {
            let cells = vec![Cell::new(plural(*kind, style.lang)), Cell::number(style.number(part.records))];
            match &part.why {
                None => table.row(cells),
                Some(why) => table.remark(cells, style.text(why.clone())),
            }
        }
        text.push_str(&table.render(style.out));
        text
    }

    /// What of each kind would be pushed, and into how many columns.
    pub(crate) fn mapping(&self, style: Style<'_>) -> String {
        let heads =
            [InitText::HeadKind {}, InitText::HeadRecords {}, InitText::HeadPushed {}, InitText::HeadColumns {}];
        let mut table = headed(style, &heads);
        for (kind, part) in self.kinds.iter().filter(|(_, part)| part.is_chosen) {
            let numbers = [part.records, part.pushed, part.columns].map(|number| Cell::number(style.number(number)));
            table.row([vec![Cell::new(plural(*kind, style.lang))], numbers.to_vec()].concat());
        }
        table.render(style.out)
    }

    /// What was written, and what to do next.
    pub(crate) fn written(&self, style: Style<'_>) -> String {
        let lines = self.written.iter().map(|path| style.text(InitText::Written { path: path.clone() }) + "\n");
        let next = if self.has_boards() { InitText::NextSync {} } else { InitText::NextCreateBoards {} };
        let boards = self.made.iter().map(|(kind, name, board)| {
            let (name, board) = (name.clone(), board.clone());
            style.text(InitText::BoardMade { kind: *kind, name, board }) + "\n"
        });
        format!("{}{}{}\n", boards.collect::<String>(), lines.collect::<String>(), style.text(next))
    }

    /// What the first load takes.
    pub(crate) fn load(&self, style: Style<'_>) -> String {
        let load = &self.first_load;
        let (calls, minutes) = (load.price.calls, load.price.seconds.div_ceil(60));
        let mut lines: Vec<Message> = vec![InitText::FirstLoad { items: load.items, calls, minutes }.into()];
        lines.push(match self.account.daily_limit {
            Some(limit) => InitText::Allowance { limit }.into(),
            None => InitText::AllowanceUnknown {}.into(),
        });
        if let (Some(days), Some(most)) = (load.days, load.most_a_day) {
            lines.push(InitText::TakesDays { days, most }.into());
        }
        for full in &load.too_full {
            let items = full.items + full.present;
            lines.push(InitText::PassesLimit { kind: full.kind, items, limit: full.limit }.into());
        }
        lines.into_iter().map(|line| style.text(line) + "\n").collect()
    }
}

fn plural(kind: Kind, lang: Lang) -> &'static str {
    crate::setup::titles::board(kind, lang)
}

fn headed(style: Style<'_>, heads: &[InitText]) -> Table {
    let cells = heads.iter().enumerate().map(|(index, head)| {
        let text = style.text(head.clone());
        if index == 0 { Cell::new(text) } else { Cell::number(text) }
    });
    Table::with_header(cells.collect())
}

/// Entities as they would stand on a board.
pub(crate) fn previews(items: &[ItemPreview], style: Style<'_>) -> String {
    items.iter().map(|item| one_preview(item, style)).collect()
}

fn one_preview(item: &ItemPreview, style: Style<'_>) -> String {
    let (entity, name) = (item.entity.clone(), item.name.clone());
    let mut text = format!("{}\n", style.text(InitText::PreviewOf { entity, name }));
    for (title, shown) in &item.columns {
        let shown = match shown {
            Shown::Text(text) if text.is_empty() => continue,
            Shown::Text(text) => style.cut(text, LONGEST_VALUE),
            Shown::Refused(why) => {
                style.paint(Tone::Bad, &style.text(InitText::WouldBeRefused { why: why.text(style.lang) }))
            }
        };
        text.push_str(&format!("    {}{} {shown}\n", harmless(title), style.text(ScreenText::Colon {})));
    }
    text
}

fn account<S: Serializer>(account: &Account, serializer: S) -> Result<S::Ok, S::Error> {
    let document = serde_json::json!({
        "name": account.name, "tier": account.tier, "version": account.version, "daily_limit": account.daily_limit,
    });
    document.serialize(serializer)
}

fn first_load<S: Serializer>(load: &FirstLoad, serializer: S) -> Result<S::Ok, S::Error> {
    let too_full: Vec<&str> = load.too_full.iter().map(|full| full.kind.name()).collect();
    let document = serde_json::json!({
        "items": load.items, "calls": load.price.calls, "seconds": load.price.seconds,
        "days": load.days.unwrap_or(1), "over_item_limit": too_full,
    });
    document.serialize(serializer)
}

fn in_english<S: Serializer>(why: &Option<Message>, serializer: S) -> Result<S::Ok, S::Error> {
    why.as_ref().map(|why| why.text(Lang::En)).serialize(serializer)
}
