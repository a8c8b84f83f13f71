//! Code signers of Windows and macOS: accepted, and said to do nothing for a file that is sealed here.

use starlark::environment::{GlobalsBuilder, MethodsBuilder};
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::Value;
use starlark::values::none::NoneType;

use crate::bzl::bag::Attr;
use crate::bzl::current;
use crate::bzl::object::object;
use crate::bzl::session::Session;

const TABLE: &[Attr] = &[];

object!(CodeSigner, "CodeSigner", (), TABLE, methods);

const SAID: &str = "executables of Windows and macOS are signed, and none is built here; for a sealed file \
     there is `pyxidium sign APP --key KEY`";

#[starlark_module]
fn methods(builder: &mut MethodsBuilder) {
    fn activate(this: &CodeSigner) -> starlark::Result<NoneType> {
        let _ = this;
        current::explain("CodeSigner.activate", SAID);
        Ok(NoneType)
    }

    fn chain_issuer_certificates_pem_file(
        this: &CodeSigner,
        path: &str,
        eval: &mut Evaluator<'_, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let _ = this;
        Session::of(eval)?
            .project
            .existing(path)
            .map_err(|f| f.of("CodeSigner.chain_issuer_certificates_pem_file"))?;
        Ok(NoneType)
    }

    fn chain_issuer_certificates_macos_keychain(this: &CodeSigner) -> starlark::Result<NoneType> {
        let _ = this;
        current::explain("CodeSigner.chain_issuer_certificates_macos_keychain", SAID);
        Ok(NoneType)
    }

    fn set_time_stamp_server(this: &CodeSigner, url: &str) -> starlark::Result<NoneType> {
        let _ = (this, url);
        Ok(NoneType)
    }

    fn set_signing_callback<'v>(
        this: &CodeSigner,
        callback: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let _ = this;
        Session::keep(callback, "CodeSigner.set_signing_callback", eval)?;
        Ok(NoneType)
    }
}

#[starlark_module]
pub(in crate::bzl) fn globals(builder: &mut GlobalsBuilder) {
    fn code_signer_from_pfx_file(path: &str, password: &str) -> starlark::Result<CodeSigner> {
        let _ = (path, password);
        Ok(CodeSigner::with(()))
    }

    fn code_signer_from_windows_store_sha1_thumbprint(
        thumbprint: &str,
        #[starlark(default = "my")] store: &str,
    ) -> starlark::Result<CodeSigner> {
        let _ = (thumbprint, store);
        Ok(CodeSigner::with(()))
    }

    fn code_signer_from_windows_store_subject(
        subject: &str,
        #[starlark(default = "my")] store: &str,
    ) -> starlark::Result<CodeSigner> {
        let _ = (subject, store);
        Ok(CodeSigner::with(()))
    }

    fn code_signer_from_windows_store_auto() -> starlark::Result<CodeSigner> {
        Ok(CodeSigner::with(()))
    }
}
