//! Our value of a column -> the JSON its column type wants, and back: what a board shows, what an error is about.
//! Pure: it knows no board, no network and no clock.
//!
//! Source of the forms: monday's documentation of each column type, as of API version 2026-10.

mod amount;
mod blank;
mod cell;
mod column_type;
mod contact;
mod content;
mod countries;
mod date;
mod forms;
mod import;
mod input;
mod labels;
mod phone;
mod place;
mod quote;
mod refused;
mod timeline;

pub(crate) use blank::Blanks;
pub(crate) use cell::{MOST_BYTES, cell};
pub(crate) use column_type::ColumnType;
pub(crate) use content::{ColumnContent, shows, value_text};
pub(crate) use forms::{is_same_value, is_value, other_form, same};
pub(crate) use import::{ImportCell, import_cell};
pub(crate) use input::{Input, Options};
pub(crate) use labels::BoardColumn;
pub(crate) use refused::refused_column;
