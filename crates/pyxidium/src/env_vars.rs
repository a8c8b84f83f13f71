//! Every environment variable that the command line itself reads, in one place.

fn set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// `NO_COLOR`: no colours, whatever the terminal.
pub(crate) fn no_color() -> bool {
    set("NO_COLOR")
}

/// `CLICOLOR_FORCE`: colours although it is no terminal; `0` does not count.
pub(crate) fn force_color() -> bool {
    set("CLICOLOR_FORCE") && std::env::var_os("CLICOLOR_FORCE").is_some_and(|value| value != "0")
}

/// `TERM=dumb`: a terminal that shows no colours.
pub(crate) fn dumb_terminal() -> bool {
    std::env::var_os("TERM").is_some_and(|value| value == "dumb")
}
