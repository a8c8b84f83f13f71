//! Parallel loops: the frame that a block gets, and what becomes of its results.

use cranelift_codegen::ir::{self, InstBuilder, MemFlagsData, condcodes::IntCC, types};

use super::{Emit, Val};
use crate::kernel::parallel::{Description, parallel};
use crate::kernel::runtime::{Dynamic, Reason};
use crate::kernel::syntax::{Parallel, Stmt, Var};
use crate::kernel::types::{Fact, Repr};

impl<'a> Emit<'a> {
    pub(super) fn parallel(&mut self, stmt: &Stmt, p: &Parallel) {
        let spec = self.a.callees[&stmt.id].clone();
        let [start, stop, step] = [0, 1, 2].map(|i| self.bound(&p.range[i]));
        self.check_range(&p.range, stop, step);
        let by = self.interval(&p.range[2]);
        let slots: usize = spec.reprs.iter().map(Repr::slots).sum();
        let frame = self.stack(slots + 8 * p.reductions.len());
        let mut slot = 0;
        for part in [start, stop, step] {
            self.write(&Val::new(Repr::I64, part), frame, &mut slot);
        }
        for (var, repr) in p.captured.iter().zip(&spec.reprs[3..]) {
            self.pass(*var, repr, frame, &mut slot);
        }
        let mut before = Vec::new();
        for (var, _) in &p.reductions {
            let (value, flag) = self.variable(*var);
            self.check_bound(flag);
            before.push(value.repr.clone());
            self.write(&value, frame, &mut slot);
        }
        // How the results are wanted: as the analysis has it after the loop.
        let Some(Fact::Tuple(found)) = &spec.returned else {
            let block = self.exit(Reason::Python);
            self.jump(block);
            self.reached = false;
            self.fill_exits();
            return;
        };
        let targets: Vec<Var> = p
            .reductions
            .iter()
            .map(|r| r.0)
            .chain(p.last.iter().copied())
            .collect();
        let after: Vec<Repr> = targets
            .iter()
            .zip(found)
            .enumerate()
            .map(|(i, (var, fact))| {
                let old = self.places[*var as usize].clone();
                match (i < p.reductions.len(), fact, old) {
                    (true, Fact::Int(_), Some((old, _))) => {
                        joined(&old, &limit_repr(spec.options.width))
                    }
                    (_, fact, Some((old, _))) => joined(&old, &fact.repr()),
                    (_, fact, None) => fact.repr(),
                }
            })
            .collect();
        let description = Box::new(Description {
            block: spec.clone(),
            reductions: p.reductions.iter().map(|r| r.1).collect(),
            before,
            after: after.clone(),
        });
        let address = std::ptr::from_ref(&*description) as i64;
        self.descriptions.push(description);
        let place = self.stack(after.iter().map(Repr::slots).sum());

        // An empty range changes nothing.
        let [run, done] = [(); 2].map(|()| self.b.create_block());
        let by_positive = self.b.ins().icmp_imm_s(IntCC::SignedGreaterThan, step, 0);
        let below = self.is(IntCC::SignedLessThan, start, stop);
        let above = self.is(IntCC::SignedGreaterThan, start, stop);
        let more = if by.lo.is_some_and(|s| s > 0) {
            below
        } else {
            self.b.ins().select(by_positive, below, above)
        };
        let olds: Vec<(Val, Option<ir::Value>)> = targets
            .iter()
            .zip(&after)
            .map(|(var, repr)| match self.places[*var as usize] {
                Some(_) => {
                    let (value, flag) = self.variable(*var);
                    (self.convert(&value, repr), flag)
                }
                None => (self.zero(repr), Some(self.b.ins().iconst(types::I8, 0))),
            })
            .collect();
        let mut params = Vec::new();
        for (old, flag) in &olds {
            for part in &old.parts {
                let ty = self.b.func.dfg.value_type(*part);
                params.push((self.b.append_block_param(done, ty), *part));
            }
            if let Some(flag) = flag {
                params.push((self.b.append_block_param(done, types::I8), *flag));
            }
        }
        let args: Vec<ir::BlockArg> = params
            .iter()
            .map(|(_, old)| ir::BlockArg::Value(*old))
            .collect();
        self.b.ins().brif(more, run, &[], done, &args);
        self.b.switch_to_block(run);
        self.b.seal_block(run);
        let description = self.b.ins().iconst(types::I64, address);
        let status = self.helper(
            parallel as *const u8,
            &[self.context, description, frame, place],
            &[types::I32],
        )[0];
        self.after_call(stmt, status, Dynamic::Each(targets.clone()));
        let mut slot = 0;
        let mut news = Vec::new();
        for (repr, (_, flag)) in after.iter().zip(&olds) {
            news.extend(self.read(repr, place, &mut slot).parts);
            if flag.is_some() {
                news.push(self.b.ins().iconst(types::I8, 1));
            }
        }
        self.jump_with(done, &news);
        self.b.switch_to_block(done);
        self.b.seal_block(done);
        let mut values = params.into_iter().map(|(param, _)| param);
        for ((var, repr), (_, flag)) in targets.iter().zip(&after).zip(&olds) {
            let parts = values.by_ref().take(repr.parts()).collect();
            self.assign(
                *var,
                &Val {
                    repr: repr.clone(),
                    parts,
                },
            );
            if flag.is_some() {
                let there = values.next().expect("one for each flag");
                let flag = self.flag(*var);
                self.b.def_var(flag, there);
                self.places[*var as usize] = Some((repr.clone(), true));
            }
        }
    }

    /// Writes a variable into a frame as a callee wants it.
    pub(super) fn pass(&mut self, var: Var, repr: &Repr, frame: ir::Value, slot: &mut usize) {
        if let Repr::Array(_) = repr {
            let address = self.arrays[&var].address;
            self.b
                .ins()
                .store(MemFlagsData::trusted(), address, frame, (*slot * 16) as i32);
            *slot += 1;
            return;
        }
        let (value, flag) = self.variable(var);
        self.check_bound(flag);
        let value = self.convert(&value, repr);
        self.write(&value, frame, slot);
    }
}

pub(super) fn limit_repr(width: crate::kernel::transfer::Width) -> Repr {
    Fact::int(width.limit()).repr()
}

pub(super) fn joined(a: &Repr, b: &Repr) -> Repr {
    match (a, b) {
        (a, b) if a == b => a.clone(),
        (Repr::I64, Repr::I128) | (Repr::I128, Repr::I64) => Repr::I128,
        (Repr::Tuple(a), Repr::Tuple(b)) => {
            Repr::Tuple(a.iter().zip(b).map(|(a, b)| joined(a, b)).collect())
        }
        _ => Repr::Number,
    }
}
