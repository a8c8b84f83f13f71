//! The `dlopen` that every library of the process sees.
//!
//! libc's `dlopen` looks at its return address: the library it was called from decides which
//! RUNPATH finds a bare name like `libfoo.so`. A plain wrapper would make all calls appear to come
//! from this executable and break libraries that load their own plug-ins. So the wrapper is a few
//! lines of assembly which ask [`pyxidium_dlopen`] and otherwise *jump* to libc's function with
//! the stack exactly as it was.

use std::{
    cell::RefCell,
    ffi::{CStr, CString, c_char, c_int, c_void},
    ptr,
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::vfs::{self, Real};

/// Answer of [`pyxidium_dlopen`]: not a path of the payload.
const NOT_OURS: usize = 0;
/// Answer of [`pyxidium_dlopen`]: ours, and it failed. No handle has this value.
const FAILED: usize = 1;

/// libc's `dlopen`, stored before the assembly jumps there.
#[unsafe(no_mangle)]
static PYXIDIUM_REAL_DLOPEN: AtomicUsize = AtomicUsize::new(0);

type Dlopen = unsafe extern "C" fn(*const c_char, c_int) -> *mut c_void;
type Dlerror = unsafe extern "C" fn() -> *mut c_char;

static REAL_DLOPEN: Real = Real::new("dlopen\0");
static REAL_DLERROR: Real = Real::new("dlerror\0");

thread_local! {
    /// What `dlerror` will say after a load of ours failed.
    static MESSAGE: RefCell<Option<CString>> = const { RefCell::new(None) };
    /// The message that was given out last: C callers may read it until their next call.
    static SHOWN: RefCell<Option<CString>> = const { RefCell::new(None) };
}

/// libc's `dlopen` on `name`, or its error message.
pub(super) fn real(name: &CStr, flags: c_int) -> Result<*mut c_void, String> {
    // Found beforehand: the search for it would itself replace the message it is to give.
    let last_error = REAL_DLERROR.get::<Dlerror>();
    // SAFETY: a NUL-terminated name; constructors of the library run, which is what was asked for.
    let handle = unsafe { REAL_DLOPEN.get::<Dlopen>()(name.as_ptr(), flags) };
    if !handle.is_null() {
        return Ok(handle);
    }
    // SAFETY: called right after the failure, on the same thread.
    let message = unsafe { last_error() };
    if message.is_null() {
        return Err("unknown error of the dynamic loader".to_owned());
    }
    // SAFETY: not NULL, NUL-terminated and valid until the next call on this thread.
    Err(unsafe { CStr::from_ptr(message) }
        .to_string_lossy()
        .into_owned())
}

/// Loads `path` if it belongs to the payload. See [`NOT_OURS`] and [`FAILED`].
#[unsafe(no_mangle)]
unsafe extern "C" fn pyxidium_dlopen(path: *const c_char, flags: c_int) -> usize {
    PYXIDIUM_REAL_DLOPEN.store(REAL_DLOPEN.address(), Ordering::Relaxed);
    let Some(vfs) = vfs::mounted() else {
        return NOT_OURS;
    };
    if path.is_null() {
        return NOT_OURS;
    }
    // SAFETY: not NULL, and NUL-terminated as `dlopen` demands.
    let bytes = unsafe { CStr::from_ptr(path) }.to_bytes();
    let Some(relative) = vfs.relative(bytes).filter(|relative| !relative.is_empty()) else {
        return NOT_OURS;
    };
    match super::load(vfs.payload(), &relative, flags) {
        Ok(handle) => handle as usize,
        Err(error) => {
            let mut text = error.to_string();
            let mut source = std::error::Error::source(&error);
            while let Some(cause) = source {
                text.push_str(&format!(": {cause}"));
                source = cause.source();
            }
            MESSAGE.set(CString::new(text).ok());
            FAILED
        }
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn dlerror() -> *mut c_char {
    match MESSAGE.take() {
        Some(message) => {
            SHOWN.set(Some(message));
            SHOWN.with_borrow(|shown| {
                shown
                    .as_ref()
                    .map_or(ptr::null_mut(), |text| text.as_ptr().cast_mut())
            })
        }
        // SAFETY: no arguments.
        None => unsafe { REAL_DLERROR.get::<Dlerror>()() },
    }
}

/// `void *dlopen(const char *path, int flags)`
///
/// # Safety
/// As libc's.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn dlopen(path: *const c_char, flags: c_int) -> *mut c_void {
    core::arch::naked_asm!(
        "push rdi",
        "push rsi",
        "sub rsp, 8", // the stack is aligned to 16 bytes at a call
        "call {ask}",
        "add rsp, 8",
        "pop rsi",
        "pop rdi",
        "test rax, rax",
        "jz 2f",
        "cmp rax, 1",
        "jne 3f",
        "xor eax, eax",
        "3:",
        "ret",
        "2:",
        "jmp qword ptr [rip + {real}]",
        ask = sym pyxidium_dlopen,
        real = sym PYXIDIUM_REAL_DLOPEN,
    )
}

/// `void *dlopen(const char *path, int flags)`
///
/// # Safety
/// As libc's.
#[cfg(target_arch = "aarch64")]
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn dlopen(path: *const c_char, flags: c_int) -> *mut c_void {
    core::arch::naked_asm!(
        "stp x29, x30, [sp, #-32]!",
        "stp x0, x1, [sp, #16]",
        "bl {ask}",
        "mov x2, x0",
        "ldp x0, x1, [sp, #16]",
        "ldp x29, x30, [sp], #32",
        "cbz x2, 2f",
        "cmp x2, #1",
        "csel x0, xzr, x2, eq",
        "ret",
        "2:",
        "adrp x16, {real}",
        "ldr x16, [x16, :lo12:{real}]",
        "br x16",
        ask = sym pyxidium_dlopen,
        real = sym PYXIDIUM_REAL_DLOPEN,
    )
}
