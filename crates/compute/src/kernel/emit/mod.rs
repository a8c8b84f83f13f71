//! From syntax and facts to machine code, through Cranelift.
//!
//! Nothing here decides what is right: an operation gets a check unless the analysis proved that it needs
//! none. A check that fails leaves the code at the statement's beginning (see [`exit`](self)), with all variables
//! as they were then.

mod access;
mod convert;
mod draw;
mod expr;
mod fold;
mod helpers;
mod inline;
mod int;
mod math;
mod stmt;
mod vector;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, Weak};

use cranelift_codegen::ir::{
    self, AbiParam, BlockArg, InstBuilder, MemFlagsData, Signature, StackSlotData, StackSlotKind,
    condcodes::IntCC, types,
};
use cranelift_codegen::isa::{CallConv, OwnedTargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Variable};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{Linkage, Module};

use super::analyse::{Analysis, Env};
use super::parallel::Description;
use super::runtime::{Context, Dynamic, Exit, Reason, Spec, leave, look, status};
use super::syntax::{Function, Stmt, Var};
use super::types::{ArrayType, Fact, Repr};

/// Machine code, and what goes with it.
pub struct Code {
    pub(super) entry: *const u8,
    pub(super) exits: Vec<Exit>,
    /// Kernels whose code this calls.
    _callees: Vec<Arc<Spec>>,
    _descriptions: Descriptions,
    /// What went wrong; never seen unless the compiler has a fault.
    pub(super) problem: Option<String>,
    /// Freed with it.
    module: Option<JITModule>,
    /// Bytes of machine code.
    pub size: usize,
}

// SAFETY: machine code and its tables are not changed after they were made.
unsafe impl Send for Code {}
// SAFETY: as above.
unsafe impl Sync for Code {}

impl Drop for Code {
    fn drop(&mut self) {
        if let Some(module) = self.module.take() {
            // SAFETY: whoever runs the code holds its specialisation, so nobody does.
            unsafe { module.free_memory() };
        }
    }
}

/// The machine that is compiled for: this one.
fn isa() -> Result<OwnedTargetIsa, String> {
    static ISA: OnceLock<Result<OwnedTargetIsa, String>> = OnceLock::new();
    ISA.get_or_init(|| {
        let mut flags = settings::builder();
        let set = [
            ("opt_level", "speed"),
            ("is_pic", "false"),
            (
                "enable_verifier",
                if cfg!(debug_assertions) {
                    "true"
                } else {
                    "false"
                },
            ),
            ("unwind_info", "false"),
            ("enable_probestack", "false"),
        ];
        for (name, value) in set {
            flags.set(name, value).map_err(|e| e.to_string())?;
        }
        let builder = cranelift_native::builder().map_err(str::to_owned)?;
        builder
            .finish(settings::Flags::new(flags))
            .map_err(|e| e.to_string())
    })
    .clone()
}

/// A function that calls [`look`] and keeps all registers as they were. Made once.
fn look_without_loss() -> Result<usize, String> {
    static MADE: OnceLock<Result<usize, String>> = OnceLock::new();
    MADE.get_or_init(|| {
        let builder = JITBuilder::with_isa(isa()?, cranelift_module::default_libcall_names());
        let mut module = JITModule::new(builder);
        let mut context = module.make_context();
        context.func.signature = Signature::new(CallConv::PreserveAll);
        context
            .func
            .signature
            .params
            .push(AbiParam::new(types::I64));
        let mut builders = FunctionBuilderContext::new();
        let mut b = FunctionBuilder::new(&mut context.func, &mut builders);
        let entry = b.create_block();
        b.append_block_params_for_function_params(entry);
        b.switch_to_block(entry);
        b.seal_block(entry);
        let argument = b.block_params(entry)[0];
        let mut signature = Signature::new(CallConv::SystemV);
        signature.params.push(AbiParam::new(types::I64));
        let signature = b.import_signature(signature);
        let address = b.ins().iconst(types::I64, look as *const u8 as i64);
        b.ins().call_indirect(signature, address, &[argument]);
        b.ins().return_(&[]);
        b.finalize(module.isa().frontend_config());
        let id = module
            .declare_function("look", Linkage::Export, &context.func.signature)
            .map_err(|e| e.to_string())?;
        module
            .define_function(id, &mut context)
            .map_err(|e| format!("{e:?}"))?;
        module.finalize_definitions().map_err(|e| e.to_string())?;
        let address = module.get_finalized_function(id) as usize;
        // It is used as long as the process runs.
        std::mem::forget(module);
        Ok(address)
    })
    .clone()
}

/// Compiles an analysed function.
pub fn compile(
    function: &Function,
    analysis: &Analysis,
    reprs: &[Repr],
    spec: &Weak<Spec>,
) -> Code {
    let mut code = Code {
        entry: std::ptr::null(),
        exits: Vec::new(),
        _callees: analysis.callees.values().cloned().collect(),
        _descriptions: Vec::new(),
        problem: None,
        module: None,
        size: 0,
    };
    if let Err(problem) = build(function, analysis, reprs, spec, &mut code) {
        code.problem = Some(problem);
    }
    code
}

fn build(
    function: &Function,
    analysis: &Analysis,
    reprs: &[Repr],
    spec: &Weak<Spec>,
    code: &mut Code,
) -> Result<(), String> {
    let isa = isa()?;
    let mut module = JITModule::new(JITBuilder::with_isa(
        isa,
        cranelift_module::default_libcall_names(),
    ));
    let mut context = module.make_context();
    context.func.signature = entry_signature();
    let id = module
        .declare_function("kernel", Linkage::Export, &context.func.signature)
        .map_err(|e| e.to_string())?;
    let itself = module.declare_func_in_func(id, &mut context.func);
    let mut builders = FunctionBuilderContext::new();
    let builder = FunctionBuilder::new(&mut context.func, &mut builders);
    let mut emit = Emit::new(builder, function, analysis, spec, itself);
    emit.function(reprs);
    let (exits, descriptions) = emit.finish(module.isa().frontend_config());
    code.exits = exits;
    code._descriptions = descriptions;
    let shown = std::env::var_os("PYXIDIUM_KERNEL_IR").is_some();
    context.set_disasm(shown);
    if shown {
        show(&context.func.display());
    }
    module
        .define_function(id, &mut context)
        .map_err(|e| format!("{e:?}"))?;
    if let Some(text) = context.compiled_code().and_then(|c| c.vcode.as_ref()) {
        show(text);
    }
    code.size = context.compiled_code().map_or(0, |c| c.code_buffer().len());
    module.finalize_definitions().map_err(|e| e.to_string())?;
    code.entry = module.get_finalized_function(id);
    code.module = Some(module);
    Ok(())
}

/// For whoever works on the compiler.
#[allow(clippy::print_stderr)]
fn show(text: &dyn std::fmt::Display) {
    eprintln!("{text}");
}

/// `fn(context, arguments, result) -> status`
fn entry_signature() -> Signature {
    let mut signature = Signature::new(CallConv::SystemV);
    signature.params = vec![AbiParam::new(types::I64); 3];
    signature.returns = vec![AbiParam::new(types::I32)];
    signature
}

/// A value in registers.
#[derive(Debug, Clone)]
struct Val {
    repr: Repr,
    parts: Vec<ir::Value>,
}

impl Val {
    fn new(repr: Repr, part: ir::Value) -> Self {
        Self {
            repr,
            parts: vec![part],
        }
    }

    fn one(&self) -> ir::Value {
        self.parts[0]
    }
}

/// An array parameter in registers.
struct ArrayVals {
    address: ir::Value,
    data: ir::Value,
    shape: Vec<ir::Value>,
    strides: Vec<ir::Value>,
    ty: ArrayType,
}

/// Compiled code has their addresses: they must not move.
#[allow(clippy::vec_box)]
type Descriptions = Vec<Box<Description>>;

/// A block that leaves the code: its number, and the variables that it keeps.
type Pending = (ir::Block, u32, Vec<(Var, Repr, bool)>);

/// A variable at the current place: how it lies, and whether it may have no value.
type Place = Option<(Repr, bool)>;

/// Where `break` and `continue` go, and how variables must lie there.
struct LoopBlocks {
    after: ir::Block,
    after_env: Option<Env>,
    next: ir::Block,
    next_env: Env,
}

/// Where the code is left if something at the current statement fails.
#[derive(Clone)]
struct Here {
    stmt: u32,
    line: u32,
    vars: Vec<(Var, Repr, bool)>,
}

struct Emit<'a> {
    b: FunctionBuilder<'a>,
    f: &'a Function,
    a: &'a Analysis,
    spec: *const Spec,
    itself: ir::FuncRef,
    context: ir::Value,
    args: ir::Value,
    result: ir::Value,
    variables: HashMap<(Var, Repr), Vec<Variable>>,
    flags: HashMap<Var, Variable>,
    arrays: HashMap<Var, ArrayVals>,
    places: Vec<Place>,
    loops: Vec<LoopBlocks>,
    here: Here,
    exits: Vec<Exit>,
    pending: Vec<Pending>,
    cache: HashMap<(u32, Reason), ir::Block>,
    frame: Option<ir::StackSlot>,
    signatures: HashMap<(Vec<ir::Type>, Vec<ir::Type>), ir::SigRef>,
    descriptions: Descriptions,
    reached: bool,
    /// Of a kernel that is compiled into this one: where its result goes.
    inlined: Option<inline::Result>,
}

impl<'a> Emit<'a> {
    fn new(
        b: FunctionBuilder<'a>,
        f: &'a Function,
        a: &'a Analysis,
        spec: &Weak<Spec>,
        itself: ir::FuncRef,
    ) -> Self {
        let nothing = ir::Value::from_u32(0);
        Self {
            b,
            f,
            a,
            spec: spec.as_ptr(),
            itself,
            context: nothing,
            args: nothing,
            result: nothing,
            variables: HashMap::new(),
            flags: HashMap::new(),
            arrays: HashMap::new(),
            places: vec![None; f.names.len()],
            loops: Vec::new(),
            here: Here {
                stmt: 0,
                line: 0,
                vars: Vec::new(),
            },
            exits: Vec::new(),
            pending: Vec::new(),
            cache: HashMap::new(),
            frame: None,
            signatures: HashMap::new(),
            descriptions: Vec::new(),
            reached: true,
            inlined: None,
        }
    }

    fn function(&mut self, reprs: &[Repr]) {
        let entry = self.b.create_block();
        self.b.append_block_params_for_function_params(entry);
        self.b.switch_to_block(entry);
        self.b.seal_block(entry);
        let [context, args, result] = self.b.block_params(entry).try_into().expect("three");
        (self.context, self.args, self.result) = (context, args, result);
        let mut slot = 0;
        for (var, repr) in self.f.params.iter().zip(reprs) {
            if let Repr::Array(_) = repr {
                self.array(*var, slot);
            } else {
                let value = self.read(repr, self.args, &mut { slot });
                self.assign(*var, &value);
            }
            slot += repr.slots();
        }
        self.block(&self.f.body);
        if self.reached {
            let none = Val {
                repr: Repr::None,
                parts: Vec::new(),
            };
            self.give(&none);
        }
    }

    /// Loads what is needed of an array parameter once.
    fn array(&mut self, var: Var, slot: usize) {
        let index = self
            .f
            .params
            .iter()
            .position(|p| *p == var)
            .expect("a parameter");
        let super::types::Type::Array(ty) = self.a.params[index] else {
            return;
        };
        let flags = MemFlagsData::trusted().with_readonly().with_can_move();
        let address = self
            .b
            .ins()
            .load(types::I64, flags, self.args, (slot * 16) as i32);
        let mut load = |offset: usize| self.b.ins().load(types::I64, flags, address, offset as i32);
        use super::value::Array;
        let data = load(std::mem::offset_of!(Array, data));
        let ndim = usize::from(ty.ndim);
        let shape: Vec<_> = (0..ndim)
            .map(|axis| load(std::mem::offset_of!(Array, shape) + axis * 8))
            .collect();
        let strides = (0..ndim)
            .map(|axis| load(std::mem::offset_of!(Array, strides) + axis * 8))
            .collect();
        self.arrays.insert(
            var,
            ArrayVals {
                address,
                data,
                shape,
                strides,
                ty,
            },
        );
        self.places[var as usize] = Some((Repr::Array(var), false));
    }

    fn finish(
        mut self,
        config: cranelift_codegen::isa::TargetFrontendConfig,
    ) -> (Vec<Exit>, Descriptions) {
        self.b.seal_all_blocks();
        let (exits, descriptions) = (self.exits, self.descriptions);
        self.b.finalize(config);
        (exits, descriptions)
    }

    // --- variables -------------------------------------------------------------------------------

    fn parts_of(repr: &Repr, out: &mut Vec<ir::Type>) {
        match repr {
            Repr::I64 => out.push(types::I64),
            Repr::I128 => out.push(types::I128),
            Repr::F64 => out.push(types::F64),
            Repr::Bool => out.push(types::I8),
            Repr::Complex => out.extend([types::F64, types::F64]),
            Repr::Number => out.extend([types::F64, types::I8]),
            Repr::None | Repr::Array(_) => {}
            Repr::Tuple(items) => items.iter().for_each(|item| Self::parts_of(item, out)),
            Repr::Stream => out.extend([types::I64; 4]),
        }
    }

    fn registers(&mut self, var: Var, repr: &Repr) -> Vec<Variable> {
        if let Some(found) = self.variables.get(&(var, repr.clone())) {
            return found.clone();
        }
        let mut parts = Vec::new();
        Self::parts_of(repr, &mut parts);
        let made: Vec<_> = parts.into_iter().map(|ty| self.b.declare_var(ty)).collect();
        self.variables.insert((var, repr.clone()), made.clone());
        made
    }

    fn flag(&mut self, var: Var) -> Variable {
        if let Some(flag) = self.flags.get(&var) {
            return *flag;
        }
        let flag = self.b.declare_var(types::I8);
        self.flags.insert(var, flag);
        flag
    }

    fn assign(&mut self, var: Var, value: &Val) {
        let registers = self.registers(var, &value.repr);
        for (register, part) in registers.iter().zip(&value.parts) {
            self.b.def_var(*register, *part);
        }
        self.places[var as usize] = Some((value.repr.clone(), false));
    }

    /// A variable as it lies now. The flag says whether it has a value, if that is not certain.
    fn variable(&mut self, var: Var) -> (Val, Option<ir::Value>) {
        let Some((repr, maybe)) = self.places[var as usize].clone() else {
            // The analysis refuses what is never bound; this is code that is never reached.
            return (self.zero(&Repr::I64), None);
        };
        let registers = self.registers(var, &repr);
        let parts = registers.into_iter().map(|r| self.b.use_var(r)).collect();
        let flag = maybe.then(|| {
            let flag = self.flag(var);
            self.b.use_var(flag)
        });
        (Val { repr, parts }, flag)
    }

    fn zero(&mut self, repr: &Repr) -> Val {
        let mut kinds = Vec::new();
        Self::parts_of(repr, &mut kinds);
        let parts = kinds
            .into_iter()
            .map(|ty| match ty {
                types::F64 => self.b.ins().f64const(0.0),
                types::I128 => {
                    let zero = self.b.ins().iconst(types::I64, 0);
                    self.b.ins().iconcat(zero, zero)
                }
                ty => self.b.ins().iconst(ty, 0),
            })
            .collect();
        Val {
            repr: repr.clone(),
            parts,
        }
    }

    /// Brings all variables to how they must lie at another place, and makes that the current one.
    fn move_to(&mut self, env: &Env) {
        let mut places = vec![None; self.places.len()];
        for (var, slot) in env.iter() {
            let repr = slot.fact.repr();
            if let Repr::Array(_) = repr {
                places[var as usize] = Some((repr, false));
                continue;
            }
            let (value, flag) = match self.places[var as usize].clone() {
                Some(_) => {
                    let (value, flag) = self.variable(var);
                    (self.convert(&value, &repr), flag)
                }
                None => (self.zero(&repr), Some(self.b.ins().iconst(types::I8, 0))),
            };
            let registers = self.registers(var, &repr);
            for (register, part) in registers.iter().zip(&value.parts) {
                self.b.def_var(*register, *part);
            }
            if slot.maybe_unbound {
                let there = match flag {
                    Some(flag) => flag,
                    None => self.b.ins().iconst(types::I8, 1),
                };
                let flag = self.flag(var);
                self.b.def_var(flag, there);
            }
            places[var as usize] = Some((repr, slot.maybe_unbound));
        }
        self.places = places;
    }

    /// Takes up the places of an environment, to which all ways here have moved.
    fn at(&mut self, env: &Env) {
        self.places.iter_mut().for_each(|p| *p = None);
        for (var, slot) in env.iter() {
            self.places[var as usize] = Some((slot.fact.repr(), slot.maybe_unbound));
        }
    }

    // --- memory ----------------------------------------------------------------------------------

    fn stack(&mut self, slots: usize) -> ir::Value {
        let data = StackSlotData::new(StackSlotKind::ExplicitSlot, (slots.max(1) * 16) as u32, 4);
        let slot = self.b.create_sized_stack_slot(data);
        self.b.ins().stack_addr(types::I64, slot, 0)
    }

    /// Writes a value into slots, from `slot` on.
    fn write(&mut self, value: &Val, base: ir::Value, slot: &mut usize) {
        let flags = MemFlagsData::trusted();
        for part in &value.parts {
            self.b.ins().store(flags, *part, base, (*slot * 16) as i32);
            *slot += 1;
        }
    }

    /// Reads a value from slots.
    fn read(&mut self, repr: &Repr, base: ir::Value, slot: &mut usize) -> Val {
        let mut kinds = Vec::new();
        Self::parts_of(repr, &mut kinds);
        let mut parts = Vec::new();
        for ty in kinds {
            parts.push(
                self.b
                    .ins()
                    .load(ty, MemFlagsData::trusted(), base, (*slot * 16) as i32),
            );
            *slot += 1;
        }
        Val {
            repr: repr.clone(),
            parts,
        }
    }

    // --- control ---------------------------------------------------------------------------------

    fn jump(&mut self, block: ir::Block) {
        self.b.ins().jump(block, &[]);
    }

    fn jump_with(&mut self, block: ir::Block, parts: &[ir::Value]) {
        let args: Vec<BlockArg> = parts.iter().map(|v| BlockArg::Value(*v)).collect();
        self.b.ins().jump(block, &args);
    }

    /// Goes on in a new block where `bad` is 0, and leaves the code elsewhere.
    fn check(&mut self, bad: ir::Value, reason: Reason) {
        let out = self.exit(reason);
        let next = self.b.create_block();
        self.b.ins().brif(bad, out, &[], next, &[]);
        self.b.switch_to_block(next);
        self.b.seal_block(next);
    }

    /// The block that leaves the code at the current statement.
    fn exit(&mut self, reason: Reason) -> ir::Block {
        let key = (self.here.stmt, reason);
        if let Some(block) = self.cache.get(&key) {
            return *block;
        }
        let exit = Exit {
            stmt: self.here.stmt,
            after: false,
            reason,
            vars: self.here.vars.clone(),
            dynamic: Dynamic::None,
        };
        let block = self.leave_in(exit);
        self.cache.insert(key, block);
        block
    }

    /// A block that leaves the code; it is filled when the statement is done.
    fn leave_in(&mut self, exit: Exit) -> ir::Block {
        let block = self.b.create_block();
        self.b.set_cold_block(block);
        self.pending
            .push((block, self.exits.len() as u32, exit.vars.clone()));
        self.exits.push(exit);
        block
    }

    /// Fills the blocks that leave the code at the statement that was just done.
    fn fill_exits(&mut self) {
        // A kernel inside another is left where it is called.
        if self.inlined.is_some() {
            return;
        }
        let current = self.b.current_block();
        let places = self.places.clone();
        for (block, number, vars) in std::mem::take(&mut self.pending) {
            self.b.switch_to_block(block);
            self.b.seal_block(block);
            let slots = vars
                .iter()
                .map(|(_, repr, flag)| repr.parts() + usize::from(*flag))
                .sum::<usize>();
            let frame = self.frame_of(slots);
            let mut slot = 0;
            for (var, repr, flagged) in vars {
                self.places[var as usize] = Some((repr, flagged));
                let (value, flag) = self.variable(var);
                self.write(&value, frame, &mut slot);
                if let Some(flag) = flag {
                    let flag = Val::new(Repr::Bool, flag);
                    self.write(&flag, frame, &mut slot);
                }
            }
            let spec = self.b.ins().iconst(types::I64, self.spec as i64);
            let number = self.b.ins().iconst(types::I32, i64::from(number));
            let status = self.helper(
                leave as *const u8,
                &[self.context, spec, number, frame, self.args, self.result],
                &[types::I32],
            )[0];
            self.b.ins().return_(&[status]);
        }
        self.cache.clear();
        self.places = places;
        if let Some(current) = current
            && self.reached
        {
            self.b.switch_to_block(current);
        }
    }

    /// The frame that exits share.
    fn frame_of(&mut self, slots: usize) -> ir::Value {
        let size = (slots.max(1) * 16) as u32;
        let slot = match self.frame {
            Some(slot) => {
                let data = &mut self.b.func.sized_stack_slots[slot];
                data.size = data.size.max(size);
                slot
            }
            None => {
                let data = StackSlotData::new(StackSlotKind::ExplicitSlot, size, 4);
                let slot = self.b.create_sized_stack_slot(data);
                self.frame = Some(slot);
                slot
            }
        };
        self.b.ins().stack_addr(types::I64, slot, 0)
    }

    /// Says where the code is left from now on.
    fn at_statement(&mut self, stmt: &Stmt) {
        if self.inlined.is_some() {
            return;
        }
        let live = self.a.live.before(stmt);
        let vars = self.places.iter().enumerate().filter_map(|(var, place)| {
            let (repr, maybe) = place.clone()?;
            let array = matches!(repr, Repr::Array(_));
            (array || live.contains(var as Var)).then_some((var as Var, repr, maybe))
        });
        self.here = Here {
            stmt: stmt.id,
            line: stmt.span.line,
            vars: vars.collect(),
        };
    }

    /// Calls a function of ours.
    fn helper(
        &mut self,
        address: *const u8,
        args: &[ir::Value],
        returns: &[ir::Type],
    ) -> Vec<ir::Value> {
        let params: Vec<_> = args
            .iter()
            .map(|v| self.b.func.dfg.value_type(*v))
            .collect();
        let key = (params, returns.to_vec());
        let signature = match self.signatures.get(&key) {
            Some(signature) => *signature,
            None => {
                let mut signature = Signature::new(CallConv::SystemV);
                signature.params = key.0.iter().map(|ty| AbiParam::new(*ty)).collect();
                signature.returns = returns.iter().map(|ty| AbiParam::new(*ty)).collect();
                let signature = self.b.import_signature(signature);
                self.signatures.insert(key, signature);
                signature
            }
        };
        let address = self.b.ins().iconst(types::I64, address as i64);
        let call = self.b.ins().call_indirect(signature, address, args);
        self.b.inst_results(call).to_vec()
    }

    /// Looks whether the runtime wants something.
    fn poll(&mut self) {
        let flags = MemFlagsData::trusted();
        let offset = std::mem::offset_of!(Context, flag) as i32;
        let address = self.b.ins().load(
            types::I64,
            flags.with_readonly().with_can_move(),
            self.context,
            offset,
        );
        let flag = self.b.ins().load(types::I32, flags, address, 0);
        let (cold, next) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(cold);
        self.b.ins().brif(flag, cold, &[], next, &[]);
        self.b.switch_to_block(cold);
        self.b.seal_block(cold);
        self.look();
        let looked = std::mem::offset_of!(Context, looked) as i32;
        let status = self.b.ins().load(types::I32, flags, self.context, looked);
        let stop = self.b.create_block();
        self.b.set_cold_block(stop);
        self.b.ins().brif(status, stop, &[], next, &[]);
        self.b.switch_to_block(stop);
        self.b.seal_block(stop);
        self.b.ins().return_(&[status]);
        self.b.switch_to_block(next);
        self.b.seal_block(next);
    }

    /// Calls the runtime without losing a register: otherwise, what a loop keeps in vector registers would have to
    /// lie in memory, in each iteration, for the sake of this call.
    fn look(&mut self) {
        let Ok(address) = look_without_loss() else {
            self.helper(look as *const u8, &[self.context], &[]);
            return;
        };
        let mut signature = Signature::new(CallConv::PreserveAll);
        signature.params.push(AbiParam::new(types::I64));
        let signature = self.b.import_signature(signature);
        let address = self.b.ins().iconst(types::I64, address as i64);
        self.b
            .ins()
            .call_indirect(signature, address, &[self.context]);
    }

    /// Returns a value.
    fn give(&mut self, value: &Val) {
        if let Some(place) = self.inlined.clone() {
            let value = self.convert(value, &place.repr);
            self.jump_with(place.block, &value.parts);
            self.reached = false;
            return;
        }
        let repr = self.a.returned.as_ref().map_or(Repr::None, Fact::repr);
        let value = self.convert(value, &repr);
        self.write(&value, self.result, &mut 0);
        let done = self.b.ins().iconst(types::I32, i64::from(status::DONE));
        self.b.ins().return_(&[done]);
        self.reached = false;
    }

    fn is(&mut self, cc: IntCC, a: ir::Value, b: ir::Value) -> ir::Value {
        self.b.ins().icmp(cc, a, b)
    }
}
