//! Expressions.

use cranelift_codegen::ir::{
    self, InstBuilder,
    condcodes::{FloatCC, IntCC},
    types,
};

use super::{Emit, Val};
use crate::kernel::analyse::item_at;
use crate::kernel::math;
use crate::kernel::runtime::Reason;
use crate::kernel::syntax::{Binary, Compare, Expr, ExprKind, Unary};
use crate::kernel::transfer::{self, Domain};
use crate::kernel::types::{Fact, IntFact, Repr, exact_in_float};

impl Emit<'_> {
    /// The value of an expression, as the analysis says it lies.
    pub(super) fn expr(&mut self, e: &Expr) -> Val {
        let fact = self.a.fact(e);
        let value = self.find(e, fact);
        self.convert(&value, &fact.repr())
    }

    fn int(&mut self, value: i128) -> Val {
        let low = self.b.ins().iconst(types::I64, value as i64);
        if i64::try_from(value).is_ok() {
            return Val::new(Repr::I64, low);
        }
        let high = self.b.ins().iconst(types::I64, (value >> 64) as i64);
        Val::new(Repr::I128, self.b.ins().iconcat(low, high))
    }

    fn find(&mut self, e: &Expr, fact: &Fact) -> Val {
        // What is known needs no code; what was looked at for it may still raise.
        match fact {
            Fact::Int(int) if pure(e) && int.interval.constant().is_some() => {
                return self.int(int.interval.constant().unwrap_or(0));
            }
            Fact::Bool(Some(value)) if pure(e) => {
                return Val::new(
                    Repr::Bool,
                    self.b.ins().iconst(types::I8, i64::from(*value)),
                );
            }
            _ => {}
        }
        match &e.kind {
            ExprKind::Int(value) => self.int(*value),
            ExprKind::Float(value) => Val::new(Repr::F64, self.b.ins().f64const(*value)),
            ExprKind::Bool(value) => Val::new(
                Repr::Bool,
                self.b.ins().iconst(types::I8, i64::from(*value)),
            ),
            ExprKind::Complex(re, im) => Val {
                repr: Repr::Complex,
                parts: [*re, *im].map(|part| self.b.ins().f64const(part)).to_vec(),
            },
            ExprKind::None => Val {
                repr: Repr::None,
                parts: Vec::new(),
            },
            ExprKind::Var(var) => {
                let (value, flag) = self.variable(*var);
                self.check_bound(flag);
                value
            }
            ExprKind::Tuple(items) => {
                let items: Vec<Val> = items.iter().map(|item| self.expr(item)).collect();
                Val {
                    repr: Repr::Tuple(items.iter().map(|v| v.repr.clone()).collect()),
                    parts: items.into_iter().flat_map(|v| v.parts).collect(),
                }
            }
            ExprKind::Item(tuple, index, _) => {
                let value = self.expr(tuple);
                self.item(&value, *index as usize)
            }
            ExprKind::Unary(op, a) => self.unary(*op, a, fact),
            ExprKind::Binary(op, a, b) => self.binary(*op, a, b, fact),
            ExprKind::Compare(op, a, b) => {
                let (x, y) = (self.expr(a), self.expr(b));
                let truth = self.compare(*op, &x, self.a.fact(a), &y, self.a.fact(b));
                Val::new(Repr::Bool, truth)
            }
            ExprKind::And(a, b) | ExprKind::Or(a, b) => {
                let first = self.expr(a);
                let truth = self.truth(&first);
                let is_and = matches!(e.kind, ExprKind::And(..));
                self.either(fact, truth, is_and, &|this| this.expr(b), &|_| {
                    first.clone()
                })
            }
            ExprKind::IfElse(test, a, b) => {
                let value = self.expr(test);
                let truth = self.truth(&value);
                self.either(fact, truth, true, &|this| this.expr(a), &|this| {
                    this.expr(b)
                })
            }
            ExprKind::Load(tuple, index) if !self.arrays.contains_key(tuple) => {
                let (value, flag) = self.variable(*tuple);
                self.check_bound(flag);
                let Repr::Tuple(reprs) = &value.repr else {
                    return self.zero(&fact.repr());
                };
                let constant = transfer::as_int(self.a.fact(&index[0]))
                    .and_then(|int| int.interval.constant());
                let index = constant.and_then(|index| item_at(index, reprs.len()));
                self.item(&value, index.unwrap_or(0))
            }
            ExprKind::Load(array, index) => self.load(*array, index),
            ExprKind::Shape(array, axis) => match self.arrays.get(array) {
                Some(vals) => Val::new(Repr::I64, vals.shape[*axis as usize]),
                // The length of a tuple is known.
                None => match fact {
                    Fact::Int(int) => self.int(int.interval.constant().unwrap_or(0)),
                    _ => self.zero(&fact.repr()),
                },
            },
            ExprKind::Dims(array) => Val {
                repr: fact.repr(),
                parts: self.arrays[array].shape.clone(),
            },
            ExprKind::Call(builtin, args) => self.builtin(*builtin, args, fact),
        }
    }

    pub(super) fn item(&mut self, tuple: &Val, index: usize) -> Val {
        let Repr::Tuple(reprs) = &tuple.repr else {
            return tuple.clone();
        };
        let skip: usize = reprs[..index].iter().map(Repr::parts).sum();
        Val {
            repr: reprs[index].clone(),
            parts: tuple.parts[skip..skip + reprs[index].parts()].to_vec(),
        }
    }

    /// One of two values, where `truth` is `when` the first.
    fn either(
        &mut self,
        fact: &Fact,
        truth: ir::Value,
        when: bool,
        first: &dyn Fn(&mut Self) -> Val,
        second: &dyn Fn(&mut Self) -> Val,
    ) -> Val {
        let repr = fact.repr();
        let [yes, no, done] = [(); 3].map(|()| self.b.create_block());
        let mut kinds = Vec::new();
        Self::parts_of(&repr, &mut kinds);
        let parts: Vec<_> = kinds
            .into_iter()
            .map(|ty| self.b.append_block_param(done, ty))
            .collect();
        let (to_yes, to_no) = if when { (yes, no) } else { (no, yes) };
        self.b.ins().brif(truth, to_yes, &[], to_no, &[]);
        for (block, make) in [(yes, first), (no, second)] {
            self.b.switch_to_block(block);
            self.b.seal_block(block);
            let value = make(self);
            let value = self.convert(&value, &repr);
            self.jump_with(done, &value.parts);
        }
        self.b.switch_to_block(done);
        self.b.seal_block(done);
        Val { repr, parts }
    }

    /// Whether a value counts as true.
    pub(super) fn truth(&mut self, value: &Val) -> ir::Value {
        match value.repr {
            Repr::Bool => value.one(),
            Repr::I64 => self.b.ins().icmp_imm_s(IntCC::NotEqual, value.one(), 0),
            Repr::I128 => {
                let (low, high) = self.b.ins().isplit(value.one());
                let both = self.b.ins().bor(low, high);
                self.b.ins().icmp_imm_s(IntCC::NotEqual, both, 0)
            }
            Repr::F64 | Repr::Number => {
                let zero = self.b.ins().f64const(0.0);
                self.b.ins().fcmp(FloatCC::NotEqual, value.one(), zero)
            }
            Repr::Complex => {
                let zero = self.b.ins().f64const(0.0);
                let re = self.b.ins().fcmp(FloatCC::NotEqual, value.parts[0], zero);
                let im = self.b.ins().fcmp(FloatCC::NotEqual, value.parts[1], zero);
                self.b.ins().bor(re, im)
            }
            _ => self.b.ins().iconst(types::I8, 0),
        }
    }

    /// Leaves the code if a number that may be an int is one: only Python knows what comes then.
    pub(super) fn must_be_float(&mut self, value: &Val) {
        if value.repr == Repr::Number {
            self.check(value.parts[1], Reason::Python);
        }
    }

    fn unary(&mut self, op: Unary, a: &Expr, fact: &Fact) -> Val {
        let value = self.expr(a);
        if op == Unary::Not {
            let truth = self.truth(&value);
            let not = self.b.ins().icmp_imm_u(IntCC::Equal, truth, 0);
            return Val::new(Repr::Bool, not);
        }
        if let (Some(x), Fact::Int(result)) = (transfer::as_int(self.a.fact(a)), fact) {
            return self.int_unary(op, &value, &x, result);
        }
        match (op, &value.repr) {
            (Unary::Pos, Repr::Number) | (Unary::Neg, Repr::Number) => {
                self.must_be_float(&value);
                let part = value.one();
                let part = if op == Unary::Neg {
                    self.b.ins().fneg(part)
                } else {
                    part
                };
                Val::new(Repr::F64, part)
            }
            (Unary::Neg, Repr::F64) => Val::new(Repr::F64, self.b.ins().fneg(value.one())),
            (Unary::Neg, Repr::Complex) => Val {
                repr: Repr::Complex,
                parts: value.parts.iter().map(|p| self.b.ins().fneg(*p)).collect(),
            },
            _ => value,
        }
    }

    fn binary(&mut self, op: Binary, a: &Expr, b: &Expr, fact: &Fact) -> Val {
        let (fa, fb) = (self.a.fact(a), self.a.fact(b));
        let (x, y) = (self.expr(a), self.expr(b));
        self.binary_of(op, (&x, fa), (&y, fb), fact)
    }

    /// `x op y` of values with what is known of them.
    pub(super) fn binary_of(
        &mut self,
        op: Binary,
        (x, fa): (&Val, &Fact),
        (y, fb): (&Val, &Fact),
        fact: &Fact,
    ) -> Val {
        if let (Repr::Bool, Repr::Bool, Fact::Bool(_)) = (&x.repr, &y.repr, fact) {
            let part = match op {
                Binary::And => self.b.ins().band(x.one(), y.one()),
                Binary::Or => self.b.ins().bor(x.one(), y.one()),
                _ => self.b.ins().bxor(x.one(), y.one()),
            };
            return Val::new(Repr::Bool, part);
        }
        match transfer::domain(fa, fb) {
            Some(Domain::Int) => {
                let (i, j) = (transfer::as_int(fa), transfer::as_int(fb));
                let (Some(i), Some(j)) = (i, j) else {
                    return self.zero(&fact.repr());
                };
                if op == Binary::Div {
                    return self.true_division(x, &i, y, &j);
                }
                match fact {
                    Fact::Int(result) => self.int_binary(op, (x, &i), (y, &j), result),
                    _ => self.float_binary(op, x, fa, y, fb),
                }
            }
            Some(Domain::Complex) => self.complex_binary(op, x, fa, y, fb),
            _ => {
                // int op float is a float; int op int is not, and a number may be either.
                match (&x.repr, &y.repr) {
                    (Repr::Number, Repr::Number) => {
                        let both = self.b.ins().band(x.parts[1], y.parts[1]);
                        self.check(both, Reason::Python);
                    }
                    (Repr::Number, Repr::I64 | Repr::I128 | Repr::Bool) => self.must_be_float(x),
                    (Repr::I64 | Repr::I128 | Repr::Bool, Repr::Number) => self.must_be_float(y),
                    _ => {}
                }
                self.float_binary(op, x, fa, y, fb)
            }
        }
    }

    fn float_binary(&mut self, op: Binary, x: &Val, fa: &Fact, y: &Val, fb: &Fact) -> Val {
        let (a, b) = (self.float(x, fa), self.float(y, fb));
        let part = match op {
            Binary::Add => self.b.ins().fadd(a, b),
            Binary::Sub => self.b.ins().fsub(a, b),
            Binary::Mul => self.b.ins().fmul(a, b),
            Binary::Div | Binary::FloorDiv | Binary::Mod => {
                let zero = self.b.ins().f64const(0.0);
                let bad = self.b.ins().fcmp(FloatCC::Equal, b, zero);
                self.check(bad, Reason::Python);
                match op {
                    Binary::Div => self.b.ins().fdiv(a, b),
                    Binary::Mod => {
                        self.helper(math::float_mod as *const u8, &[a, b], &[types::F64])[0]
                    }
                    _ => self.helper(math::float_floor_div as *const u8, &[a, b], &[types::F64])[0],
                }
            }
            _ => self.power(a, b),
        };
        Val::new(Repr::F64, part)
    }

    fn power(&mut self, a: ir::Value, b: ir::Value) -> ir::Value {
        let address = math::libm2(math::Math::Pow).unwrap_or(std::ptr::null());
        let result = self.helper(address, &[a, b], &[types::F64])[0];
        self.check_result(result, &[a, b]);
        result
    }

    /// Leaves the code where a function has no result, or one that is too large: NaN of no NaN, infinity of finite
    /// numbers. Python raises then.
    pub(super) fn check_result(&mut self, result: ir::Value, args: &[ir::Value]) {
        let [odd, next] = [(); 2].map(|()| self.b.create_block());
        self.b.set_cold_block(odd);
        let zero = self.b.ins().f64const(0.0);
        let nothing = self.b.ins().fsub(result, result);
        // Infinity minus itself is NaN.
        let finite = self.b.ins().fcmp(FloatCC::Equal, nothing, zero);
        self.b.ins().brif(finite, next, &[], odd, &[]);
        self.b.switch_to_block(odd);
        self.b.seal_block(odd);
        let mut any_nan = self.b.ins().iconst(types::I8, 0);
        let mut all_finite = self.b.ins().iconst(types::I8, 1);
        for arg in args {
            let nan = self.b.ins().fcmp(FloatCC::Unordered, *arg, *arg);
            any_nan = self.b.ins().bor(any_nan, nan);
            let nothing = self.b.ins().fsub(*arg, *arg);
            let finite = self.b.ins().fcmp(FloatCC::Equal, nothing, zero);
            all_finite = self.b.ins().band(all_finite, finite);
        }
        let is_nan = self.b.ins().fcmp(FloatCC::Unordered, result, result);
        let no_nan = self.b.ins().icmp_imm_u(IntCC::Equal, any_nan, 0);
        let bad = self.b.ins().select(is_nan, no_nan, all_finite);
        let out = self.exit(Reason::Python);
        self.b.ins().brif(bad, out, &[], next, &[]);
        self.b.switch_to_block(next);
        self.b.seal_block(next);
    }

    fn true_division(&mut self, x: &Val, i: &IntFact, y: &Val, j: &IntFact) -> Val {
        if j.interval.contains(0) {
            let truth = self.truth(y);
            let bad = self.b.ins().icmp_imm_u(IntCC::Equal, truth, 0);
            self.check(bad, Reason::Python);
        }
        // Both exact, so that the quotient is rounded once.
        if exact_in_float(i.interval) && exact_in_float(j.interval) {
            let a = self.float(x, &Fact::Int(i.clone()));
            let b = self.float(y, &Fact::Int(j.clone()));
            return Val::new(Repr::F64, self.b.ins().fdiv(a, b));
        }
        let [a, b] = [x, y].map(|v| {
            let wide = self.int_as(v, &Repr::I128);
            self.b.ins().isplit(wide)
        });
        let part = self.helper(
            math::int_true_div as *const u8,
            &[a.0, a.1, b.0, b.1],
            &[types::F64],
        )[0];
        Val::new(Repr::F64, part)
    }

    fn complex_binary(&mut self, op: Binary, x: &Val, fa: &Fact, y: &Val, fb: &Fact) -> Val {
        for value in [x, y] {
            self.must_be_float(value);
        }
        let (a, b) = self.complex(x, fa);
        let (c, d) = self.complex(y, fb);
        let parts = match op {
            Binary::Add => vec![self.b.ins().fadd(a, c), self.b.ins().fadd(b, d)],
            Binary::Sub => vec![self.b.ins().fsub(a, c), self.b.ins().fsub(b, d)],
            Binary::Mul => {
                let [ac, bd, ad, bc] =
                    [(a, c), (b, d), (a, d), (b, c)].map(|(p, q)| self.b.ins().fmul(p, q));
                vec![self.b.ins().fsub(ac, bd), self.b.ins().fadd(ad, bc)]
            }
            _ => {
                let place = self.stack(2);
                let address = match op {
                    Binary::Pow => super::helpers::complex_pow as *const u8,
                    _ => super::helpers::complex_div as *const u8,
                };
                let ok = self.helper(address, &[a, b, c, d, place], &[types::I32])[0];
                let bad = self.b.ins().icmp_imm_u(IntCC::Equal, ok, 0);
                self.check(bad, Reason::Python);
                return self.read(&Repr::Complex, place, &mut 0);
            }
        };
        Val {
            repr: Repr::Complex,
            parts,
        }
    }

    pub(super) fn compare(
        &mut self,
        op: Compare,
        x: &Val,
        fa: &Fact,
        y: &Val,
        fb: &Fact,
    ) -> ir::Value {
        match transfer::domain(fa, fb) {
            Some(Domain::Int) => {
                let wide = x.repr == Repr::I128 || y.repr == Repr::I128;
                let repr = if wide { Repr::I128 } else { Repr::I64 };
                let (a, b) = (self.int_as(x, &repr), self.int_as(y, &repr));
                self.is(int_cc(op), a, b)
            }
            Some(Domain::Complex) => {
                let (a, b) = self.complex(x, fa);
                let (c, d) = self.complex(y, fb);
                let re = self.b.ins().fcmp(float_cc(op), a, c);
                let im = self.b.ins().fcmp(float_cc(op), b, d);
                if op == Compare::Eq {
                    self.b.ins().band(re, im)
                } else {
                    self.b.ins().bor(re, im)
                }
            }
            _ => {
                // An int that no float holds is compared as it is.
                let long = |f: &Fact| matches!(f, Fact::Int(int) if !exact_in_float(int.interval));
                if long(fa) || long(fb) {
                    let (int, float, op) = if long(fa) {
                        (x, y, op)
                    } else {
                        (y, x, op.mirrored())
                    };
                    let wide = self.int_as(int, &Repr::I128);
                    let (low, high) = self.b.ins().isplit(wide);
                    let order = self.helper(
                        math::compare_int_float as *const u8,
                        &[low, high, float.one()],
                        &[types::I32],
                    )[0];
                    let holds = self.b.ins().icmp_imm_s(int_cc(op), order, 0);
                    let nan = self.b.ins().icmp_imm_s(IntCC::Equal, order, 2);
                    let unequal = self.b.ins().iconst(types::I8, i64::from(op == Compare::Ne));
                    return self.b.ins().select(nan, unequal, holds);
                }
                let (a, b) = (self.float(x, fa), self.float(y, fb));
                self.b.ins().fcmp(float_cc(op), a, b)
            }
        }
    }
}

/// Whether an expression can be left out where its value is known.
fn pure(e: &Expr) -> bool {
    let mut pure = true;
    e.each(&mut |e| {
        pure &= matches!(
            e.kind,
            ExprKind::Int(_)
                | ExprKind::Float(_)
                | ExprKind::Bool(_)
                | ExprKind::Unary(..)
                | ExprKind::None
        );
    });
    pure
}

const fn int_cc(op: Compare) -> IntCC {
    match op {
        Compare::Eq => IntCC::Equal,
        Compare::Ne => IntCC::NotEqual,
        Compare::Lt => IntCC::SignedLessThan,
        Compare::Le => IntCC::SignedLessThanOrEqual,
        Compare::Gt => IntCC::SignedGreaterThan,
        Compare::Ge => IntCC::SignedGreaterThanOrEqual,
    }
}

pub(super) const fn float_cc(op: Compare) -> FloatCC {
    match op {
        Compare::Eq => FloatCC::Equal,
        Compare::Ne => FloatCC::NotEqual,
        Compare::Lt => FloatCC::LessThan,
        Compare::Le => FloatCC::LessThanOrEqual,
        Compare::Gt => FloatCC::GreaterThan,
        Compare::Ge => FloatCC::GreaterThanOrEqual,
    }
}
