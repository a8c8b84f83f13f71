//! From syntax and facts to machine code, through Cranelift.
//!
//! Nothing here decides what is right: an operation gets a check unless the analysis proved that it needs
//! none. A check that fails leaves the code at the statement's beginning (see `exits`), with all variables
//! as they were then.

mod access;
mod blocks;
mod call;
mod convert;
mod draw;
mod exits;
mod expr;
mod fold;
mod groups;
mod helpers;
mod inline;
mod int;
mod loops;
mod machine;
mod math;
mod places;
mod stmt;
mod tuples;
mod vector;

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use cranelift_codegen::ir::{
    self, AbiParam, BlockArg, InstBuilder, MemFlagsData, Signature, condcodes::IntCC, types,
};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Variable};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{Linkage, Module};

use super::analyse::{Analysis, Env};
use super::parallel::Description;
use super::runtime::{Exit, Reason, Spec};
use super::syntax::{Function, Var};
use super::types::{ArrayType, Repr};
use machine::isa;

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
    /// In a loop that goes from element to element: where these are for a counter of 0, and the counter.
    streams: Option<(vector::Streams, Var)>,
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
            streams: None,
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

    fn jump(&mut self, block: ir::Block) {
        self.b.ins().jump(block, &[]);
    }

    fn jump_with(&mut self, block: ir::Block, parts: &[ir::Value]) {
        let args: Vec<BlockArg> = parts.iter().map(|v| BlockArg::Value(*v)).collect();
        self.b.ins().jump(block, &args);
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

    fn is(&mut self, cc: IntCC, a: ir::Value, b: ir::Value) -> ir::Value {
        self.b.ins().icmp(cc, a, b)
    }
}
