//! The one command that pages may call, handed to the bridge as bytes.
//!
//! Tauri has checked by now that the message has the key which only the app's own pages are given,
//! and that it comes from the app's own origin.

use bridge::{Bridge, Response};
use tauri::{
    Wry,
    ipc::{
        Invoke, InvokeBody, InvokeError, InvokeMessage, InvokeResponseBody, Response as IpcResponse,
    },
};

/// The command's name.
const COMMAND: &str = "pyxidium";

/// The bytes of a message, where Tauri has them.
struct Body(InvokeMessage<Wry>);

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        match self.0.payload() {
            InvokeBody::Raw(bytes) => bytes,
            InvokeBody::Json(_) => &[],
        }
    }
}

/// Takes a message from a page. Runs on the main thread: it may not wait for anything.
pub(crate) fn handle(bridge: &Bridge, invoke: Invoke<Wry>) -> bool {
    let Invoke {
        message, resolver, ..
    } = invoke;
    if message.command() != COMMAND {
        return false;
    }
    if !matches!(message.payload(), InvokeBody::Raw(_)) {
        resolver.reject("a message to Python is bytes: use the module \"pyxidium\"");
        return true;
    }
    let label = message.webview_ref().label().to_owned();
    bridge.handle(
        &label,
        Body(message),
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
