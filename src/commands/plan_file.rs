//! Files with the plan of a push: written by a dry run (`--out`), and sent later exactly as they stand, or not at all (`--plan`).

use super::context::Context;
use crate::entity::EntityKey;
use crate::failure::{Exit, Failure};
use crate::message::{RunText, ScreenText};
use crate::plan::selection::Selection;
use crate::push::plan::Plan;
use crate::report::write_whole;
use crate::run::{PlanPart, PricePart};
use crate::stamp::serialize;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Version of the format.
const FORMAT: u32 = 1;

/// Plan of a push as it stands in a file: `{"format": 1, "made_at": "…", "plan": […], "price": {…}}`, the last two as in the document of a
/// dry run.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PlanFile {
    format: u32,
    #[serde(serialize_with = "serialize")]
    made_at: Timestamp,
    plan: Vec<PlanPart>,
    price: PricePart,
}

impl PlanFile {
    /// A plan that was made now.
    pub(super) fn new(plan: &Plan, now: Timestamp) -> PlanFile {
        let changes = plan.changes.iter().map(PlanPart::from).collect();
        PlanFile { format: FORMAT, made_at: now, plan: changes, price: plan.price.into() }
    }

    /// Writes it to a file that its owner alone may read: it holds what the boards will show.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub(super) fn write(&self, context: &Context, file: &Path) -> anyhow::Result<()> {
        let text = format!("{}\n", serde_json::to_string_pretty(self)?);
        write_whole(&context.report.console, file, &text, 0o600).map_err(|error| {
            let path = file.display().to_string();
            let failure = Failure::new(Exit::Failed, RunText::PlanFileUnwritable { path });
            failure.help(ScreenText::FileUnwritableHelp {}).because(error).into()
        })
    }

    /// Reads one.
    ///
    /// # Errors
    /// Where the file cannot be read, or holds no plan.
    pub(super) fn read(file: &Path) -> anyhow::Result<PlanFile> {
        let path = || file.display().to_string();
        let text = std::fs::read_to_string(file)
            .map_err(|error| Failure::usage(RunText::PlanFileUnreadable { path: path() }).because(error))?;
        let plan: Result<PlanFile, _> = serde_json::from_str(&text);
        let help = RunText::MakePlanFile { path: path() };
        match plan {
            Ok(plan) if plan.format == FORMAT => Ok(plan),
            Ok(_) => Err(Failure::usage(RunText::NoPlanFile { path: path() }).help(help).into()),
            Err(error) => Err(Failure::usage(RunText::NoPlanFile { path: path() }).help(help).because(error).into()),
        }
    }

    /// The entities that it changes.
    pub(super) fn selection(&self) -> Selection {
        Selection { entities: self.plan.iter().map(|part| part.entity.clone()).collect(), ..Selection::default() }
    }

    /// Refuses it where something else would be sent now.
    ///
    /// # Errors
    /// Where it no longer holds.
    pub(super) fn require_same(&self, now: &Plan, file: &Path) -> anyhow::Result<()> {
        let now: Vec<PlanPart> = now.changes.iter().map(PlanPart::from).collect();
        let others = differing(&self.plan, &now);
        let Some(first) = others.first() else { return Ok(()) };
        let path = file.display().to_string();
        let what = RunText::PlanMovedOn { path: path.clone(), entity: first.to_string(), count: others.len() as u64 };
        Err(Failure::usage(what).help(RunText::MakePlanFile { path }).into())
    }
}

/// The entities of which two plans say different things.
fn differing(planned: &[PlanPart], now: &[PlanPart]) -> Vec<EntityKey> {
    let (planned, now) = (by_entity(planned), by_entity(now));
    let entities: BTreeSet<&EntityKey> = planned.keys().chain(now.keys()).copied().collect();
    entities.into_iter().filter(|entity| planned.get(entity) != now.get(entity)).cloned().collect()
}

fn by_entity(plan: &[PlanPart]) -> BTreeMap<&EntityKey, Vec<&PlanPart>> {
    let mut parts: BTreeMap<&EntityKey, Vec<&PlanPart>> = BTreeMap::new();
    plan.iter().for_each(|part| parts.entry(&part.entity).or_default().push(part));
    parts
}
