"""Testing tools and tracers hook the interpreter; that must work in a sealed app too."""

import builtins
import sys
import threading
from unittest import mock

seen = []
with mock.patch.object(builtins, "__import__", side_effect=builtins.__import__) as spy:
    import colorsys  # noqa: F401
assert spy.called
with mock.patch("builtins.open", mock.mock_open(read_data="fake")):
    assert open("anything").read() == "fake"
with mock.patch("json.dumps", return_value="patched"):
    import json

    assert json.dumps({}) == "patched"


def tracer(frame, event, argument):
    seen.append((event, frame.f_code.co_name, frame.f_lineno))
    return tracer


def traced():
    return 1


sys.settrace(tracer)
traced()
sys.settrace(None)
assert seen == [("call", "traced", 25), ("line", "traced", 26), ("return", "traced", 26)], seen
events = []
sys.addaudithook(lambda event, arguments: events.append(event) if event == "import" else None)
import bisect, wave  # noqa: E401, F401

assert "import" in events
import cProfile
import io
import pstats

profile = cProfile.Profile()
profile.runcall(traced)
text = io.StringIO()
pstats.Stats(profile, stream=text).print_stats()
assert "app.py:25(traced)" in text.getvalue(), text.getvalue()
print("ok")
