"""C, C++ and Rust code that opens a carried file by its path."""

from pathlib import Path

import cv2
import lxml.etree
import numpy as np
import pandas as pd
import polars as pl
import soundfile
from PIL import Image

data = Path(__file__).parent / "data"


def path(name):
    return str(data / name)


assert np.load(path("array.npy"))[9, 99] == 999
mapped = np.load(path("array.npy"), mmap_mode="r")
assert isinstance(mapped, np.memmap) and mapped[3].sum() == 34950
assert np.fromfile(path("array.npy"), dtype=np.uint8)[:6].tobytes() == b"\x93NUMPY"
for frame in (pl.read_csv(path("table.csv")), pl.scan_csv(path("table.csv")).collect(), pl.read_parquet(path("table.parquet")),
              pl.scan_parquet(path("table.parquet")).filter(pl.col("a") > 0).collect()):  # fmt: skip
    assert frame["b"].to_list() == ["x", "y", "é"] and frame["a"].sum() == 6, frame
assert pl.scan_csv(path("tab*.csv")).collect().height == 3, "a pattern"
for engine in ("c", "python"):
    assert pd.read_csv(path("table.csv"), engine=engine)["a"].sum() == 6
picture = cv2.imread(path("picture.png"))
assert picture.shape == (8, 9, 3) and picture[0, 0].tolist() == [10, 20, 30]
assert Image.open(path("picture.png")).getpixel((0, 0)) == (30, 20, 10)
samples, rate = soundfile.read(path("tone.flac"))
assert (len(samples), rate) == (400, 8000)
tree = lxml.etree.parse(path("page.xml"), lxml.etree.XMLParser(load_dtd=True, dtd_validation=True))
assert tree.getroot()[0].text == "text" and tree.docinfo.URL
for missing in (lambda: pl.read_csv(path("none.csv")), lambda: soundfile.read(path("none.flac")), lambda: lxml.etree.parse(path("none.xml"))):
    try:
        missing()
    except (OSError, soundfile.LibsndfileError) as error:
        assert "none." in str(error), error
    else:
        raise AssertionError("a missing file was read")
assert cv2.imread(path("none.png")) is None
print("ok")
