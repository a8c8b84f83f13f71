//! What desktops read, by the specifications of freedesktop.org: entries for menus, kinds of files, icons.

use std::fmt::Write as _;

use packed_resources::About;

use super::product::Names;

/// Sizes of icons that themes have folders for.
const SIZES: [u32; 10] = [16, 22, 24, 32, 48, 64, 96, 128, 256, 512];

/// What desktops are told of an app.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) names: &'a Names,
    pub(super) about: &'a About,
    pub(super) icon: bool,
}

/// Where an icon belongs, below the root.
pub(super) fn icon_path(identifier: &str, width: u32) -> String {
    if SIZES.contains(&width) {
        format!("usr/share/icons/hicolor/{width}x{width}/apps/{identifier}.png")
    } else {
        // Where desktops look for what fits no theme, and scale it.
        format!("usr/share/pixmaps/{identifier}.png")
    }
}

/// Where a user's own icon belongs, below the folder for data: themes only, no other place is looked at.
pub(super) fn own_icon_path(identifier: &str, width: u32) -> String {
    let size = SIZES.into_iter().rev().find(|size| *size <= width);
    let size = size.unwrap_or(SIZES[0]);
    format!("icons/hicolor/{size}x{size}/apps/{identifier}.png")
}

/// The entry for menus; `command` starts the app.
pub(super) fn entry(app: Facts<'_>, command: &str) -> String {
    let mut out = String::from("[Desktop Entry]\nType=Application\nVersion=1.5\n");
    let mut line = |key: &str, value: &str| {
        // Writing to a string does not fail.
        let _ = writeln!(out, "{key}={}", escaped(value));
    };
    line("Name", &app.names.title);
    if let Some(summary) = &app.about.summary {
        line("Comment", summary);
    }
    let types = &app.about.file_types;
    let argument = if types.is_empty() { "" } else { " %F" };
    line("Exec", &format!("{}{argument}", quoted(command)));
    if app.icon {
        line("Icon", &app.names.identifier);
    }
    line(
        "Terminal",
        if app.about.graphical { "false" } else { "true" },
    );
    let mut categories = app.about.categories.join(";");
    if categories.is_empty() {
        categories = "Utility".into();
    }
    line("Categories", &format!("{categories};"));
    if !types.is_empty() {
        let list: Vec<&str> = types.iter().map(|t| t.mime.as_str()).collect();
        line("MimeType", &format!("{};", list.join(";")));
    }
    // What a window says that it is of, so that docks show it under its own icon.
    line("StartupWMClass", &app.names.name);
    out
}

/// The kinds of files that the app opens, unless it opens none.
pub(super) fn mime(about: &About) -> Option<String> {
    let types = &about.file_types;
    if types.is_empty() {
        return None;
    }
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <mime-info xmlns=\"http://www.freedesktop.org/standards/shared-mime-info\">\n",
    );
    for kind in types {
        let _ = write!(
            out,
            "  <mime-type type=\"{}\">\n    <comment>{}</comment>\n    <glob pattern=\"*.{}\"/>\n  </mime-type>\n",
            xml(&kind.mime),
            xml(&kind.name),
            xml(&kind.extension),
        );
    }
    out.push_str("</mime-info>\n");
    Some(out)
}

/// A value of an entry, in one line.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('\n', "\\n")
        .replace(['\r', '\t'], " ")
}

/// A command with a path in it, as the value of `Exec`.
fn quoted(command: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    if command.chars().all(plain) {
        return command.to_owned();
    }
    let mut out = String::from("\"");
    for c in command.chars() {
        match c {
            '"' | '`' | '$' | '\\' => out.extend(['\\', c]),
            '%' => out.push_str("%%"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
