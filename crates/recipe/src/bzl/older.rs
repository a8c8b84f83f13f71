//! Attributes and values of PyOxidizer before 0.10, and what they are in its last release.

use super::datum::Datum;

/// What became of an attribute.
pub(super) enum Moved {
    /// Another one, with another value.
    To(&'static str, Datum),
    /// Nothing, and why.
    Gone(&'static str),
    /// What is so anyway.
    Same,
}

/// What an attribute of an older release is today, if it is one.
pub(super) fn moved(owner: &str, name: &str, value: &Datum) -> Option<Moved> {
    if owner != "PythonInterpreterConfig" {
        return None;
    }
    let to = |name, value: &Datum| Some(Moved::To(name, value.clone()));
    let text = |text: &str| Datum::Text(text.to_owned());
    let truth = *value == Datum::Bool(true);
    let not = |name| Some(Moved::To(name, Datum::Bool(!truth)));
    match name {
        "run_eval" => to("run_command", value),
        "run_file" => to("run_filename", value),
        "sys_paths" => to("module_search_paths", value),
        "optimize_level" | "opt_level" => to("optimization_level", value),
        "raw_allocator" => match value.text()? {
            "system" => to("allocator_backend", &text("default")),
            _ => to("allocator_backend", value),
        },
        "run_mode" => match value.text()?.split_once(':') {
            Some(("eval", code)) => to("run_command", &text(code)),
            Some(("module", module)) => to("run_module", &text(module)),
            _ => repl_or_nothing(value.text()? == "repl"),
        },
        "run_repl" | "run_noop" if !truth => Some(Moved::Same),
        "run_repl" => repl_or_nothing(true),
        "run_noop" => repl_or_nothing(false),
        "dont_write_bytecode" => not("write_bytecode"),
        "ignore_environment" => not("use_environment"),
        "no_site" => not("site_import"),
        "no_user_site_directory" => not("user_site_directory"),
        "unbuffered_stdio" => not("buffered_stdio"),
        "use_hash_seed" if !truth => Some(Moved::Same),
        "terminfo_dirs" => Some(Moved::Gone(
            "the machine's terminal database is found by itself",
        )),
        _ => None,
    }
}

fn repl_or_nothing(repl: bool) -> Option<Moved> {
    Some(Moved::Gone(if repl {
        "with nothing to run, the executable is a Python command line"
    } else {
        "code of your own is not linked in: with nothing to run, the executable is a Python command line. Write \
         `config.run_command = \"...\"`"
    }))
}

/// A value that had another name in older releases.
pub(super) fn value(owner: &str, name: &str, value: Datum) -> Datum {
    match (owner, name, &value) {
        ("PythonPackagingPolicy", "extension_module_filter", Datum::Text(t)) if t == "no-gpl" => {
            Datum::Text("no-copyleft".into())
        }
        ("PythonInterpreterConfig", "bytes_warning", Datum::Int(level)) => {
            let name = ["none", "warn", "raise"].get(usize::try_from(*level).unwrap_or(0));
            Datum::Text((*name.unwrap_or(&"raise")).into())
        }
        _ => value,
    }
}
