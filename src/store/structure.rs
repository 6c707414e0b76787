//! Boards and columns that are being made: a call is kept from before it is sent until it is known what became of it.

use super::connection::Store;
use super::read::required_time_at;
use super::sent::required_json_at;
use super::tx::Tx;
use crate::stamp::stamp;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

/// Call that makes boards, or columns of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StructureCall {
    /// Of columns: their board; `None`: it makes boards.
    pub(crate) board: Option<String>,
    /// The markers of the boards, or the ids of the columns, in their order.
    pub(crate) makes: Vec<String>,
    /// The request's body.
    pub(crate) body: String,
    /// The key that it is sent under.
    pub(crate) idempotency_key: String,
    /// How often it was sent.
    pub(crate) times_sent: u32,
    /// When it was sent last.
    pub(crate) sent_at: Timestamp,
}

impl Store {
    /// The call of which it is not known what became of it.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn structure_call(&self) -> anyhow::Result<Option<StructureCall>> {
        let query = "SELECT board, makes, body, idempotency_key, times_sent, sent_at FROM structure_calls";
        let call = self.connection.query_row(query, [], |row| {
            Ok(StructureCall {
                board: row.get(0)?,
                makes: required_json_at(row, 1)?,
                body: row.get(2)?,
                idempotency_key: row.get(3)?,
                times_sent: row.get(4)?,
                sent_at: required_time_at(row, 5)?,
            })
        });
        Ok(call.optional()?)
    }

    /// The board that was made under a marker, and when.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) fn made_board(&self, marker: &str) -> anyhow::Result<Option<(String, Timestamp)>> {
        let query = "SELECT board, made_at FROM made_boards WHERE marker = ?1";
        let row = self.connection.query_row(query, [marker], |row| Ok((row.get(0)?, required_time_at(row, 1)?)));
        Ok(row.optional()?)
    }
}

impl Tx<'_> {
    /// Notes a call that is about to be sent.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_structure_call(&self, call: &StructureCall) -> anyhow::Result<()> {
        self.connection.execute(
            "REPLACE INTO structure_calls (id, board, makes, body, idempotency_key, times_sent, sent_at)
             VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                call.board,
                serde_json::to_string(&call.makes)?,
                call.body,
                call.idempotency_key,
                call.times_sent,
                stamp(call.sent_at)
            ],
        )?;
        Ok(())
    }

    /// Notes that it is known what became of the call.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn end_structure_call(&self) -> anyhow::Result<()> {
        self.connection.execute("DELETE FROM structure_calls", [])?;
        Ok(())
    }

    /// Notes the board that was made under a marker.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn set_made_board(&self, marker: &str, board: &str, now: Timestamp) -> anyhow::Result<()> {
        let query = "REPLACE INTO made_boards (marker, board, made_at) VALUES (?1, ?2, ?3)";
        self.connection.execute(query, params![marker, board, stamp(now)])?;
        Ok(())
    }

    /// Forgets a board that is there no longer.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn forget_made_board(&self, marker: &str) -> anyhow::Result<()> {
        self.connection.execute("DELETE FROM made_boards WHERE marker = ?1", [marker])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_kept_until_it_is_known_what_became_of_it() {
        let mut store = Store::in_memory().expect("a store");
        let call = StructureCall {
            board: Some("5".to_owned()),
            makes: vec!["a".to_owned(), "b".to_owned()],
            body: "{}".to_owned(),
            idempotency_key: "k".to_owned(),
            times_sent: 1,
            sent_at: Timestamp::UNIX_EPOCH,
        };
        let second = StructureCall { board: None, times_sent: 2, ..call.clone() };
        for one in [call, second] {
            store.write(|tx| tx.set_structure_call(&one)).expect("kept");
            assert_eq!(store.structure_call().expect("read"), Some(one));
        }
        store.write(|tx| tx.end_structure_call()).expect("ended");
        assert_eq!(store.structure_call().expect("read"), None);
    }

    #[test]
    fn a_mark_stands_for_one_board() {
        let mut store = Store::in_memory().expect("a store");
        for board in ["1", "2"] {
            store.write(|tx| tx.set_made_board("m", board, Timestamp::UNIX_EPOCH)).expect("kept");
        }
        let made = ("2".to_owned(), Timestamp::UNIX_EPOCH);
        assert_eq!(store.made_board("m").expect("read"), Some(made));
        store.write(|tx| tx.forget_made_board("m")).expect("forgotten");
        assert_eq!(store.made_board("m").expect("read"), None);
    }
}
