"""Cannot be imported: a package that its author forgot."""

import pyxidium as px

px.window(title="Crash", ui="ui")

import a_package_that_is_not_there  # type: ignore[import-not-found]  # noqa: E402, F401
