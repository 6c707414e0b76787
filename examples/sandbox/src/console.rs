//! The commands that the binary reads. Looks at a sandbox and changes it; reads and prints nothing itself.

use std::fmt::Write as _;
use std::time::Duration;

use hopem_sandbox::hapi::{PROPERTIES, typed_value};
use hopem_sandbox::monday::StandardBoard;
use hopem_sandbox::{Api, Delivery, EchoForm, Fault, KINDS, Misbehaviour, Rule, Sandbox};
use serde_json::{Map, Value};

mod webhooks;

/// How many rows of a board, and how many calls, are shown unless another number is asked for.
const SHOWN: usize = 20;

const HELP: &str = "\
change SET ID FIELD=VALUE       changes a record in HApi: change Units 12 Rent=950.00
add SET [FIELD=VALUE...]        adds a record; what is not given is null, Id is the next free one
delete SET ID                   deletes a record
show SET [ID]                   prints records as HApi holds them
boards                          lists the boards
board KIND|ID [N]               prints the first N items of a board
calls                           counts the requests and prints the last ones
fault hapi|monday STATUS TIMES  answers the next requests with this status
misbehave hapi|monday HOW       answers the next request as no server should; HOW is endless, bomb, headers, drip, slow-head, echo,
                                hang, or an address to redirect to
lose hapi|monday                does the work of the next request, but loses the answer
subscriptions                   lists who is notified of changes; `change`, `add` and `delete` notify them
deliver ENTITY ID STATUS        notifies them of what did not happen; STATUS is update, delete, insert or a number
deliveries                      counts the events delivered and prints the last ones
delivery NAME=VALUE...          how events are delivered, of copies=N, lose=N (every n-th), delay=MS or delay=MS-MS,
                                shuffle=N (within so many), retries=N, pause=MS, seed=N, payload=SHAPE,...
calm                            forgets the faults that have not struck, and delivers as usual again
latency MS                      how long each answer takes
quit                            ends the sandbox

SET is a set (Units) or a kind (unit); the Id of a company is COMPANY-DIVISION. A value with blanks wants double quotes.
A SHAPE is text, object, printed, null, empty, missing, text-id, camel, lower, foreign, unknown or garbage.
";

/// What the caller does next.
pub(crate) enum Next {
    /// Prints this.
    Say(String),
    /// Ends.
    Quit,
}

/// A sandbox and the boards made in it.
pub(crate) struct Console<'a> {
    sandbox: &'a Sandbox,
    boards: Vec<StandardBoard>,
}

impl Console<'_> {
    pub(crate) fn new(sandbox: &Sandbox, boards: Vec<StandardBoard>) -> Console<'_> {
        Console { sandbox, boards }
    }

    /// Carries out one line.
    pub(crate) fn obey(&mut self, line: &str) -> Next {
        let words = words(line);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let answer = match words.as_slice() {
            [] => Ok(String::new()),
            ["quit" | "exit"] => return Next::Quit,
            ["help"] => Ok(HELP.to_owned()),
            ["change", set, id, assignments @ ..] if !assignments.is_empty() => {
                webhooks::with_deliveries(self.sandbox, || self.change(set, id, assignments))
            }
            ["add", set, assignments @ ..] => webhooks::with_deliveries(self.sandbox, || self.add(set, assignments)),
            ["delete", set, id] => webhooks::with_deliveries(self.sandbox, || self.delete(set, id)),
            ["show", set] => self.show(set, None),
            ["show", set, id] => self.show(set, Some(id)),
            ["boards"] => Ok(self.list_boards()),
            ["board", which] => self.board(which, SHOWN),
            ["board", which, count] => count_of(count).and_then(|count| self.board(which, count)),
            ["calls"] => Ok(self.calls()),
            ["fault", api, status, times] => self.fault(api, status, times),
            ["misbehave", api, how] => self.misbehave(api, how),
            ["lose", api] => api_of(api).map(|api| {
                self.sandbox.inject(Rule::once(api, Fault::LostAfter));
                "the next answer will be lost".to_owned()
            }),
            ["subscriptions"] => Ok(webhooks::subscriptions(self.sandbox)),
            ["deliveries"] => Ok(webhooks::deliveries(self.sandbox)),
            ["deliver", entity, id, status] => {
                webhooks::with_deliveries(self.sandbox, || webhooks::deliver(self.sandbox, entity, id, status))
            }
            ["delivery", settings @ ..] => webhooks::settings(settings).map(|delivery| {
                self.sandbox.set_delivery(delivery);
                "what is not named is as usual".to_owned()
            }),
            ["calm"] => {
                self.sandbox.clear_faults();
                self.sandbox.set_delivery(Delivery::default());
                Ok("no more faults".to_owned())
            }
            ["latency", milliseconds] => count_of(milliseconds).map(|milliseconds| {
                for api in [Api::Hapi, Api::Monday] {
                    self.sandbox.set_latency(api, Duration::from_millis(milliseconds as u64));
                }
                format!("each answer takes {milliseconds} ms")
            }),
            _ => Err("not understood; `help` lists the commands".to_owned()),
        };
        Next::Say(answer.unwrap_or_else(|message| format!("error: {message}")))
    }

    fn misbehave(&self, api: &str, how: &str) -> Result<String, String> {
        const EVERY: Duration = Duration::from_secs(1);
        let fault = match how {
            "endless" => Fault::Misbehaves(Misbehaviour::EndlessBody { status: 200 }),
            "bomb" => Fault::Misbehaves(Misbehaviour::GzipBomb { status: 200, megabytes: 1_024 }),
            "headers" => Fault::Misbehaves(Misbehaviour::EndlessHeaders),
            "drip" => Fault::Misbehaves(Misbehaviour::Drip { every: EVERY, from_the_head: false }),
            "slow-head" => Fault::Misbehaves(Misbehaviour::Drip { every: EVERY, from_the_head: true }),
            "echo" => Fault::Misbehaves(Misbehaviour::Echo { status: 400, form: EchoForm::Json, padding: 0 }),
            "hang" => Fault::Hang,
            address if address.contains("://") => Fault::redirect(301, address),
            _ => return Err(format!("`{how}` is no way to misbehave; `help` names them")),
        };
        self.sandbox.inject(Rule::once(api_of(api)?, fault));
        Ok("the next answer will be so".to_owned())
    }

    fn change(&self, set: &str, id: &str, assignments: &[&str]) -> Result<String, String> {
        let set = set_of(set)?;
        let fits = identified(set, id)?;
        let mut hapi = self.sandbox.hapi();
        if hapi.update_all(set, &fits, &pairs(set, assignments)?) == 0 {
            return Err(format!("`{set}` has no record {id}"));
        }
        Ok(hapi.records(set).iter().find(|record| fits(record)).map(Value::to_string).unwrap_or_default())
    }

    fn add(&self, set: &str, assignments: &[&str]) -> Result<String, String> {
        let set = set_of(set)?;
        let mut hapi = self.sandbox.hapi();
        let mut record: Map<String, Value> =
            properties(set).iter().map(|property| ((*property).to_owned(), Value::Null)).collect();
        if record.contains_key("Id") {
            let last = hapi.records(set).iter().filter_map(|record| record.get("Id").and_then(Value::as_i64)).max();
            record.insert("Id".to_owned(), Value::from(last.unwrap_or_default() + 1));
        }
        record.extend(pairs(set, assignments)?);
        let record = Value::Object(record);
        let text = record.to_string();
        hapi.insert(set, record);
        Ok(text)
    }

    fn delete(&self, set: &str, id: &str) -> Result<String, String> {
        let set = set_of(set)?;
        match self.sandbox.hapi().remove_where(set, identified(set, id)?) {
            0 => Err(format!("`{set}` has no record {id}")),
            count => Ok(format!("{count} deleted")),
        }
    }

    fn show(&self, set: &str, id: Option<&str>) -> Result<String, String> {
        let set = set_of(set)?;
        let hapi = self.sandbox.hapi();
        let records = hapi.records(set);
        let Some(id) = id else {
            let shown: Vec<String> = records.iter().take(SHOWN).map(Value::to_string).collect();
            return Ok(format!("{}\n{} of {} records", shown.join("\n"), shown.len(), records.len()));
        };
        let fits = identified(set, id)?;
        records
            .iter()
            .find(|record| fits(record))
            .map(|record| format!("{record:#}"))
            .ok_or_else(|| format!("`{set}` has no record {id}"))
    }

    fn list_boards(&self) -> String {
        self.boards.iter().fold(String::new(), |mut text, board| {
            let _ = writeln!(text, "{:<16}{}", board.kind, board.board_id);
            text
        })
    }

    fn board(&self, which: &str, count: usize) -> Result<String, String> {
        let board = self
            .boards
            .iter()
            .find(|board| board.kind == which || board.board_id == which)
            .ok_or_else(|| format!("there is no board `{which}`; `boards` lists them"))?;
        Ok(self.sandbox.monday().table(&board.board_id, count))
    }

    fn calls(&self) -> String {
        let mut text = String::new();
        for (name, api) in [("HApi", Api::Hapi), ("monday", Api::Monday)] {
            let requests = self.sandbox.requests(api);
            let most = self.sandbox.max_in_flight(api);
            let _ = writeln!(text, "{name}: {} requests, at most {most} at once", requests.len());
            for request in requests.iter().skip(requests.len().saturating_sub(SHOWN)) {
                let status = request.status.map_or("---".to_owned(), |status| status.to_string());
                let detail = match api {
                    Api::Hapi => request.query.clone().unwrap_or_default(),
                    Api::Monday => request.body.chars().take(100).collect(),
                };
                let _ = writeln!(text, "  {:>5} {status} {} {} {detail}", request.number, request.method, request.path);
            }
        }
        text
    }

    fn fault(&self, api: &str, status: &str, times: &str) -> Result<String, String> {
        let api = api_of(api)?;
        let status: u16 = status
            .parse()
            .ok()
            .filter(|status| (200..600).contains(status))
            .ok_or_else(|| format!("`{status}` is no status"))?;
        let times = u32::try_from(count_of(times)?).map_err(|error| error.to_string())?;
        let (content_type, body) = match api {
            Api::Hapi => ("text/html", format!("<html><body><h1>Error {status}</h1></body></html>")),
            Api::Monday => (
                "application/json",
                format!(
                    r#"{{"errors":[{{"message":"Injected fault {status}","extensions":{{"code":"INJECTED","status_code":{status}}}}}]}}"#
                ),
            ),
        };
        let mut headers = vec![("content-type".to_owned(), content_type.to_owned())];
        if status == 429 || status == 503 {
            headers.push(("retry-after".to_owned(), "1".to_owned()));
        }
        self.sandbox.inject(Rule {
            api,
            contains: None,
            skip: 0,
            times,
            fault: Fault::Status { status, headers, body },
        });
        Ok(format!("the next {times} requests get {status}"))
    }
}

fn api_of(word: &str) -> Result<Api, String> {
    match word {
        "hapi" => Ok(Api::Hapi),
        "monday" => Ok(Api::Monday),
        _ => Err(format!("`{word}` is neither hapi nor monday")),
    }
}

fn count_of(word: &str) -> Result<usize, String> {
    word.parse().map_err(|_| format!("`{word}` is no number"))
}

/// A set, named by itself or by its kind.
fn set_of(word: &str) -> Result<&'static str, String> {
    KINDS
        .iter()
        .find(|(kind, set)| kind.eq_ignore_ascii_case(word) || set.eq_ignore_ascii_case(word))
        .map(|(_, set)| *set)
        .ok_or_else(|| format!("there is no set `{word}`; there are {}", KINDS.map(|(_, set)| set).join(", ")))
}

fn properties(set: &str) -> &'static [&'static str] {
    PROPERTIES.iter().find(|(name, _)| *name == set).map_or(&[], |(_, properties)| properties)
}

/// Tells a record by its `Id`, a company by company and division.
fn identified(set: &str, id: &str) -> Result<impl Fn(&Value) -> bool, String> {
    let numbers: Vec<f64> = id.split('-').filter_map(|part| part.parse().ok()).collect();
    let names: &[&str] = if set == "LedgerDivisions" { &["CompanyNo", "DivisionNo"] } else { &["Id"] };
    if numbers.len() != names.len() {
        return Err(format!("`{id}` is no {}", names.join("-")));
    }
    Ok(move |record: &Value| {
        names.iter().zip(&numbers).all(|(name, number)| record.get(*name).and_then(Value::as_f64) == Some(*number))
    })
}

fn pairs(set: &str, assignments: &[&str]) -> Result<Vec<(String, Value)>, String> {
    assignments
        .iter()
        .map(|assignment| {
            let (property, value) =
                assignment.split_once('=').ok_or_else(|| format!("`{assignment}` is not FIELD=VALUE"))?;
            if !properties(set).contains(&property) {
                return Err(format!("`{set}` has no `{property}`; it has {}", properties(set).join(", ")));
            }
            Ok((property.to_owned(), typed_value(property, value)))
        })
        .collect()
}

/// Splits at blanks, but not inside double quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut is_quoted, mut has_begun) = (false, false);
    for character in line.chars() {
        match character {
            '"' => {
                is_quoted = !is_quoted;
                has_begun = true;
            }
            blank if blank.is_whitespace() && !is_quoted => {
                if has_begun {
                    words.push(std::mem::take(&mut word));
                }
                has_begun = false;
            }
            other => {
                word.push(other);
                has_begun = true;
            }
        }
    }
    if has_begun {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use hopem_sandbox::Options;
    use serde_json::json;

    use super::*;

    #[test]
    fn records_are_added_changed_and_deleted() {
        let sandbox = Sandbox::start(Options::default()).expect("there are free ports");
        let mut console = Console::new(&sandbox, Vec::new());
        for line in [
            r#"add unit UnitCode="  12" NumberOfRooms=4.50"#,
            r#"change Units 1 Comment="deux mots" Rent=N/D"#,
            "add company CompanyNo=3 DivisionNo=1",
            "change LedgerDivisions 3-1 Name=Laurier",
            "delete unit 2",
            "change Units 1 Nom=x",
        ] {
            let Next::Say(_) = console.obey(line) else { panic!("`{line}` ended the console") };
        }
        let hapi = sandbox.hapi();
        let unit = &hapi.records("Units")[0];
        assert_eq!(
            (&unit["Id"], &unit["UnitCode"], &unit["Comment"]),
            (&json!(1), &json!("  12"), &json!("deux mots"))
        );
        assert_eq!((unit["NumberOfRooms"].to_string(), &unit["Rent"]), ("4.50".to_owned(), &json!("N/D")));
        assert_eq!(hapi.records("LedgerDivisions")[0]["Name"], "Laurier");
        drop(hapi);
        assert!(matches!(console.obey("quit"), Next::Quit));
    }
}
