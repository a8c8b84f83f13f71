//! Runs commands: arguments in, function, result out.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, atomic::Ordering},
};

use pyo3::{Python, prelude::*, types::PyIterator};

use crate::{
    Response,
    call::{self, Answer, Call},
    command::{Arguments, Command, Spec},
    core,
    dump::dump,
    errors::PageError,
    frame::{Frame, Key},
    module::CallHandle,
    pool::Job,
    python,
    stream::{AFTER, BEFORE, Item},
};

/// Does a worker's job. The answer is left to the caller, who gives it without the interpreter.
pub(crate) fn job(py: Python<'_>, job: Job) -> Option<Answer> {
    match job {
        Job::Call {
            call,
            command,
            frame,
        } => {
            let ran = catch_unwind(AssertUnwindSafe(|| run(py, &call, &command, frame)));
            ran.unwrap_or_else(|_| {
                call.fail(PageError::refused(
                    "the bridge failed: this is a bug in Pyxidium, please report it",
                ))
            })
        }
        Job::Events => {
            while let Some((handlers, frame)) = core::get().next_event() {
                for handler in handlers {
                    if let Err(error) = handle_event(py, &handler, &frame) {
                        PageError::argument(py, error, false).log(&handler.name);
                    }
                }
            }
            None
        }
    }
}

fn run(py: Python<'_>, call: &Arc<Call>, command: &Arc<Command>, frame: Frame) -> Option<Answer> {
    call.window.started(frame.len());
    if call.token.is_cancelled() {
        return None;
    }
    let development = core::get().development.load(Ordering::Relaxed);
    let spec = match command.spec(py) {
        Ok(spec) => spec,
        Err(error) => return call.fail(PageError::raised(py, &error, development)),
    };
    if spec.is_stream != call.stream.is_some() {
        let name = &command.name;
        return call.fail(PageError::refused(if spec.is_stream {
            format!("{name} gives one item after another: call it with stream()")
        } else {
            format!("{name} gives one result: call it with invoke()")
        }));
    }
    let progress = || python::progress(py)?.call1((CallHandle::reporter(py, call, command)?,));
    let arguments = match spec.bind(py, &command.name, &frame, progress) {
        Ok(arguments) => arguments,
        Err(failure) => return call.fail(PageError::argument(py, failure, development)),
    };
    // Megabytes of arguments are not kept twice while the function runs.
    drop(frame);

    let outcome = if spec.is_async {
        submit(py, call, command, arguments).map(|()| None)
    } else {
        let _current = call.token.enter();
        if spec.is_stream {
            stream(py, call, command, spec, arguments)
        } else {
            let function = command.function.bind(py);
            let result = function.call(arguments.0, arguments.1.as_ref());
            result.map(|result| finish(call, command, spec, &result, development))
        }
    };
    outcome.unwrap_or_else(|error| call.fail(PageError::raised(py, &error, development)))
}

/// Hands an `async` command to the loop.
fn submit(
    py: Python<'_>,
    call: &Arc<Call>,
    command: &Arc<Command>,
    (positional, named): Arguments<'_>,
) -> PyResult<()> {
    core::get().loop_used.store(true, Ordering::Release);
    let handle = CallHandle::new(call, command, py)?;
    let function = command.function.bind(py);
    python::submit(py)?.call1((handle, function, positional, named))?;
    Ok(())
}

/// Answers a call with its result.
pub(crate) fn finish(
    call: &Call,
    command: &Command,
    spec: &Spec,
    result: &Bound<'_, PyAny>,
    development: bool,
) -> Option<Answer> {
    let py = result.py();
    if call.token.is_cancelled() {
        // It has been answered: nobody wants the result.
        return None;
    }
    let (before, after, at) = call.envelope();
    let at: &[Key] = &[Key::Name(at.to_owned())];
    let at = if after.is_empty() { &[] } else { at };
    let response = dump(result, &spec.types, spec.returns)
        .and_then(|dumped| Ok(dumped.into_response(py, &before, after, at)?));
    match response {
        Ok(response) => call.finish(response),
        Err(failure) => {
            let error = PageError::result(py, &command.name, failure, development);
            error.log(&command.name);
            call.fail(error)
        }
    }
}

/// Runs a generator on this thread until it ends or its page wants no more.
fn stream(
    py: Python<'_>,
    call: &Arc<Call>,
    command: &Command,
    spec: &Spec,
    (positional, named): Arguments<'_>,
) -> PyResult<Option<Answer>> {
    let Some(stream) = &call.stream else {
        return Ok(None);
    };
    let _thread = core::get().pool.hold_for_stream();
    let function = command.function.bind(py);
    let made = function.call(positional, named.as_ref())?;
    let mut items = made.try_iter()?;
    while let Some(item) = items.next() {
        match convert(call, command, spec, &item?) {
            Ok(item) => call::send(py, stream.push(call, item)),
            Err(error) => {
                close(&items);
                return Ok(call.fail(*error));
            }
        }
        let full = stream.has_no_space();
        if full && !py.detach(|| stream.wait_for_space()) || stream.is_closed() {
            close(&items);
            return Ok(None);
        }
    }
    Ok(stream.end(call, Ok(())))
}

/// Runs a generator's `finally`.
fn close(items: &Bound<'_, PyIterator>) {
    let py = items.py();
    let closed = match items.getattr_opt("close") {
        Ok(Some(close)) => close.call0().map(drop),
        _ => Ok(()),
    };
    if let Err(error) = closed {
        python::print(py, &error);
    }
}

/// An item as it is sent.
pub(crate) fn convert(
    call: &Call,
    command: &Command,
    spec: &Spec,
    item: &Bound<'_, PyAny>,
) -> Result<Item, Box<PageError>> {
    let py = item.py();
    let development = core::get().development.load(Ordering::Relaxed);
    let at = [Key::Name("items".into()), Key::Index(0)];
    let converted = dump(item, &spec.types, spec.returns).and_then(|dumped| {
        Ok(match dumped.into_json() {
            Ok(json) => Item::Json(json),
            Err(dumped) => match dumped.into_response(py, BEFORE, AFTER, &at)? {
                Response::Bytes(bytes) => Item::Frame(bytes),
                Response::Json(json) | Response::Error(json) => Item::Json(json),
            },
        })
    });
    converted.map_err(|failure| {
        let error = PageError::result(py, &call.name, failure, development);
        error.log(&command.name);
        Box::new(error)
    })
}

/// Gives an event to a handler. What goes wrong in it, nobody waits for: it is shown.
fn handle_event(
    py: Python<'_>,
    handler: &Arc<Command>,
    frame: &Frame,
) -> Result<(), crate::invalid::Failure> {
    let spec = handler.spec(py)?;
    let argument = spec.bind_event(py, frame)?;
    let arguments = pyo3::types::PyTuple::new(py, argument)?;
    let function = handler.function.bind(py);
    if spec.is_async {
        core::get().loop_used.store(true, Ordering::Release);
        python::submit(py)?.call1((py.None(), function, arguments, py.None()))?;
    } else if let Err(error) = function.call1(arguments) {
        python::print(py, &error);
    }
    Ok(())
}
