//! Which variables are still needed at each place: only those are kept when a run is left, and
//! only those are carried around a loop.

use super::syntax::{Function, Stmt, StmtKind, Var};

/// A set of variables.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Set(Vec<u64>);

impl Set {
    /// Puts a variable in.
    pub fn insert(&mut self, var: Var) {
        let (word, bit) = (var as usize / 64, var % 64);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << bit;
    }

    /// Takes a variable out.
    pub fn remove(&mut self, var: Var) {
        if let Some(word) = self.0.get_mut(var as usize / 64) {
            *word &= !(1 << (var % 64));
        }
    }

    /// Whether a variable is in it.
    #[must_use]
    pub fn contains(&self, var: Var) -> bool {
        let word = self.0.get(var as usize / 64);
        word.is_some_and(|word| word & (1 << (var % 64)) != 0)
    }

    /// Puts in all of another.
    pub fn extend(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }

    /// Every variable in it, in order.
    pub fn iter(&self) -> impl Iterator<Item = Var> + '_ {
        let all = self.0.len() as u32 * 64;
        (0..all).filter(|var| self.contains(*var))
    }
}

/// For each statement the variables needed before it, after it, and, for a loop, at the start of each
/// iteration (before the test).
#[derive(Debug, Default, Clone)]
pub struct Live {
    before: Vec<Set>,
    after: Vec<Set>,
    header: Vec<Set>,
}

impl Live {
    /// Of a whole function.
    #[must_use]
    pub fn of(function: &Function) -> Self {
        let count = function.stmts as usize;
        let mut live = Self {
            before: vec![Set::default(); count],
            after: vec![Set::default(); count],
            header: vec![Set::default(); count],
        };
        let nothing = Set::default();
        live.block(&function.body, &nothing, (&nothing, &nothing));
        live
    }

    /// Needed before a statement.
    #[must_use]
    pub fn before(&self, stmt: &Stmt) -> &Set {
        &self.before[stmt.id as usize]
    }

    /// Needed after a statement.
    #[must_use]
    pub fn after(&self, stmt: &Stmt) -> &Set {
        &self.after[stmt.id as usize]
    }

    /// Needed at the start of each iteration of a loop.
    #[must_use]
    pub fn header(&self, stmt: &Stmt) -> &Set {
        &self.header[stmt.id as usize]
    }

    /// `jumps`: what is needed where `break` and `continue` go.
    fn block(&mut self, body: &[Stmt], after: &Set, jumps: (&Set, &Set)) -> Set {
        let mut live = after.clone();
        for stmt in body.iter().rev() {
            self.after[stmt.id as usize] = live.clone();
            live = self.stmt(stmt, &live, jumps);
            self.before[stmt.id as usize] = live.clone();
        }
        live
    }

    fn stmt(&mut self, stmt: &Stmt, after: &Set, jumps: (&Set, &Set)) -> Set {
        let mut live = match &stmt.kind {
            StmtKind::Return(_) => Set::default(),
            StmtKind::Break => jumps.0.clone(),
            StmtKind::Continue => jumps.1.clone(),
            StmtKind::If(_, a, b) => {
                let mut live = self.block(a, after, jumps);
                live.extend(&self.block(b, after, jumps));
                live
            }
            StmtKind::While(test, body, orelse) => {
                let done = self.block(orelse, after, jumps);
                let mut header = done.clone();
                test.reads(&mut |v| header.insert(v));
                loop {
                    let mut next = header.clone();
                    next.extend(&self.block(body, &header, (after, &header)));
                    if next == header {
                        break;
                    }
                    header = next;
                }
                self.header[stmt.id as usize] = header.clone();
                header
            }
            StmtKind::For(f) => {
                let done = self.block(&f.orelse, after, jumps);
                let mut header = done.clone();
                header.extend(&{
                    let mut own = Set::default();
                    f.hidden.iter().for_each(|v| own.insert(*v));
                    own
                });
                // The loop's variable keeps its value where the range is empty.
                loop {
                    let mut inside = self.block(&f.body, &header, (after, &header));
                    // What continues a left run needs to know where the loop is.
                    for stmt in &f.body {
                        self.keep(stmt, &f.hidden);
                    }
                    inside.remove(f.target);
                    let mut next = header.clone();
                    next.extend(&inside);
                    if next == header {
                        break;
                    }
                    header = next;
                }
                self.header[stmt.id as usize] = header.clone();
                let mut live = header;
                f.hidden.iter().for_each(|v| live.remove(*v));
                live
            }
            _ => {
                let mut live = after.clone();
                stmt.binds().iter().for_each(|v| live.remove(*v));
                live
            }
        };
        match &stmt.kind {
            StmtKind::Store(array, ..) => live.insert(*array),
            StmtKind::Draw(_, stream, ..) => live.insert(*stream),
            StmtKind::Parallel(p) => {
                p.captured.iter().for_each(|v| live.insert(*v));
                p.reductions.iter().for_each(|(v, _)| live.insert(*v));
                // Unbound after an empty range, unless they were bound before.
                p.last.iter().for_each(|v| live.insert(*v));
            }
            StmtKind::Python(_, reads) => reads.iter().for_each(|v| live.insert(*v)),
            _ => {}
        }
        stmt.exprs(&mut |e| e.reads(&mut |v| live.insert(v)));
        live
    }

    /// Keeps a loop's hidden variables, and its own, alive everywhere inside it.
    fn keep(&mut self, stmt: &Stmt, hidden: &[Var]) {
        let sets = [&mut self.before, &mut self.after, &mut self.header];
        for set in sets {
            hidden.iter().for_each(|v| set[stmt.id as usize].insert(*v));
        }
        let mut inside = |body: &[Stmt]| body.iter().for_each(|s| self.keep(s, hidden));
        match &stmt.kind {
            StmtKind::If(_, a, b) | StmtKind::While(_, a, b) => {
                inside(a);
                inside(b);
            }
            StmtKind::For(f) => {
                inside(&f.body);
                inside(&f.orelse);
            }
            _ => {}
        }
    }
}
