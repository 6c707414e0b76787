//! Every text that people read, in English and French. The tables are split by subject; each row has both languages, or it
//! does not compile. Messages are data: they can be kept in the store and read back in either language.
//!
//! A table whose rows quote reasons is declared for any message (`why`); which messages there are is said above them all (`tables`).

mod column;
mod config;
mod dashboard;
mod declare;
mod doctor;
mod hapi;
mod init;
mod inspect;
mod lang;
mod link;
mod listen;
mod monday;
mod network;
mod notify;
mod ownership;
mod page;
mod run;
#[cfg(test)]
mod sample;
mod screen;
mod store;
mod summary;
mod syntax;
mod tables;
mod usage;
mod webhook;
mod why;

pub use lang::Lang;
pub(crate) use lang::{grouped, span};
pub(crate) use tables::{
    ColumnText, ConfigText, DashboardText, DoctorText, HapiText, InitText, InspectText, LinkText, ListenText,
    MondayText, NetworkText, NotifyText, OwnershipText, PageText, RunText, ScreenText, StoreText, SummaryText,
    UsageText, WebhookText,
};
pub use tables::{Message, Why};
