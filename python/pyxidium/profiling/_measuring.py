"""A run in which one function is measured: its calls are recorded, then made as a kernel."""

from __future__ import annotations

import atexit
import json
import threading
from dataclasses import asdict
from typing import TYPE_CHECKING

from pyxidium.profiling._gain import NotMeasured, measure_gain
from pyxidium.profiling._recorder import Recorder

if TYPE_CHECKING:
    from pyxidium.profiling._agent import Agent


def begin(agent: Agent, order: bytes) -> None:
    """Do what the profiler ordered: record, measure, tell."""
    wanted = json.loads(order)

    def done(recorder: Recorder) -> None:
        tell(agent, recorder)
        # The app need not go on. Elsewhere than here, the profiler ends it.
        if threading.current_thread() is threading.main_thread():
            raise SystemExit(0)

    recorder = Recorder(wanted["function"], wanted["calls"], done)
    recorder.start()

    def ended() -> None:
        if recorder.running:
            recorder.stop()
            tell(agent, recorder)

    atexit.register(ended)


def tell(agent: Agent, recorder: Recorder) -> None:
    """Measure what was recorded, and tell the profiler."""
    agent.say("recorded", calls=len(recorder.calls))
    if not recorder.calls or recorder.function is None:
        # Nothing to say: it was never called.
        agent.say("failed", why=recorder.refused or "")
        return
    try:
        gain = measure_gain(recorder.function, recorder.calls)
    except NotMeasured as error:
        agent.say("failed", why=str(error))
    except Exception as error:
        agent.say("failed", why=f"{type(error).__name__}: {error}")
    else:
        agent.say("gain", gain=asdict(gain))
