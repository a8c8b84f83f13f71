//! Elements of arrays.

use cranelift_codegen::ir::{self, InstBuilder, MemFlagsData, condcodes::IntCC, types};

use super::{Emit, Val};
use crate::kernel::runtime::Reason;
use crate::kernel::syntax::{Expr, Var};
use crate::kernel::transfer;
use crate::kernel::types::{DType, Fact, Repr};

impl Emit<'_> {
    /// The address of an element. An index that is out of bounds leaves the code.
    fn address(&mut self, array: Var, index: &[Expr]) -> (ir::Value, DType) {
        if let Some((streams, counter)) = self.streams.take() {
            let known = index.last().is_some_and(|e| streams.contains_key(&e.id));
            let now = self.hidden(counter);
            let found = known.then(|| self.element(&streams, array, index, now));
            self.streams = Some((streams, counter));
            if let Some(found) = found {
                return found;
            }
        }
        // Axis by axis: where a row begins is the same for all of a loop over its elements.
        let mut address = self.arrays[&array].data;
        for (axis, e) in index.iter().enumerate() {
            let at = self.position(array, axis, e);
            let vals = &self.arrays[&array];
            let last = axis + 1 == index.len();
            let step = if last && vals.ty.contiguous {
                let size = i64::from(vals.ty.dtype.size());
                self.b.ins().imul_imm_s(at, size)
            } else {
                let stride = vals.strides[axis];
                self.b.ins().imul(at, stride)
            };
            address = self.b.ins().iadd(address, step);
        }
        (address, self.arrays[&array].ty.dtype)
    }

    pub(super) fn load(&mut self, array: Var, index: &[Expr]) -> Val {
        let (address, dtype) = self.address(array, index);
        self.load_from(address, dtype)
    }

    /// Elements may lie at any address: nothing is said about alignment.
    fn load_from(&mut self, address: ir::Value, dtype: DType) -> Val {
        let flags = MemFlagsData::new().with_notrap();
        let wide = types::I64;
        let part = match dtype {
            DType::Bool => {
                let byte = self.b.ins().load(types::I8, flags, address, 0);
                let part = self.b.ins().icmp_imm_u(IntCC::NotEqual, byte, 0);
                return Val::new(Repr::Bool, part);
            }
            DType::I8 => self.b.ins().sload8(wide, flags, address, 0),
            DType::U8 => self.b.ins().uload8(wide, flags, address, 0),
            DType::I16 => self.b.ins().sload16(wide, flags, address, 0),
            DType::U16 => self.b.ins().uload16(wide, flags, address, 0),
            DType::I32 => self.b.ins().sload32(flags, address, 0),
            DType::U32 => self.b.ins().uload32(flags, address, 0),
            DType::I64 => self.b.ins().load(wide, flags, address, 0),
            DType::U64 => {
                let word = self.b.ins().load(wide, flags, address, 0);
                let part = self.b.ins().uextend(types::I128, word);
                return Val::new(Repr::I128, part);
            }
            DType::F64 => {
                let part = self.b.ins().load(types::F64, flags, address, 0);
                return Val::new(Repr::F64, part);
            }
            DType::F32 => {
                let part = self.b.ins().load(types::F32, flags, address, 0);
                let part = self.b.ins().fpromote(types::F64, part);
                return Val::new(Repr::F64, part);
            }
            DType::C64 => {
                let parts = [0, 4].map(|offset| {
                    let part = self.b.ins().load(types::F32, flags, address, offset);
                    self.b.ins().fpromote(types::F64, part)
                });
                return Val {
                    repr: Repr::Complex,
                    parts: parts.to_vec(),
                };
            }
            DType::C128 => {
                let parts =
                    [0, 8].map(|offset| self.b.ins().load(types::F64, flags, address, offset));
                return Val {
                    repr: Repr::Complex,
                    parts: parts.to_vec(),
                };
            }
        };
        Val::new(Repr::I64, part)
    }

    pub(super) fn store(&mut self, array: Var, index: &[Expr], value: &Expr) {
        if !self.arrays[&array].ty.writable {
            // Python says what is wrong, and where.
            let out = self.exit(Reason::Python);
            self.jump(out);
            self.reached = false;
            self.fill_exits();
            return;
        }
        let val = self.expr(value);
        let fact = self.a.fact(value);
        let (address, dtype) = self.address(array, index);
        let flags = MemFlagsData::new().with_notrap();
        match dtype {
            DType::Bool => {
                let truth = self.truth(&val);
                self.b.ins().store(flags, truth, address, 0);
            }
            DType::F64 => {
                let part = self.float(&val, fact);
                self.b.ins().store(flags, part, address, 0);
            }
            DType::F32 => {
                let part = self.float(&val, fact);
                let part = self.b.ins().fdemote(types::F32, part);
                self.b.ins().store(flags, part, address, 0);
            }
            DType::C64 | DType::C128 => {
                let (re, im) = self.complex(&val, fact);
                for (part, index) in [(re, 0), (im, 1)] {
                    if dtype == DType::C64 {
                        let part = self.b.ins().fdemote(types::F32, part);
                        self.b.ins().store(flags, part, address, index * 4);
                    } else {
                        self.b.ins().store(flags, part, address, index * 8);
                    }
                }
            }
            ints => self.store_int(address, ints, &val, fact),
        }
    }

    /// An int that the element does not hold leaves the code.
    fn store_int(&mut self, address: ir::Value, dtype: DType, value: &Val, fact: &Fact) {
        let (Some(int), Some(holds)) = (transfer::as_int(fact), dtype.ints()) else {
            return;
        };
        let flags = MemFlagsData::new().with_notrap();
        let part = if value.repr == Repr::I128 {
            let (low, high) = self.b.ins().isplit(value.one());
            if !int.interval.within(holds) {
                // For 64 bits without sign the upper word is 0, for others it repeats the sign.
                let expected = if dtype == DType::U64 {
                    self.b.ins().iconst(types::I64, 0)
                } else {
                    self.b.ins().sshr_imm_s(low, 63)
                };
                let bad = self.is(IntCC::NotEqual, high, expected);
                self.check(bad, Reason::Python);
            }
            low
        } else {
            self.int_as(value, &Repr::I64)
        };
        if dtype == DType::U64 {
            if value.repr != Repr::I128 && !int.interval.nonnegative() {
                let bad = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, part, 0);
                self.check(bad, Reason::Python);
            }
        } else if !int.interval.within(holds) && dtype != DType::I64 {
            let (lo, hi) = (holds.lo.unwrap_or(0) as i64, holds.hi.unwrap_or(0) as i64);
            let low = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, part, lo);
            let high = self.b.ins().icmp_imm_s(IntCC::SignedGreaterThan, part, hi);
            let bad = self.b.ins().bor(low, high);
            self.check(bad, Reason::Python);
        }
        match dtype.size() {
            1 => self.b.ins().istore8(flags, part, address, 0),
            2 => self.b.ins().istore16(flags, part, address, 0),
            4 => self.b.ins().istore32(flags, part, address, 0),
            _ => self.b.ins().store(flags, part, address, 0),
        };
    }
}
