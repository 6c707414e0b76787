//! Answers that are whole as GraphQL and not as what was asked for: items that are null, without their columns, or only half
//! of them and no cursor to the rest.

use serde_json::Value;

use super::execute::RootField;

/// What is wrong with a list of items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoil {
    /// Every item is null.
    NullItems,
    /// The items have no `column_values`.
    NoColumnValues,
    /// The items' `column_values` are empty lists.
    EmptyColumnValues,
    /// Half of the items are missing, and there is no cursor.
    Half,
}

/// Lists of items that are to be spoilt.
#[derive(Debug)]
pub(super) struct SpoiltPages {
    contains: String,
    spoil: Spoil,
    times: u32,
}

impl SpoiltPages {
    pub(super) fn new(contains: &str, spoil: Spoil, times: u32) -> Self {
        Self { contains: contains.to_owned(), spoil, times }
    }
}

/// Spoils what the first plan that fits and is not used up says. An answer without a list of items uses up nothing.
pub(super) fn apply(plans: &mut [SpoiltPages], fields: &[RootField], data: &mut Value) {
    let fits = |plan: &&mut SpoiltPages| {
        plan.times > 0 && fields.iter().any(|field| field.arguments.searchable(&field.name).contains(&plan.contains))
    };
    let Some(plan) = plans.iter_mut().find(fits) else { return };
    if spoil_lists(plan.spoil, data) {
        plan.times -= 1;
    }
}

/// Whether there was any list of items.
fn spoil_lists(spoil: Spoil, value: &mut Value) -> bool {
    let mut is_spoilt = false;
    match value {
        Value::Object(object) => {
            if let Some(Value::Array(items)) = object.get_mut("items") {
                spoil_items(spoil, items);
                if spoil == Spoil::Half && object.contains_key("cursor") {
                    object.insert("cursor".to_owned(), Value::Null);
                }
                return true;
            }
            for inner in object.values_mut() {
                is_spoilt |= spoil_lists(spoil, inner);
            }
        }
        Value::Array(list) => {
            for inner in list {
                is_spoilt |= spoil_lists(spoil, inner);
            }
        }
        _ => {}
    }
    is_spoilt
}

fn spoil_items(spoil: Spoil, items: &mut Vec<Value>) {
    let all = items.len();
    for item in items.iter_mut() {
        match (spoil, item.as_object_mut()) {
            (Spoil::NullItems, _) => *item = Value::Null,
            (Spoil::NoColumnValues, Some(item)) => {
                item.remove("column_values");
            }
            (Spoil::EmptyColumnValues, Some(item)) => {
                item.insert("column_values".to_owned(), Value::Array(Vec::new()));
            }
            (Spoil::Half, _) | (_, None) => {}
        }
    }
    if spoil == Spoil::Half {
        items.truncate(all / 2);
    }
}
