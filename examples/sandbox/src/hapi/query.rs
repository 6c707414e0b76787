//! The query options of one request, read strictly.

use super::filter::{Filter, Scalar};
use super::properties::type_name;
use super::{Quirks, Set, Settings, properties_of};
use crate::server::percent_decode;

/// The options of a request or of an expanded part, understood.
#[derive(Debug, Default)]
pub(super) struct Query {
    pub(super) select: Option<Vec<String>>,
    filter: Option<Filter>,
    order: Vec<Order>,
    pub(super) top: Option<usize>,
    pub(super) skip: usize,
    /// The options inside `$expand=Units(...)`.
    pub(super) expand_units: Option<Box<Query>>,
}

/// The property that pages are usually ordered by.
pub(super) const ID: &str = "Id";

#[derive(Debug)]
struct Order {
    property: String,
    descending: bool,
}

/// The options as sent: names without `$` in lower case, values decoded, in the order sent.
pub(super) type Pairs = Vec<(String, String)>;

/// Splits a query string into its `$` options. Other parameters are no business of OData's.
pub(super) fn pairs(raw: &str, settings: &Settings) -> Result<Pairs, String> {
    let mut pairs = Pairs::new();
    for part in raw.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let name = decode(name, settings)?;
        let value = decode(value, settings)?;
        if let Some(option) = name.strip_prefix('$') {
            let option = option.to_ascii_lowercase();
            if pairs.iter().any(|(known, _)| *known == option) {
                return Err(format!(
                    "Query option '${option}' was specified more than once, but it must be specified at most once."
                ));
            }
            pairs.push((option, value));
        }
    }
    Ok(pairs)
}

fn decode(text: &str, settings: &Settings) -> Result<String, String> {
    if settings.refuses_plus && text.contains('+') {
        return Err("Syntax error: '+' is not a valid blank, send %20.".to_owned());
    }
    percent_decode(&text.replace('+', " "))
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| format!("'{text}' is not valid percent-encoded UTF-8."))
}

/// The name of a set and the properties that it knows.
type Known<'a> = (&'a str, &'a [&'a str]);

/// Makes sense of the options that `quirks` do not ignore.
pub(super) fn parse(
    pairs: &[(String, String)],
    set: Known<'_>,
    settings: &Settings,
    quirks: &Quirks,
) -> Result<Query, String> {
    let mut query = Query::default();
    for (option, value) in pairs {
        let value = value.trim_matches(' ');
        if value.is_empty() {
            return Err(format!("The value for OData query '${option}' cannot be empty."));
        }
        match option.as_str() {
            "select" if quirks.refuses_select => return Err(not_allowed("Select")),
            "select" if quirks.ignores_select => {}
            "select" => query.select = select(value, set)?,
            "filter" if quirks.ignores_filter => {}
            "filter" => query.filter = Some(filter(value, set, settings)?),
            "orderby" if quirks.ignores_orderby => {}
            "orderby" => query.order = order(value, set)?,
            "top" if quirks.ignores_top => {}
            "top" => query.top = Some(top(value, quirks)?),
            "skip" if quirks.ignores_skip => {}
            "skip" => query.skip = count(value, "skip")?,
            "expand" => query.expand_units = expand(value, set, settings)?,
            _ => return Err(format!("The query parameter '${option}' is not supported.")),
        }
    }
    Ok(query)
}

impl Query {
    /// The places of the records that pass, in the order asked for, before `$skip` and `$top`.
    pub(super) fn matching<'s>(&'s self, set: &'s Set) -> Box<dyn Iterator<Item = usize> + 's> {
        let records = &set.records;
        let passes = |place: &usize| match (&self.filter, records.get(*place)) {
            (Some(filter), Some(record)) => filter.accepts(record),
            _ => true,
        };
        if let [Order { property, descending: false }] = self.order.as_slice()
            && property == ID
            && let Some(by_id) = set.by_id()
        {
            let (least, most) = self.filter.as_ref().map_or((f64::NEG_INFINITY, f64::INFINITY), |one| one.bounds(ID));
            let begin = by_id.partition_point(|(id, _)| *id < least);
            let within = by_id[begin..].iter().take_while(move |(id, _)| *id <= most);
            return Box::new(within.map(|(_, place)| *place).filter(passes));
        }
        let mut places: Vec<usize> = (0..records.len()).filter(passes).collect();
        if !self.order.is_empty() {
            let keys: Vec<Vec<Scalar>> = records
                .iter()
                .map(|record| self.order.iter().map(|order| Scalar::of(record, &order.property)).collect())
                .collect();
            places.sort_by(|left, right| self.compare(keys.get(*left), keys.get(*right)));
        }
        Box::new(places.into_iter())
    }

    fn compare(&self, left: Option<&Vec<Scalar>>, right: Option<&Vec<Scalar>>) -> std::cmp::Ordering {
        use std::cmp::Ordering;
        let (Some(left), Some(right)) = (left, right) else { return Ordering::Equal };
        for (order, (left, right)) in self.order.iter().zip(left.iter().zip(right)) {
            let found = left.order(right).unwrap_or(Ordering::Equal);
            let found = if order.descending { found.reverse() } else { found };
            if found != Ordering::Equal {
                return found;
            }
        }
        Ordering::Equal
    }
}

fn not_allowed(option: &str) -> String {
    format!(
        "Query option '{option}' is not allowed. To allow it, set the 'AllowedQueryOptions' property on EnableQueryAttribute or \
         QueryValidationSettings."
    )
}

fn known_property(name: &str, set: Known<'_>) -> Result<String, String> {
    if set.1.contains(&name) {
        return Ok(name.to_owned());
    }
    Err(format!("Could not find a property named '{name}' on type '{}'.", type_name(set.0)))
}

fn select(value: &str, set: Known<'_>) -> Result<Option<Vec<String>>, String> {
    let names: Vec<&str> = value.split(',').map(|name| name.trim_matches(' ')).collect();
    if names.contains(&"*") {
        return Ok(None);
    }
    names.into_iter().map(|name| known_property(name, set)).collect::<Result<_, _>>().map(Some)
}

fn filter(value: &str, set: Known<'_>, settings: &Settings) -> Result<Filter, String> {
    let filter = Filter::parse(value, set.0, set.1)?;
    let limit = settings.max_node_count;
    if filter.node_count() > limit {
        return Err(format!(
            "The node count limit of '{limit}' has been exceeded. To increase the limit, set the 'MaxNodeCount' property on \
             EnableQueryAttribute or ODataValidationSettings."
        ));
    }
    Ok(filter)
}

fn order(value: &str, set: Known<'_>) -> Result<Vec<Order>, String> {
    value
        .split(',')
        .map(|part| {
            let mut words = part.split(' ').filter(|word| !word.is_empty());
            let property = known_property(words.next().unwrap_or_default(), set)?;
            let descending = match (words.next(), words.next()) {
                (None | Some("asc"), None) => false,
                (Some("desc"), None) => true,
                _ => return Err(format!("Syntax error at position {} in '{value}'.", value.len())),
            };
            Ok(Order { property, descending })
        })
        .collect()
}

fn count(value: &str, option: &str) -> Result<usize, String> {
    value.parse().ok().filter(|count| i32::try_from(*count).is_ok()).ok_or_else(|| {
        format!(
            "Invalid value '{value}' for ${option} query option found. The ${option} query option requires a non-negative integer value."
        )
    })
}

fn top(value: &str, quirks: &Quirks) -> Result<usize, String> {
    let top = count(value, "top")?;
    match quirks.max_top {
        Some(limit) if top > limit => Err(format!(
            "The limit of '{limit}' for Top query has been exceeded. The value from the incoming request is '{top}'."
        )),
        _ => Ok(top),
    }
}

/// `Units` or `Units($select=Id,UnitCode;$orderby=Id)`; only buildings have anything to expand.
fn expand(value: &str, set: Known<'_>, settings: &Settings) -> Result<Option<Box<Query>>, String> {
    let (name, options) = match value.split_once('(') {
        Some((name, rest)) => match rest.strip_suffix(')') {
            Some(options) => (name.trim_matches(' '), options),
            None => return Err(format!("Found an unbalanced bracket expression in '{value}'.")),
        },
        None => (value, ""),
    };
    if set.0 != "Buildings" || name != "Units" {
        return Err(format!("Could not find a property named '{name}' on type '{}'.", type_name(set.0)));
    }
    let mut pairs = Pairs::new();
    for part in outside_quotes(options, ';').into_iter().filter(|part| !part.trim().is_empty()) {
        let (option, value) = part.split_once('=').unwrap_or((part, ""));
        let option =
            option.trim_matches(' ').strip_prefix('$').ok_or_else(|| format!("Syntax error in '{options}'."))?;
        pairs.push((option.to_ascii_lowercase(), value.to_owned()));
    }
    parse(&pairs, ("Units", properties_of("Units")), settings, &Quirks::default()).map(|query| Some(Box::new(query)))
}

/// Splits at `separator`, but not inside single quotes.
fn outside_quotes(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (at, character) in text.char_indices() {
        if character == '\'' {
            quoted = !quoted;
        } else if character == separator && !quoted {
            parts.push(&text[start..at]);
            start = at + separator.len_utf8();
        }
    }
    parts.push(&text[start..]);
    parts
}
