//! Kernels at run time: compiled for the types they are called with, run, and, where compiled code
//! cannot go on, continued: for wider ints, with all checks, or by Python.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use super::analyse::{self, Unsupported};
use super::emit::{self, Code};
use super::resume;
use super::syntax::{Function, Reduction, StmtKind, Var, each};
use super::transfer::Width;
use super::types::{Fact, Repr, Type};
use super::value::{Slot, Value};

/// How a kernel is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Options {
    /// How wide unproved ints are.
    pub width: Width,
    /// Whether array accesses may be checked before a loop instead of in it.
    pub guards: bool,
}

impl Options {
    /// What is tried first.
    pub const FIRST: Self = Self {
        width: Width::Narrow,
        guards: true,
    };
}

/// What only the other side, Python, can do.
pub trait Host: Send + Sync {
    /// Runs a function with Python's own means.
    ///
    /// # Errors
    /// With what it raised.
    fn python(&self, function: &Function, args: Vec<Value>) -> Result<Value, Stop>;

    /// Combines two results of a reduction, of which one is too long for us.
    ///
    /// # Errors
    /// With what Python raised.
    fn combine(&self, reduction: Reduction, a: Value, b: Value) -> Result<Value, Stop>;

    /// Notes where a call was when what it called raised, for the traceback.
    fn note(&self, stop: &mut Stop, function: &Function, line: u32);
}

/// Why a kernel ended without a result.
#[derive(Debug)]
pub enum Stop {
    /// Python raised something; the host has it.
    Raised(Box<dyn std::any::Any + Send>),
    /// It was cancelled.
    Cancelled,
    /// It called itself too often.
    Recursion,
    /// No threads could be had.
    Pool(crate::pool::PoolError),
}

/// What is asked of running kernels now and then.
pub trait Watch: Send + Sync {
    /// Not 0 when [`Watch::look`] should be called.
    fn flag(&self) -> &AtomicU32;

    /// Looks what the flag is about.
    ///
    /// # Errors
    /// When the kernel is to stop.
    fn look(&self) -> Result<(), Stop>;

    /// Whether it was found to be stopped, at an earlier look.
    fn stopped(&self) -> bool;

    /// Iterations of an outermost parallel loop that are done, of how many.
    fn progress(&self, done: u64, of: u64);
}

/// A running call, as compiled code sees it. One for each thread that works on it.
#[repr(C)]
pub struct Context {
    /// Not 0 when the runtime wants to be called.
    pub(super) flag: *const AtomicU32,
    /// Calls inside each other.
    pub(super) depth: u32,
    /// How many there may be.
    pub(super) limit: u32,
    /// The stack must not grow below this.
    pub(super) stack: usize,
    /// The result of a call that compiled code cannot hold.
    pub(super) dynamic: Option<Value>,
    pub(super) stop: Option<Stop>,
    pub(super) watch: Arc<dyn Watch>,
    pub(super) parallel: u32,
    /// What the last look at the flag found.
    pub(super) looked: i32,
}

/// What compiled code gives back: a result in its place, one in [`Context::dynamic`], or none.
pub mod status {
    #![allow(missing_docs)]
    pub const DONE: i32 = 0;
    pub const DYNAMIC: i32 = 1;
    pub const STOPPED: i32 = 2;
}

/// What a kernel is compiled for.
type Target = (Vec<Type>, Options);
/// Where a kernel was left: a statement, whether after it, and the variables that had a value.
type Left = (u32, bool, Vec<Var>);

/// A function that can be compiled for any types.
pub struct Kernel {
    /// What it does.
    pub function: Function,
    host: Arc<dyn Host>,
    this: Weak<Self>,
    specs: Mutex<HashMap<Target, Arc<Spec>>>,
    rests: Mutex<HashMap<Left, Arc<Self>>>,
    /// What is left too often is compiled otherwise from the start.
    habits: Mutex<HashMap<Vec<Type>, Options>>,
    /// What was called last: most calls are like the one before.
    last: Mutex<Option<Arc<Spec>>>,
}

/// A kernel compiled for some types.
pub struct Spec {
    pub(super) kernel: Weak<Kernel>,
    pub(super) function: Function,
    pub(super) options: Options,
    pub(super) params: Vec<Type>,
    pub(super) reprs: Vec<Repr>,
    /// What it returns; nothing if it never does.
    pub returned: Option<Fact>,
    pub(super) code: Code,
    /// For who compiles it into another.
    pub(super) analysis: analyse::Analysis,
    left: AtomicU32,
    /// Whether it has no loops, and calls only what has none: it ends before anybody could wait for it.
    brief: bool,
}

/// A place where compiled code is left.
#[derive(Debug)]
pub struct Exit {
    pub(super) stmt: u32,
    pub(super) after: bool,
    pub(super) reason: Reason,
    /// Variables in the frame, each with whether a flag follows that says if it has a value.
    pub(super) vars: Vec<(Var, Repr, bool)>,
    /// What is in [`Context::dynamic`].
    pub(super) dynamic: Dynamic,
}

/// Whose value compiled code could not hold.
#[derive(Debug)]
pub enum Dynamic {
    /// Nobody's.
    None,
    /// One variable's: what a kernel returned.
    Of(Var),
    /// A tuple of several variables' values: what a parallel loop left.
    Each(Vec<Var>),
}

/// Why compiled code is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// An int does not fit.
    Overflow,
    /// Python would raise something, or do something that we leave to it.
    Python,
    /// A condition before a loop does not hold.
    Guard,
    /// A call gave something that compiled code cannot hold.
    Dynamic,
}

impl Kernel {
    /// A kernel of a function.
    #[must_use]
    pub fn new(function: Function, host: Arc<dyn Host>) -> Arc<Self> {
        Arc::new_cyclic(|this| Self {
            function,
            host,
            this: this.clone(),
            specs: Mutex::default(),
            rests: Mutex::default(),
            habits: Mutex::default(),
            last: Mutex::default(),
        })
    }

    pub(super) fn itself(&self) -> Arc<Self> {
        self.this.upgrade().expect("whoever calls has it")
    }

    /// The kernel compiled for arguments of some types.
    ///
    /// # Errors
    /// The first part that kernels cannot do with such arguments.
    pub fn specialise(&self, params: &[Type], options: Options) -> Result<Arc<Spec>, Unsupported> {
        let key = (params.to_vec(), options);
        if let Some(spec) = lock(&self.specs).get(&key) {
            return Ok(spec.clone());
        }
        let span = self
            .function
            .body
            .first()
            .map(|s| s.span)
            .unwrap_or_default();
        let fail = |message: String, hint: &str| Unsupported {
            span,
            message,
            hint: hint.into(),
        };
        // Not under the lock: compiling may ask for this kernel again, for other types.
        let _working = Working::on(self, &key).ok_or_else(|| {
            fail(
                "this kernel calls itself with ever other types".into(),
                "call it with the same types everywhere: convert with int() or float() before",
            )
        })?;
        let analysis = analyse::analyse(self, &self.function, params, options)?;
        let reprs: Vec<Repr> = params
            .iter()
            .zip(&self.function.params)
            .map(|(ty, var)| Fact::of(ty, *var).repr())
            .collect();
        let returned = analysis.returned.clone();
        let brief = is_brief(&self.function, params, &analysis);
        let spec = Arc::new_cyclic(|this| {
            let code = emit::compile(&self.function, &analysis, &reprs, this);
            Spec {
                kernel: self.this.clone(),
                function: self.function.clone(),
                options,
                params: params.to_vec(),
                reprs,
                returned,
                code,
                analysis,
                left: AtomicU32::new(0),
                brief,
            }
        });
        if let Some(problem) = &spec.code.problem {
            return Err(fail(
                problem.clone(),
                "this is a fault of the compiler; please report it",
            ));
        }
        let mut specs = lock(&self.specs);
        Ok(specs.entry(key).or_insert(spec).clone())
    }

    /// Calls it.
    ///
    /// # Errors
    /// When it cannot be compiled for such arguments.
    pub fn call(
        &self,
        args: Vec<Value>,
        watch: Arc<dyn Watch>,
        limit: u32,
    ) -> Result<Result<Value, Stop>, Unsupported> {
        let spec = match self.at_hand(&args) {
            Some(spec) => spec,
            None => {
                let types: Option<Vec<Type>> = args.iter().map(Value::ty).collect();
                let Some(types) = types else {
                    return Ok(self.by_host(args));
                };
                self.choose(&types)?
            }
        };
        let mut context = Context::new(watch, limit);
        Ok(spec.run(&mut context, &args))
    }

    /// Calls it if that needs no compiling and ends at once, which is worth no preparations.
    pub fn call_briefly(&self, args: &[Value]) -> Option<Result<Value, Stop>> {
        let spec = self.at_hand(args).filter(|spec| spec.brief)?;
        let mut context = Context::new(Unwatched::get(), u32::MAX);
        Some(spec.run(&mut context, args))
    }

    /// What was called last, if it is for such arguments.
    fn at_hand(&self, args: &[Value]) -> Option<Arc<Spec>> {
        let last = lock(&self.last);
        let spec = last.as_ref()?;
        let fits = spec.params.len() == args.len()
            && args.iter().zip(&spec.params).all(|(arg, ty)| arg.is(ty));
        fits.then(|| spec.clone())
    }

    /// The kernel compiled for arguments of some types, in the way that did best so far.
    pub(super) fn choose(&self, types: &[Type]) -> Result<Arc<Spec>, Unsupported> {
        let mut options = lock(&self.habits)
            .get(types)
            .copied()
            .unwrap_or(Options::FIRST);
        if types.iter().any(is_wide) {
            options.width = Width::Wide;
        }
        let spec = self.specialise(types, options)?;
        *lock(&self.last) = Some(spec.clone());
        Ok(spec)
    }

    /// Leaves a call to the host.
    ///
    /// # Errors
    /// With what it raised.
    pub fn by_host(&self, args: Vec<Value>) -> Result<Value, Stop> {
        self.host.python(&self.function, args)
    }

    /// What is left of the function at an exit.
    fn rest(&self, exit: &Exit, bound: Vec<Var>) -> Option<Arc<Self>> {
        let key = (exit.stmt, exit.after, bound);
        if let Some(rest) = lock(&self.rests).get(&key) {
            return Some(rest.clone());
        }
        let mut function = resume::resume(&self.function, key.0, key.1, &key.2)?;
        // What called itself still calls the whole function.
        let callees = function.kernels.iter().map(|callee| match callee {
            super::syntax::Callee::Itself => super::syntax::Callee::Kernel(self.itself()),
            other => other.clone(),
        });
        function.kernels = Arc::new(callees.collect());
        let rest = Self::new(function, self.host.clone());
        Some(lock(&self.rests).entry(key).or_insert(rest).clone())
    }
}

fn is_brief(function: &Function, params: &[Type], analysis: &analyse::Analysis) -> bool {
    // A sum of an array is a loop, too.
    let mut brief = !params.iter().any(has_array);
    each(&function.body, &mut |stmt| {
        brief &= match &stmt.kind {
            StmtKind::While(..) | StmtKind::For(_) | StmtKind::Parallel(_) => false,
            StmtKind::Call(..) => {
                let callee = analysis.callees.get(&stmt.id);
                callee.is_some_and(|spec| spec.brief)
            }
            _ => true,
        };
    });
    brief
}

fn has_array(ty: &Type) -> bool {
    match ty {
        Type::Array(_) => true,
        Type::Tuple(items) => items.iter().any(has_array),
        _ => false,
    }
}

fn is_wide(ty: &Type) -> bool {
    match ty {
        Type::Int(class) => *class == super::types::IntClass::I128,
        Type::Tuple(items) => items.iter().any(is_wide),
        _ => false,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What this thread is compiling: a circle would never end.
struct Working;

thread_local! {
    static WORKING: std::cell::RefCell<Vec<(usize, Vec<Type>, Options)>> = const { std::cell::RefCell::new(Vec::new()) };
}

impl Working {
    fn on(kernel: &Kernel, key: &(Vec<Type>, Options)) -> Option<Self> {
        let entry = (std::ptr::from_ref(kernel) as usize, key.0.clone(), key.1);
        WORKING.with_borrow_mut(|working| {
            if working.contains(&entry) || working.len() > 64 {
                return None;
            }
            working.push(entry);
            Some(Self)
        })
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        WORKING.with_borrow_mut(|working| working.pop());
    }
}

impl Context {
    /// For a call on this thread.
    pub(super) fn new(watch: Arc<dyn Watch>, limit: u32) -> Self {
        Self {
            flag: std::ptr::from_ref(watch.flag()),
            depth: 0,
            limit,
            stack: lowest_stack(),
            dynamic: None,
            stop: None,
            watch,
            parallel: 0,
            looked: status::DONE,
        }
    }
}

/// The address that this thread's stack must not grow below.
fn lowest_stack() -> usize {
    /// Left for what is called: libm, CPython's own continuation, a signal handler.
    const RESERVE: usize = 512 << 10;
    thread_local! {
        static LOWEST: usize = find();
    }
    fn find() -> usize {
        // SAFETY: the attributes are initialised by the first call before they are read, and destroyed once.
        unsafe {
            let mut attributes = std::mem::zeroed();
            if libc::pthread_getattr_np(libc::pthread_self(), &raw mut attributes) != 0 {
                return 0;
            }
            let (mut lowest, mut size) = (std::ptr::null_mut(), 0);
            libc::pthread_attr_getstack(&raw const attributes, &raw mut lowest, &raw mut size);
            libc::pthread_attr_destroy(&raw mut attributes);
            lowest as usize + RESERVE.min(size / 2)
        }
    }
    LOWEST.with(|lowest| *lowest)
}

impl Spec {
    /// Runs it with values of its types.
    pub(super) fn run(&self, context: &mut Context, args: &[Value]) -> Result<Value, Stop> {
        let mut slots = Vec::with_capacity(args.len() + 2);
        for (arg, repr) in args.iter().zip(&self.reprs) {
            if !arg.write(repr, &mut slots) {
                let kernel = self.kernel.upgrade();
                return match kernel {
                    Some(kernel) => kernel.host.python(&self.function, args.to_vec()),
                    None => Err(Stop::Cancelled),
                };
            }
        }
        // One more, since an empty one has no address.
        slots.push(Slot::default());
        let mut result = vec![Slot::default(); self.result_slots() + 1];
        let status = self.enter(context, slots.as_ptr(), result.as_mut_ptr());
        self.result(context, status, &result)
    }

    pub(super) fn result_slots(&self) -> usize {
        self.returned.as_ref().map_or(0, |fact| fact.repr().slots())
    }

    pub(super) fn enter(&self, context: &mut Context, args: *const Slot, result: *mut Slot) -> i32 {
        type Entry = unsafe extern "C" fn(*mut Context, *const Slot, *mut Slot) -> i32;
        // SAFETY: the code was compiled with this signature and lives as long as `self`; arguments and result have
        // the representations that it was compiled for.
        unsafe {
            let entry: Entry = std::mem::transmute(self.code.entry);
            entry(context, args, result)
        }
    }

    pub(super) fn result(
        &self,
        context: &mut Context,
        status: i32,
        result: &[Slot],
    ) -> Result<Value, Stop> {
        match status {
            status::DONE => {
                let repr = self.returned.as_ref().map_or(Repr::None, Fact::repr);
                Ok(Value::read(&repr, &mut result.iter()).unwrap_or(Value::None))
            }
            status::DYNAMIC => Ok(context.dynamic.take().unwrap_or(Value::None)),
            _ => Err(context.stop.take().unwrap_or(Stop::Cancelled)),
        }
    }

    /// Goes on after compiled code was left at an exit.
    fn go_on(
        &self,
        context: &mut Context,
        exit: &Exit,
        frame: &[Slot],
        args: *const Slot,
    ) -> Result<Value, Stop> {
        let Some(kernel) = self.kernel.upgrade() else {
            return Err(Stop::Cancelled);
        };
        let (bound, values) = self.values(context, exit, frame, args);
        self.remember(&kernel, exit.reason);
        let Some(rest) = kernel.rest(exit, bound) else {
            return Err(Stop::Cancelled);
        };
        let options = match exit.reason {
            Reason::Guard => Some(Options {
                guards: false,
                ..self.options
            }),
            Reason::Overflow | Reason::Dynamic if self.options.width == Width::Narrow => {
                Some(Options {
                    width: Width::Wide,
                    guards: false,
                })
            }
            _ => None,
        };
        // Ints of one width have one type here, else each value would make another version.
        let types: Option<Vec<Type>> = values.iter().map(|v| v.ty().map(coarse)).collect();
        if let Some((options, types)) = options.zip(types)
            && let Ok(spec) = rest.specialise(&types, options)
        {
            return spec.run(context, &values);
        }
        kernel.host.python(&rest.function, values)
    }

    /// The variables at an exit, and their values.
    fn values(
        &self,
        context: &mut Context,
        exit: &Exit,
        frame: &[Slot],
        args: *const Slot,
    ) -> (Vec<Var>, Vec<Value>) {
        let (mut bound, mut values) = (Vec::new(), Vec::new());
        let mut slots = frame.iter();
        for (var, repr, flagged) in &exit.vars {
            let value = match repr {
                Repr::Array(_) => self.array(*var, args),
                repr => Value::read(repr, &mut slots),
            };
            let there = !flagged || slots.next().is_some_and(|flag| flag.0[0] & 0xff != 0);
            if let (true, Some(value)) = (there, value) {
                bound.push(*var);
                values.push(value);
            }
        }
        match (&exit.dynamic, context.dynamic.take()) {
            (Dynamic::Of(var), Some(value)) => {
                bound.push(*var);
                values.push(value);
            }
            (Dynamic::Each(vars), Some(Value::Tuple(items))) => {
                bound.extend(vars);
                values.extend(items);
            }
            _ => {}
        }
        (bound, values)
    }

    /// An array parameter's value.
    fn array(&self, var: Var, args: *const Slot) -> Option<Value> {
        let mut index = 0;
        for (param, repr) in self.function.params.iter().zip(&self.reprs) {
            if *param == var {
                // SAFETY: the slot holds the address of an array that the caller of the kernel keeps in an `Arc`.
                let array = unsafe {
                    let address = (*args.add(index)).0[0] as *const super::value::Array;
                    Arc::increment_strong_count(address);
                    Arc::from_raw(address)
                };
                return Some(Value::Array(array));
            }
            index += repr.slots();
        }
        None
    }

    /// After some calls that were left, the next ones begin otherwise.
    fn remember(&self, kernel: &Kernel, reason: Reason) {
        const OFTEN: u32 = 3;
        let times = self.left.fetch_add(1, Ordering::Relaxed) + 1;
        let mut next = self.options;
        match reason {
            Reason::Guard => next.guards = false,
            Reason::Overflow if times >= OFTEN && self.options.width == Width::Narrow => {
                next.width = Width::Wide
            }
            _ => return,
        }
        lock(&kernel.habits).insert(self.params.clone(), next);
        *lock(&kernel.last) = None;
    }
}

fn coarse(ty: Type) -> Type {
    match ty {
        Type::Int(super::types::IntClass::Small) => Type::Int(super::types::IntClass::I64),
        Type::Tuple(items) => Type::Tuple(items.into_iter().map(coarse).collect()),
        other => other,
    }
}

/// Called by compiled code that cannot go on: does the rest, and gives its result.
pub(super) unsafe extern "C" fn leave(
    context: *mut Context,
    spec: *const Spec,
    exit: u32,
    frame: *const Slot,
    args: *const Slot,
    result: *mut Slot,
) -> i32 {
    // SAFETY: compiled code passes what it was called with, its own specialisation, which is alive while it runs,
    // and a frame as long as the longest of its exits.
    let (context, spec) = unsafe { (&mut *context, &*spec) };
    let Some(exit) = spec.code.exits.get(exit as usize) else {
        return status::STOPPED;
    };
    let slots: usize = exit
        .vars
        .iter()
        .map(|(_, repr, flag)| if matches!(repr, Repr::Array(_)) { 0 } else { repr.slots() } + usize::from(*flag))
        .sum();
    // SAFETY: as above.
    let frame = unsafe { std::slice::from_raw_parts(frame, slots) };
    let value = match spec.go_on(context, exit, frame, args) {
        Ok(value) => value,
        Err(stop) => {
            context.stop = Some(stop);
            return status::STOPPED;
        }
    };
    let mut out = Vec::new();
    if let Some(fact) = &spec.returned
        && value.write(&fact.repr(), &mut out)
    {
        // SAFETY: the result has room for what this specialisation returns.
        unsafe { std::ptr::copy_nonoverlapping(out.as_ptr(), result, out.len()) };
        return status::DONE;
    }
    context.dynamic = Some(value);
    status::DYNAMIC
}

/// Called by compiled code that saw the flag.
pub(super) unsafe extern "C" fn look(context: *mut Context) {
    // SAFETY: compiled code passes what it was called with.
    let context = unsafe { &mut *context };
    context.looked = match context.watch.clone().look() {
        Ok(()) => status::DONE,
        Err(stop) => {
            context.stop = Some(stop);
            status::STOPPED
        }
    };
}

/// Called by compiled code that has called itself too often.
pub(super) unsafe extern "C" fn too_deep(context: *mut Context) -> i32 {
    // SAFETY: compiled code passes what it was called with.
    unsafe { (*context).stop = Some(Stop::Recursion) };
    status::STOPPED
}

/// Called by compiled code when what it called raised.
pub(super) unsafe extern "C" fn note(context: *mut Context, spec: *const Spec, line: u32) {
    // SAFETY: compiled code passes what it was called with, and its own specialisation, which is alive while it runs.
    let (context, spec) = unsafe { (&mut *context, &*spec) };
    if let (Some(kernel), Some(stop)) = (spec.kernel.upgrade(), &mut context.stop) {
        kernel.host.note(stop, &spec.function, line);
    }
}

impl Spec {
    pub(super) fn host(&self) -> Option<Arc<dyn Host>> {
        Some(self.kernel.upgrade()?.host.clone())
    }
}

/// A watch that never has anything to say.
#[derive(Debug)]
pub struct Unwatched(AtomicU32);

impl Unwatched {
    /// The one.
    #[must_use]
    pub fn get() -> Arc<dyn Watch> {
        static ONE: OnceLock<Arc<Unwatched>> = OnceLock::new();
        ONE.get_or_init(|| Arc::new(Self(AtomicU32::new(0))))
            .clone()
    }
}

impl Watch for Unwatched {
    fn flag(&self) -> &AtomicU32 {
        &self.0
    }

    fn look(&self) -> Result<(), Stop> {
        Ok(())
    }

    fn stopped(&self) -> bool {
        false
    }

    fn progress(&self, _done: u64, _of: u64) {}
}
