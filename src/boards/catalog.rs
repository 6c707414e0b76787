//! Catalog of the boards: their columns, labels and groups as they were read, and whether the configuration fits them.

use super::Setup;
use super::closed::ClosedColumns;
use super::session::{Asked, Session};
use crate::config::Target;
use crate::entity::Kind;
use crate::failure::{Exit, FailureCause, FailureDetail};
use crate::message::{Message, MondayText};
use crate::monday::{Board, boards, document};
use crate::plan::map::{BoardColumns, column_type};
use crate::store::{BoardRow, Store, Tx, unreadable_board};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Boards asked for at once.
const BOARDS_PER_CALL: usize = 100;

/// Catalog of boards: owns what was read of them, and the columns that the token's user may not edit.
pub(crate) struct Catalog<'a> {
    pub(super) setup: Setup<'a>,
    boards: BTreeMap<String, Board>,
    /// Whether something does not fit the boards as they were last read: they may have changed.
    is_distrusted: bool,
    /// Whether monday refused to say which item of a board is its newest.
    is_newest_refused: bool,
    closed: ClosedColumns,
}

impl<'a> Catalog<'a> {
    /// A catalog in which no board is known yet.
    pub(crate) fn new(setup: Setup<'a>) -> Catalog<'a> {
        let (is_distrusted, is_newest_refused) = (false, false);
        Catalog { setup, boards: BTreeMap::new(), is_distrusted, is_newest_refused, closed: ClosedColumns::default() }
    }

    /// What it was set up with.
    pub(crate) fn setup(&self) -> Setup<'a> {
        self.setup
    }

    /// A board, if it was read.
    pub(crate) fn board(&self, id: &str) -> Option<&Board> {
        self.boards.get(id)
    }

    /// The columns of a board, if it was read.
    pub(crate) fn columns(&self, board: &str) -> Option<&BoardColumns> {
        self.boards.get(board).map(|board| &board.columns)
    }

    /// The columns of the board of a kind, if it was read.
    pub(crate) fn columns_of(&self, kind: Kind) -> Option<&BoardColumns> {
        self.columns(self.setup.kind(kind).target()?.board)
    }

    /// Notes that something does not fit the boards as they were last read.
    pub(crate) fn distrust(&mut self) {
        self.is_distrusted = true;
    }

    /// Reads the columns, labels and groups of these boards, in one call; but not those that may be trusted to be as they were.
    /// Where monday refuses, the session ends.
    ///
    /// # Errors
    /// Where the store cannot be read or written, or nothing can be sent at all.
    pub(crate) fn read(
        &mut self,
        session: &mut Session<'_>,
        store: &mut Store,
        wanted: Vec<String>,
    ) -> anyhow::Result<()> {
        let wanted = if self.is_distrusted { wanted } else { self.take_trusted(store, wanted)? };
        for chunk in wanted.chunks(BOARDS_PER_CALL) {
            let ids: Vec<&str> = chunk.iter().map(String::as_str).collect();
            match self.ask(session, store, &ids)? {
                Asked::Ended => return Ok(()),
                Asked::Answer(answer) => {
                    for board in boards(&answer.data) {
                        self.keep(store, board)?;
                    }
                }
                Asked::Refused(why) => {
                    let remedy = Message::from(why.clone()).remedy().cloned();
                    session.fail(Exit::Failed, why, remedy.unwrap_or_else(|| MondayText::MondayLater {}.into()));
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Asks for boards, each with its newest item. That is good to know, and no reason to know nothing: where it is refused, for all
    /// or within some of the boards, they are asked for without it.
    fn ask(&mut self, session: &mut Session<'_>, store: &mut Store, ids: &[&str]) -> anyhow::Result<Asked> {
        if !self.is_newest_refused {
            let asked = session.ask(store, &document::boards_with_newest(ids))?;
            self.is_newest_refused = match &asked {
                Asked::Ended => false,
                Asked::Answer(answer) => !answer.errors.is_empty() && boards(&answer.data).len() < ids.len(),
                Asked::Refused(_) => true,
            };
            if !self.is_newest_refused {
                return Ok(asked);
            }
        }
        session.ask(store, &document::boards(ids))
    }

    /// Takes over those that were read not long ago. Returns the others.
    fn take_trusted(&mut self, store: &Store, wanted: Vec<String>) -> anyhow::Result<Vec<String>> {
        let Some(trust) = self.setup.trust_boards else { return Ok(wanted) };
        let trust = SignedDuration::try_from(trust).unwrap_or(SignedDuration::MAX);
        let now = self.setup.clock().now();
        let since = now.checked_sub(trust).unwrap_or(Timestamp::MIN);
        let mut unknown = Vec::new();
        for board in wanted {
            // Where items are to be made, it has to be known how many there are.
            let known =
                if self.has_new_entities(store, &board)? { None } else { store.board_since(&board, since, now)? };
            match known {
                Some(row) => {
                    let known = Board::known(board.clone(), row.name, row.url, row.groups, row.columns)
                        .map_err(|_| unreadable_board(&board))?;
                    self.boards.insert(board, known);
                }
                None => unknown.push(board),
            }
        }
        Ok(unknown)
    }

    fn has_new_entities(&self, store: &Store, board: &str) -> anyhow::Result<bool> {
        for kind in self.setup.kinds_pushed_to(board) {
            if store.count_new_entities(kind, board)? > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn keep(&mut self, store: &mut Store, board: Board) -> anyhow::Result<()> {
        let now = self.setup.clock().now();
        let row = BoardRow {
            name: board.name.clone(),
            url: board.url.clone(),
            columns: board.columns_json.clone(),
            groups: board.groups.clone(),
        };
        store.write(|tx| {
            if tx.set_board(&board.id, &row, now)? {
                // A label or column that was missing may be there now.
                tx.retry_failures_of(&board.id, now)?;
            }
            Ok(())
        })?;
        self.boards.insert(board.id.clone(), board);
        Ok(())
    }

    /// Why a kind cannot be pushed to its board; `None`: it can.
    pub(crate) fn unfitness(&self, target: Target<'_>) -> Option<FailureDetail> {
        unfitness(target, self.boards.get(target.board))
    }

    /// What is wrong with the mapped columns of a kind, as the board has them.
    pub(crate) fn unfit_columns(&self, target: Target<'_>) -> Vec<FailureDetail> {
        let Some(columns) = self.columns(target.board) else { return Vec::new() };
        let config = self.setup.kind(target.kind);
        let unfit =
            config.columns.iter().filter_map(|(id, column)| column_type(config, id, column, Some(columns)).err());
        unfit.map(|detail| *detail).collect()
    }

    /// Takes note of the columns that the token's user may not edit; those that were closed for long are retried.
    ///
    /// # Errors
    /// Where the store cannot be read or written.
    pub(crate) fn read_closed(&mut self, store: &mut Store, kinds: &[Kind]) -> anyhow::Result<()> {
        self.closed.read(self.setup, store, kinds)
    }

    /// Leaves a column out from now on, for the whole kind. Returns the kind's failure, the first time.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn close_column(
        &mut self,
        tx: &Tx<'_>,
        kind: Kind,
        column: &str,
        why: &str,
    ) -> anyhow::Result<Option<FailureDetail>> {
        let now = self.setup.clock().now();
        let Some(target) = self.setup.kind(kind).target() else { return Ok(None) };
        self.closed.close(tx, target, column, why, now)
    }

    /// The columns that are left out.
    pub(crate) fn closed(&self) -> &ClosedColumns {
        &self.closed
    }

    /// The columns that are read to compare items: key and mapped ones, as far as the board has them.
    pub(crate) fn columns_to_compare(&self, board: &str, kinds: &[Kind]) -> Vec<&'a str> {
        let mut wanted: BTreeSet<&'a str> = BTreeSet::new();
        for &kind in kinds {
            let config = self.setup.kind(kind);
            wanted.extend(config.columns.keys().chain(&config.key_column).map(String::as_str));
        }
        let known = self.boards.get(board);
        wanted.into_iter().filter(|id| known.is_some_and(|board| board.columns.contains_key(*id))).collect()
    }

    /// The key columns of these kinds, each once.
    pub(crate) fn key_columns(&self, kinds: &[Kind]) -> Vec<&'a str> {
        let columns: BTreeSet<&str> =
            self.setup.targets(kinds.iter().copied()).map(|target| target.key_column).collect();
        columns.into_iter().collect()
    }
}

/// Why a kind cannot be pushed to its board as it was found; `None`: it can.
pub(crate) fn unfitness(target: Target<'_>, found: Option<&Board>) -> Option<FailureDetail> {
    let (kind, board) = (target.kind, target.board.to_owned());
    let Some(found) = found else {
        let detail = FailureDetail::new(FailureCause::BoardMissing, MondayText::BoardMissing { kind, board });
        return Some(detail.hint(MondayText::CheckBoard { kind }));
    };
    let column = target.key_column.to_owned();
    let unfit_key = match found.columns.get(&column) {
        None => Some(MondayText::KeyColumnMissing { kind, board: board.clone(), column }),
        Some(key) if key.column_type != "text" => {
            let column_type = key.column_type.clone();
            Some(MondayText::KeyColumnNoText { kind, board: board.clone(), column, column_type })
        }
        Some(_) => None,
    };
    if let Some(error) = unfit_key {
        let detail = FailureDetail::new(FailureCause::KeyColumnUnfit, error);
        return Some(detail.hint(MondayText::CheckKeyColumn { kind }));
    }
    let group = target.group.map(str::to_owned).filter(|group| !found.groups.contains(group))?;
    let detail = FailureDetail::new(FailureCause::GroupMissing, MondayText::GroupMissing { kind, board, group });
    Some(detail.hint(MondayText::CheckGroup { kind }))
}
