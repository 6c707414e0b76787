//! Our value of a column -> the JSON its column type wants.

/// The column types that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// One line of text.
    Text,
    /// Text of up to 2,000 characters.
    LongText,
    /// A decimal number.
    Numbers,
    /// One label with a colour.
    Status,
    /// Any number of labels.
    Dropdown,
    /// A calendar date, perhaps with a time.
    Date,
    /// Two dates.
    Timeline,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A web address.
    Link,
    /// Yes or no.
    Checkbox,
    /// A country.
    Country,
    /// A place on the map.
    Location,
    /// Items of other boards.
    BoardRelation,
}
