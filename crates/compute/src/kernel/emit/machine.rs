//! The machine that is compiled for, and the one function that is made beforehand.

use std::sync::OnceLock;

use cranelift_codegen::ir::{AbiParam, InstBuilder, Signature, types};
use cranelift_codegen::isa::{CallConv, OwnedTargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{Linkage, Module};

use crate::kernel::runtime::look;

/// The machine that is compiled for: this one.
pub(super) fn isa() -> Result<OwnedTargetIsa, String> {
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
pub(super) fn look_without_loss() -> Result<usize, String> {
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
