//! What an installer printed, as an error that says what is wrong and what to do. The installers give
//! one exit code for everything, so their words are all there is; what is not known stays as it is.

use super::Options;
use super::key::Asked;
use crate::{Error, Python, ToolOutput};

/// How many lines of an installer's output are shown.
const LINES: usize = 12;

/// Makes an error of the output of a failed installation.
pub(crate) fn explain(
    tool: &'static str,
    python: &Python,
    asked: &Asked,
    options: &Options,
    said: &str,
    exists: &dyn Fn(&str) -> Option<bool>,
) -> Error {
    let source = ToolOutput(tail(said));
    let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let has = |text: &str| flat.contains(text);
    let no_wheel = |package: String, source| Error::NoWheel {
        at: place(asked, &package),
        package,
        python: python.feature_version().to_owned(),
        source,
    };

    if let Some(wheel) =
        after(&flat, "ERROR: ").filter(|_| has("is not a supported wheel on this platform"))
    {
        return Error::OtherPlatform {
            wheel: base_name(&wheel),
            source,
        };
    }
    if has("is not compatible with the current Python")
        || has("no wheels with a matching") && has(".whl")
    {
        let wheel = word_with(&flat, ".whl").unwrap_or_else(|| "a wheel".into());
        return Error::OtherPlatform {
            wheel: base_name(&wheel),
            source,
        };
    }
    if has("DO NOT MATCH THE HASHES") || has("Hash mismatch for ") {
        let package = after(&flat, "Hash mismatch for `")
            .or_else(|| after(&flat, "tampered with them. "))
            .map_or_else(|| "a package".into(), |p| package_of(&p));
        return Error::OtherHash {
            at: place(asked, &package),
            package,
            source,
        };
    }
    if options.offline && (has("network was disabled") || has("No matching distribution")) {
        return Error::Offline;
    }
    let unreachable = [
        "Failed to establish a new connection",
        "Temporary failure in name resolution",
        "ProxyError",
        "Connection refused",
        "NewConnectionError",
        "error sending request",
        "dns error",
        "Failed to fetch",
        "Request failed after",
        "timed out",
        "Could not fetch URL",
        "CERTIFICATE_VERIFY_FAILED",
        "Network is unreachable",
    ];
    if unreachable.iter().any(|text| has(text)) {
        return Error::Network { source };
    }
    if let Some(package) = after(&flat, "all versions of ").filter(|_| has("have no usable wheels"))
    {
        return no_wheel(package, source);
    }
    if let Some(package) = after(&flat, "Wheels are required for `") {
        return no_wheel(package.trim_matches('`').to_owned(), source);
    }
    if has("Because ")
        && has(" was not found in the ")
        && let Some(package) = after(&flat, "Because ")
    {
        return Error::NoSuchPackage {
            at: place(asked, &package),
            package,
            source,
        };
    }
    if let Some(requirement) = after(&flat, "Because there is no version of ") {
        return no_version(asked, requirement, source);
    }
    if has("conflicting dependencies")
        || has("ResolutionImpossible")
        || has("requirements are unsatisfiable")
    {
        return Error::Conflict { source };
    }
    if let Some(requirement) = after(&flat, "No matching distribution found for ") {
        let package = package_of(&requirement);
        // pip names the versions it could have taken; with none, there is no wheel or no package.
        if !has("(from versions: none)") {
            return no_version(asked, requirement, source);
        }
        return match exists(&package) {
            Some(true) => no_wheel(package, source),
            _ => Error::NoSuchPackage {
                at: place(asked, &package),
                package,
                source,
            },
        };
    }
    if has("Invalid requirement")
        || has("Couldn't parse requirement")
        || has("Could not open requirements file")
    {
        return Error::BadRequirements { source };
    }
    Error::Installer { tool, source }
}

fn no_version(asked: &Asked, requirement: String, source: ToolOutput) -> Error {
    let package = package_of(&requirement);
    Error::NoSuchVersion {
        at: place(asked, &package),
        package,
        requirement,
        source,
    }
}

/// The last lines of an output, without what says nothing about the failure.
pub(crate) fn tail(said: &str) -> String {
    const NOISE: [&str; 4] = [
        "Using CPython",
        "Looking in ",
        "WARNING: Retrying",
        "ERROR: Ignored the following yanked",
    ];
    let tells = |l: &&str| !l.trim().is_empty() && !NOISE.iter().any(|n| l.starts_with(n));
    let lines: Vec<&str> = said.lines().map(str::trim_end).filter(tells).collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}

/// The word after a text.
fn after(flat: &str, text: &str) -> Option<String> {
    let rest = &flat[flat.find(text)? + text.len()..];
    let word = rest
        .split(' ')
        .next()?
        .trim_end_matches([',', '.', ';', ':']);
    (!word.is_empty()).then(|| word.to_owned())
}

fn word_with(flat: &str, part: &str) -> Option<String> {
    flat.split([' ', '`', '\'', '"', '(', ')'])
        .find(|w| w.contains(part))
        .map(str::to_owned)
}

fn base_name(path: &str) -> String {
    path.rsplit('/')
        .next()
        .unwrap_or(path)
        .trim_end_matches([',', '.'])
        .to_owned()
}

/// `numpy` out of `numpy[extra]>=2; python_version < "4"`.
fn package_of(requirement: &str) -> String {
    requirement
        .split(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)))
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// " (app.py, line 3)" for the requirement of a package, or nothing when it came with another one.
fn place(asked: &Asked, package: &str) -> String {
    let normal = |name: &str| name.to_ascii_lowercase().replace(['-', '.'], "_");
    let found = asked
        .requirements
        .iter()
        .find(|r| normal(&package_of(&r.text)) == normal(package));
    found.map_or_else(String::new, |r| {
        format!(" ({}, line {})", r.origin.path.display(), r.origin.line)
    })
}

#[cfg(test)]
#[path = "explain_tests.rs"]
mod tests;
