//! From a file to what its targets come to: parsing, limits, files that are loaded, errors with their places.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use starlark::codemap::FileSpanRef;
use starlark::environment::{FrozenModule, Module};
use starlark::eval::{BeforeStmtFunc, BeforeStmtFuncDyn, Evaluator, FileLoader};
use starlark::syntax::{AstModule, Dialect, DialectTypes};

use super::current::{self, Message};
use super::error::{Error, Fail};
use super::globals;
use super::guard::Source;
use super::host::{Host, Reader};
use super::paths::Project;
use super::product::{Product, Write};
use super::session::{Session, State};
use super::{program, renamed, tabs};
use crate::Origin;

/// Calls and rounds of loops.
const TICKS: u64 = 10_000_000;
/// Bytes of values.
const HEAP: usize = 256 << 20;
/// Calls within calls.
const CALLS: usize = 200;
/// Files within files.
const FILES: usize = 30;

/// What to evaluate, and for whom.
#[derive(Clone, Default)]
pub struct Settings {
    /// The file.
    pub recipe: PathBuf,
    /// `VARS`.
    pub variables: BTreeMap<String, Option<String>>,
    /// Whether paths may leave the folder of the file.
    pub allow_outside: bool,
    /// What is wanted of it.
    pub requested: Requested,
    /// The machine that files are sealed for.
    pub target_triple: String,
    /// How to read files of packages.
    pub reader: Option<Reader>,
}

/// Which targets are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Requested {
    /// The default one.
    #[default]
    Default,
    /// These.
    Named(Vec<String>),
    /// All, each for itself: one that fails leaves the others alone.
    All,
}

/// A target of a recipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its name.
    pub name: String,
    /// The targets that its function gets.
    pub depends: Vec<String>,
    /// Where it is registered.
    pub at: Origin,
}

/// What a recipe comes to.
#[derive(Debug, Default)]
pub struct Evaluated {
    /// All targets, in order of registration.
    pub targets: Vec<Target>,
    /// The one that is built where none is named.
    pub default: Option<String>,
    /// What those that were wanted came to.
    pub products: Vec<(String, Result<Product, Error>)>,
    /// What the recipe itself asks to write.
    pub writes: Vec<Write>,
    /// Where results go.
    pub build_path: PathBuf,
    /// What it has to say.
    pub messages: Vec<Message>,
}

/// Evaluates a recipe. Messages are handed out also where it fails.
pub fn evaluate(settings: &Settings, host: &dyn Host) -> (Vec<Message>, Result<Evaluated, Error>) {
    current::begin(settings.reader.clone());
    // Some operations of the language panic where a size no longer fits.
    let run = std::panic::AssertUnwindSafe(|| run(settings, host));
    let result = std::panic::catch_unwind(run).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
        let said = said
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        let mut error = if said.contains("overflow") {
            Error::new("a value became too large").with_hint(
                "a recipe is for naming files and packages; compute large things in the app",
            )
        } else {
            Error::new(format!("evaluation failed: {said}"))
                .with_hint("this is a defect of Pyxidium; please report it")
        };
        error.at = Some(current::place());
        Err(error)
    });
    let messages = current::end();
    (messages, result)
}

fn run(settings: &Settings, host: &dyn Host) -> Result<Evaluated, Error> {
    let recipe = fs_err::canonicalize(&settings.recipe).map_err(|e| Error::new(e.to_string()))?;
    let folder = recipe.parent().unwrap_or(Path::new("/")).to_owned();
    let session = Session {
        settings,
        host,
        project: Project {
            folder,
            allow_outside: settings.allow_outside,
        },
        state: RefCell::new(State::default()),
    };
    let ast = parse(&settings.recipe, "recipe")?;
    session.enter(&recipe);
    Module::with_temp_heap(|module| {
        let loader = Loader {
            session: &session,
            folder: session.project.folder.clone(),
        };
        let mut eval = evaluator(&module, &session, &loader)?;
        let globals = globals::all();
        let variables = globals::variables(&session, &recipe);
        variables.set(&module);
        eval.eval_module(ast, &globals).map_err(told)?;
        finish(&session, &mut eval)
    })
}

/// What the targets came to.
fn finish<'h>(session: &Session<'h>, eval: &mut Evaluator<'_, '_, 'h>) -> Result<Evaluated, Error> {
    let default = session.default_target();
    let all = |state: &State| state.targets.iter().map(|t| t.name.clone()).collect();
    let wanted: Vec<String> = match &session.settings.requested {
        Requested::Named(names) => names.clone(),
        Requested::Default => default.clone().into_iter().collect(),
        Requested::All => all(&session.state.borrow()),
    };
    if default.is_none() {
        return Err(Error::new("the recipe registers no target")
            .with_hint("end it with register_target(\"exe\", make_exe) and resolve_targets()")
            .at_file(&session.settings.recipe));
    }
    let single = session.settings.requested == Requested::All;
    let mut products = Vec::new();
    for name in wanted {
        let product = Session::resolve(&name, eval)
            .and_then(|value| Ok(program::product(value, &name, session)?))
            .map_err(told);
        match product {
            Err(error) if !single => return Err(error),
            product => products.push((name, product)),
        }
    }
    let state = session.state.borrow();
    let targets = state
        .targets
        .iter()
        .map(|t| Target {
            name: t.name.clone(),
            depends: t.depends.clone(),
            at: t.at.clone(),
        })
        .collect();
    drop(state);
    let writes = std::mem::take(&mut session.state.borrow_mut().writes);
    Ok(Evaluated {
        targets,
        default,
        products,
        writes,
        build_path: session.build_path(),
        messages: Vec::new(),
    })
}

/// Runs before every statement: notes its place, and looks at the memory, which `starlark` itself does now and
/// then only; a text that doubles with every round would be large by then.
struct Watch;

impl<'h> BeforeStmtFuncDyn<'h> for Watch {
    fn call<'v>(
        &mut self,
        span: FileSpanRef<'_>,
        _: bool,
        eval: &mut Evaluator<'v, '_, 'h>,
    ) -> starlark::Result<()> {
        current::at(span.to_file_span());
        if eval.heap().peak_allocated_bytes() > HEAP {
            return Err(too_much_memory().into());
        }
        Ok(())
    }
}

fn too_much_memory() -> Fail {
    Fail::new(format!("stopped: values take more than {} MB", HEAP >> 20))
        .hint("something grows with every round of a loop")
}

fn evaluator<'v, 'a, 'h>(
    module: &'a Module<'v>,
    session: &'a Session<'h>,
    loader: &'a Loader<'a, 'h>,
) -> Result<Evaluator<'v, 'a, 'h>, Error> {
    let mut eval = Evaluator::new(module);
    eval.extra = Some(session);
    eval.set_loader(loader);
    eval.set_print_handler(&globals::Printed);
    eval.before_stmt_for_dap(BeforeStmtFunc::from_dyn(Box::new(Watch)));
    let limits = [
        eval.set_max_tick_count(TICKS),
        eval.set_max_heap_size(HEAP),
        eval.set_max_callstack_size(CALLS),
    ];
    for limit in limits {
        limit.map_err(|e| Error::new(e.to_string()))?;
    }
    Ok(eval)
}

/// Reads and parses a file; what is evaluated is its guarded form.
fn parse(path: &Path, name: &str) -> Result<AstModule, Error> {
    const LARGEST: u64 = 4 << 20;
    let io = |e: std::io::Error| Error::new(e.to_string());
    if fs_err::metadata(path).map_err(io)?.len() > LARGEST {
        return Err(Error::new(format!(
            "{} is too large for a recipe",
            path.display()
        )));
    }
    let text = tabs::spaced(crate::source::decode(&fs_err::read(path).map_err(io)?));
    let dialect = Dialect {
        enable_keyword_only_arguments: true,
        enable_types: DialectTypes::ParseOnly,
        enable_top_level_stmt: true,
        enable_f_strings: true,
        ..Dialect::Standard
    };
    match AstModule::parse(name, text.clone(), &dialect) {
        Ok(ast) => {
            let source = Source::new(name, path, &text, Some(&ast));
            let guarded = source.guarded();
            current::add_source(source);
            match guarded {
                Some(guarded) => AstModule::parse(name, guarded, &dialect).map_err(told),
                None => Ok(ast),
            }
        }
        Err(e) => {
            current::add_source(Source::new(name, path, &text, None));
            Err(told(e))
        }
    }
}

/// Loads other files of the project.
struct Loader<'a, 'h> {
    session: &'a Session<'h>,
    folder: PathBuf,
}

impl FileLoader for Loader<'_, '_> {
    fn load(&self, path: &str) -> starlark::Result<FrozenModule> {
        let session = self.session;
        let path = path.strip_prefix(":").unwrap_or(path);
        let of = |f: Fail| f.of("load");
        if path.starts_with('@') || path == "pyoxidizer" {
            let fail = Fail::new(format!("there is no `{path}` to load from"))
                .hint("PyOxidizer's functions are there without it: delete these lines");
            return Err(of(fail).into());
        }
        let real = session
            .project
            .resolve_from(&self.folder, path)
            .map_err(of)?;
        if !real.is_file() {
            let fail = Fail::new(format!("{} does not exist", real.display()))
                .hint("paths of `load` begin at the folder of the file that loads");
            return Err(of(fail).into());
        }
        let known = session.loaded(&real);
        if let Some(module) = known {
            return Ok(module);
        }
        let state = session.state.borrow();
        if state.loading.iter().any(|(_, p)| *p == real) {
            let fail = Fail::new(format!("{path} loads itself, through the files between"));
            return Err(of(fail).into());
        }
        if state.loading.len() > FILES {
            return Err(of(Fail::new("files load files too deeply")).into());
        }
        drop(state);
        let number = session.enter(&real);
        let module = self.evaluate(&real, number);
        session.state.borrow_mut().loading.pop();
        let module = module?;
        let mut state = session.state.borrow_mut();
        state.loaded.push((real, module.clone()));
        state.frozen.push((number, module.clone()));
        Ok(module)
    }
}

impl Loader<'_, '_> {
    fn evaluate(&self, path: &Path, number: usize) -> starlark::Result<FrozenModule> {
        // An error inside has its own place already.
        let inner = |e: Error| starlark::Error::new_native(anyhow::Error::new(e));
        let ast = parse(path, &format!("loaded {number}")).map_err(inner)?;
        let loader = Loader {
            session: self.session,
            folder: path.parent().unwrap_or(Path::new("/")).to_owned(),
        };
        Module::with_temp_heap(|module| {
            {
                let mut eval = evaluator(&module, self.session, &loader).map_err(inner)?;
                globals::variables(self.session, path).set(&module);
                eval.eval_module(ast, &globals::all())
                    .map_err(|e| inner(told(e)))?;
            }
            Ok(module.freeze()?)
        })
    }
}

impl Session<'_> {
    /// Begins a file; its number.
    fn enter(&self, path: &Path) -> usize {
        let mut state = self.state.borrow_mut();
        let number = state.files;
        state.files += 1;
        state.loading.push((number, path.to_owned()));
        number
    }

    fn loaded(&self, path: &Path) -> Option<FrozenModule> {
        let state = self.state.borrow();
        let found = state.loaded.iter().find(|(p, _)| p == path);
        found.map(|(_, module)| module.clone())
    }
}

impl Error {
    fn at_file(mut self, path: &Path) -> Self {
        self.at = Some(Origin {
            path: path.to_owned(),
            line: 1,
        });
        self
    }
}

/// An error of evaluation as one of ours.
fn told(error: starlark::Error) -> Error {
    use starlark::ErrorKind as K;
    let place = error.span().map(current::written);
    let text = error.without_diagnostic().to_string();
    let limit = matches!(error.kind(), K::StackOverflow(_));
    let inner = match error.into_kind() {
        K::Native(e) | K::Other(e) | K::Value(e) | K::Function(e) => e,
        K::Fail(e) => anyhow::anyhow!("{e}"),
        _ => anyhow::anyhow!("{text}"),
    };
    let inner = match inner.downcast::<Error>() {
        Ok(error) => return error,
        Err(inner) => inner,
    };
    let mut told = match inner.downcast::<Fail>() {
        Ok(fail) => Error {
            function: fail.function.map(Into::into),
            hint: fail.hint.map(Into::into),
            source: fail.source,
            ..Error::new(fail.message)
        },
        Err(_) => language(&text, limit),
    };
    let place = place.or_else(|| Some((current::place(), 0)));
    if let Some((at, column)) = place.filter(|(at, _)| at.line > 0) {
        told.excerpt = current::line(&at).map(Into::into);
        told.at = Some(at);
        told.column = column;
    }
    // The names of VARS are the caller's.
    let names_variable = told.excerpt.as_ref().is_some_and(|l| l.contains("VARS["));
    if told.hint.is_none() && names_variable && told.message.contains("not found") {
        told.hint = Some(
            "give it: `pyxidium build -v NAME=VALUE`; or write VARS.get(\"NAME\", \"default\")"
                .into(),
        );
    }
    told
}

/// What the language itself says, in our words where a person needs others.
fn language(text: &str, too_deep: bool) -> Error {
    if too_deep || text.contains("call stack overflow") {
        return Error::new(format!("functions call each other more than {CALLS} deep"))
            .with_hint("a recipe cannot recurse without end; use a loop");
    }
    if text.contains("Execution duration limit") {
        return Error::new(format!("stopped after {TICKS} steps"))
            .with_hint("a loop goes on for too long");
    }
    if text.contains("Heap memory limit") {
        let fail = too_much_memory();
        return Error::new(fail.message).with_hint(fail.hint.unwrap_or_default());
    }
    let text = text
        .trim_start_matches("fail: ")
        .trim_start_matches("Parse error: ");
    if let Some(name) = text
        .strip_prefix("Variable `")
        .and_then(|t| t.split('`').next())
    {
        let mut error = Error::new(format!("`{name}` is not defined"));
        if let Some(hint) = renamed::function(name) {
            error.hint = Some(hint.into());
        } else if let Some((_, hint)) = text.split_once(", ") {
            error.hint = Some(hint.into());
        }
        return error;
    }
    // "Found `a` extra named parameter(s) for call to f"
    if let Some((name, rest)) = text.strip_prefix("Found `").and_then(|t| t.split_once('`'))
        && let Some((_, function)) = rest.split_once("for call to ")
        && rest.contains("extra named")
    {
        let mut error = Error::new(format!("{function} has no argument `{name}`"));
        error.hint = renamed::signature(function.trim_matches('`')).map(Into::into);
        return error;
    }
    // "Missing parameter `a` for call to `f`"
    if let Some((_, function)) = text.split_once("` for call to ") {
        let mut error = Error::new(text);
        error.hint = renamed::signature(function.trim_matches('`')).map(Into::into);
        return error;
    }
    // "Object of type `T` has no attribute `a`"
    if let Some((owner, rest)) = text
        .strip_prefix("Object of type `")
        .and_then(|t| t.split_once("` has no attribute `"))
    {
        let name = rest.split('`').next().unwrap_or(rest);
        let mut error = Error::new(format!("{owner} has no `{name}`"));
        let near = rest.split_once("did you mean ").map(|(_, near)| near);
        error.hint = renamed::method(owner, name)
            .map(Into::into)
            .or_else(|| near.map(|n| format!("did you mean {n}").into()));
        return error;
    }
    if text.contains("reserved keyword") {
        return Error::new(text).with_hint(
            "a recipe is Starlark: it has `def`, `if` and `for`, but no `import`, `class`, `while`, `try` or `with`; \
             files are found by `glob([...])`, values given by `pyxidium build -v NAME=VALUE` are in VARS",
        );
    }
    match text.split_once(", did you mean ") {
        Some((text, near)) => Error::new(text).with_hint(format!("did you mean {near}")),
        None => Error::new(text),
    }
}
