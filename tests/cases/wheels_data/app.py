# /// script
# dependencies = ["pydantic", "orjson", "polars", "lxml", "cryptography", "rich", "typer", "pyzmq", "psutil"]
# ///
import io
import sys

import lxml.etree
import orjson
import polars as pl
import psutil
import pydantic
import typer
import zmq
from cryptography import x509
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from rich.console import Console
from rich.table import Table
from typer.testing import CliRunner


class Person(pydantic.BaseModel):
    name: str
    age: int = pydantic.Field(ge=0)


assert Person.model_validate_json('{"name": "Ada", "age": "36"}').age == 36
try:
    Person(name="x", age=-1)
except pydantic.ValidationError as error:
    assert error.errors()[0]["type"] == "greater_than_equal"
assert orjson.loads(orjson.dumps({"a": [1, 2.5, None, "é"]})) == {"a": [1, 2.5, None, "é"]}
frame = pl.DataFrame({"k": ["a", "b", "a"], "v": [1, 2, 3]})
assert frame.lazy().group_by("k").agg(pl.col("v").sum()).sort("k").collect()["v"].to_list() == [4, 2]
frame.write_parquet("t.parquet")
assert pl.scan_parquet("t.parquet").filter(pl.col("v") > 1).collect().height == 2
root = lxml.etree.fromstring("<a><b>é</b></a>")
assert root.xpath("//b/text()") == ["é"] and lxml.etree.XMLSchema
key = Fernet.generate_key()
assert Fernet(key).decrypt(Fernet(key).encrypt(b"x")) == b"x"
private = ed25519.Ed25519PrivateKey.generate()
private.public_key().verify(private.sign(b"m"), b"m")
assert ec.generate_private_key(ec.SECP256R1()).exchange and x509.oid
text = io.StringIO()
table = Table(title="Tables")
table.add_column("é")
table.add_row("cell")
Console(file=text, width=40).print(table)
assert "cell" in text.getvalue()
app = typer.Typer()


@app.command()
def hello(name: str, times: int = 1):
    typer.echo(f"hello {name} " * times)


result = CliRunner().invoke(app, ["Ada", "--times", "2"])
assert result.exit_code == 0 and result.output.strip() == "hello Ada hello Ada", result.output
context = zmq.Context()
left, right = context.socket(zmq.PAIR), context.socket(zmq.PAIR)
left.bind("inproc://x")
right.connect("inproc://x")
left.send(b"hi")
assert right.recv() == b"hi"
context.destroy()
assert psutil.Process().pid and psutil.virtual_memory().total
app(["Grace"], standalone_mode=True)
