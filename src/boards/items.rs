//! Reading items, and judging whether what was read is all that there is. An answer that is only half of what was asked for
//! would make items twice, or take them for gone: it is asked for again, and then counts as none.

use super::session::{Asked, Session};
use crate::entity::{EntityKey, Kind};
use crate::message::MondayText;
use crate::monday::column::ColumnContent;
use crate::monday::document::{self, Document, ITEMS_PER_PAGE};
use crate::monday::{
    Answer, Item, ItemState, ItemsPage, NotWhole, Outcome, PlacedItem, item_states, items_by_id, items_page,
};
use crate::plan::keys::{key_of, key_text};
use crate::plan::map::NAME;
use crate::progress::{Task, Watched};
use crate::retry::{MOST_ASKS, MOST_RESTARTS};
use crate::store::{Linked, Store};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashSet};

/// Reading of items, and whether it is all that there is.
pub(crate) enum ReadResult<T> {
    /// All that was asked for.
    Whole(T),
    /// The answers are not whole, and why.
    NotWhole(MondayText),
    /// monday refuses the question, in its words.
    Refused(MondayText),
    /// The monday side of the run has ended; why is noted.
    Ended,
}

/// Reader of items: puts questions in a session until what it is given is whole.
pub(crate) struct Reader<'r, 'a> {
    session: &'r mut Session<'a>,
    store: &'r mut Store,
}

impl<'r, 'a> Reader<'r, 'a> {
    /// A reader that spends the calls of a session.
    pub(crate) fn new(session: &'r mut Session<'a>, store: &'r mut Store) -> Reader<'r, 'a> {
        Reader { session, store }
    }

    /// Puts a question until its answer is whole, but not for ever.
    fn ask_whole<T>(
        &mut self,
        document: &Document,
        read: impl Fn(&Answer) -> Result<T, NotWhole>,
    ) -> anyhow::Result<ReadResult<T>> {
        let mut asks = 0;
        loop {
            let answer = match self.session.ask(self.store, document)? {
                Asked::Ended => return Ok(ReadResult::Ended),
                Asked::Refused(why) => return Ok(ReadResult::Refused(why)),
                Asked::Answer(answer) if !answer.errors.is_empty() => {
                    return Ok(ReadResult::Refused(Outcome::Answered(answer).message()));
                }
                Asked::Answer(answer) => answer,
            };
            asks += 1;
            match read(&answer) {
                Ok(found) => return Ok(ReadResult::Whole(found)),
                Err(why) if asks >= MOST_ASKS => return Ok(ReadResult::NotWhole(why.into())),
                Err(_) => self.pause_before_asking_again(asks),
            }
        }
    }

    /// A short pause before a question whose answer was not whole. A reason to stop is seen when it is put.
    fn pause_before_asking_again(&self, asks: u32) {
        let setup = self.session.setup();
        let _ = setup.stop.sleep(setup.backoff(asks));
    }

    /// One page of items.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) fn ask_page(&mut self, document: &Document) -> anyhow::Result<ReadResult<ItemsPage>> {
        self.ask_whole(document, |answer| items_page(document, &answer.data))
    }

    /// Where items are; those that monday knows no more are left out.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) fn ask_states(&mut self, ids: &[&str]) -> anyhow::Result<ReadResult<Vec<ItemState>>> {
        self.ask_whole(&document::item_states(ids), |answer| item_states(&answer.data))
    }

    /// Items by their ids, wherever they are; those that monday knows no more are left out.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) fn ask_items(&mut self, ids: &[&str], columns: &[&str]) -> anyhow::Result<ReadResult<Vec<PlacedItem>>> {
        self.ask_whole(&document::items_by_id(ids, columns), |answer| items_by_id(&answer.data))
    }

    /// Reads a board, and once more where the first time did not give all of it.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) fn read_board(&mut self, read: &BoardRead<'_>) -> anyhow::Result<ReadResult<Vec<Item>>> {
        match self.read_board_once(read)? {
            ReadResult::NotWhole(_) => {
                self.pause_before_asking_again(1);
                self.read_board_once(read)
            }
            read => Ok(read),
        }
    }

    /// All items of a board, each once, judged by the number that monday counts. The progress shows for which kind it is read, and
    /// what for.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) fn read_board_once(&mut self, read: &BoardRead<'_>) -> anyhow::Result<ReadResult<Vec<Item>>> {
        let Some(&kind) = read.kinds.first() else { return Ok(ReadResult::Whole(Vec::new())) };
        let mut expected = 0;
        for &kind in read.kinds {
            expected += self.store.count_linked(read.board, kind)?;
        }
        let setup = self.session.setup();
        let watched = Watched::begin(setup.progress, read.task, kind, expected);
        let keys: Vec<&str> = setup.targets(read.kinds.iter().copied()).map(|target| target.key_column).collect();
        self.read_pages(read.board, read.columns, &keys, &|count| watched.advance(count))
    }

    fn read_pages(
        &mut self,
        board: &str,
        columns: &[&str],
        keys: &[&str],
        advance: &dyn Fn(u64),
    ) -> anyhow::Result<ReadResult<Vec<Item>>> {
        let mut restarts = 0;
        'again: loop {
            let mut items: BTreeMap<String, Item> = BTreeMap::new();
            let mut counts = Vec::new();
            let (mut document, mut has_cursor) = (document::first_items(board, columns, keys, ITEMS_PER_PAGE), false);
            loop {
                let page = match self.ask_page(&document)? {
                    ReadResult::Whole(page) => page,
                    // A cursor lives an hour; on a slow day the read begins anew.
                    ReadResult::Refused(_) if has_cursor && restarts < MOST_RESTARTS => {
                        restarts += 1;
                        continue 'again;
                    }
                    ReadResult::NotWhole(why) => return Ok(ReadResult::NotWhole(why)),
                    ReadResult::Refused(why) => return Ok(ReadResult::Refused(why)),
                    ReadResult::Ended => return Ok(ReadResult::Ended),
                };
                advance(page.items.len() as u64);
                counts.extend(page.items_count);
                items.extend(page.items.into_iter().map(|item| (item.id.clone(), item)));
                has_cursor = page.cursor.is_some();
                match page.cursor {
                    Some(cursor) => document = document::next_items(board, &cursor, columns, keys, ITEMS_PER_PAGE),
                    None => return Ok(judged(items.into_values().collect(), &counts)),
                }
            }
        }
    }

    /// The items of a board with these keys, asked for in one call, and further ones as far as its answer has pages.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) fn items_by_key(
        &mut self,
        board: &str,
        column: &str,
        keys: &[&str],
        columns: &[&str],
    ) -> anyhow::Result<ReadResult<LookedUp>> {
        let mut document = document::items_by_key(board, column, keys, columns);
        let mut found = LookedUp::default();
        loop {
            let page = match self.ask_page(&document)? {
                ReadResult::Whole(page) => page,
                ReadResult::NotWhole(why) => return Ok(ReadResult::NotWhole(why)),
                ReadResult::Refused(why) => return Ok(ReadResult::Refused(why)),
                ReadResult::Ended => return Ok(ReadResult::Ended),
            };
            found.count = found.count.or(page.items_count);
            found.items.extend(page.items);
            match page.cursor {
                Some(cursor) => document = document::next_items(board, &cursor, columns, &[column], ITEMS_PER_PAGE),
                None => return Ok(ReadResult::Whole(found)),
            }
        }
    }
}

/// Reading of a board: what of it is asked for, and for whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BoardRead<'r> {
    /// What it is read for, as the progress shows it.
    pub(crate) task: Task,
    /// The board.
    pub(crate) board: &'r str,
    /// The kinds that it is read for; the first is shown. None: nothing is read.
    pub(crate) kinds: &'r [Kind],
    /// The columns that are read.
    pub(crate) columns: &'r [&'r str],
}

/// Items found by their keys.
#[derive(Default)]
pub(crate) struct LookedUp {
    /// The items.
    pub(crate) items: Vec<Item>,
    /// How many items the board has.
    pub(crate) count: Option<u64>,
}

/// Whether these are all items of a board, by what monday counted with each page. While people add and remove items, the
/// number moves, and what was read lies between its smallest and its largest.
fn judged(items: Vec<Item>, counts: &[u64]) -> ReadResult<Vec<Item>> {
    let read = items.len() as u64;
    let (Some(&first), Some(&least), Some(&most)) = (counts.first(), counts.iter().min(), counts.iter().max()) else {
        return ReadResult::NotWhole(MondayText::CountMissing {});
    };
    if (least..=most).contains(&read) {
        return ReadResult::Whole(items);
    }
    ReadResult::NotWhole(MondayText::CountDiffers { read, count: first })
}

/// The key that an item bears in a column.
pub(crate) fn key_borne(item: &Item, key_column: &str) -> Option<EntityKey> {
    item.columns.get(key_column).and_then(key_of)
}

/// Those of the items that no entity holds.
///
/// # Errors
/// Where the store cannot be read.
pub(crate) fn without_holder(
    store: &Store,
    board: &str,
    items: Vec<Item>,
    now: Timestamp,
) -> anyhow::Result<Vec<Item>> {
    Ok(without_held(&store.linked(board, now)?, items))
}

/// Those of the items that none of these entities holds.
pub(crate) fn without_held(linked: &[Linked], mut items: Vec<Item>) -> Vec<Item> {
    let held: HashSet<&str> = linked.iter().map(|linked| linked.row.item_id.as_str()).collect();
    items.retain(|item| !held.contains(item.id.as_str()));
    items
}

/// All columns of an item that were read, and its name.
pub(crate) fn content_of(item: &Item) -> BTreeMap<String, ColumnContent> {
    let mut content = item.columns.clone();
    content.insert(NAME.to_owned(), ColumnContent { text: Some(item.name.clone()), ..ColumnContent::default() });
    content
}

/// Items by what their key column says.
pub(crate) fn by_key<'i>(key_column: &str, items: &'i [Item]) -> BTreeMap<String, Vec<&'i Item>> {
    let mut by_key: BTreeMap<String, Vec<&Item>> = BTreeMap::new();
    for item in items {
        if let Some(key) = item.columns.get(key_column).and_then(key_text) {
            by_key.entry(key).or_default().push(item);
        }
    }
    by_key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(count: usize) -> Vec<Item> {
        let item = |id: usize| Item {
            id: id.to_string(),
            name: String::new(),
            columns: BTreeMap::new(),
            created_at: None,
            updated_at: None,
        };
        (0..count).map(item).collect()
    }

    fn why(given: &ReadResult<Vec<Item>>) -> Option<MondayText> {
        match given {
            ReadResult::NotWhole(why) => Some(why.clone()),
            ReadResult::Whole(_) | ReadResult::Refused(_) | ReadResult::Ended => None,
        }
    }

    #[test]
    fn a_board_is_read_whole_if_its_items_are_as_many_as_monday_counts() {
        assert!(matches!(judged(items(3), &[3]), ReadResult::Whole(_)));
        assert!(matches!(judged(items(0), &[0]), ReadResult::Whole(_)));
        assert_eq!(why(&judged(items(2), &[4])), Some(MondayText::CountDiffers { read: 2, count: 4 }));
        assert_eq!(why(&judged(items(2), &[])), Some(MondayText::CountMissing {}));
        // One was archived, or added, between two pages.
        assert!(matches!(judged(items(4), &[5, 4]), ReadResult::Whole(_)));
        assert!(matches!(judged(items(5), &[5, 6]), ReadResult::Whole(_)));
        assert_eq!(why(&judged(items(3), &[5, 4])), Some(MondayText::CountDiffers { read: 3, count: 5 }));
    }
}
