//! Files that the user drags into a window: told to its page, and to Python.

use std::path::Path;

use serde_json::{Value, json};
use tauri::{AppHandle, DragDropEvent, Manager, PhysicalPosition};

use crate::{native::Event, shell::Shell};

/// Passes it on.
pub(crate) fn tell(app: &AppHandle, shell: &Shell, window: &str, event: &DragDropEvent) {
    let scale = || {
        let window = app.get_webview_window(window)?;
        window.scale_factor().ok()
    };
    let position = |position: &PhysicalPosition<f64>| in_page(*position, scale);
    let (name, data) = match event {
        DragDropEvent::Enter {
            paths,
            position: at,
        } => {
            let files = files(paths);
            (
                "drag-enter",
                json!({ "paths": files, "position": position(at) }),
            )
        }
        DragDropEvent::Drop {
            paths,
            position: at,
        } => {
            let files = files(paths);
            if files.is_empty() {
                return;
            }
            let position = position(at);
            let told = json!({ "window": window, "paths": files, "position": position });
            shell.events.push(Event::new("drop", &told));
            ("drop", json!({ "paths": files, "position": position }))
        }
        DragDropEvent::Leave => ("drag-leave", Value::Null),
        // Where exactly the mouse is, the page knows better.
        _ => return,
    };
    shell.bridge.emit(Some(window), name, &data.to_string());
}

/// Paths only: what comes out of another program may be links, too.
fn files(paths: &[impl AsRef<Path>]) -> Vec<String> {
    paths
        .iter()
        .map(AsRef::as_ref)
        .filter(|path| path.is_absolute())
        .map(|path| path.to_string_lossy().into_owned())
        .collect()
}

/// Where that is in CSS pixels. GTK says so itself, whatever the type is called.
fn in_page(position: PhysicalPosition<f64>, scale: impl FnOnce() -> Option<f64>) -> (f64, f64) {
    let scale = match cfg!(target_os = "linux") {
        true => 1.0,
        false => scale().unwrap_or(1.0),
    };
    (position.x / scale, position.y / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_not_a_file() {
        let dragged = ["/home/u/a b.txt", "https://example.org/", "notes.txt"];
        assert_eq!(files(&dragged), ["/home/u/a b.txt"]);
    }
}
