//! One setting after the other, from a table or a call, into the window's configuration.

use packed_resources::WindowConfig;
use recipe::{Literal, Origin, Setting};

use super::{Problem, WindowError, problem};
use crate::Error;

/// Every key of `[tool.pyxidium.window]`, as written there.
pub(crate) const KEYS: &[&str] = &[
    "title",
    "ui",
    "size",
    "min-size",
    "resizable",
    "maximized",
    "fullscreen",
    "decorations",
    "icon",
    "csp",
    "origins",
];

/// Paths among the settings: relative to the file that names them.
#[derive(Debug, Default)]
pub(super) struct Source {
    pub(super) ui: Option<Setting>,
    pub(super) icon: Option<Setting>,
}

impl Source {
    /// Takes settings over; keys that nobody knows are an error only in a table: of a call Python
    /// says so itself.
    pub(super) fn apply(
        &mut self,
        settings: &[Setting],
        table: bool,
        config: &mut WindowConfig,
    ) -> Result<(), Error> {
        for setting in settings {
            match setting.key.as_str() {
                "ui" => self.ui = Some(written(setting)?),
                "icon" => self.icon = Some(written(setting)?),
                "csp" => config.csp = Some(text(&written(setting)?)?),
                "origins" => config.origins = origins(&written(setting)?)?,
                // The rest may be computed: it can be applied to an open window.
                _ if setting.value == Literal::Other && !table => {}
                "title" => config.title = text(setting)?,
                "size" => config.size = size(setting)?,
                "min_size" => config.min_size = Some(size(setting)?),
                "resizable" => config.resizable = truth(setting)?,
                "maximized" => config.maximized = truth(setting)?,
                "fullscreen" => config.fullscreen = truth(setting)?,
                "decorations" => config.decorations = truth(setting)?,
                key if table => {
                    let key = key.replace('_', "-");
                    return Err(problem(setting, Problem::UnknownKey { key }));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// A setting that is needed before the app runs.
fn written(setting: &Setting) -> Result<Setting, Error> {
    let computed = match &setting.value {
        Literal::Other => true,
        Literal::List(values) => values.contains(&Literal::Other),
        _ => false,
    };
    if computed {
        let key = setting.key.clone();
        return Err(problem(setting, Problem::NotLiteral { key }));
    }
    Ok(setting.clone())
}

fn wrong(setting: &Setting, expected: &'static str) -> Error {
    let key = setting.key.clone();
    problem(setting, Problem::WrongType { key, expected })
}

pub(super) fn text(setting: &Setting) -> Result<String, Error> {
    match &setting.value {
        Literal::Text(text) => Ok(text.clone()),
        _ => Err(wrong(setting, "text")),
    }
}

fn truth(setting: &Setting) -> Result<bool, Error> {
    match setting.value {
        Literal::Bool(value) => Ok(value),
        _ => Err(wrong(setting, "true or false")),
    }
}

fn size(setting: &Setting) -> Result<(f64, f64), Error> {
    const LARGEST: f64 = 32_768.0;
    let (width, height) = match &setting.value {
        Literal::List(values) => match values[..] {
            [Literal::Number(width), Literal::Number(height)] => (width, height),
            // Partly computed.
            _ if values.contains(&Literal::Other) => return Ok(WindowConfig::default().size),
            _ => return Err(wrong(setting, "two numbers, width and height")),
        },
        _ => return Err(wrong(setting, "two numbers, width and height")),
    };
    if !(width >= 1.0 && height >= 1.0 && width <= LARGEST && height <= LARGEST) {
        let key = setting.key.clone();
        return Err(problem(setting, Problem::BadSize { key, width, height }));
    }
    Ok((width, height))
}

/// `https://example.org`, with or without a port: what a Content-Security-Policy can name.
fn origins(setting: &Setting) -> Result<Vec<String>, Error> {
    let Literal::List(values) = &setting.value else {
        return Err(wrong(setting, "a list of addresses"));
    };
    let one = |value: &Literal| {
        let Literal::Text(text) = value else {
            return Err(wrong(setting, "a list of addresses"));
        };
        let host = ["https://", "http://", "wss://", "ws://"]
            .iter()
            .find_map(|scheme| text.strip_prefix(scheme));
        let plain = |h: &str| {
            !h.is_empty()
                && h.chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-.:*[]".contains(c))
        };
        match host {
            Some(host) if plain(host) => Ok(text.clone()),
            _ => {
                let text = text.clone();
                Err(problem(setting, Problem::BadOrigin { text }))
            }
        }
    };
    values.iter().map(one).collect()
}

pub(super) fn check_sizes(config: &WindowConfig, at: &Origin) -> Result<(), Error> {
    match config.min_size {
        Some((width, height)) if width > config.size.0 || height > config.size.1 => {
            Err(WindowError {
                at: at.clone(),
                problem: Problem::MinSize,
            }
            .into())
        }
        _ => Ok(()),
    }
}
