//! `hopem-sync man`: the manual, a page for the program and one for each command, made of the same texts as `--help`.

use crate::failure::{Exit, Failure};
use crate::message::InspectText;
use crate::report::Report;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};
use serde::Serialize;
use std::io;
use std::path::{Path, PathBuf};

/// Arguments of `man`.
#[derive(Debug, clap::Args)]
#[command(before_long_help = "\
Examples:
  hopem-sync man | man -l -                             read the main page
  hopem-sync man /usr/local/share/man/man1              install every page
  hopem-sync man . && man ./hopem-sync-status.1         read the page of one command")]
pub(crate) struct ManPages {
    /// Write a page per command into this folder
    #[arg(value_name = "DIRECTORY")]
    directory: Option<PathBuf>,
}

/// Page of the manual.
struct Page {
    file_name: String,
    text: Vec<u8>,
}

#[derive(Serialize)]
struct PageDocument {
    page: String,
}

#[derive(Serialize)]
struct PagesDocument {
    written: Vec<String>,
}

impl ManPages {
    /// Needs neither configuration nor store: packagers run it on bare machines.
    ///
    /// # Errors
    /// Where a page cannot be written.
    pub(crate) fn run(&self, report: &Report, program: clap::Command) -> anyhow::Result<Exit> {
        match &self.directory {
            None => main_page(report, built(program))?,
            Some(directory) => {
                let written = write_all(directory, built(program))?;
                match report.is_json {
                    true => report.json(&PagesDocument { written })?,
                    false => report.print(&written.iter().map(|path| format!("{path}\n")).collect::<String>())?,
                }
            }
        }
        Ok(Exit::Ok)
    }
}

fn main_page(report: &Report, program: clap::Command) -> anyhow::Result<()> {
    let page = page(program)?;
    let page = String::from_utf8_lossy(&page.text).into_owned();
    if report.is_json { report.json(&PageDocument { page }) } else { report.print_as_is(&page) }
}

/// Writes every page and returns their paths.
fn write_all(directory: &Path, program: clap::Command) -> anyhow::Result<Vec<String>> {
    let write = || -> io::Result<Vec<String>> {
        std::fs::create_dir_all(directory)?;
        let mut written = Vec::new();
        for page in all_pages(program)? {
            let path = directory.join(&page.file_name);
            std::fs::write(&path, &page.text)?;
            written.push(path.display().to_string());
        }
        Ok(written)
    };
    write().map_err(|error| {
        let path = directory.display().to_string();
        Failure::new(Exit::Failed, InspectText::PagesUnwritable { path }).because(error).into()
    })
}

/// The program's command line, complete.
fn built(program: clap::Command) -> clap::Command {
    let mut command = program.disable_help_subcommand(true);
    command.build();
    command
}

/// The page of a command and those of its own commands.
fn all_pages(command: clap::Command) -> io::Result<Vec<Page>> {
    let mut pages = Vec::new();
    for own in command.get_subcommands() {
        pages.extend(all_pages(own.clone())?);
    }
    pages.push(page(command)?);
    Ok(pages)
}

/// One page. Its last sections are what `--help` says before and after everything else, line by line.
fn page(command: clap::Command) -> io::Result<Page> {
    let texts = [command.get_before_long_help(), command.get_after_long_help()];
    let texts: Vec<String> = texts.into_iter().flatten().map(ToString::to_string).collect();
    let has_commands = command.has_subcommands();
    let man = Man::new(command).manual("hopem-sync");
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    if has_commands {
        man.render_subcommands_section(&mut text)?;
    }
    for paragraph in texts.iter().flat_map(|text| text.split("\n\n")) {
        verbatim(paragraph).to_writer(&mut text)?;
    }
    Ok(Page { file_name: man.get_filename(), text })
}

/// `Examples:` and the lines below it as a section of that name.
fn verbatim(paragraph: &str) -> Roff {
    let (heading, lines) = paragraph.split_once(':').unwrap_or(("Notes", paragraph));
    let mut roff = Roff::new();
    roff.control("SH", [heading.to_uppercase().as_str()]).control("nf", []);
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        roff.text([roman(line)]);
    }
    roff.control("fi", []);
    roff
}
