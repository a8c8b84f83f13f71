//! Kernels at run time: compiled for the types they are called with, run, and, where compiled code
//! cannot go on, continued: for wider ints, with all checks, or by Python.

mod call;
mod compile;
mod leave;
mod watch;

pub(super) use leave::{leave, look, note, too_deep};
pub use watch::{Unwatched, Watch};

use std::collections::HashMap;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex, Weak};

use crate::kernel::analyse;
use crate::kernel::emit::Code;
use crate::kernel::syntax::{Function, Reduction, Var};
use crate::kernel::transfer::Width;
use crate::kernel::types::{Fact, Repr, Type};
use crate::kernel::value::Value;

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
