//! `hopem-sync man`: the manual, a page for the program, one for each command, made of the same texts as `--help`, and one for the
//! configuration.

use crate::config::SAMPLE;
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
  hopem-sync man /usr/local/share/man/man1              install every page; hopem-sync.toml(5) beside it, in man5
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
        let mut written = Vec::new();
        let mut write = |folder: &Path, page: &Page| {
            std::fs::create_dir_all(folder)?;
            let path = folder.join(&page.file_name);
            std::fs::write(&path, &page.text)?;
            written.push(path.display().to_string());
            io::Result::Ok(())
        };
        for page in all_pages(program)? {
            write(directory, &page)?;
        }
        write(&folder_of_files(directory), &configuration_page()?)?;
        Ok(written)
    };
    write().map_err(|error| {
        let path = directory.display().to_string();
        Failure::new(Exit::Failed, InspectText::PagesUnwritable { path }).because(error).into()
    })
}

/// Where pages about files go: what is asked for a `man1` puts them into the `man5` beside it.
fn folder_of_files(directory: &Path) -> PathBuf {
    let is_of_commands = directory.file_name().is_some_and(|name| name == "man1");
    if is_of_commands { directory.with_file_name("man5") } else { directory.to_owned() }
}

/// The page about the configuration, a section for each of its tables.
fn configuration_page() -> io::Result<Page> {
    let mut roff = Roff::new();
    roff.control("TH", ["hopem-sync.toml", "5", "", "hopem-sync", "hopem-sync"]);
    roff.control("SH", ["NAME"]);
    roff.text([roman("hopem-sync.toml - configuration of hopem-sync(1), with every setting and its default")]);
    let mut is_verbatim = false;
    for line in SAMPLE.lines().map(str::trim_end) {
        let is_top = !is_verbatim && !line.is_empty() && !line.starts_with('#');
        let heading = line.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        if heading.is_some() || is_top {
            if is_verbatim {
                roff.control("fi", []);
            }
            roff.control("SH", [heading.map_or("SETTINGS", |(table, _)| table)]).control("nf", []);
            is_verbatim = true;
        }
        match is_verbatim {
            true => roff.text([roman(line)]),
            false => roff.text([roman(line.trim_start_matches(['#', ' ']))]),
        };
    }
    roff.control("fi", []);
    roff.control("SH", ["SEE ALSO"]).text([roman("hopem-sync(1), hopem-sync-config(1)")]);
    let mut text = Vec::new();
    roff.to_writer(&mut text)?;
    Ok(Page { file_name: "hopem-sync.toml.5".to_owned(), text })
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
