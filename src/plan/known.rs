//! Boards as the store keeps them.

use super::map::BoardColumns;
use crate::monday::columns_from_json;
use crate::store::{Store, unreadable_board};

/// The columns of a board as they were last read, in whichever run; `None`: it never was.
///
/// # Errors
/// Where the store cannot be read, or what it keeps of the board cannot.
pub(crate) fn known_columns(store: &Store, board: &str) -> anyhow::Result<Option<BoardColumns>> {
    let Some(json) = store.board_columns(board)? else { return Ok(None) };
    Ok(Some(columns_from_json(&json).map_err(|_| unreadable_board(board))?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Exit, exit_of};
    use crate::store::BoardRow;
    use jiff::Timestamp;

    fn store_with(columns: &str) -> Store {
        let mut store = Store::in_memory().expect("a store");
        let row = BoardRow { name: "Units".to_owned(), url: None, columns: columns.to_owned(), groups: Vec::new() };
        store.write(|tx| tx.set_board("7", &row, Timestamp::UNIX_EPOCH)).expect("kept");
        store
    }

    #[test]
    fn columns_that_cannot_be_read_are_an_error_of_the_store_and_not_no_columns() {
        let store = store_with(r#"[{"id": "a", "title": "Rent", "type": "numbers"}]"#);
        let columns = known_columns(&store, "7").expect("read").expect("a board");
        assert_eq!(columns.keys().collect::<Vec<_>>(), ["a"]);
        assert_eq!(known_columns(&store, "8").expect("read"), None);
        let error = known_columns(&store_with(r#"[{"id": "a", "#), "7").expect_err("half a list");
        assert_eq!(exit_of(&error), Exit::Store);
    }
}
