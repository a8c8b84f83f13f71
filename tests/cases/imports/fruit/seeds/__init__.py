from .. import apple as _apple
from .inner import deep

assert _apple.NAME
