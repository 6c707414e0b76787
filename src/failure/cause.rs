//! Why something stands in error, as a word that programs can rely on.

use crate::word::{Word, words};

words! {
    /// Cause for which a column, an entity or a kind stands in error. Its word is stable: it stands in the store and in JSON,
    /// and what the program decides, it decides by it, never by a text for people.
    pub(crate) enum FailureCause {
        // A column.
        /// A value that cannot be converted to the column's type.
        ValueUnfit = "value-unfit",
        /// A value that monday refused.
        ValueRefused = "value-refused",
        /// A status or dropdown label that the board does not have.
        LabelMissing = "label-missing",
        /// A mapped column that the board does not have.
        ColumnMissing = "column-missing",
        /// A column of the board has another type than the configuration says.
        ColumnTypeDiffers = "column-type-differs",
        /// A connect-boards column that leads to another board than the one with the parents' items.
        ConnectionElsewhere = "connection-elsewhere",
        /// A mapped column of a type that is not written.
        ColumnUnwritable = "column-unwritable",
        /// A column that the token's user may not edit.
        ColumnClosed = "column-closed",
        /// A connection to an item that is not on its board any more.
        ParentItemMissing = "parent-item-missing",

        // An entity.
        /// Its item was deleted, archived or moved off its board.
        ItemMissing = "item-missing",
        /// Its item is taken away again and again, so that it is not made anew any more.
        ItemTakenAwayAgain = "item-taken-away-again",
        /// monday refuses the item, or the change, as a whole.
        ItemRefused = "item-refused",
        /// The item of an entity that is gone cannot be archived or deleted.
        ItemStays = "item-stays",
        /// The board takes no more items.
        BoardFull = "board-full",
        /// monday failed at this item, alone in its call, until no repetition was left.
        ServerFault = "server-fault",
        /// It was sent too often in one run without an answer that counts.
        TriedTooOften = "tried-too-often",
        /// The record is no JSON object, or no text.
        RecordUnreadable = "record-unreadable",
        /// The record lacks a property of its key.
        KeyMissing = "key-missing",
        /// Two different records bear the same key.
        KeyTwice = "key-twice",
        /// HApi cannot deliver the record: its page fails every time.
        RecordUndeliverable = "record-undeliverable",
        /// A selector that names nothing in the store.
        NotInStore = "not-in-store",
        /// monday's answer about it is not known yet.
        UnderWay = "under-way",
        /// It was asked for, and is paused.
        Paused = "paused",
        /// It was asked for, and is not pushed.
        Off = "off",
        /// It was asked for, and is unlinked.
        Unlinked = "unlinked",

        // A kind, in HApi.
        /// HApi has no such entity set.
        SetMissing = "set-missing",
        /// HApi refuses the entity set (403).
        SetRefused = "set-refused",
        /// HApi refuses the question.
        QueryRefused = "query-refused",
        /// HApi, or monday, gave no usable answer.
        Unreachable = "unreachable",
        /// The address answers, but it is not the service that is meant.
        WrongAddress = "wrong-address",
        /// The login is refused.
        LoginRefused = "login-refused",
        /// A server asked for a pause that is longer than a run may wait.
        NotBefore = "not-before",
        /// The configuration names a property that HApi does not have.
        PropertyUnknown = "property-unknown",
        /// More would go at once than `max_deletes` allows.
        Guarded = "guarded",
        /// It could not be confirmed that absent entities are gone.
        AbsentUnconfirmed = "absent-unconfirmed",
        /// HApi does not take, or list, a webhook subscription.
        SubscriptionRefused = "subscription-refused",

        // A kind, on its board.
        /// The board is not there, or not visible to the token.
        BoardMissing = "board-missing",
        /// The key column is missing, or no text column.
        KeyColumnUnfit = "key-column-unfit",
        /// The configured group is not on the board.
        GroupMissing = "group-missing",
        /// The board could not be read whole.
        BoardUnreadable = "board-unreadable",
        /// The board is locked, for instance by an import.
        BoardLocked = "board-locked",
        /// Keys stand on several items of the board.
        KeyDoubled = "key-doubled",
        /// Another store, or a copy of this one, makes items on the board.
        SecondStore = "second-store",

        /// Written by a version that did not keep causes yet.
        Unknown = "unknown",
    }
}

impl FailureCause {
    /// Whether the entity's item is not on its board any more.
    pub(crate) fn is_of_missing_item(self) -> bool {
        matches!(self, FailureCause::ItemMissing | FailureCause::ItemTakenAwayAgain)
    }

    /// Whether something of a kind could not be read for it, so that what is known of it may be old.
    pub(crate) fn leaves_unread(self) -> bool {
        self.is_refusal()
            || matches!(
                self,
                FailureCause::Unreachable
                    | FailureCause::NotBefore
                    | FailureCause::RecordUndeliverable
                    | FailureCause::AbsentUnconfirmed
                    | FailureCause::Guarded
            )
    }

    /// Whether somebody refuses, so that waiting mends nothing.
    pub(crate) fn is_refusal(self) -> bool {
        matches!(
            self,
            FailureCause::SetMissing
                | FailureCause::SetRefused
                | FailureCause::QueryRefused
                | FailureCause::LoginRefused
                | FailureCause::WrongAddress
        )
    }
}

impl<'de> serde::Deserialize<'de> for FailureCause {
    /// A word that this version does not know reads as [`FailureCause::Unknown`]: it comes from another version's document.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<FailureCause, D::Error> {
        let code = String::deserialize(deserializer)?;
        Ok(FailureCause::parse(&code).unwrap_or(FailureCause::Unknown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_a_code_of_its_own() {
        for (index, cause) in FailureCause::ALL.iter().enumerate() {
            assert_eq!(FailureCause::parse(cause.word()), Some(*cause));
            assert!(FailureCause::ALL.iter().skip(index + 1).all(|other| other.word() != cause.word()), "{cause:?}");
        }
        assert_eq!(FailureCause::parse("no-such"), None);
    }
}
