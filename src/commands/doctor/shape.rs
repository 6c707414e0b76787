//! `--shape`: what HApi and the boards look like, for who is to help: names, types, lengths and status codes. No value of a record can
//! reach it: it is made of a [`Sample`], which has no room for one, and of the ids and types of columns.

use super::{hapi, monday};
use crate::commands::context::Context;
use crate::entity::Kind;
use crate::failure::{Exit, Failure};
use crate::hapi::{Description, PropertyName, Sample};
use crate::message::DoctorText;
use crate::monday::diagnosis::BoardDiagnosis;
use serde::Serialize;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// What the file says of itself, in both languages: whoever is asked to send it reads it first.
const ABOUT: [&str; 2] = [
    "What hopem-sync saw of HApi and of the monday boards: names of entity sets, properties and columns, their types, the lengths of \
     values, how many are empty, and status codes. No value of any record, no name of a person, building or board, no address, login \
     or token is in this file.",
    "Ce que hopem-sync a vu de HApi et des tableaux monday : noms des jeux d’entités, des propriétés et des colonnes, leurs types, \
     les longueurs des valeurs, combien sont vides, et les codes de réponse. Ce fichier ne contient aucune valeur d’aucune fiche, aucun \
     nom de personne, d’immeuble ou de tableau, aucune adresse, aucun identifiant de connexion ni jeton.",
];

/// Shape of what HApi and monday hold: names, types and lengths.
#[derive(Debug, Serialize)]
pub(super) struct Shape {
    about: [&'static str; 2],
    hopem_sync: &'static str,
    hapi: HapiShape,
    monday: MondayShape,
}

#[derive(Debug, Serialize)]
struct HapiShape {
    /// Whether its Swagger document could be read.
    has_swagger: bool,
    described: Vec<DescribedSet>,
    sets: Vec<SetShape>,
}

/// Set as the Swagger document describes it: the same for all of the vendor's clients.
#[derive(Debug, Serialize)]
struct DescribedSet {
    set: String,
    properties: Option<Vec<DescribedProperty>>,
}

#[derive(Debug, Serialize)]
struct DescribedProperty {
    name: String,
    #[serde(rename = "type")]
    property_type: &'static str,
}

#[derive(Debug, Serialize)]
struct SetShape {
    kind: &'static str,
    set: String,
    status: Option<u16>,
    records: u64,
    odd_names: u64,
    properties: Vec<PropertyPart>,
}

#[derive(Debug, Serialize)]
struct PropertyPart {
    name: String,
    types: Vec<&'static str>,
    longest: u64,
    nulls: u64,
    blanks: u64,
}

#[derive(Debug, Serialize)]
struct MondayShape {
    version: Option<String>,
    daily_calls: Option<u64>,
    boards: Vec<BoardShape>,
}

#[derive(Debug, Serialize)]
struct BoardShape {
    kind: &'static str,
    is_there: bool,
    items: Option<u64>,
    columns: Vec<ColumnShape>,
}

#[derive(Debug, Serialize)]
struct ColumnShape {
    id: String,
    #[serde(rename = "type")]
    column_type: String,
    labels: Option<usize>,
    is_mapped: bool,
}

impl Shape {
    /// The shape of what was inspected.
    pub(super) fn new(context: &Context, hapi: &hapi::HapiInspection, monday: &monday::MondayInspection) -> Shape {
        let endpoint = |kind: Kind| context.config.kind(kind).endpoint.clone();
        let sets = hapi.sets.iter().map(|(kind, sample)| set(*kind, endpoint(*kind), sample)).collect();
        let described = hapi.description.as_ref().map(described).unwrap_or_default();
        let boards = monday.boards.iter().map(|(kind, found)| board(context, *kind, found.as_ref())).collect();
        Shape {
            about: ABOUT,
            hopem_sync: env!("CARGO_PKG_VERSION"),
            hapi: HapiShape { has_swagger: hapi.description.is_some(), described, sets },
            monday: MondayShape {
                version: monday.account.version.clone(),
                daily_calls: monday.account.daily_calls,
                boards,
            },
        }
    }
}

fn described(description: &Description) -> Vec<DescribedSet> {
    let sets = description.sets.iter().filter(|set| set.name.split('/').all(|part| PropertyName::new(part).is_some()));
    sets.map(|set| DescribedSet {
        set: set.name.clone(),
        properties: set.properties.as_ref().map(|properties| {
            let named = properties.iter().filter_map(|property| Some((PropertyName::new(&property.name)?, property)));
            named
                .map(|(name, property)| DescribedProperty {
                    name: name.as_str().to_owned(),
                    property_type: property.property_type.word(),
                })
                .collect()
        }),
    })
    .collect()
}

fn set(kind: Kind, endpoint: String, sample: &Result<Sample, Option<u16>>) -> SetShape {
    let (status, sample) = match sample {
        Ok(sample) => (Some(200), sample.clone()),
        Err(status) => (*status, Sample::default()),
    };
    let part = |(name, shape): (&PropertyName, &crate::hapi::PropertyShape)| PropertyPart {
        name: name.as_str().to_owned(),
        types: shape.types.iter().map(|one| one.word()).collect(),
        longest: shape.longest,
        nulls: shape.nulls,
        blanks: shape.blanks,
    };
    SetShape {
        kind: kind.name(),
        set: endpoint,
        status,
        records: sample.records,
        odd_names: sample.odd_names,
        properties: sample.properties.iter().map(part).collect(),
    }
}

fn board(context: &Context, kind: Kind, found: Option<&BoardDiagnosis>) -> BoardShape {
    let mapped = &context.config.kind(kind).columns;
    let columns = found.into_iter().flat_map(|found| found.board.columns.values());
    BoardShape {
        kind: kind.name(),
        is_there: found.is_some(),
        items: found.and_then(|found| found.board.items_count),
        columns: columns
            .map(|column| ColumnShape {
                id: column.id.clone(),
                column_type: column.column_type.clone(),
                labels: column.labels().map(|labels| labels.all.len()),
                is_mapped: mapped.contains_key(&column.id),
            })
            .collect(),
    }
}

/// Writes a shape into a new file.
///
/// # Errors
/// Where there is a file already, or it cannot be written.
pub(super) fn write(context: &Context, file: &Path, shape: &Shape) -> anyhow::Result<()> {
    let path = file.display().to_string();
    let mut options = std::fs::OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(0o600).open(file);
    let text = serde_json::to_string_pretty(shape)?;
    let written = opened.and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.write_all(b"\n")));
    written.map_err(|error| {
        let what = DoctorText::ShapeUnwritable { path: path.clone() };
        Failure::new(Exit::Failed, what).help(DoctorText::ShapeUnwritableHelp {}).because(error)
    })?;
    context.report.info(&context.report.text(DoctorText::ShapeWritten { path }));
    Ok(())
}
