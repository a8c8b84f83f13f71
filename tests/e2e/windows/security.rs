//! What a page, or whoever got into it, must not be able to do. Every refusal is tried.

use std::fs;

use pyxidium_tests::TestContext;
use pyxidium_tests::window::{Window, case, wait_for};
use serde_json::{Value, json};

use crate::open_client;
use crate::server::Server;

/// Waits until the policy has refused what `action` tries; the directive that did.
fn violation(window: &Window, action: &str) -> Value {
    window.js(&format!(
        "const refused = new Promise((resolve) => {{
             document.addEventListener('securitypolicyviolation',
                 (event) => resolve(event.effectiveDirective), {{ once: true }});
         }});
         {action}
         return await refused;"
    ))
}

#[test]
fn policy_refuses_inline_scripts_and_eval() {
    let (_context, window) = open_client("security", "window-inline");
    let directive = violation(
        &window,
        "const script = document.createElement('script');
         script.textContent = 'globalThis.inline = true';
         document.body.append(script);",
    );
    assert!(
        directive.as_str().unwrap().starts_with("script-src"),
        "{directive}"
    );
    assert_eq!(window.js("return globalThis.inline ?? null"), json!(null));
    let directive = violation(
        &window,
        "document.body.innerHTML += `<img src='nothing.png' onerror='globalThis.inline = true'>`;",
    );
    assert!(
        directive.as_str().unwrap().starts_with("script-src"),
        "{directive}"
    );
    assert_eq!(window.js("return globalThis.inline ?? null"), json!(null));
    for code in [
        "eval('1')",
        "new Function('return 1')()",
        "setTimeout('globalThis.inline = true')",
    ] {
        let _ = violation(&window, &format!("try {{ {code}; }} catch {{}}"));
    }
    assert_eq!(window.js("return globalThis.inline ?? null"), json!(null));
    window.close().expect_success();
}

#[test]
fn policy_refuses_everything_remote() {
    let server = Server::start("globalThis.remote = true");
    let (_context, window) = open_client("security", "window-remote");
    let origin = server.origin();
    let element = |tag: &str, more: &str| {
        format!(
            "const element = document.createElement('{tag}'); {more}
             document.body.append(element);"
        )
    };
    let tries = [
        (
            "script-src",
            element("script", &format!("element.src = '{origin}/script.js';")),
        ),
        (
            "img-src",
            element("img", &format!("element.src = '{origin}/picture.png';")),
        ),
        (
            "style-src",
            element(
                "link",
                &format!("element.rel = 'stylesheet'; element.href = '{origin}/style.css';"),
            ),
        ),
        (
            "frame-src",
            element("iframe", &format!("element.src = '{origin}/frame';")),
        ),
        (
            "media-src",
            element("video", &format!("element.src = '{origin}/film.mp4';")),
        ),
        (
            "connect-src",
            format!("fetch('{origin}/fetch').catch(() => {{}});"),
        ),
        (
            "connect-src",
            format!("try {{ new WebSocket('{origin}/socket'.replace('http', 'ws')); }} catch {{}}"),
        ),
        (
            "connect-src",
            format!("navigator.sendBeacon('{origin}/beacon', 'x');"),
        ),
        (
            "script-src",
            format!("import('{origin}/module.js').catch(() => {{}});"),
        ),
    ];
    for (directive, action) in tries {
        let refused = violation(&window, &action);
        assert!(
            refused.as_str().unwrap().starts_with(directive),
            "{refused} by {action}"
        );
    }
    assert_eq!(window.js("return globalThis.remote ?? null"), json!(null));
    assert_eq!(server.requests(), [""; 0], "nobody was asked for anything");
    window.close().expect_success();
    assert_eq!(server.requests(), [""; 0]);
}

#[test]
fn page_cannot_leave_the_app() {
    let server = Server::start("elsewhere");
    let (_context, window) = open_client("security", "window-leaving");
    let origin = server.origin();
    let home = window.session().url().unwrap();
    for action in [
        format!("location.href = '{origin}/location';"),
        format!("window.open('{origin}/window');"),
        "location.href = 'file:///etc/passwd';".to_owned(),
        format!(
            "const link = document.createElement('a'); link.href = '{origin}/link';
             document.body.append(link); link.click();"
        ),
        format!(
            "const form = document.createElement('form'); form.action = '{origin}/form';
             document.body.append(form); form.submit();"
        ),
    ] {
        window.js(&action);
        // A call and its answer: whatever navigation there was has been decided by then.
        assert_eq!(
            window.js("return await px.invoke('secret')"),
            "secret",
            "{action}"
        );
        assert_eq!(window.session().url().unwrap(), home, "{action}");
    }
    assert_eq!(window.session().windows().unwrap().len(), 1);
    assert_eq!(server.requests(), [""; 0]);
    window.close().expect_success();
}

#[test]
fn page_gets_nothing_of_tauri_and_only_registered_commands() {
    let (_context, window) = open_client("security", "window-commands");
    assert_eq!(window.js("return typeof globalThis.__TAURI__"), "undefined");
    for command in [
        "plugin:dialog|open",
        "plugin:opener|open_url",
        "plugin:notification|notify",
        "plugin:clipboard-manager|read_text",
        "plugin:event|listen",
        "plugin:window|create",
        "plugin:window|close",
        "plugin:webview|create_webview_window",
        "plugin:webview|internal_toggle_devtools",
        "plugin:path|resolve_directory",
        "plugin:app|version",
        "anything",
    ] {
        let refused = window.try_js(&format!(
            "try {{ await __TAURI_INTERNALS__.invoke('{command}', {{ url: 'x', event: 'x', target: {{ kind: 'Any' }}, handler: 1 }}); }}
             catch (error) {{ throw new Error(typeof error === 'string' ? error : JSON.stringify(error)); }}"
        ));
        let message = refused.expect_err(command);
        assert!(
            message.contains("not allowed") || message.contains("not found"),
            "{command}: {message}"
        );
    }
    for name in [
        "hidden",
        "px.quit",
        "print",
        "__import__",
        "os.system",
        "exec",
    ] {
        let refused = window.try_js(&format!("await px.invoke('{name}', {{}})"));
        assert!(refused.is_err(), "{name}: {refused:?}");
    }
    assert!(
        !window.process().stdout().contains("hidden"),
        "{}",
        window.process()
    );
    // A call without the key that Tauri gives the app's own page.
    let refused = window.js("const frame = new Uint8Array(8);
         const answer = await fetch('ipc://localhost/pyxidium', {
             method: 'POST', body: frame, headers: { 'Content-Type': 'application/octet-stream' } })
             .then((response) => response.ok, () => false);
         return answer;");
    assert_eq!(refused, false);
    window.close().expect_success();
}

#[test]
fn sealed_app_has_no_developer_tools() {
    let (_context, window) = open_client("security", "window-devtools");
    let key = "const key = (type) => document.dispatchEvent(new KeyboardEvent(type, {
            key: 'I', code: 'KeyI', ctrlKey: true, shiftKey: true, bubbles: true }));
        key('keydown'); key('keyup');
        const f12 = new KeyboardEvent('keydown', { key: 'F12', code: 'F12', bubbles: true });
        document.dispatchEvent(f12);
        return await px.invoke('secret');";
    assert_eq!(window.js(key), "secret");
    assert_eq!(window.desktop().titles(), ["Security"], "no inspector");
    window.close().expect_success();
}

/// What a remote page in a frame can find; it reports to its own server.
const INTRUDER: &str = "<!doctype html><script>
    const results = [];
    const note = (name, value) => results.push(name + '=' + value);
    note('internals', typeof globalThis.__TAURI_INTERNALS__?.invoke);
    try { note('parent', typeof parent.px); } catch { note('parent', 'refused'); }
    const tries = [
        ['ipc', () => fetch('ipc://localhost/pyxidium', { method: 'POST', body: new Uint8Array(8) })
            .then((answer) => { if (!answer.ok) throw answer; })],
        ['page', () => fetch('tauri://localhost/index.html').then((answer) => answer.text())],
        ['invoke', () => globalThis.__TAURI_INTERNALS__.invoke('pyxidium', new Uint8Array(8))],
        ['message', async () => webkit.messageHandlers.ipc.postMessage(JSON.stringify({
            cmd: 'pyxidium', callback: 1, error: 2, payload: {}, options: {}, invoke_key: 'guess' }))],
    ];
    (async () => {
        for (const [name, attempt] of tries) {
            try { await attempt(); note(name, name === 'message' ? 'sent' : 'DONE'); }
            catch { note(name, 'refused'); }
        }
        await fetch('/results?' + results.join('&'));
    })();
</script>";

#[test]
fn remote_frame_of_a_declared_origin_cannot_call_python() {
    let server = Server::start(INTRUDER);
    let context = TestContext::new("window-frame");
    let page = fs::read_to_string(case("security").join("app.py")).unwrap();
    let declared = format!("ui=\"ui\", origins=[\"{}\"]", server.origin());
    context.write("frame/app.py", page.replace("ui=\"ui\"", &declared));
    for file in ["index.html", "main.js"] {
        let text = fs::read(case("security").join("ui").join(file)).unwrap();
        context.write(format!("frame/ui/{file}"), text);
    }
    let app = context.seal(["frame/app.py"]);
    let window = Window::open(&context, &app);
    window.wait_ready("px");
    window.js(&format!(
        "const frame = document.createElement('iframe');
         frame.src = '{}/frame'; document.body.append(frame);",
        server.origin()
    ));
    let results = wait_for("the frame's report", || {
        let all = server.requests();
        all.into_iter().find(|path| path.starts_with("/results"))
    });
    assert!(results.contains("parent=refused"), "{results}");
    assert!(results.contains("ipc=refused"), "{results}");
    assert!(results.contains("page=refused"), "{results}");
    assert!(!results.contains("DONE"), "{results}");
    // The page itself may still call, and Python was called by nobody else.
    assert_eq!(window.js("return await px.invoke('secret')"), "secret");
    let outcome = window.close();
    outcome
        .expect_success()
        .expect_stdout("secret was called\n");
}
