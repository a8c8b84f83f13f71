import os
import runpy
import sys

here = os.path.dirname(__file__)
assert runpy.run_path(os.path.join(here, "task.py"))["RESULT"] == "<run_path>"
assert runpy.run_path(os.path.join(here, "task.py"), run_name="__main__")["RESULT"] == "__main__"
assert runpy.run_module("task")["RESULT"] == "task"
assert runpy.run_module("work")["RESULT"] == "work.__main__"
assert runpy.run_path(os.path.join(here, "bundle.zip"))["RESULT"] == "zip"
with open(os.path.join(here, "task.py")) as file:
    names = {"__name__": "executed"}
    exec(compile(file.read(), file.name, "exec"), names)
assert names["RESULT"] == "executed"
sys.path.insert(0, os.path.join(here, "bundle.zip"))
import zipped

assert zipped.VALUE == "from a zip in the file" and zipped.__file__ == os.path.join(here, "bundle.zip", "zipped.py")
import zipimport

assert zipimport.zipimporter(os.path.join(here, "bundle.zip")).get_source("zipped").startswith("VALUE")
print("ok")
