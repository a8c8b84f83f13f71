//! Calls between a page and Python, without a window: apps are sealed with `bridge-host`.

mod arguments;
mod calls;
mod hostile;
mod life;
mod package;
mod values;
