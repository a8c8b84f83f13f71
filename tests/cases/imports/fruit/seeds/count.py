from ..apple import NAME
from . import inner


def total():
    return len([NAME, inner, inner.deep])
