//! Dialogs for files, folders and questions.

use std::{path::PathBuf, sync::mpsc};

use pyo3::prelude::*;
use tauri::{AppHandle, Manager, WebviewWindow};
use tauri_plugin_dialog::{
    DialogExt, FileDialogBuilder, FilePath, MessageDialogButtons, MessageDialogKind,
};

use crate::{Error, native, plugins::Capability, windows::MAIN};

/// What the user is asked to choose, and what is suggested.
struct Choice {
    kind: String,
    title: Option<String>,
    /// A name, and the endings of files that it stands for.
    filters: Vec<(String, Vec<String>)>,
    folder: Option<PathBuf>,
    name: Option<String>,
}

/// Has the user choose files or a folder; none if they would rather not.
#[pyfunction]
fn choose(
    py: Python<'_>,
    kind: String,
    title: Option<String>,
    filters: Vec<(String, Vec<String>)>,
    folder: Option<PathBuf>,
    name: Option<String>,
) -> PyResult<Vec<PathBuf>> {
    let choice = Choice {
        kind,
        title,
        filters,
        folder,
        name,
    };
    let shell = native::shell()?;
    let chosen = py.detach(|| {
        shell.require(Capability::Dialog)?;
        let (send, receive) = mpsc::sync_channel(1);
        shell.on_main(move |app| choice.show(app, send))?;
        shell.wait_for(&receive)
    })?;
    let paths = chosen.into_iter().map(|path| match path {
        FilePath::Path(path) => Ok(path),
        FilePath::Url(url) => Err(Error::Options(format!("{url} is not a file"))),
    });
    Ok(paths.collect::<Result<_, _>>()?)
}

impl Choice {
    fn show(self, app: &AppHandle, send: mpsc::SyncSender<Vec<FilePath>>) {
        let kind = self.kind.clone();
        let dialog = self.dialog(app);
        let one = {
            let send = send.clone();
            move |path: Option<FilePath>| {
                let _ = send.send(path.into_iter().collect());
            }
        };
        match kind.as_str() {
            "files" => dialog.pick_files(move |paths| {
                let _ = send.send(paths.unwrap_or_default());
            }),
            "folder" => dialog.pick_folder(one),
            "save" => dialog.save_file(one),
            _ => dialog.pick_file(one),
        }
    }

    fn dialog(self, app: &AppHandle) -> FileDialogBuilder<tauri::Wry> {
        let mut dialog = app.dialog().file();
        if let Some(title) = self.title {
            dialog = dialog.set_title(title);
        }
        for (name, endings) in &self.filters {
            let endings: Vec<_> = endings.iter().map(String::as_str).collect();
            dialog = dialog.add_filter(name, &endings);
        }
        if let Some(folder) = self.folder {
            dialog = dialog.set_directory(folder);
        }
        if let Some(name) = self.name {
            dialog = dialog.set_file_name(name);
        }
        match front(app) {
            Some(window) => dialog.set_parent(&window),
            None => dialog,
        }
    }
}

/// Tells the user something, or asks; whether the answer was the first button.
#[pyfunction]
fn ask(
    py: Python<'_>,
    text: String,
    title: String,
    kind: String,
    buttons: String,
) -> PyResult<bool> {
    let shell = native::shell()?;
    let kind = match kind.as_str() {
        "warning" => MessageDialogKind::Warning,
        "error" => MessageDialogKind::Error,
        _ => MessageDialogKind::Info,
    };
    let buttons = match buttons.as_str() {
        "yes-no" => MessageDialogButtons::YesNo,
        "ok-cancel" => MessageDialogButtons::OkCancel,
        _ => MessageDialogButtons::Ok,
    };
    let answer = py.detach(|| {
        shell.require(Capability::Dialog)?;
        let (send, receive) = mpsc::sync_channel(1);
        shell.on_main(move |app| {
            let mut dialog = app.dialog().message(text).title(title);
            dialog = dialog.kind(kind).buttons(buttons);
            if let Some(window) = front(app) {
                dialog = dialog.parent(&window);
            }
            dialog.show(move |answer| {
                let _ = send.send(answer);
            });
        })?;
        shell.wait_for(&receive)
    })?;
    Ok(answer)
}

/// The window that a dialog belongs to.
fn front(app: &AppHandle) -> Option<WebviewWindow> {
    let windows = app.webview_windows();
    let focused = windows
        .values()
        .find(|window| window.is_focused().unwrap_or(false));
    focused.or_else(|| windows.get(MAIN)).cloned()
}

pub(super) fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(choose, module)?)?;
    module.add_function(wrap_pyfunction!(ask, module)?)
}
