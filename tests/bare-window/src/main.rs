//! A Tauri app as Tauri's own guide would have it, with no Python: what `cargo xtask bench` holds our
//! window against. Its page runs the same `ui/bench.js` as the sealed app beside it.

use std::io::Write;

use tauri::ipc::{InvokeBody, Request, Response};

/// What the page is to do: the first argument.
#[tauri::command]
fn job() -> String {
    std::env::args().nth(1).unwrap_or_default()
}

/// One line of results.
#[tauri::command]
fn report(line: &str) {
    let mut stdout = std::io::stdout().lock();
    // Whoever closed the pipe has stopped listening.
    let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
}

// Off the main thread, where whatever takes time has to be: a window that waits does not draw.
#[tauri::command(async)]
fn ping(value: serde_json::Value) -> serde_json::Value {
    value
}

#[tauri::command]
fn blob_out(size: usize) -> Response {
    Response::new(vec![7; size])
}

#[tauri::command]
fn blob_in(request: Request<'_>) -> usize {
    match request.body() {
        InvokeBody::Raw(bytes) => bytes.len(),
        InvokeBody::Json(_) => 0,
    }
}

fn main() -> tauri::Result<()> {
    tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![
            job, report, ping, blob_out, blob_in
        ])
        .run(tauri::generate_context!())
}
