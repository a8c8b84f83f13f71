"""The event loop that ``async`` commands run on: one thread, started when there is a first."""

from __future__ import annotations

import asyncio
import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from _pyxidium_bridge import Call

current_call: ContextVar[Call | None] = ContextVar("pyxidium_call", default=None)

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_thread: threading.Thread | None = None
# The loop itself only keeps weak references.
_tasks: set[asyncio.Task[None]] = set()


def submit(
    call: Call | None,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any] | None,
) -> None:
    """Run a function on the loop; ``call`` gets its result. To be called from other threads."""
    _running().call_soon_threadsafe(_start, call, function, args, kwargs or {})


def stop(grace: float) -> bool:
    """Cancel what runs and end the loop; False if that took longer than ``grace`` seconds."""
    loop, thread = _loop, _thread
    if loop is None or thread is None:
        return True
    try:
        loop.call_soon_threadsafe(loop.stop)
    except RuntimeError:
        return True  # It has ended already.
    thread.join(grace)
    return not thread.is_alive()


def _running() -> asyncio.AbstractEventLoop:
    global _loop, _thread
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            _thread = threading.Thread(
                target=_run, args=(_loop,), name="pyxidium-loop", daemon=True
            )
            _thread.start()
        return _loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        for task in _tasks:
            task.cancel()
        if _tasks:
            loop.run_until_complete(asyncio.wait(_tasks))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()


def _start(
    call: Call | None, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    # The loop's own context, which tasks copy: each sees its own call.
    token = current_call.set(call)
    try:
        task = asyncio.get_running_loop().create_task(_answer(call, function, args, kwargs))
    finally:
        current_call.reset(token)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    if call is not None:
        _make_stoppable(call, task)


def _make_stoppable(call: Call, task: asyncio.Task[None]) -> None:
    loop = task.get_loop()
    if not call.started(lambda: loop.call_soon_threadsafe(task.cancel)):
        task.cancel()
    # Also when it is cancelled before its first step: then none of its own code runs.
    task.add_done_callback(lambda _: call.ended())


async def _answer(
    call: Call | None, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    if call is None:
        await _handle_event(function, args)
        return
    try:
        result = function(*args, **kwargs)
        if hasattr(result, "__await__"):
            result = await result
        if call.is_stream:
            await _stream(call, aiter(result))
        else:
            call.finish(result)
    except asyncio.CancelledError:
        call.fail_cancelled()
    except BaseException as error:
        call.fail(error)


async def _stream(call: Call, items: AsyncIterator[Any]) -> None:
    loop = asyncio.get_running_loop()
    space = asyncio.Event()

    def wake() -> None:
        loop.call_soon_threadsafe(space.set)

    try:
        async for item in items:
            if not call.push(item):
                return
            space.clear()
            if call.wake_for_space(wake):
                await space.wait()
        call.end()
    finally:
        close = getattr(items, "aclose", None)
        if close is not None:
            await close()


async def _handle_event(function: Callable[..., Any], args: tuple[Any, ...]) -> None:
    try:
        await function(*args)
    except Exception:
        import traceback

        traceback.print_exc()
