//! Orders of `pyxidium dev`, one a line on standard input. There are none in a sealed app.

use std::{io::BufRead, sync::Arc, thread};

use crate::{mailbox::Order, shell::Shell};

/// Listens until the other end goes away: then so does the app.
pub(crate) fn listen(shell: Arc<Shell>) {
    let spawned = thread::Builder::new()
        .name("development".into())
        .spawn(move || {
            for line in std::io::stdin().lock().lines() {
                match line.as_deref().map(str::trim) {
                    Ok("page") => shell.reload_pages(),
                    Ok("python") => shell.mailbox.post(Order::RunAgain),
                    Ok("quit") | Err(_) => break,
                    Ok(_) => {}
                }
            }
            shell.quit();
        });
    // Without the thread nothing is reloaded; the app itself works.
    drop(spawned);
}
