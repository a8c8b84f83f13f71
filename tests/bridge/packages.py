# /// script
# dependencies = ["numpy", "pydantic"]
# ///
"""Types of packages that an app carries, for `tests/e2e/bridge`."""

from datetime import date
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, Field

import pyxidium as px


@px.command
def transpose(array: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return array.T


@px.command
def write_to(array: np.ndarray) -> np.ndarray:
    array += 1
    return array


@px.command
def scalars():
    return [np.int64(1), np.float32(0.5), np.bool_(True), {np.int8(3)}]


@px.command
def typed_scalar() -> float:
    return np.float32(0.5)  # type: ignore[return-value]


@px.command
def empty() -> npt.NDArray[np.float64]:
    return np.empty((0, 3))


@px.command
def complex_array():
    return np.zeros(3, dtype=complex)


class Line(BaseModel):
    name: str
    price: float = Field(gt=0)


class Order(BaseModel):
    id: int
    lines: list[Line]
    when: date | None = None


@px.command
def order(order: Order) -> Order:
    return order


@px.command
def bounded(value: Annotated[int, Field(le=10)]) -> int:
    return value
