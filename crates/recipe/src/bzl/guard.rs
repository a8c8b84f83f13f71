//! The text of a recipe, made safe to evaluate: a product (`[0] * n`) is one step of evaluation however
//! large it becomes, so no limit on steps or memory can stop it. Every `a * b` is evaluated as a call that
//! looks at the sizes first. Places in the changed text are told as places in the text as written.

use std::path::{Path, PathBuf};

use starlark::codemap::FileSpan;
use starlark::syntax::AstModule;
use starlark_syntax::codemap::Span;
use starlark_syntax::syntax::ast::{
    AssignOp, AssignTargetP, AstExpr, AstStmt, BinOp, ExprP, StmtP,
};
use starlark_syntax::syntax::uniplate::Visit;

use crate::Origin;

/// Name of the function that stands for `*`. No recipe writes it.
pub(super) const PRODUCT: &str = "product_of__";

/// A change of the text: at this byte of the text as written, so many bytes are replaced.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Edit {
    at: usize,
    /// Inner ends come before outer ends, outer beginnings before inner ones.
    order: isize,
    removed: usize,
    new: String,
}

/// One file of a recipe.
#[derive(Debug)]
pub(super) struct Source {
    /// The name that evaluation knows it by.
    pub(super) name: String,
    path: PathBuf,
    text: String,
    edits: Vec<Edit>,
}

impl Source {
    /// A text as written; `ast` is what it was parsed to.
    pub(super) fn new(name: &str, path: &Path, text: &str, ast: Option<&AstModule>) -> Self {
        let mut edits = Vec::new();
        if let Some(ast) = ast {
            Guard::new(text).statement(ast.statement(), &mut edits);
            edits.sort();
        }
        Self {
            name: name.to_owned(),
            path: path.to_owned(),
            text: text.to_owned(),
            edits,
        }
    }

    /// The text to evaluate, if it is another than the one written.
    pub(super) fn guarded(&self) -> Option<String> {
        if self.edits.is_empty() {
            return None;
        }
        let mut text = String::new();
        let mut at = 0;
        for edit in &self.edits {
            text.push_str(self.text.get(at..edit.at)?);
            text.push_str(&edit.new);
            at = edit.at + edit.removed;
        }
        text.push_str(self.text.get(at..)?);
        Some(text)
    }

    /// The byte as written of a byte of the evaluated text.
    fn original(&self, offset: usize) -> usize {
        let (mut new_at, mut at) = (0, 0);
        for edit in &self.edits {
            let kept = edit.at - at;
            if offset < new_at + kept {
                break;
            }
            new_at += kept + edit.new.len();
            at = edit.at + edit.removed;
            if offset < new_at {
                return edit.at;
            }
        }
        (at + offset.saturating_sub(new_at)).min(self.text.len())
    }

    fn place(&self, offset: usize) -> (usize, usize) {
        let offset = self.original(offset);
        let before = self.text.get(..offset).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
        (line, column)
    }

    pub(super) fn line(&self, number: usize) -> Option<&str> {
        self.text.lines().nth(number.checked_sub(1)?)
    }
}

/// All files of an evaluation.
#[derive(Debug, Default)]
pub(super) struct Sources(Vec<Source>);

impl Sources {
    pub(super) fn add(&mut self, source: Source) {
        self.0.push(source);
    }

    /// Place and column of the beginning of a span.
    pub(super) fn place(&self, span: &FileSpan) -> (Origin, usize) {
        let name = span.filename();
        let Some(source) = self.0.iter().find(|s| s.name == name) else {
            let line = span.resolve_span().begin.line + 1;
            let path = PathBuf::from(name);
            return (Origin { path, line }, 0);
        };
        let (line, column) = source.place(span.span.begin().get() as usize);
        let path = source.path.clone();
        (Origin { path, line }, column)
    }

    pub(super) fn line(&self, at: &Origin) -> Option<String> {
        let source = self.0.iter().find(|s| s.path == at.path)?;
        source.line(at.line).map(str::to_owned)
    }
}

/// Finds products in a text.
struct Guard<'t> {
    text: &'t str,
    /// For each byte, how many brackets are open before it.
    depths: Vec<u32>,
}

impl<'t> Guard<'t> {
    fn new(text: &'t str) -> Self {
        let depths = depths(text);
        Self { text, depths }
    }

    fn statement(&self, stmt: &AstStmt, edits: &mut Vec<Edit>) {
        if let StmtP::AssignModify(target, AssignOp::Multiply, value) = &stmt.node
            && let AssignTargetP::Identifier(name) = &target.node
            && let Some(at) = self.operator(target.span, value.span)
        {
            let call = format!("= {PRODUCT}({},", name.node.ident);
            let close = self.close(value.span, at);
            edits.push(edit(at, 0, 2, &call));
            edits.push(edit(close, at as isize - close as isize - 1, 0, ")"));
        }
        stmt.node.visit_children(|child| match child {
            Visit::Stmt(s) => self.statement(s, edits),
            Visit::Expr(e) => self.expression(e, edits),
        });
    }

    fn expression(&self, expr: &AstExpr, edits: &mut Vec<Edit>) {
        if let ExprP::Op(left, BinOp::Multiply, right) = &expr.node
            && let Some(at) = self.operator(left.span, right.span)
        {
            let (open, close) = (self.open(expr.span, at), self.close(expr.span, at));
            let length = (close - open) as isize;
            edits.push(edit(open, length, 0, &format!("{PRODUCT}(")));
            edits.push(edit(at, 0, 1, ","));
            edits.push(edit(close, -1 - length, 0, ")"));
        }
        expr.node.visit_expr(|e| self.expression(e, edits));
    }

    fn depth(&self, at: usize) -> u32 {
        self.depths.get(at).copied().unwrap_or(0)
    }

    /// Where the operator stands between two operands: not in a comment, behind closing brackets.
    fn operator(&self, left: Span, right: Span) -> Option<usize> {
        let (start, stop) = (end(left), right.begin().get() as usize);
        let mut comment = false;
        for (i, c) in self.text.get(start..stop)?.char_indices() {
            match c {
                '#' => comment = true,
                '\n' => comment = false,
                '*' if !comment => return Some(start + i),
                _ => {}
            }
        }
        None
    }

    /// The beginning of a span with the brackets around its first operand, which belong to no span.
    fn open(&self, span: Span, operator: usize) -> usize {
        let mut at = span.begin().get() as usize;
        while at > 0 && self.depth(at) > self.depth(operator) {
            at -= 1;
        }
        at
    }

    /// The end of a span with the brackets around its last operand.
    fn close(&self, span: Span, operator: usize) -> usize {
        let mut at = end(span);
        while at < self.text.len() && self.depth(at) > self.depth(operator) {
            at += 1;
        }
        at
    }
}

/// How many brackets are open before each byte; those in texts and comments do not count.
fn depths(text: &str) -> Vec<u32> {
    let bytes = text.as_bytes();
    let mut depths = Vec::with_capacity(bytes.len() + 1);
    let (mut depth, mut at) = (0_u32, 0);
    while at < bytes.len() {
        let length = match bytes[at] {
            b'#' => bytes[at..].iter().take_while(|b| **b != b'\n').count(),
            b'"' | b'\'' => quoted(&bytes[at..]),
            _ => 1,
        };
        depths.resize(at + length, depth);
        match bytes[at] {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += length;
    }
    depths.push(depth);
    depths
}

/// Length of a text in quotes, at its opening quote.
fn quoted(bytes: &[u8]) -> usize {
    let quote = bytes[0];
    let triple = bytes.len() > 2 && bytes[1] == quote && bytes[2] == quote;
    let width = if triple { 3 } else { 1 };
    let mut at = width;
    while at < bytes.len() {
        if bytes[at] == b'\\' {
            at += 2;
            continue;
        }
        let ends = bytes[at..]
            .iter()
            .take(width)
            .filter(|b| **b == quote)
            .count()
            == width;
        if ends {
            return at + width;
        }
        at += 1;
    }
    bytes.len()
}

fn end(span: Span) -> usize {
    span.end().get() as usize
}

/// Where several edits are at one byte, ends come first, the shorter span's before the longer's, and then
/// beginnings, the longer span's before the shorter's.
fn edit(at: usize, length: isize, removed: usize, new: &str) -> Edit {
    let order = if length < 0 {
        -length - isize::MAX
    } else {
        isize::MAX - length
    };
    Edit {
        at,
        order,
        removed,
        new: new.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use starlark::syntax::Dialect;

    fn guarded(text: &str) -> (Source, String) {
        let dialect = Dialect {
            enable_top_level_stmt: true,
            ..Dialect::Standard
        };
        let ast = AstModule::parse("x", text.to_owned(), &dialect).unwrap();
        let source = Source::new("x", Path::new("x"), text, Some(&ast));
        let new = source.guarded().unwrap_or_else(|| text.to_owned());
        AstModule::parse("x", new.clone(), &dialect).unwrap();
        (source, new)
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(guarded(text).1.replace(PRODUCT, "P"), expected, "{text}");
    }

    #[test]
    fn products_become_calls() {
        check("x = 1 + 2\n", "x = 1 + 2\n");
        check("x = a * 3\n", "x = P(a , 3)\n");
        check("x = a * b * c\n", "x = P(P(a , b) , c)\n");
        check("x = a * (b * c)\n", "x = P(a , (P(b , c)))\n");
        check("x = (a) * (b)\n", "x = P((a) , (b))\n");
        check("x = ((a) * b) * ((c))\n", "x = P((P((a) , b)) , ((c)))\n");
        check(
            "x = (a) * (b) * f(')', c)\n",
            "x = P(P((a) , (b)) , f(')', c))\n",
        );
        check(
            "x = [']' * 2, \"\"\"a*b(\"\"\" * n]\n",
            "x = [P(']' , 2), P(\"\"\"a*b(\"\"\" , n)]\n",
        );
        check(
            "x = [y * 2 for y in z * 3]\n",
            "x = [P(y , 2) for y in P(z , 3)]\n",
        );
        check("x = (a  # 2 * 2\n * 3)\n", "x = (P(a  # 2 * 2\n , 3))\n");
        check("x *= 3 * y\n", "x = P(x, P(3 , y))\n");
        check("f(*a)\ng(**b)\n", "f(*a)\ng(**b)\n");
        check(
            "def f(x = 2 * 2):\n  if x * 1:\n    return x * 3\n",
            "def f(x = P(2 , 2)):\n  if P(x , 1):\n    return P(x , 3)\n",
        );
    }

    #[test]
    fn places_are_those_of_the_text_as_written() {
        let (source, new) = guarded("x = a * b * c + error\ny = 1\n");
        let offset = new.find("error").unwrap();
        assert_eq!(source.place(offset), (1, 17));
        let offset = new.find("y = 1").unwrap();
        assert_eq!(source.place(offset), (2, 1));
        assert_eq!(source.place(new.find(" c)").unwrap() + 1), (1, 13));
    }
}
