//! Pages for a browser: one file each that needs nothing else, and runs nothing. All text is escaped by `maud`.

mod names;
mod plot;
mod run;
mod status;
mod writer;

pub(crate) use names::{BoardNames, PageNames};
pub(crate) use run::{MOST_CHANGES, RunPage};
pub(crate) use status::{MOST_TROUBLES, StatusPage};

#[cfg(test)]
mod tests;
