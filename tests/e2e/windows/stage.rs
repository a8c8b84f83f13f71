//! An app on a desktop with services, keys to press, and programs that say what they were asked to open.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use pyxidium_tests::TestContext;
use pyxidium_tests::window::{Desktop, Services, Window, seal, wait_for};
use serde_json::json;

/// An app on a desktop with services.
pub struct Stage {
    pub window: Window,
    pub services: Services,
    pub context: TestContext,
    pub sealed: PathBuf,
}

impl Stage {
    pub fn open(app: &str, test: &str) -> Self {
        let context = TestContext::new(test);
        let sealed = seal(&context, app);
        Self::open_again(context, sealed)
    }

    pub fn open_again(context: TestContext, sealed: PathBuf) -> Self {
        let desktop = Desktop::start(&context);
        let services = Services::start(&desktop);
        let mut command = context.command(&sealed);
        // What would open addresses on this desktop, and would leave a line for every one.
        let programs = context.work().join("programs");
        fs::create_dir_all(&programs).expect("the work folder can be written");
        let program = programs.join("xdg-open");
        let opened = context.join("opened");
        let script = format!("#!/bin/sh\necho \"$1\" >>'{}'\n", opened.display());
        fs::write(&program, script).expect("the work folder can be written");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it is ours");
        let path = format!("{}:/usr/bin:/bin", programs.display());
        command.env("PATH", path);
        let window = Window::start_on(desktop, &context, command);
        Self {
            window,
            services,
            context,
            sealed,
        }
    }

    /// As [`Stage::open`], with a page that has loaded the client as `px`.
    pub fn open_client(test: &str) -> Self {
        let stage = Self::open("desktop", test);
        stage.window.wait_ready("px");
        stage
    }

    /// A program of this desktop, run to its end; what it printed.
    pub fn run(&self, program: &str, args: &[&str]) -> Vec<u8> {
        let mut command = self.window.desktop().command(&self.context, program);
        let output = command.args(args).output();
        let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
        output.stdout
    }

    /// Presses keys in the window with this title; waits for it.
    pub fn keys(&self, title: &str, keys: &[&str]) {
        self.window.desktop().wait_title(title);
        self.press(title, keys);
    }

    /// Presses keys in the window with this title, if there is one.
    pub fn press(&self, title: &str, keys: &[&str]) {
        let name = format!("^{title}$");
        let mut args = vec![
            "search",
            "--onlyvisible",
            "--name",
            &name,
            "windowfocus",
            "key",
        ];
        args.extend(["--delay", "60"]);
        args.extend(keys);
        let _ = self.run("xdotool", &args);
    }

    /// Puts a text into the clipboard, as another program.
    pub fn copy(&self, text: &str) {
        let file = self.context.write("text", text);
        let mut xclip = self.window.desktop().command(&self.context, "xclip");
        xclip.args(["-selection", "clipboard", "-i"]).arg(file);
        // It stays, to hand the text out.
        let status = xclip.stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert!(status.is_ok_and(|status| status.success()), "xclip");
    }

    /// Begins a call whose result is fetched with [`Stage::result`]: a person answers it.
    pub fn begin(&self, call: &str) {
        let _ = self.window.js(&format!(
            "globalThis.answered = false;
             globalThis.call = px.invoke({call}).finally(() => (globalThis.answered = true));"
        ));
    }

    /// Presses a key until the dialog with this title has answered the call that was begun: it may
    /// not yet be ready for keys, or look at what was entered before it takes it.
    pub fn answer(&self, title: &str, key: &str) {
        wait_for("an answer", || {
            self.press(title, &[key]);
            thread::sleep(Duration::from_millis(500));
            (self.window.js("return globalThis.answered;") == json!(true)).then_some(())
        });
    }

    pub fn result(&self) -> serde_json::Value {
        self.window.js("return await globalThis.call;")
    }

    pub fn opened(&self, address: &str) {
        let file = self.context.join("opened");
        wait_for(
            format!("{address} to be opened\n{}", self.window.process()),
            || {
                let lines = fs::read_to_string(&file).ok()?;
                lines.lines().any(|line| line == address).then_some(())
            },
        );
    }
}
