//! The one command that pages may call, handed to the bridge as bytes.
//!
//! Tauri has checked by now that the message has the key which only the app's own pages are given,
//! and that it comes from the app's own origin.

use bridge::{Bridge, Response};
use tauri::{
    Wry,
    ipc::{Invoke, InvokeBody, InvokeError, InvokeResponseBody, Response as IpcResponse},
};

/// The command's name.
const COMMAND: &str = "pyxidium";

/// Takes a message from a page. Runs on the main thread: it may not wait for anything.
pub(crate) fn handle(bridge: &Bridge, invoke: Invoke<Wry>) -> bool {
    let Invoke {
        message, resolver, ..
    } = invoke;
    if message.command() != COMMAND {
        return false;
    }
    let InvokeBody::Raw(body) = message.payload() else {
        resolver.reject("a message to Python is bytes: use the module \"pyxidium\"");
        return true;
    };
    let label = message.webview_ref().label();
    bridge.handle(
        label,
        body.clone(),
        Box::new(move |response| match response {
            Response::Json(json) => {
                resolver.resolve(IpcResponse::new(InvokeResponseBody::Json(json)));
            }
            Response::Bytes(bytes) => resolver.resolve(IpcResponse::new(bytes)),
            Response::Error(json) => {
                let error = serde_json::from_str(&json).unwrap_or(serde_json::Value::String(json));
                resolver.invoke_error(InvokeError(error));
            }
        }),
    );
    true
}
