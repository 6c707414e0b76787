//! What can end a command: the exit codes, and a failure with its remedy.

mod cause;
mod detail;
mod exit;
mod failed;
mod outcome;
mod rendered;
mod reported;
mod stage;

pub(crate) use cause::FailureCause;
pub(crate) use detail::FailureDetail;
pub use exit::Exit;
pub(crate) use exit::KILLED;
pub(crate) use failed::{Failure, exit_of};
pub(crate) use outcome::Outcome;
pub use rendered::{Account, ErrorPart, RenderedError, render};
pub(crate) use reported::{Reported, Subject, kind_details};
pub(crate) use stage::Stage;
