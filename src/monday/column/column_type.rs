//! Column types that are written, by their names in monday's API.

/// Column types that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ColumnType {
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

impl ColumnType {
    /// All of them, in the order of the documentation.
    pub(crate) const ALL: [ColumnType; 14] = [
        ColumnType::Text,
        ColumnType::LongText,
        ColumnType::Numbers,
        ColumnType::Status,
        ColumnType::Dropdown,
        ColumnType::Date,
        ColumnType::Timeline,
        ColumnType::Email,
        ColumnType::Phone,
        ColumnType::Link,
        ColumnType::Checkbox,
        ColumnType::Country,
        ColumnType::Location,
        ColumnType::BoardRelation,
    ];

    /// The type of that name in monday's API; `None` for one that is not written.
    pub(crate) fn parse(name: &str) -> Option<ColumnType> {
        ColumnType::ALL.into_iter().find(|column_type| column_type.name() == name)
    }

    /// Whether a column of this type takes values that are written as ours: texts take what is written as a text.
    pub(crate) fn is_taken_by(self, there: &str) -> bool {
        let is_text = matches!(self, ColumnType::Text | ColumnType::LongText | ColumnType::Numbers);
        self.name() == there || is_text && ["text", "long_text"].contains(&there)
    }

    /// Its name in monday's API.
    pub(crate) fn name(self) -> &'static str {
        match self {
            ColumnType::Text => "text",
            ColumnType::LongText => "long_text",
            ColumnType::Numbers => "numbers",
            ColumnType::Status => "status",
            ColumnType::Dropdown => "dropdown",
            ColumnType::Date => "date",
            ColumnType::Timeline => "timeline",
            ColumnType::Email => "email",
            ColumnType::Phone => "phone",
            ColumnType::Link => "link",
            ColumnType::Checkbox => "checkbox",
            ColumnType::Country => "country",
            ColumnType::Location => "location",
            ColumnType::BoardRelation => "board_relation",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_monday() {
        for column_type in ColumnType::ALL {
            assert_eq!(ColumnType::parse(column_type.name()), Some(column_type));
        }
        for name in ["name", "people", "mirror", "Text", ""] {
            assert_eq!(ColumnType::parse(name), None, "{name}");
        }
    }
}
