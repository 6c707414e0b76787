//! `$filter`: the part of OData's grammar that HApi's integrator document uses, and how SQL Server would compare.

use std::cmp::Ordering;

use serde_json::Value;

use super::properties::{Type, type_name, type_of};

/// A filter that was understood.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Filter {
    expression: Expression,
}

#[derive(Debug, Clone, PartialEq)]
enum Expression {
    Compare(Operand, Operator, Operand),
    /// A property or literal that is itself true or false.
    Holds(Operand),
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
    Not(Box<Expression>),
}

#[derive(Debug, Clone, PartialEq)]
enum Operand {
    Property(String),
    Literal(Scalar),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Operator {
    fn from_word(word: &str) -> Option<Operator> {
        Some(match word {
            "eq" => Operator::Equal,
            "ne" => Operator::NotEqual,
            "gt" => Operator::Greater,
            "ge" => Operator::GreaterOrEqual,
            "lt" => Operator::Less,
            "le" => Operator::LessOrEqual,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Operator::Equal => "Equal",
            Operator::NotEqual => "NotEqual",
            Operator::Greater => "GreaterThan",
            Operator::GreaterOrEqual => "GreaterThanOrEqual",
            Operator::Less => "LessThan",
            Operator::LessOrEqual => "LessThanOrEqual",
        }
    }
}

/// A value to compare with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar {
    Null,
    Boolean(bool),
    Number(f64),
    /// Without its trailing blanks, which SQL Server ignores.
    Text(String),
    /// `2026-02-28T00:00:00`, without offset: comparable as text, which is exact enough for an imitation.
    Date(String),
}

impl Scalar {
    /// The value that `property` has in `record`; null when it is missing or of another type than its column.
    pub(super) fn of(record: &Value, property: &str) -> Scalar {
        match (record.get(property), type_of(property)) {
            (Some(Value::Number(number)), Type::Number) => number.as_f64().map_or(Scalar::Null, Scalar::Number),
            (Some(Value::String(text)), Type::Text) => Scalar::text(text),
            (Some(Value::String(text)), Type::Date) => date(text).map_or(Scalar::Null, Scalar::Date),
            (Some(Value::Bool(truth)), Type::Boolean) => Scalar::Boolean(*truth),
            _ => Scalar::Null,
        }
    }

    fn text(text: &str) -> Scalar {
        Scalar::Text(text.trim_end_matches(' ').to_owned())
    }

    /// The order of two values of one type; null sorts first.
    pub(super) fn order(&self, other: &Scalar) -> Option<Ordering> {
        match (self, other) {
            (Scalar::Null, Scalar::Null) => Some(Ordering::Equal),
            (Scalar::Null, _) => Some(Ordering::Less),
            (_, Scalar::Null) => Some(Ordering::Greater),
            (Scalar::Boolean(left), Scalar::Boolean(right)) => Some(left.cmp(right)),
            (Scalar::Number(left), Scalar::Number(right)) => left.partial_cmp(right),
            (Scalar::Text(left), Scalar::Text(right)) | (Scalar::Date(left), Scalar::Date(right)) => {
                Some(left.cmp(right))
            }
            _ => None,
        }
    }

    fn type_of(&self) -> Option<Type> {
        match self {
            Scalar::Null => None,
            Scalar::Boolean(_) => Some(Type::Boolean),
            Scalar::Number(_) => Some(Type::Number),
            Scalar::Text(_) => Some(Type::Text),
            Scalar::Date(_) => Some(Type::Date),
        }
    }
}

/// `2026-02-28` with or without a time, brought to one form.
fn date(text: &str) -> Option<String> {
    let shape = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text
                .bytes()
                .zip(shape.bytes())
                .all(|(byte, wanted)| if wanted == b'0' { byte.is_ascii_digit() } else { byte == wanted })
    };
    let day = text.get(..10).filter(|day| shape(day, "0000-00-00"))?;
    if text.len() == 10 {
        return Some(format!("{day}T00:00:00"));
    }
    text.get(..19).filter(|time| shape(time, "0000-00-00T00:00:00")).map(str::to_owned)
}

impl Filter {
    /// Reads a filter on `set`, whose properties are `known`.
    ///
    /// # Errors
    /// The message that ASP.NET has for what is wrong.
    pub(super) fn parse(text: &str, set: &str, known: &[&str]) -> Result<Filter, String> {
        let mut parser = Parser { tokens: tokens(text)?, at: 0, text, set, known };
        let expression = parser.or()?;
        if parser.at < parser.tokens.len() {
            return Err(parser.syntax_error());
        }
        Ok(Filter { expression })
    }

    /// How many nodes ASP.NET counts: four for a comparison (operator, property, conversion, constant), one for each `and`,
    /// `or` and `not`.
    pub(super) fn node_count(&self) -> usize {
        fn count(expression: &Expression) -> usize {
            match expression {
                Expression::Compare(..) => 4,
                Expression::Holds(_) => 1,
                Expression::And(left, right) | Expression::Or(left, right) => 1 + count(left) + count(right),
                Expression::Not(inner) => 1 + count(inner),
            }
        }
        count(&self.expression)
    }

    /// The bounds that every record that passes has for a number: no less than the first, no more than the second.
    pub(super) fn bounds(&self, property: &str) -> (f64, f64) {
        fn bounds(expression: &Expression, property: &str) -> (f64, f64) {
            match expression {
                Expression::And(left, right) => {
                    let (left, right) = (bounds(left, property), bounds(right, property));
                    (left.0.max(right.0), left.1.min(right.1))
                }
                Expression::Compare(Operand::Property(name), operator, Operand::Literal(Scalar::Number(number)))
                    if name == property =>
                {
                    match operator {
                        Operator::Greater | Operator::GreaterOrEqual => (*number, f64::INFINITY),
                        Operator::Less | Operator::LessOrEqual => (f64::NEG_INFINITY, *number),
                        Operator::Equal => (*number, *number),
                        Operator::NotEqual => (f64::NEG_INFINITY, f64::INFINITY),
                    }
                }
                _ => (f64::NEG_INFINITY, f64::INFINITY),
            }
        }
        bounds(&self.expression, property)
    }

    /// Whether `record` passes.
    pub(super) fn accepts(&self, record: &Value) -> bool {
        holds(&self.expression, record)
    }
}

fn holds(expression: &Expression, record: &Value) -> bool {
    let value = |operand: &Operand| match operand {
        Operand::Property(property) => Scalar::of(record, property),
        Operand::Literal(scalar) => scalar.clone(),
    };
    match expression {
        Expression::And(left, right) => holds(left, record) && holds(right, record),
        Expression::Or(left, right) => holds(left, record) || holds(right, record),
        Expression::Not(inner) => !holds(inner, record),
        Expression::Holds(operand) => value(operand) == Scalar::Boolean(true),
        Expression::Compare(left, operator, right) => {
            let (left, right) = (value(left), value(right));
            let order = left.order(&right);
            let both_known = left != Scalar::Null && right != Scalar::Null;
            match operator {
                Operator::Equal => order == Some(Ordering::Equal),
                Operator::NotEqual => order != Some(Ordering::Equal),
                Operator::Greater => both_known && order == Some(Ordering::Greater),
                Operator::GreaterOrEqual => both_known && order.is_some_and(Ordering::is_ge),
                Operator::Less => both_known && order == Some(Ordering::Less),
                Operator::LessOrEqual => both_known && order.is_some_and(Ordering::is_le),
            }
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Open,
    Close,
    Text(String),
    Word(String),
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match first {
            ' ' | '\t' => rest = &rest[1..],
            '(' => {
                tokens.push(Token::Open);
                rest = &rest[1..];
            }
            ')' => {
                tokens.push(Token::Close);
                rest = &rest[1..];
            }
            '\'' => {
                let (literal, after) = string_literal(&rest[1..]).ok_or_else(|| {
                    format!("There is an unterminated string literal at position {} in '{text}'.", text.len())
                })?;
                tokens.push(Token::Text(literal));
                rest = after;
            }
            _ => {
                let end = rest.find([' ', '\t', '(', ')', '\'']).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                tokens.push(Token::Word(word.to_owned()));
                rest = after;
            }
        }
    }
    Ok(tokens)
}

/// The string that begins after an opening quote, and what follows its closing quote. A doubled quote stands for one.
fn string_literal(text: &str) -> Option<(String, &str)> {
    let mut literal = String::new();
    let mut rest = text;
    loop {
        let (part, after) = rest.split_once('\'')?;
        literal.push_str(part);
        match after.strip_prefix('\'') {
            Some(after) => {
                literal.push('\'');
                rest = after;
            }
            None => return Some((literal, after)),
        }
    }
}

struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    text: &'a str,
    set: &'a str,
    known: &'a [&'a str],
}

impl Parser<'_> {
    fn syntax_error(&self) -> String {
        format!("Syntax error at position {} in '{}'.", self.text.len(), self.text)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Word(known)) if known == word);
        if found {
            self.at += 1;
        }
        found
    }

    fn or(&mut self) -> Result<Expression, String> {
        let mut left = self.and()?;
        while self.take_word("or") {
            left = Expression::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Expression, String> {
        let mut left = self.comparison()?;
        while self.take_word("and") {
            left = Expression::And(Box::new(left), Box::new(self.comparison()?));
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Result<Expression, String> {
        if self.take_word("not") {
            // `not` binds tighter than `eq`, so it needs parentheses or something that is itself true or false.
            let inner = match self.group()? {
                Some(inner) => inner,
                None => self.truth()?,
            };
            return Ok(Expression::Not(Box::new(inner)));
        }
        if let Some(inner) = self.group()? {
            return Ok(inner);
        }
        let left = self.operand()?;
        let operator = match self.tokens.get(self.at) {
            Some(Token::Word(word)) => Operator::from_word(word),
            _ => None,
        };
        let Some(operator) = operator else { return self.as_truth(left) };
        self.at += 1;
        let right = self.operand()?;
        if let (Some(left), Some(right)) = (type_of_operand(&left), type_of_operand(&right))
            && left != right
        {
            return Err(format!(
                "A binary operator with incompatible types was detected. Found operand types '{}' and '{}' for operator kind '{}'.",
                left.name(),
                right.name(),
                operator.name()
            ));
        }
        Ok(Expression::Compare(left, operator, right))
    }

    fn group(&mut self) -> Result<Option<Expression>, String> {
        if self.tokens.get(self.at) != Some(&Token::Open) {
            return Ok(None);
        }
        self.at += 1;
        let inner = self.or()?;
        if self.tokens.get(self.at) != Some(&Token::Close) {
            return Err(self.syntax_error());
        }
        self.at += 1;
        Ok(Some(inner))
    }

    fn truth(&mut self) -> Result<Expression, String> {
        let operand = self.operand()?;
        self.as_truth(operand)
    }

    fn as_truth(&self, operand: Operand) -> Result<Expression, String> {
        if type_of_operand(&operand) == Some(Type::Boolean) {
            return Ok(Expression::Holds(operand));
        }
        Err("The $filter expression must evaluate to a single boolean value.".to_owned())
    }

    fn operand(&mut self) -> Result<Operand, String> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        let word = match token {
            Some(Token::Text(text)) => return Ok(Operand::Literal(Scalar::text(&text))),
            Some(Token::Word(word)) => word,
            _ => return Err(self.syntax_error()),
        };
        if let Some(literal) = literal(&word) {
            return Ok(Operand::Literal(literal));
        }
        if self.known.contains(&word.as_str()) {
            return Ok(Operand::Property(word));
        }
        if self.tokens.get(self.at) == Some(&Token::Open) {
            return Err(format!("An unknown function with name '{word}' was found."));
        }
        if word.starts_with(|first: char| first.is_alphabetic() || first == '_') {
            return Err(format!("Could not find a property named '{word}' on type '{}'.", type_name(self.set)));
        }
        Err(self.syntax_error())
    }
}

fn type_of_operand(operand: &Operand) -> Option<Type> {
    match operand {
        Operand::Property(property) => Some(type_of(property)),
        Operand::Literal(scalar) => scalar.type_of(),
    }
}

fn literal(word: &str) -> Option<Scalar> {
    match word {
        "null" => return Some(Scalar::Null),
        "true" => return Some(Scalar::Boolean(true)),
        "false" => return Some(Scalar::Boolean(false)),
        _ => {}
    }
    let digits = word.strip_prefix('-').unwrap_or(word);
    if digits.starts_with(|first: char| first.is_ascii_digit()) {
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && !digits.ends_with('.');
        return match plain {
            true => word.parse().ok().map(Scalar::Number),
            false => date(word).map(Scalar::Date),
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::properties::PROPERTIES;
    use super::*;

    fn parse(text: &str) -> Result<Filter, String> {
        let (set, known) = PROPERTIES[3];
        assert_eq!(set, "Tenants");
        Filter::parse(text, set, known)
    }

    fn accepts(text: &str) -> bool {
        let record = json!({"Id": 7, "CompanyNo": 3, "BuildingCode": "1000PINS  ", "UnitCode": " 1", "LastName": "L'Écuyer",
            "TenantNo": 1.0, "EmailAddress": null, "LeaseStart": "2026-07-01T00:00:00-04:00", "IsCompany": false});
        parse(text).expect("the filter is well formed").accepts(&record)
    }

    #[test]
    fn comparisons_follow_sql_server() {
        assert!(accepts("BuildingCode eq '1000PINS'"));
        assert!(!accepts("UnitCode eq '1'"));
        assert!(accepts("LastName eq 'L''Écuyer'"));
        assert!(accepts("TenantNo eq 1 and TenantNo le 1.00 and 6.5 lt Id"));
        assert!(accepts("EmailAddress eq null and not (EmailAddress ne null)"));
        assert!(!accepts("EmailAddress gt 'a'"));
        assert!(accepts("not IsCompany and LeaseStart ge 2026-07-01"));
    }

    #[test]
    fn and_binds_tighter_than_or() {
        assert!(accepts("Id eq 7 or Id eq 8 and CompanyNo eq 99"));
        assert!(!accepts("(Id eq 7 or Id eq 8) and CompanyNo eq 99"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let message = |text: &str| parse(text).expect_err("the filter is wrong");
        assert_eq!(message("Nom eq 'x'"), "Could not find a property named 'Nom' on type 'Tenant'.");
        assert!(message("Id eq '7'").contains("incompatible types"));
        assert!(message("contains(LastName,'x')").contains("unknown function"));
        assert!(message("LastName eq 'L'Écuyer'").contains("unterminated"));
        for text in
            ["", "Id", "Id eq", "(Id eq 1", "Id eq 1)", "Id eq 1 Id eq 2", "Id EQ 1", "not Id eq 1", "Id in (1,2)"]
        {
            message(text);
        }
    }

    #[test]
    fn twenty_comparisons_pass_the_node_limit_and_twenty_one_do_not() {
        let chain = |count: usize| (1..=count).map(|id| format!("Id eq {id}")).collect::<Vec<_>>().join(" or ");
        assert_eq!(parse(&chain(20)).expect("well formed").node_count(), 99);
        assert_eq!(parse(&chain(21)).expect("well formed").node_count(), 104);
    }
}
