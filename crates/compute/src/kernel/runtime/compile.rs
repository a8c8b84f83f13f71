//! Kernels compiled for types, once for each; and what is left of them at an exit, which is a kernel again.

use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Exit, Host, Kernel, Options, Spec};
use crate::kernel::analyse::{self, Unsupported};
use crate::kernel::emit;
use crate::kernel::resume;
use crate::kernel::syntax::{Function, StmtKind, Var, each};
use crate::kernel::transfer::Width;
use crate::kernel::types::{Fact, Repr, Type};

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

    pub(in crate::kernel) fn itself(&self) -> Arc<Self> {
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

    /// The kernel compiled for arguments of some types, in the way that did best so far.
    pub(in crate::kernel) fn choose(&self, types: &[Type]) -> Result<Arc<Spec>, Unsupported> {
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

    /// What is left of the function at an exit.
    pub(in crate::kernel) fn rest(&self, exit: &Exit, bound: Vec<Var>) -> Option<Arc<Self>> {
        let key = (exit.stmt, exit.after, bound);
        if let Some(rest) = lock(&self.rests).get(&key) {
            return Some(rest.clone());
        }
        let mut function = resume::resume(&self.function, key.0, key.1, &key.2)?;
        // What called itself still calls the whole function.
        let callees = function.kernels.iter().map(|callee| match callee {
            crate::kernel::syntax::Callee::Itself => {
                crate::kernel::syntax::Callee::Kernel(self.itself())
            }
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
        Type::Int(class) => *class == crate::kernel::types::IntClass::I128,
        Type::Tuple(items) => items.iter().any(is_wide),
        _ => false,
    }
}

pub(in crate::kernel) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What this thread is compiling: a circle would never end.
struct Working;

thread_local! {
    static WORKING: std::cell::RefCell<Vec<(usize, Vec<Type>, Options)>> = const { std::cell::RefCell::new(Vec::new()) };
}

impl Working {
    pub(in crate::kernel) fn on(kernel: &Kernel, key: &(Vec<Type>, Options)) -> Option<Self> {
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
