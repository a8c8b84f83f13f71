//! Small kernels that others call, compiled into these.
//!
//! Only such as have no effects: where one of them is left, the whole call is made again, by what goes on.

use std::collections::HashMap;
use std::mem::swap;

use cranelift_codegen::ir;

use super::{Analysis, ArrayVals, Emit, LoopBlocks, Place, Val, Variable};
use crate::kernel::runtime::Spec;
use crate::kernel::syntax::{Expr, Function, StmtKind, Var, each};
use crate::kernel::types::{Fact, Repr};

/// Larger ones are called.
const LARGEST: u32 = 150;

/// Where the result of a kernel inside another goes.
#[derive(Clone)]
pub(super) struct Result {
    pub block: ir::Block,
    pub repr: Repr,
}

/// Whether a function has no effects, calls nothing and is small.
fn is_plain(function: &Function) -> bool {
    let mut plain = function.exprs <= LARGEST;
    each(&function.body, &mut |stmt| {
        plain &= !matches!(
            stmt.kind,
            StmtKind::Store(..)
                | StmtKind::Parallel(_)
                | StmtKind::Call(..)
                | StmtKind::Stream(..)
                | StmtKind::Draw(..)
        );
    });
    plain
}

impl<'a> Emit<'a> {
    /// Compiles a kernel in place of its call, if it is one for that.
    pub(super) fn inline(&mut self, spec: &'a Spec, args: &[Expr]) -> Option<Val> {
        let numbers = spec
            .reprs
            .iter()
            .all(|repr| !matches!(repr, Repr::Array(_) | Repr::Tuple(_) | Repr::Stream));
        if self.inlined.is_some() || !numbers || !is_plain(&spec.function) {
            return None;
        }
        let repr = spec.returned.as_ref().map(Fact::repr)?;
        let values: Vec<Val> = args
            .iter()
            .zip(&spec.reprs)
            .map(|(arg, repr)| {
                let value = self.expr(arg);
                self.convert(&value, repr)
            })
            .collect();
        let block = self.b.create_block();
        let mut kinds = Vec::new();
        Self::parts_of(&repr, &mut kinds);
        let parts: Vec<_> = kinds
            .into_iter()
            .map(|ty| self.b.append_block_param(block, ty))
            .collect();
        let mut inside = Inside {
            f: &spec.function,
            a: &spec.analysis,
            variables: HashMap::new(),
            flags: HashMap::new(),
            arrays: HashMap::new(),
            places: vec![None; spec.function.names.len()],
            loops: Vec::new(),
            inlined: Some(Result {
                block,
                repr: repr.clone(),
            }),
        };
        self.exchange(&mut inside);
        for (var, value) in spec.function.params.iter().zip(&values) {
            self.assign(*var, value);
        }
        self.block(&spec.function.body);
        if self.reached {
            let none = Val {
                repr: Repr::None,
                parts: Vec::new(),
            };
            self.give(&none);
        }
        self.exchange(&mut inside);
        self.reached = true;
        self.b.switch_to_block(block);
        self.b.seal_block(block);
        Some(Val { repr, parts })
    }

    /// Exchanges what belongs to a function.
    fn exchange(&mut self, inside: &mut Inside<'a>) {
        swap(&mut self.f, &mut inside.f);
        swap(&mut self.a, &mut inside.a);
        swap(&mut self.variables, &mut inside.variables);
        swap(&mut self.flags, &mut inside.flags);
        swap(&mut self.arrays, &mut inside.arrays);
        swap(&mut self.places, &mut inside.places);
        swap(&mut self.loops, &mut inside.loops);
        swap(&mut self.inlined, &mut inside.inlined);
    }
}

/// What belongs to one function.
struct Inside<'a> {
    f: &'a Function,
    a: &'a Analysis,
    variables: HashMap<(Var, Repr), Vec<Variable>>,
    flags: HashMap<Var, Variable>,
    arrays: HashMap<Var, ArrayVals>,
    places: Vec<Place>,
    loops: Vec<LoopBlocks>,
    inlined: Option<Result>,
}
