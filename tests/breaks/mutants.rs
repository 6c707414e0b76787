//! Mutants: small changes of the sources, made by rule, each behind a switch, so that all of them are built at once.

use proc_macro2::Span;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{BinOp, Block, Expr, ReturnType, Stmt, Type, UnOp};

/// Method or function whose result is a truth value, wherever it stands.
const TRUTHS: [&str; 11] = [
    "all",
    "any",
    "contains",
    "contains_key",
    "ends_with",
    "is_empty",
    "is_none",
    "is_none_or",
    "is_some",
    "is_some_and",
    "starts_with",
];

/// Mutant: one change, and where it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mutant {
    /// In `src`.
    pub(crate) file: String,
    pub(crate) function: String,
    pub(crate) line: usize,
    /// The text that is changed, in one line.
    pub(crate) text: String,
    pub(crate) change: Change,
    edits: Edit,
}

/// Kinds of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Change {
    Negated,
    /// A part of `&&` counts as true, or one of `||` as false.
    LeftOut,
    /// `<` for `<=`, and so on.
    MovedByOne,
    /// `+` for `-`, and the other way round.
    SignTurned,
    /// A statement is not executed.
    Skipped,
    /// A function does nothing but return this.
    Returns(&'static str),
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Change::Negated => f.write_str("negated"),
            Change::LeftOut => f.write_str("left out"),
            Change::MovedByOne => f.write_str("moved by one"),
            Change::SignTurned => f.write_str("sign turned"),
            Change::Skipped => f.write_str("skipped"),
            Change::Returns(value) => write!(f, "returns `{value}`"),
        }
    }
}

impl fmt::Display for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text: String = self.text.chars().take(100).collect();
        write!(f, "{}:{} {}: `{text}` {}", self.file, self.line, self.function, self.change)
    }
}

impl Mutant {
    /// What it is called wherever its line comes to stand.
    pub(crate) fn identity(&self) -> String {
        format!("{} {}: `{}` {}", self.file, self.function, self.text, self.change)
    }
}

/// Texts that are put before and after a place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Edit {
    place: Range<usize>,
    before: String,
    after: String,
}

/// The switch in the sources, of which `{}` is the mutant's number.
const SWITCH: &str = "crate::is_mutated({})";

/// The mutants of a file.
///
/// # Panics
/// If it is not Rust.
pub(crate) fn mutants_of(file: &str, text: &str) -> Vec<Mutant> {
    let parsed = syn::parse_file(text).unwrap_or_else(|why| panic!("{file}: {why}"));
    let mut finder = Finder { file, text, functions: Vec::new(), found: Vec::new() };
    finder.visit_file(&parsed);
    finder.found
}

/// Piece of a mutated file: where it stands in it, and of which mutant it is.
pub(crate) type Piece = (Range<usize>, usize);

/// The file with these mutants built in, by number; and where their pieces stand.
pub(crate) fn mutated(text: &str, mutants: &[(usize, &Mutant)]) -> (String, Vec<Piece>) {
    // At one place, what ends there comes first, the innermost before the others; of what begins there, the outermost.
    let mut pieces: Vec<((usize, u8, isize), usize, String)> = Vec::new();
    for (order, (number, mutant)) in mutants.iter().enumerate() {
        let Edit { place, before, after } = &mutant.edits;
        let [order, length] = [order, place.len()].map(|size| isize::try_from(size).unwrap_or(isize::MAX));
        let (depth, switch) = (length.saturating_mul(10_000), SWITCH.replace("{}", &number.to_string()));
        pieces.push(((place.start, 1, order - depth), *number, before.replace("SWITCH", &switch)));
        pieces.push(((place.end, 0, depth - order), *number, after.replace("SWITCH", &switch)));
    }
    pieces.sort();
    let (mut output, mut at, mut places) = (String::new(), 0, Vec::new());
    for ((offset, _, _), number, piece) in pieces {
        output.push_str(&text[at..offset]);
        places.push((output.len()..output.len() + piece.len(), number));
        output.push_str(&piece);
        at = offset;
    }
    output.push_str(&text[at..]);
    (output, places)
}

/// Which mutants a compiler's complaint about a part of the mutated file speaks of: those of which a piece stands there, else the
/// innermost around it.
pub(crate) fn blamed(pieces: &[Piece], complaint: &Range<usize>) -> BTreeSet<usize> {
    let touches = |place: &Range<usize>| place.start < complaint.end && complaint.start < place.end;
    let touched: BTreeSet<usize> =
        pieces.iter().filter(|(place, _)| touches(place)).map(|(_, number)| *number).collect();
    if !touched.is_empty() {
        return touched;
    }
    let mut extents: BTreeMap<usize, Range<usize>> = BTreeMap::new();
    for (place, number) in pieces {
        let extent = extents.entry(*number).or_insert_with(|| place.clone());
        extent.end = extent.end.max(place.end);
    }
    let around = extents.iter().filter(|(_, extent)| extent.start <= complaint.start && complaint.end <= extent.end);
    around.min_by_key(|(_, extent)| extent.len()).map(|(number, _)| *number).into_iter().collect()
}

struct Finder<'a> {
    file: &'a str,
    text: &'a str,
    functions: Vec<String>,
    found: Vec<Mutant>,
}

impl Finder<'_> {
    fn source(&self, span: Span) -> &str {
        &self.text[span.byte_range()]
    }

    fn add(&mut self, span: Span, change: Change, before: impl Into<String>, after: impl Into<String>) {
        let Some(function) = self.functions.last().cloned() else { return };
        let text = self.source(span).split_whitespace().collect::<Vec<_>>().join(" ");
        let edits = Edit { place: span.byte_range(), before: before.into(), after: after.into() };
        self.found.push(Mutant { file: self.file.to_owned(), function, line: span.start().line, text, change, edits });
    }

    fn negate(&mut self, expr: &Expr) {
        self.add(expr.span(), Change::Negated, "((", ") ^ SWITCH)");
    }

    fn leave_out(&mut self, operand: &Expr, is_and: bool) {
        if !has_let(operand) {
            let after = if is_and { ") || SWITCH)" } else { ") && !SWITCH)" };
            self.add(operand.span(), Change::LeftOut, "((", after);
        }
    }

    fn function(&mut self, name: String, is_const: bool, output: &ReturnType, block: &Block) {
        if is_const {
            return;
        }
        self.functions.push(name);
        let open = block.brace_token.span.open();
        for value in values_of(output) {
            let text = format!(" if SWITCH {{ return {value}; }}");
            self.add(open, Change::Returns(value), "", text);
        }
        visit::visit_block(self, block);
        self.functions.pop();
    }

    fn binary(&mut self, binary: &syn::ExprBinary) {
        let (left, right) = (self.source(binary.left.span()), self.source(binary.right.span()));
        let turned = match binary.op {
            BinOp::Add(_) => Some("-"),
            BinOp::Sub(_) => Some("+"),
            _ => None,
        };
        if let Some(sign) = turned {
            let before = format!("(if SWITCH {{ {left} {sign} {right} }} else {{ ");
            return self.add(binary.span(), Change::SignTurned, before, " })");
        }
        let moved = match binary.op {
            BinOp::Lt(_) | BinOp::Gt(_) => Some(format!(") || (SWITCH && ({left}) == ({right})))")),
            BinOp::Le(_) | BinOp::Ge(_) => Some(format!(") && !(SWITCH && ({left}) == ({right})))")),
            _ => None,
        };
        if let Some(after) = moved {
            self.add(binary.span(), Change::MovedByOne, "((", after);
        }
        match binary.op {
            BinOp::Eq(_) | BinOp::Ne(_) | BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_) => {
                self.negate(&Expr::Binary(binary.clone()));
            }
            BinOp::And(_) | BinOp::Or(_) => {
                let is_and = matches!(binary.op, BinOp::And(_));
                self.leave_out(&binary.left, is_and);
                self.leave_out(&binary.right, is_and);
            }
            _ => {}
        }
    }

    /// A condition that nothing else changes.
    fn condition(&mut self, condition: &Expr) {
        if matches!(condition, Expr::Path(_) | Expr::Field(_) | Expr::Call(_) | Expr::MethodCall(_))
            && !is_truth(condition)
        {
            self.negate(condition);
        }
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let is_test = item.attrs.iter().any(|attribute| attribute.path().is_ident("cfg"));
        if !is_test {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}

    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}

    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        // What only people read, in a debugger.
        let debug = |path: &syn::Path| path.segments.last().is_some_and(|last| last.ident == "Debug");
        if !item.trait_.as_ref().is_some_and(|of| debug(&of.0)) {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        let is_test =
            item.attrs.iter().any(|attribute| attribute.path().is_ident("test") || attribute.path().is_ident("cfg"));
        if !is_test {
            self.function(item.sig.ident.to_string(), item.sig.constness.is_some(), &item.sig.output, &item.block);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(item.sig.ident.to_string(), item.sig.constness.is_some(), &item.sig.output, &item.block);
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::Binary(binary) => self.binary(binary),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => {
                self.negate(expr);
                // What is denied is negated with the denial.
                if is_truth(&unary.expr) {
                    return visit_within(self, &unary.expr);
                }
            }
            Expr::If(branch) => self.condition(&branch.cond),
            Expr::While(branch) => self.condition(&branch.cond),
            _ if is_truth(expr) => self.negate(expr),
            _ => {}
        }
        visit::visit_expr(self, expr);
    }

    fn visit_pat_guard(&mut self, guarded: &'ast syn::PatGuard) {
        self.condition(&guarded.guard);
        visit::visit_pat_guard(self, guarded);
    }

    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        if let Stmt::Expr(expr, Some(_)) = statement {
            let inner = if let Expr::Try(tried) = expr { &tried.expr } else { expr };
            let is_deed = match inner {
                Expr::Call(_) | Expr::MethodCall(_) | Expr::Assign(_) => true,
                Expr::Binary(binary) => matches!(binary.op, BinOp::AddAssign(_) | BinOp::SubAssign(_)),
                _ => false,
            };
            if is_deed {
                // What a statement takes for good has to go either way.
                let before = match taken_by(inner) {
                    Some(taken) => format!("if SWITCH {{ drop({taken}); }} else {{ "),
                    None => "if !SWITCH { ".to_owned(),
                };
                self.add(statement.span(), Change::Skipped, before, " }");
            }
        }
        visit::visit_stmt(self, statement);
    }
}

/// The transaction that an expression commits.
fn taken_by(expr: &Expr) -> Option<String> {
    let Expr::MethodCall(call) = expr else { return None };
    let Expr::Path(path) = &*call.receiver else { return None };
    path.path.get_ident().filter(|_| call.method == "commit").map(ToString::to_string)
}

fn visit_within(finder: &mut Finder<'_>, expr: &Expr) {
    visit::visit_expr(finder, expr);
}

/// Whether an expression is a truth value as far as its text tells.
fn is_truth(expr: &Expr) -> bool {
    match expr {
        Expr::MethodCall(call) => TRUTHS.contains(&call.method.to_string().as_str()),
        Expr::Macro(called) => called.mac.path.is_ident("matches"),
        _ => false,
    }
}

fn has_let(expr: &Expr) -> bool {
    match expr {
        Expr::Let(_) => true,
        Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}

/// What a function may return instead of its result.
fn values_of(output: &ReturnType) -> Vec<&'static str> {
    let ReturnType::Type(_, output) = output else { return vec!["()"] };
    let Type::Path(path) = &**output else {
        return match &**output {
            Type::Tuple(tuple) if tuple.elems.is_empty() => vec!["()"],
            _ => Vec::new(),
        };
    };
    let Some(last) = path.path.segments.last() else { return Vec::new() };
    match last.ident.to_string().as_str() {
        "bool" => vec!["true", "false"],
        "usize" | "u64" | "u32" | "i64" => vec!["0", "1"],
        "Option" => vec!["None"],
        "Vec" | "String" | "BTreeMap" | "BTreeSet" | "HashMap" | "HashSet" => vec!["Default::default()"],
        "Result" => results_of(last),
        _ => Vec::new(),
    }
}

fn results_of(result: &syn::PathSegment) -> Vec<&'static str> {
    let syn::PathArguments::AngleBracketed(arguments) = &result.arguments else { return Vec::new() };
    match arguments.args.first() {
        Some(syn::GenericArgument::Type(Type::Tuple(tuple))) if tuple.elems.is_empty() => vec!["Ok(())"],
        Some(syn::GenericArgument::Type(Type::Path(path))) => {
            let name = path.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
            match name.as_str() {
                "bool" => vec!["Ok(true)", "Ok(false)"],
                "usize" | "u64" | "u32" | "i64" => vec!["Ok(0)", "Ok(1)"],
                "Option" => vec!["Ok(None)"],
                "Vec" | "String" | "BTreeMap" | "BTreeSet" | "HashMap" | "HashSet" => vec!["Ok(Default::default())"],
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "fn is_due(a: u32, b: u32) -> bool {\n    log(a);\n    if a < b && !done(b) { return a == 1; }\n    b.is_empty()\n}\n#[cfg(test)]\nmod tests { fn f() { g(); } }\n";

    #[test]
    fn a_source_has_the_mutants_that_the_rules_make_of_it() {
        let mutants = mutants_of("push/x.rs", SOURCE);
        let texts: Vec<String> = mutants.iter().map(|mutant| format!("{} {:?}", mutant.text, mutant.change)).collect();
        let wanted = [
            "{ Returns(\"true\")",
            "{ Returns(\"false\")",
            "log(a); Skipped",
            "a < b LeftOut",
            "!done(b) LeftOut",
            "a < b MovedByOne",
            "a < b Negated",
            "!done(b) Negated",
            "a == 1 Negated",
            "b.is_empty() Negated",
        ];
        assert_eq!(texts, wanted);
        assert!(mutants.iter().all(|mutant| mutant.function == "is_due"));
    }

    #[test]
    fn all_of_them_are_built_in_at_once_and_the_file_stays_rust() {
        let mutants = mutants_of("push/x.rs", SOURCE);
        let numbered: Vec<(usize, &Mutant)> = mutants.iter().enumerate().collect();
        let (text, pieces) = mutated(SOURCE, &numbered);
        syn::parse_file(&text).unwrap_or_else(|why| panic!("{why}\n{text}"));
        assert!((0..mutants.len()).all(|number| text.contains(&format!("is_mutated({number})"))), "{text}");
        let place = text.find("log(a)").expect("the statement");
        assert_eq!(blamed(&pieces, &(place..place + 3)), BTreeSet::from([2]), "{text}");
        assert!(text.contains("((a < b) ^ crate::is_mutated(6))) || (crate::is_mutated(5) && (a) == (b))"), "{text}");
    }
}
