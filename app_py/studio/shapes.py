"""What the page gets to see: plain data, as ``_pyxidium_studio`` gives it."""

from typing import Literal, TypedDict

from recents import Recent
from settings import Settings


class Start(TypedDict):
    """What the page needs to begin."""

    version: str
    home: str
    settings: Settings
    recent: list[Recent]
    #: What Studio was started with.
    open: str | None


class SourceFile(TypedDict):
    """A file of the project."""

    path: str
    size: int


class Requirement(TypedDict):
    """A package that the project asks for, and where it does."""

    text: str
    file: str
    line: int


class WindowSummary(TypedDict):
    """The window of an app."""

    title: str
    ui: str
    width: float
    height: float
    capabilities: list[str]
    origins: list[str]


class Project(TypedDict):
    """A script or folder that can be sealed."""

    path: str
    name: str
    version: str | None
    #: As ``app.py`` or ``-m words``.
    runs: str
    output: str
    python: str
    files: list[SourceFile]
    requirements: list[Requirement]
    notes: list[str]
    warnings: list[str]


PartKind = Literal["app", "package", "stdlib", "runtime", "other"]


class Entry(TypedDict):
    """A file in the payload."""

    path: str
    size: int
    stored: int


class Part(TypedDict):
    """A share of a sealed file."""

    name: str
    kind: PartKind
    version: str | None
    license: str | None
    size: int
    stored: int
    entries: list[Entry]


class Attention(TypedDict):
    """Something to look at before the file is given to others."""

    level: Literal["error", "warning", "note"]
    message: str
    hint: str | None


class Analysis(TypedDict):
    """What would go into a project's file."""

    total: int
    parts: list[Part]
    window: WindowSummary | None
    attention: list[Attention]


class LogLine(TypedDict):
    """A line of a build's log."""

    kind: Literal["log"]
    level: Literal["step", "note", "warning"]
    text: str
    #: Seconds since the build began.
    at: float


class Sealed(TypedDict):
    """A build's result."""

    kind: Literal["sealed"]
    path: str
    size: int
    seconds: float
    packages: int


class Started(TypedDict):
    """A sealed app runs."""

    kind: Literal["started"]
    pid: int


class Output(TypedDict):
    """What it printed: one or more whole lines."""

    kind: Literal["output"]
    stream: Literal["stdout", "stderr"]
    text: str


class Exited(TypedDict):
    """It has ended; a negative code is a signal's."""

    kind: Literal["exited"]
    code: int


class KernelProblem(TypedDict):
    """What keeps a function from being a kernel."""

    line: int
    expression: str
    message: str
    hint: str


class KernelVerdict(TypedDict):
    """Whether a function fits ``@kernel``."""

    fits: bool
    problems: list[KernelProblem]


class ProfileLine(TypedDict):
    """A line of a function; seconds of itself, with what it called, and of waiting."""

    line: int
    text: str
    self: float
    total: float
    waiting: float


CodeKind = Literal["app", "package", "stdlib", "other"]


class ProfileFunction(TypedDict):
    """A function that was seen, or a module's own code."""

    name: str
    file: str
    place: str
    line: int
    kind: CodeKind
    package: str | None
    self: float
    total: float
    waiting: float
    lines: list[ProfileLine]
    #: None: nobody could ask.
    kernel: KernelVerdict | None


class ProfileNode(TypedDict):
    """A function as it was called by those above it."""

    function: int
    parent: int | None
    self: float
    waiting: float


class Profile(TypedDict):
    """Where an app's time went. Times are seconds."""

    format: str
    version: int
    app: str
    seconds: float
    processor_seconds: float
    profiler_seconds: float
    rate: float
    samples: int
    torn: int
    processes: int
    busy: float
    waiting: float
    #: None: it was stopped.
    exit: int | None
    functions: list[ProfileFunction]
    nodes: list[ProfileNode]


class Profiled(TypedDict):
    """The end of a profiled run."""

    kind: Literal["profiled"]
    profile: Profile


class FunctionName(TypedDict):
    """A function, as a profile names it."""

    file: str
    line: int
    name: str


class Gain(TypedDict):
    """A function's recorded calls, as Python and as a kernel. Times are seconds."""

    name: str
    calls: list[str]
    python: float
    kernel: float
    first: float
    factor: float
    equal: bool
    difference: str | None


class Measured(TypedDict):
    """The end of a measured run."""

    kind: Literal["measured"]
    gain: Gain


class Library(TypedDict):
    """A shared library in a sealed file, and what is loaded before it."""

    path: str
    size: int
    stored: int
    needs: list[str]


class Inspection(TypedDict):
    """A sealed file, looked into."""

    path: str
    name: str
    version: str | None
    runs: str
    python: str
    pyxidium: str
    target: str
    format: int
    hash: str
    size: int
    payload_size: int
    modules: int
    window: WindowSummary | None
    parts: list[Part]
    libraries: list[Library]
