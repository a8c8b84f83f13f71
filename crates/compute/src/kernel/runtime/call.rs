//! Calls: values into slots, compiled code, and its result.

use std::sync::Arc;

use super::compile::lock;
use super::watch::{Unwatched, Watch};
use super::{Context, Host, Kernel, Spec, Stop, status};
use crate::kernel::analyse::Unsupported;
use crate::kernel::types::{Fact, Repr, Type};
use crate::kernel::value::{Slot, Value};

impl Kernel {
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

    /// Leaves a call to the host.
    ///
    /// # Errors
    /// With what it raised.
    pub fn by_host(&self, args: Vec<Value>) -> Result<Value, Stop> {
        self.host.python(&self.function, args)
    }
}

impl Context {
    /// For a call on this thread.
    pub(in crate::kernel) fn new(watch: Arc<dyn Watch>, limit: u32) -> Self {
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
    pub(in crate::kernel) fn run(
        &self,
        context: &mut Context,
        args: &[Value],
    ) -> Result<Value, Stop> {
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

    pub(in crate::kernel) fn result_slots(&self) -> usize {
        self.returned.as_ref().map_or(0, |fact| fact.repr().slots())
    }

    pub(in crate::kernel) fn enter(
        &self,
        context: &mut Context,
        args: *const Slot,
        result: *mut Slot,
    ) -> i32 {
        type Entry = unsafe extern "C" fn(*mut Context, *const Slot, *mut Slot) -> i32;
        // SAFETY: the code was compiled with this signature and lives as long as `self`; arguments and result have
        // the representations that it was compiled for.
        unsafe {
            let entry: Entry = std::mem::transmute(self.code.entry);
            entry(context, args, result)
        }
    }

    pub(in crate::kernel) fn result(
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

    pub(in crate::kernel) fn host(&self) -> Option<Arc<dyn Host>> {
        Some(self.kernel.upgrade()?.host.clone())
    }
}
