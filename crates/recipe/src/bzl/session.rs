//! One evaluation: its project, its host, the targets that were registered and what it is to write.
//! Functions of a recipe are kept as hidden variables of the file that evaluates, so that they live as long as
//! it does.

use std::cell::RefCell;
use std::path::PathBuf;

use starlark::any::ProvidesStaticType;
use starlark::environment::FrozenModule;
use starlark::eval::Evaluator;
use starlark::values::Value;

use super::current;
use super::error::Fail;
use super::evaluate::{Requested, Settings};
use super::host::Host;
use super::near::nearest;
use super::paths::Project;
use super::product::Write;
use super::types::resource::Handle;
use crate::Origin;

/// A function of a recipe: of the file with this number, under this hidden name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Function {
    file: usize,
    name: String,
}

/// A target as registered.
#[derive(Debug, Clone)]
pub(super) struct Registered {
    pub(super) name: String,
    pub(super) function: Function,
    pub(super) depends: Vec<String>,
    pub(super) default: bool,
    pub(super) at: Origin,
    /// The hidden variable of its value, once it is resolved.
    value: Option<String>,
    /// Whether it is being resolved.
    busy: bool,
}

/// What changes while a recipe is evaluated.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) targets: Vec<Registered>,
    pub(super) build_path: Option<PathBuf>,
    pub(super) writes: Vec<Write>,
    /// Files that were loaded: the number of a file is its place.
    pub(super) loaded: Vec<(PathBuf, FrozenModule)>,
    /// Files under evaluation, the outermost first.
    pub(super) loading: Vec<(usize, PathBuf)>,
    /// Numbers of files given out.
    pub(super) files: usize,
    /// Frozen modules by the number of their file.
    pub(super) frozen: Vec<(usize, FrozenModule)>,
    names: usize,
    /// What recipes of older releases install without an executable.
    pub(super) loose: Vec<Handle>,
}

/// One evaluation.
#[derive(ProvidesStaticType)]
pub(super) struct Session<'h> {
    pub(super) settings: &'h Settings,
    pub(super) host: &'h dyn Host,
    pub(super) project: Project,
    pub(super) state: RefCell<State>,
}

impl<'h> Session<'h> {
    /// The session of an evaluator.
    pub(super) fn of<'a>(eval: &Evaluator<'_, 'a, 'h>) -> Result<&'a Self, Fail> {
        eval.extra
            .and_then(|e| e.downcast_ref::<Self>())
            .ok_or_else(|| Fail::new("this cannot be used while a file is loaded"))
    }

    /// The number of the file under evaluation.
    fn file(&self) -> usize {
        self.state.borrow().loading.last().map_or(0, |(n, _)| *n)
    }

    fn hidden(&self, what: &str) -> String {
        let mut state = self.state.borrow_mut();
        state.names += 1;
        format!("{what} {}", state.names)
    }

    /// Keeps a function for later.
    pub(super) fn keep<'v>(
        value: Value<'v>,
        by: &str,
        eval: &mut Evaluator<'v, '_, 'h>,
    ) -> Result<Function, Fail> {
        if !matches!(value.get_type(), "function" | "native_function") {
            return Err(Fail::new(format!(
                "a function is expected, not a {}",
                value.get_type()
            ))
            .hint("write its name without brackets")
            .of(by));
        }
        let session = Self::of(eval)?;
        let name = session.hidden("function");
        eval.module().set(&name, value);
        Ok(Function {
            file: session.file(),
            name,
        })
    }

    /// Calls a function that was kept.
    pub(super) fn call<'v>(
        function: &Function,
        arguments: &[Value<'v>],
        eval: &mut Evaluator<'v, '_, 'h>,
    ) -> starlark::Result<Value<'v>> {
        let session = Self::of(eval)?;
        let gone = || Fail::new("a function of a loaded file is gone");
        let value = if function.file == session.file() {
            eval.module().get(&function.name).ok_or_else(gone)?
        } else {
            let state = session.state.borrow();
            let frozen = state.frozen.iter().find(|(n, _)| *n == function.file);
            let (_, module) = frozen.ok_or_else(gone)?;
            let (owned, _) = module
                .get_any_visibility(&function.name)
                .map_err(|_| gone())?;
            eval.heap().access_owned_frozen_value(&owned)
        };
        eval.eval_function(value, arguments, &[])
    }

    /// Registers a target.
    pub(super) fn register(&self, target: Registered) -> Result<(), Fail> {
        let mut state = self.state.borrow_mut();
        for name in &target.depends {
            if *name == target.name {
                return Err(Fail::new(format!("target `{name}` depends on itself")));
            }
        }
        // As in PyOxidizer the last one of a name counts.
        state.targets.retain(|t| t.name != target.name);
        state.targets.push(target);
        Ok(())
    }

    /// The name of the default target.
    pub(super) fn default_target(&self) -> Option<String> {
        let state = self.state.borrow();
        let marked = state.targets.iter().rev().find(|t| t.default);
        marked
            .or_else(|| state.targets.first())
            .map(|t| t.name.clone())
    }

    /// The targets that are wanted, as `resolve_targets()` sees it: where all are, each has its turn later.
    pub(super) fn wanted(&self) -> Vec<String> {
        match &self.settings.requested {
            Requested::Named(names) => names.clone(),
            Requested::Default => self.default_target().into_iter().collect(),
            Requested::All => Vec::new(),
        }
    }

    /// The value of a target: resolved now, or when it was first asked for.
    pub(super) fn resolve<'v>(
        name: &str,
        eval: &mut Evaluator<'v, '_, 'h>,
    ) -> starlark::Result<Value<'v>> {
        let session = Self::of(eval)?;
        let target = session.target(name)?;
        if let Some(hidden) = &target.value
            && let Some(value) = eval.module().get(hidden)
        {
            return Ok(value);
        }
        if target.busy {
            return Err(Fail::new(format!("target `{name}` depends on itself"))
                .hint("take it out of `depends` of one of the targets between")
                .into());
        }
        session.change(name, |t| t.busy = true);
        let value = Self::resolve_now(&target, eval);
        session.change(name, |t| t.busy = false);
        let value = value?;
        let hidden = session.hidden("target");
        eval.module().set(&hidden, value);
        session.change(name, |t| t.value = Some(hidden));
        Ok(value)
    }

    fn resolve_now<'v>(
        target: &Registered,
        eval: &mut Evaluator<'v, '_, 'h>,
    ) -> starlark::Result<Value<'v>> {
        let mut arguments = Vec::new();
        for name in &target.depends {
            arguments.push(Self::resolve(name, eval)?);
        }
        Self::call(&target.function, &arguments, eval)
    }

    fn target(&self, name: &str) -> Result<Registered, Fail> {
        let state = self.state.borrow();
        if let Some(target) = state.targets.iter().find(|t| t.name == name) {
            return Ok(target.clone());
        }
        let names: Vec<_> = state.targets.iter().map(|t| t.name.as_str()).collect();
        let hint = match nearest(name, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if names.is_empty() => {
                "the recipe registers no target: register_target(\"exe\", make_exe)".into()
            }
            None => format!("targets of this recipe: {}", names.join(", ")),
        };
        Err(Fail::new(format!("there is no target `{name}`")).hint(hint))
    }

    fn change(&self, name: &str, change: impl FnOnce(&mut Registered)) {
        let mut state = self.state.borrow_mut();
        if let Some(target) = state.targets.iter_mut().find(|t| t.name == name) {
            change(target);
        }
    }

    /// The folder that relative paths of what is written begin at.
    pub(super) fn build_path(&self) -> PathBuf {
        let path = self.state.borrow().build_path.clone();
        path.unwrap_or_else(|| self.project.folder.join("build"))
    }

    /// A path to write to: relative to the build path, inside of the project.
    pub(super) fn output(&self, path: &str) -> Result<PathBuf, Fail> {
        self.project.resolve_from(&self.build_path(), path)
    }

    /// Notes something to write.
    pub(super) fn write(&self, write: Write) {
        self.state.borrow_mut().writes.push(write);
    }
}

impl Registered {
    pub(super) fn new(
        name: String,
        function: Function,
        depends: Vec<String>,
        default: bool,
    ) -> Self {
        Self {
            name,
            function,
            depends,
            default,
            at: current::place(),
            value: None,
            busy: false,
        }
    }
}
