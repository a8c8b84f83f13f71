"""A run in which one function is measured: its calls are recorded, then made as a kernel."""

from __future__ import annotations

import atexit
import json
import threading
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from pyxidium.profiling._gain import NotMeasured, measure_gain
from pyxidium.profiling._recorder import Recorder

if TYPE_CHECKING:
    from pyxidium.profiling._agent import Agent

#: The profiler ends the app when it has the answer; so long it has time to.
END = 10.0


def begin(agent: Agent, order: bytes) -> None:
    """Do what the profiler ordered: record, measure, tell."""
    wanted = json.loads(order)

    def done(recorder: Recorder) -> None:
        tell(agent, recorder)
        # The app need not go on; on the main thread Ctrl-C finds us here.
        if threading.current_thread() is threading.main_thread():
            time.sleep(END)

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
