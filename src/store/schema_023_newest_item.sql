-- The item of a board that was made last, as it was read with the board: an item made after it that no entity has tells of another
-- writer, or of an older copy of this store.

ALTER TABLE board_items ADD COLUMN newest_item TEXT;
