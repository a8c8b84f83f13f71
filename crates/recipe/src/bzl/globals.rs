//! Global functions and constants of a recipe.

use std::path::Path;

use starlark::PrintHandler;
use starlark::environment::{Globals, GlobalsBuilder, LibraryExtension, Module};
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::list::UnpackList;
use starlark::values::none::{NoneOr, NoneType};
use starlark::values::{Heap, StringValue, Value};

use super::current::{self, MessageKind};
use super::datum::Datum;
use super::error::Fail;
use super::session::{Registered, Session};
use super::types;

/// Longest text or list that a product may be, and longest range.
const LONGEST: i64 = 1_000_000;

/// Everything that a recipe finds defined.
pub(super) fn all() -> Globals {
    GlobalsBuilder::extended_by(&[
        LibraryExtension::Print,
        LibraryExtension::Map,
        LibraryExtension::Filter,
        LibraryExtension::StructType,
        LibraryExtension::Json,
    ])
    .with(targets)
    .with(guarded)
    .with(prompts)
    .with(types::distribution::globals)
    .with(types::older::globals)
    .with(types::file_content::globals)
    .with(types::file_manifest::globals)
    .with(types::wheel::globals)
    .with(types::wix::globals)
    .with(types::macos::globals)
    .with(types::elsewhere::globals)
    .with(types::snap::globals)
    .with(types::signing::globals)
    .build()
}

/// Constants, which depend on the file.
pub(super) struct Variables(Vec<(&'static str, Datum)>);

pub(super) fn variables(session: &Session<'_>, file: &Path) -> Variables {
    let settings = session.settings;
    let value = |v: &Option<String>| v.clone().map_or(Datum::None, Datum::Text);
    let vars = settings
        .variables
        .iter()
        .map(|(name, v)| (name.clone(), value(v)))
        .collect();
    let text = |path: &Path| Datum::Text(path.display().to_string());
    Variables(vec![
        ("VARS", Datum::Map(vars)),
        ("CWD", text(&session.project.folder)),
        ("CONFIG_PATH", text(file)),
        ("CONTEXT", Datum::Text("CONTEXT".into())),
        (
            "BUILD_TARGET_TRIPLE",
            Datum::Text(settings.target_triple.clone()),
        ),
    ])
}

impl Variables {
    pub(super) fn set(&self, module: &Module<'_>) {
        for (name, value) in &self.0 {
            module.set(name, value.alloc(module.heap()));
        }
    }
}

/// `print`.
pub(super) struct Printed;

impl PrintHandler for Printed {
    fn println(&self, text: &str) -> starlark::Result<()> {
        current::say(MessageKind::Print, text);
        Ok(())
    }
}

#[starlark_module]
fn targets(builder: &mut GlobalsBuilder) {
    fn register_target<'v>(
        name: &str,
        r#fn: Value<'v>,
        #[starlark(default = NoneOr::None)] depends: NoneOr<UnpackList<String>>,
        #[starlark(default = false)] default: bool,
        #[starlark(default = false)] default_build_script: bool,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let by = "register_target";
        if name.is_empty() || name.contains(['/', '\0']) || name.starts_with('.') {
            let fail = Fail::new(format!("`{name}` is no name for a target"))
                .hint("it names a folder of the output, too: \"exe\", \"install\"");
            return Err(fail.of(by).into());
        }
        let function = Session::keep(r#fn, by, eval)?;
        if default_build_script {
            current::say(
                MessageKind::Note,
                "default_build_script has no effect: no Rust project is built",
            );
        }
        let depends = depends.into_option().map(|d| d.items).unwrap_or_default();
        let target = Registered::new(name.to_owned(), function, depends, default);
        Session::of(eval)?.register(target).map_err(|f| f.of(by))?;
        Ok(NoneType)
    }

    fn resolve_target<'v>(
        target: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        Session::resolve(target, eval)
    }

    fn resolve_targets<'v>(eval: &mut Evaluator<'v, '_, '_>) -> starlark::Result<NoneType> {
        let session = Session::of(eval)?;
        for name in session.wanted() {
            Session::resolve(&name, eval)?;
        }
        Ok(NoneType)
    }

    fn set_build_path(path: &str, eval: &mut Evaluator<'_, '_, '_>) -> starlark::Result<NoneType> {
        let session = Session::of(eval)?;
        let path = session
            .project
            .resolve(path)
            .map_err(|f| f.of("set_build_path"))?;
        session.state.borrow_mut().build_path = Some(path);
        Ok(NoneType)
    }
}

/// What stands for parts of the language that have no limit of their own.
#[starlark_module]
fn guarded(builder: &mut GlobalsBuilder) {
    /// `a * b`
    fn product_of__<'v>(
        #[starlark(require = pos)] left: Value<'v>,
        #[starlark(require = pos)] right: Value<'v>,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        let number = |v: Value<'v>| i64::from(v.unpack_i32().unwrap_or(0));
        for (times, of) in [(left, right), (right, left)] {
            let length = match of.unpack_str() {
                Some(text) => text.len() as i64,
                None if matches!(of.get_type(), "list" | "tuple") => i64::from(of.length()?),
                None => continue,
            };
            if number(times).saturating_mul(length) > LONGEST {
                return Err(
                    Fail::new(format!("{length} times {} is too long", number(times)))
                        .hint(format!("a product may have {LONGEST} items"))
                        .into(),
                );
            }
        }
        left.mul(right, heap)
    }

    fn range<'v>(
        #[starlark(require = pos)] start: i32,
        #[starlark(require = pos, default = NoneOr::None)] stop: NoneOr<i32>,
        #[starlark(require = pos, default = 1)] step: i32,
    ) -> starlark::Result<Vec<i32>> {
        let (start, stop) = match stop {
            NoneOr::None => (0, start),
            NoneOr::Other(stop) => (start, stop),
        };
        if step == 0 {
            return Err(Fail::new("the step of a range cannot be 0")
                .of("range")
                .into());
        }
        let (from, to, by) = (i64::from(start), i64::from(stop), i64::from(step));
        let count = ((to - from) + by - by.signum()) / by;
        if count > LONGEST {
            let fail = Fail::new(format!("a range of {count} numbers"))
                .hint(format!("a recipe may count to {LONGEST}"));
            return Err(fail.of("range").into());
        }
        Ok((0..count.max(0)).map(|i| (from + i * by) as i32).collect())
    }
}

/// A recipe is evaluated without a person at hand: in CI, or to list its targets.
#[starlark_module]
fn prompts(builder: &mut GlobalsBuilder) {
    fn can_prompt() -> starlark::Result<bool> {
        Ok(false)
    }

    fn prompt_confirm<'v>(
        prompt: &str,
        #[starlark(default = NoneOr::None)] default: NoneOr<bool>,
    ) -> starlark::Result<bool> {
        match default {
            NoneOr::Other(answer) => Ok(answer),
            NoneOr::None => Err(unanswered(prompt, "prompt_confirm").into()),
        }
    }

    fn prompt_input<'v>(
        prompt: &str,
        #[starlark(default = NoneOr::None)] default: NoneOr<StringValue<'v>>,
    ) -> starlark::Result<StringValue<'v>> {
        match default {
            NoneOr::Other(answer) => Ok(answer),
            NoneOr::None => Err(unanswered(prompt, "prompt_input").into()),
        }
    }

    fn prompt_password<'v>(
        prompt: &str,
        #[starlark(default = false)] confirm: bool,
        #[starlark(default = NoneOr::None)] default: NoneOr<StringValue<'v>>,
    ) -> starlark::Result<StringValue<'v>> {
        let _ = confirm;
        match default {
            NoneOr::Other(answer) => Ok(answer),
            NoneOr::None => Err(unanswered(prompt, "prompt_password").into()),
        }
    }
}

fn unanswered(prompt: &str, function: &str) -> Fail {
    Fail::new(format!(
        "nobody is asked while a recipe is evaluated (\"{prompt}\")"
    ))
    .hint("give a default, or take the value of VARS: `pyxidium build -v NAME=VALUE`")
    .of(function)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_guarded_text_calls_a_function_that_exists() {
        let globals = super::all();
        assert!(
            globals
                .names()
                .any(|n| n.as_str() == super::super::guard::PRODUCT)
        );
    }
}
