//! Reading words and times out of rows, and what is said where one is not known.

use crate::failure::{Exit, Failure};
use crate::message::StoreText;
use crate::word::Word;
use jiff::Timestamp;

/// A word in the store that this program does not know: nothing is assumed in its stead.
pub(super) fn unknown_word(index: usize, what: &str, word: &str) -> rusqlite::Error {
    let failure = unknown(what, word);
    rusqlite::Error::FromSqlConversionFailure(index, rusqlite::types::Type::Text, Box::new(failure))
}

/// The failure for something in the store that this program does not know; `what` says what it should be.
pub(crate) fn unknown(what: &str, word: &str) -> Failure {
    let message = StoreText::UnknownWord { word: word.to_owned(), what: what.to_owned() };
    Failure::new(Exit::Store, message).help(StoreText::InstallNewer {})
}

/// The failure for a board's columns that cannot be read: they are not taken for none.
pub(crate) fn unreadable_board(board: &str) -> Failure {
    unknown("the columns of a board", board)
}

/// Reads a word out of a column; `what` says what it should be.
pub(super) fn word_at<T: Word>(row: &rusqlite::Row<'_>, index: usize, what: &str) -> rusqlite::Result<T> {
    let word = row.get_ref(index)?.as_str()?;
    T::parse(word).ok_or_else(|| unknown_word(index, what, word))
}

/// Reads a word out of a column; NULL is `None`. `what` says what it should be.
pub(super) fn optional_word_at<T: Word>(
    row: &rusqlite::Row<'_>,
    index: usize,
    what: &str,
) -> rusqlite::Result<Option<T>> {
    let word = row.get_ref(index)?.as_str_or_null()?;
    word.map(|_| word_at(row, index, what)).transpose()
}

/// A time that the store keeps.
fn time_of(index: usize, text: &str) -> rusqlite::Result<Timestamp> {
    text.parse().map_err(|_| unknown_word(index, "a time", text))
}

/// Reads a time out of a column; NULL is `None`.
pub(super) fn time_at(row: &rusqlite::Row<'_>, index: usize) -> rusqlite::Result<Option<Timestamp>> {
    row.get_ref(index)?.as_str_or_null()?.map(|text| time_of(index, text)).transpose()
}

/// Reads a time that is always there out of a column.
pub(super) fn required_time_at(row: &rusqlite::Row<'_>, index: usize) -> rusqlite::Result<Timestamp> {
    time_of(index, row.get_ref(index)?.as_str()?)
}
