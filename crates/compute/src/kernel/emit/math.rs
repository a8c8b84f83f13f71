//! Functions that kernels know.

use cranelift_codegen::ir::{
    self, InstBuilder,
    condcodes::{FloatCC, IntCC},
    types,
};

use super::{Emit, Val, helpers};
use crate::kernel::interval::{I64, Interval};
use crate::kernel::math::{self, Math, op};
use crate::kernel::runtime::Reason;
use crate::kernel::syntax::{Binary, Builtin, Compare, Expr, ExprKind};
use crate::kernel::transfer;
use crate::kernel::types::{DType, Fact, IntFact, Repr};

impl<'a> Emit<'a> {
    pub(super) fn builtin(&mut self, builtin: Builtin, args: &[Expr], fact: &Fact) -> Val {
        match builtin {
            Builtin::Sum | Builtin::Min | Builtin::Max
                if args.len() == 1 && matches!(self.a.fact(&args[0]), Fact::Tuple(_)) =>
            {
                return self.of_tuple(builtin, &args[0], fact);
            }
            Builtin::Sum => return self.reduce(helpers::REDUCE_SUM, &args[0], fact),
            Builtin::Math(Math::Hypot | Math::Dist) => return self.norm(args),
            Builtin::Min | Builtin::Max if args.len() == 1 => {
                let least = if builtin == Builtin::Min {
                    helpers::REDUCE_MIN
                } else {
                    helpers::REDUCE_MAX
                };
                return self.reduce(least, &args[0], fact);
            }
            _ => {}
        }
        let values: Vec<Val> = args.iter().map(|arg| self.expr(arg)).collect();
        let facts: Vec<&Fact> = args.iter().map(|arg| self.a.fact(arg)).collect();
        let Some(value) = values.first() else {
            return self.zero(&fact.repr());
        };
        match builtin {
            Builtin::Abs => self.abs(value, facts[0], fact),
            Builtin::Min | Builtin::Max => self.least(builtin, &values, &facts, fact),
            Builtin::Sum => self.zero(&fact.repr()),
            Builtin::Round => match value.repr {
                Repr::F64 => {
                    let whole = self.b.ins().nearest(value.one());
                    self.whole(whole, fact)
                }
                _ => value.clone(),
            },
            Builtin::Int => match value.repr {
                Repr::F64 => {
                    let whole = self.b.ins().trunc(value.one());
                    self.whole(whole, fact)
                }
                _ => value.clone(),
            },
            Builtin::Float => Val::new(Repr::F64, self.float(value, facts[0])),
            Builtin::Bool => Val::new(Repr::Bool, self.truth(value)),
            Builtin::Complex => {
                if value.repr == Repr::Complex {
                    return value.clone();
                }
                let re = self.float(value, facts[0]);
                let im = match values.get(1) {
                    Some(im) => self.float(im, facts[1]),
                    None => self.b.ins().f64const(0.0),
                };
                Val {
                    repr: Repr::Complex,
                    parts: vec![re, im],
                }
            }
            Builtin::Divmod => {
                let Fact::Tuple(results) = fact else {
                    return self.zero(&fact.repr());
                };
                let both = [Binary::FloorDiv, Binary::Mod];
                let (x, y) = ((value, facts[0]), (&values[1], facts[1]));
                let mut parts = Vec::new();
                for (op, result) in both.into_iter().zip(results) {
                    let one = self.binary_of(op, x, y, result);
                    parts.extend(self.convert(&one, &result.repr()).parts);
                }
                Val {
                    repr: fact.repr(),
                    parts,
                }
            }
            Builtin::Real => Val::new(Repr::F64, value.parts[0]),
            Builtin::Imag => Val::new(Repr::F64, value.parts[1]),
            Builtin::Conjugate => {
                let im = self.b.ins().fneg(value.parts[1]);
                Val {
                    repr: Repr::Complex,
                    parts: vec![value.parts[0], im],
                }
            }
            Builtin::Math(function) => self.math(function, &values, &facts, fact),
        }
    }

    pub(super) fn whole(&mut self, whole: ir::Value, fact: &Fact) -> Val {
        let wide = matches!(fact, Fact::Int(int) if !int.narrow());
        self.float_to_int(whole, wide)
    }

    pub(super) fn abs(&mut self, value: &Val, fact: &Fact, result: &Fact) -> Val {
        if let (Some(x), Fact::Int(result)) = (transfer::as_int(fact), result) {
            if x.interval.nonnegative() {
                return self.fit(value.clone(), x.interval, result);
            }
            // Where it is not known to be short, it is only where its size is.
            let value = &self.fit(value.clone(), x.interval, result);
            let zero = Val::new(Repr::I64, self.b.ins().iconst(types::I64, 0));
            let nothing = IntFact::new(Interval::of(0));
            let negated = self.int_binary(Binary::Sub, (&zero, &nothing), (value, &x), result);
            let negative = self.compare(Compare::Lt, value, fact, &zero, &Fact::Int(nothing));
            let repr = Fact::Int(result.clone()).repr();
            let (a, b) = (self.int_as(&negated, &repr), self.int_as(value, &repr));
            return Val::new(repr, self.choose(negative, a, b));
        }
        if value.repr == Repr::Complex {
            let place = self.stack(1);
            self.helper(
                helpers::hypot as *const u8,
                &[value.parts[0], value.parts[1], place],
                &[],
            );
            let size = self.read(&Repr::F64, place, &mut 0).one();
            self.check_result(size, &[value.parts[0], value.parts[1]]);
            return Val::new(Repr::F64, size);
        }
        self.must_be_float(value);
        Val::new(Repr::F64, self.b.ins().fabs(value.one()))
    }

    /// The first of the least (or greatest), as Python has it: NaN is never less.
    pub(super) fn least(
        &mut self,
        builtin: Builtin,
        values: &[Val],
        facts: &[&Fact],
        fact: &Fact,
    ) -> Val {
        // Of a long int and a short one the lesser may be short: compared they are as long as the longer.
        let repr = match fact.repr() {
            Repr::I64 if values.iter().any(|v| v.repr == Repr::I128) => Repr::I128,
            repr => repr,
        };
        let op = if builtin == Builtin::Min {
            Compare::Lt
        } else {
            Compare::Gt
        };
        let mut found = self.convert(&values[0], &repr);
        let mut known = facts[0].clone();
        for (value, fact) in values.iter().zip(facts).skip(1) {
            let better = self.compare(op, value, fact, &found, &known);
            let value = self.convert(value, &repr);
            let parts: Vec<_> = value.parts.into_iter().zip(found.parts).collect();
            found.parts = parts
                .into_iter()
                .map(|(a, b)| self.choose(better, a, b))
                .collect();
            known = known.join(fact).unwrap_or(known);
        }
        found
    }

    /// One of two registers. Cranelift makes of a choice between compared ints their maximum, which it does not have
    /// for 128 bits: those are chosen in halves.
    pub(super) fn choose(&mut self, first: ir::Value, a: ir::Value, b: ir::Value) -> ir::Value {
        if self.b.func.dfg.value_type(a) != types::I128 {
            return self.b.ins().select(first, a, b);
        }
        let (a, b) = (self.b.ins().isplit(a), self.b.ins().isplit(b));
        let low = self.b.ins().select(first, a.0, b.0);
        let high = self.b.ins().select(first, a.1, b.1);
        self.b.ins().iconcat(low, high)
    }

    pub(super) fn reduce(&mut self, what: i32, array: &Expr, fact: &Fact) -> Val {
        let ExprKind::Var(var) = array.kind else {
            return self.zero(&fact.repr());
        };
        let (address, dtype) = (self.arrays[&var].address, self.arrays[&var].ty.dtype);
        let place = self.stack(2);
        let what = self.b.ins().iconst(types::I32, i64::from(what));
        let ok = self.helper(
            helpers::reduce as *const u8,
            &[what, address, place],
            &[types::I32],
        )[0];
        let bad = self.b.ins().icmp_imm_u(IntCC::Equal, ok, 0);
        self.check(bad, Reason::Python);
        match fact {
            Fact::Int(int) => {
                let value = self.read(&Repr::I128, place, &mut 0);
                if int.narrow() {
                    let holds = if dtype.ints().is_some() || dtype == DType::Bool {
                        Interval { lo: None, hi: None }
                    } else {
                        I64
                    };
                    let part = self.narrow(&value, holds, Reason::Overflow);
                    return Val::new(Repr::I64, part);
                }
                value
            }
            fact => self.read(&fact.repr(), place, &mut 0),
        }
    }

    pub(super) fn math(
        &mut self,
        function: Math,
        values: &[Val],
        facts: &[&Fact],
        fact: &Fact,
    ) -> Val {
        match function {
            Math::Floor | Math::Ceil | Math::Trunc => {
                if transfer::as_int(facts[0]).is_some() {
                    return values[0].clone();
                }
                let x = values[0].one();
                let whole = match function {
                    Math::Floor => self.b.ins().floor(x),
                    Math::Ceil => self.b.ins().ceil(x),
                    _ => self.b.ins().trunc(x),
                };
                return self.whole(whole, fact);
            }
            Math::Gcd | Math::Isqrt => {
                let x = self.int_as(&values[0], &Repr::I128);
                let (operation, y) = match values.get(1) {
                    Some(y) => (op::GCD, self.int_as(y, &Repr::I128)),
                    None => (op::ISQRT, x),
                };
                let value = Val::new(Repr::I128, self.wide(operation, x, y));
                if let Fact::Int(int) = fact
                    && int.narrow()
                {
                    let part =
                        self.narrow(&value, Interval { lo: None, hi: None }, Reason::Overflow);
                    return Val::new(Repr::I64, part);
                }
                return value;
            }
            _ => {}
        }
        let args: Vec<ir::Value> = values
            .iter()
            .zip(facts)
            .map(|(v, f)| self.float(v, f))
            .collect();
        let x = args[0];
        let part = match function {
            Math::Sqrt => {
                let positive = matches!(facts[0], Fact::Float { nonnegative: true })
                    || transfer::as_int(facts[0]).is_some_and(|i| i.interval.nonnegative());
                if !positive {
                    let zero = self.b.ins().f64const(0.0);
                    let bad = self.b.ins().fcmp(FloatCC::LessThan, x, zero);
                    self.check(bad, Reason::Python);
                }
                self.b.ins().sqrt(x)
            }
            Math::Fabs => self.b.ins().fabs(x),
            Math::Copysign => self.b.ins().fcopysign(x, args[1]),
            Math::Degrees => {
                let factor = self.b.ins().f64const(180.0 / std::f64::consts::PI);
                self.b.ins().fmul(x, factor)
            }
            Math::Radians => {
                let factor = self.b.ins().f64const(std::f64::consts::PI / 180.0);
                self.b.ins().fmul(x, factor)
            }
            Math::IsNan => {
                return Val::new(Repr::Bool, self.b.ins().fcmp(FloatCC::Unordered, x, x));
            }
            Math::IsInf | Math::IsFinite => {
                let size = self.b.ins().fabs(x);
                let infinity = self.b.ins().f64const(f64::INFINITY);
                let cc = if function == Math::IsInf {
                    FloatCC::Equal
                } else {
                    FloatCC::LessThan
                };
                return Val::new(Repr::Bool, self.b.ins().fcmp(cc, size, infinity));
            }
            Math::Fma => {
                let result = self.helper(math::fma as *const u8, &args, &[types::F64])[0];
                self.check_result(result, &args);
                result
            }
            Math::Log | Math::Log2 | Math::Log10 => {
                // The libm has -inf for 0, and NaN below it: errors in Python.
                let zero = self.b.ins().f64const(0.0);
                let bad = self.b.ins().fcmp(FloatCC::LessThanOrEqual, x, zero);
                self.check(bad, Reason::Python);
                let address = math::libm1(function).unwrap_or(std::ptr::null());
                self.helper(address, &args, &[types::F64])[0]
            }
            _ => {
                let address = math::libm1(function).or_else(|| math::libm2(function));
                let Some(address) = address else {
                    return self.zero(&fact.repr());
                };
                let result = self.helper(address, &args, &[types::F64])[0];
                self.check_result(result, &args);
                result
            }
        };
        Val::new(Repr::F64, part)
    }
}
