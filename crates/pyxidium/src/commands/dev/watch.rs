//! Which folders are watched: those that hold files of the app, one by one, since a script may lie in a
//! home folder. Changes are gathered until there is a moment's quiet, because one saving is many events.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use notify::event::{EventKind, ModifyKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use recipe::BuildPlan;

use super::Event;
use crate::Error;

/// Editors are done with a file by then.
const QUIET: Duration = Duration::from_millis(80);

/// Watches folders.
#[derive(Debug)]
pub(super) struct Watch {
    watcher: RecommendedWatcher,
    folders: BTreeSet<PathBuf>,
}

impl Watch {
    /// A watch of nothing yet; changes become events.
    pub(super) fn start(events: Sender<Event>) -> Result<Self, Error> {
        let (send, changes) = channel();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if let Ok(event) = event.as_ref().map(changed) {
                // The other end lives as long as we do.
                let _ = send.send(event);
            }
        })?;
        std::thread::spawn(move || gather(&changes, &events));
        Ok(Self {
            watcher,
            folders: BTreeSet::new(),
        })
    }

    /// Watches the folders of a project and its page, and no others any more.
    pub(super) fn project(&mut self, plan: &BuildPlan, ui: Option<&Path>) -> Result<(), Error> {
        let mut folders = BTreeSet::new();
        let page = ui.map(recipe::below).transpose()?.unwrap_or_default();
        let files = plan.files.iter().chain(&page).map(|f| f.source.as_path());
        folders.extend(files.filter_map(Path::parent).filter_map(real));
        folders.extend(real(&plan.project));
        folders.extend(real(&plan.root));
        folders.extend(ui.and_then(real));
        for list in &plan.requirement_files {
            folders.extend(list.parent().and_then(real));
        }
        for gone in self.folders.difference(&folders) {
            // A folder that was removed is no longer watched anyway.
            let _ = self.watcher.unwatch(gone);
        }
        for new in folders.difference(&self.folders) {
            self.watcher.watch(new, RecursiveMode::NonRecursive)?;
        }
        self.folders = folders;
        Ok(())
    }
}

fn real(folder: &Path) -> Option<PathBuf> {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    std::fs::canonicalize(folder).ok()
}

/// The files of an event that says that something is not as it was.
fn changed(event: &notify::Event) -> Vec<PathBuf> {
    match event.kind {
        EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(_)) => Vec::new(),
        _ => event.paths.clone(),
    }
}

/// Hands on what came together.
fn gather(changes: &Receiver<Vec<PathBuf>>, events: &Sender<Event>) {
    while let Ok(mut files) = changes.recv() {
        loop {
            match changes.recv_timeout(QUIET) {
                Ok(more) => files.extend(more),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
        files.sort();
        files.dedup();
        if !files.is_empty() && events.send(Event::Files(files)).is_err() {
            return;
        }
    }
}
