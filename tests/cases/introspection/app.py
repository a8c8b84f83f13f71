import dis
import inspect
import io
import json
import linecache
import logging
import tracemalloc
import traceback
import warnings


def own(a, b=1):
    """Own doc."""
    return a + b  # a comment


assert "return a + b  # a comment" in inspect.getsource(own)
assert "class JSONDecoder" in inspect.getsource(json.JSONDecoder)
assert inspect.getsource(json).startswith('r"""JSON')
assert inspect.getfile(json) == json.__file__ == inspect.getsourcefile(json)
assert inspect.getmodule(own).__name__ == "__main__"
assert linecache.getline(__file__, 1) == "import dis\n"
assert linecache.getline(json.__file__, 1).startswith('r"""')
assert str(inspect.signature(own)) == "(a, b=1)"
assert json.__spec__.origin == json.__file__ == json.__spec__.loader.get_filename("json")
assert json.__spec__.submodule_search_locations == json.__path__
text = io.StringIO()
dis.dis(own, file=text)
assert "BINARY_OP" in text.getvalue()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    warnings.warn("careful", DeprecationWarning)
shown = warnings.formatwarning(caught[0].message, caught[0].category, caught[0].filename, caught[0].lineno)
assert shown.endswith('app.py:32: DeprecationWarning: careful\n  warnings.warn("careful", DeprecationWarning)\n'), shown
stream = io.StringIO()
logging.basicConfig(stream=stream, format="%(filename)s:%(lineno)d %(funcName)s %(module)s %(message)s")


def log():
    logging.warning("logged")


log()
assert stream.getvalue() == "app.py:40 log app logged\n", stream.getvalue()
tracemalloc.start()
kept = [bytes(1000) for _ in range(100)]
top = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, __file__)]).statistics("lineno")[0]
assert top.traceback[0].lineno == 46 and top.size >= 100_000, top
assert top.traceback.format()[1].strip().startswith("kept = ["), top.traceback.format()
try:
    json.loads("nope")
except ValueError as error:
    lines = traceback.format_exception(error)
    assert any("raise JSONDecodeError" in line for line in lines), lines
print("ok")
