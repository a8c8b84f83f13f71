//! What is said of what kernels do not have.

/// What is said of a construct that kernels do not have.
pub(super) fn outside(kind: &str) -> (String, &'static str) {
    let (what, hint) = match kind {
        "FunctionDef" | "AsyncFunctionDef" => (
            "functions inside",
            "define it outside, as a kernel of its own",
        ),
        "ClassDef" => ("classes", "pass numbers, tuples and arrays"),
        "Lambda" => ("lambdas", "define a kernel and call it by its name"),
        "Try" | "TryStar" => (
            "`try`",
            "let the error out, and catch it where the kernel is called",
        ),
        "With" | "AsyncWith" => ("`with`", "open and close outside the kernel"),
        "Import" | "ImportFrom" => ("imports", "import at the top of the file"),
        "Global" | "Nonlocal" => (
            "`global` and `nonlocal`",
            "pass what is needed, and return what changes",
        ),
        "Delete" => ("`del`", "just do not use it any more"),
        "Yield" | "YieldFrom" => ("`yield`", "write results into an array that is passed in"),
        "Await" | "AsyncFor" => ("`await`", "await outside, and pass the result"),
        "List" | "ListComp" => ("lists", "use an array that is passed in, or a tuple"),
        "Dict" | "DictComp" => ("dictionaries", "use arrays; map keys to indices outside"),
        "Set" | "SetComp" => ("sets", "use an array of flags"),
        "GeneratorExp" => ("generators", "write the loop"),
        "JoinedStr" | "FormattedValue" => ("strings", "format outside the kernel"),
        "NamedExpr" => ("`:=`", "assign on a line of its own"),
        "Match" => ("`match`", "use if and elif"),
        "Slice" => ("slices", "loop over the elements"),
        "Starred" => ("starred expressions", "give each value by itself"),
        "TypeAlias" => ("type aliases", "write it outside"),
        _ => ("this", "see what kernels can do"),
    };
    (format!("kernels have no {what}"), hint)
}

pub(super) fn instead_of_math(name: &str) -> &'static str {
    match name {
        "fsum" => "use sum(a), or a loop",
        "factorial" | "comb" | "perm" | "prod" => "write the loop",
        "isclose" => "compare abs(a - b) with a tolerance",
        _ => "call it before, and pass the result",
    }
}
