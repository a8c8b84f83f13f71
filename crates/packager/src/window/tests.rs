//! What a project's window is read as, and every message about one that cannot be sealed. The sources
//! are read by the real worker.

use packed_resources::WindowConfig;
use recipe::Request;

use super::*;
use crate::app;
use crate::testing::{lay, python};
use crate::{Cache, Silent};

const PAGE: (&str, &[u8]) = ("ui/index.html", b"<!doctype html>\n<p>x</p>\n");

struct Project(tempfile::TempDir);

impl Project {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        lay(project.0.path(), files);
        project
    }

    fn window(&self, path: &str) -> Result<Option<Window>, Error> {
        let plan = recipe::plan(&Request {
            path: Some(self.0.path().join(path)),
            output: Some(self.0.path().join("out")),
            ..Request::default()
        })?;
        let inputs = app::read(&plan)?;
        let cache = Cache::at(self.0.path().join("cache"));
        let compiled = app::compile(&plan, &inputs, &python(), &cache, &Silent)?;
        of(&plan, &compiled.uses)
    }

    fn shown(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.0.path().display()), "")
    }
}

/// The window of a script with this call.
fn sealed(call: &str) -> (Project, Result<Option<Window>, Error>) {
    let source = format!("import pyxidium as px\n{call}\n");
    let project = Project::new(&[("app.py", source.as_bytes()), PAGE]);
    let window = project.window("app.py");
    (project, window)
}

fn check(call: &str, expected: WindowConfig) {
    let (_project, window) = sealed(call);
    assert_eq!(window.unwrap().unwrap().config, expected, "{call}");
}

fn refuse(call: &str, expected: &str) {
    let (project, window) = sealed(call);
    let error = window.unwrap_err();
    let hint = error.hint().map(|h| format!("\nhint: {h}"));
    let shown = format!("{error}{}", hint.unwrap_or_default());
    assert_eq!(project.shown(&shown), expected, "{call}");
    assert_eq!(error.fault(), crate::Fault::User);
}

fn usual() -> WindowConfig {
    WindowConfig {
        identifier: "app.app".into(),
        ui: "app/ui".into(),
        ..WindowConfig::default()
    }
}

#[test]
fn literal_arguments_become_settings() {
    check("px.window()", usual());
    check(
        "px.window(title='Words', ui='ui', size=(1000, 700.5), min_size=[300, 200], resizable=False,\n\
         maximized=True, fullscreen=True, decorations=False, csp=\"default-src 'self'\",\n\
         origins=['https://example.org', 'wss://a.b:8080'])",
        WindowConfig {
            title: "Words".into(),
            size: (1000.0, 700.5),
            min_size: Some((300.0, 200.0)),
            resizable: false,
            maximized: true,
            fullscreen: true,
            decorations: false,
            csp: Some("default-src 'self'".into()),
            origins: vec!["https://example.org".into(), "wss://a.b:8080".into()],
            ..usual()
        },
    );
}

#[test]
fn what_is_computed_is_left_to_the_running_app() {
    check(
        "px.window(title=f'{1}', size=(w(), 2), resizable=x)",
        usual(),
    );
    check("px.window(title=None, unknown=1)", usual());
}

#[test]
fn the_main_window_is_the_first_without_another_label() {
    let title = |title: &str| WindowConfig {
        title: title.into(),
        ..usual()
    };
    check(
        "px.window(title='second', label='log')\npx.window(title='first', label='main')",
        title("first"),
    );
    check(
        "def more():\n    px.window(title='inner')\npx.window(title='outer')",
        title("outer"),
    );
}

#[test]
fn an_app_without_a_call_has_no_window() {
    let project = Project::new(&[("app.py", b"import pyxidium\nprint('px.window()')\n"), PAGE]);
    assert!(project.window("app.py").unwrap().is_none());
}

#[test]
fn a_table_says_what_the_source_does_not() {
    let toml = "[tool.pyxidium]\nname = 'words'\nidentifier = 'org.example.words'\n\
                capabilities = ['tray', 'dialog', 'tray']\n\
                [tool.pyxidium.window]\ntitle = 'Table'\nsize = [400, 300]\nmin-size = [10, 10]\n\
                icon = 'images/icon.png'\nui = 'page'\n";
    let project = Project::new(&[
        ("p/__main__.py", b"import gui\n"),
        (
            "p/gui.py",
            b"import pyxidium as px\npx.window(title='Source')\n",
        ),
        ("p/pyproject.toml", toml.as_bytes()),
        ("p/page/index.html", b""),
        ("p/page/deep/a.js", b""),
        ("p/images/icon.png", b"\x89PNG\r\n\x1a\nrest"),
    ]);
    let window = project.window("p").unwrap().unwrap();
    assert_eq!(
        window.config,
        WindowConfig {
            identifier: "org.example.words".into(),
            title: "Source".into(),
            ui: "app/page".into(),
            icon: Some("app/images/icon.png".into()),
            size: (400.0, 300.0),
            min_size: Some((10.0, 10.0)),
            capabilities: vec!["dialog".into(), "tray".into()],
            ..WindowConfig::default()
        }
    );
    let files: Vec<&str> = window.files.iter().map(|f| f.path.as_str()).collect();
    assert_eq!(
        files,
        ["page/deep/a.js", "page/index.html", "images/icon.png"]
    );
}

#[test]
fn a_script_says_it_in_its_own_metadata() {
    let source = "# /// script\n# [tool.pyxidium]\n# capabilities = ['open']\n\
                  # [tool.pyxidium.window]\n# title = 'T'\n# ///\n";
    let project = Project::new(&[("app.py", source.as_bytes()), PAGE]);
    let config = project.window("app.py").unwrap().unwrap().config;
    assert_eq!(
        (config.title.as_str(), config.capabilities.as_slice()),
        ("T", &["open".to_owned()][..])
    );
}

#[test]
fn paths_are_relative_to_the_file_that_names_them() {
    let project = Project::new(&[
        ("p/pyproject.toml", b"[tool.pyxidium]\nmodule = 'words'\n"),
        (
            "p/src/words/__main__.py",
            b"import pyxidium as px\npx.window(ui='page')\n",
        ),
        ("p/src/words/page/index.html", b""),
    ]);
    let window = project.window("p").unwrap().unwrap();
    assert_eq!(window.config.ui, "app/words/page");
}

#[test]
fn a_bundlers_output_is_a_page_although_builds_are_left_out_elsewhere() {
    let project = Project::new(&[
        (
            "p/__main__.py",
            b"import pyxidium as px\npx.window(ui='dist')\n",
        ),
        ("p/dist/index.html", b""),
        ("p/dist/build/a.js", b""),
    ]);
    let window = project.window("p").unwrap().unwrap();
    let files: Vec<&str> = window.files.iter().map(|f| f.path.as_str()).collect();
    assert_eq!(files, ["dist/build/a.js", "dist/index.html"]);
}

#[test]
fn every_problem_says_what_where_and_what_next() {
    refuse(
        "px.window(ui='web')",
        "app.py, line 2: the page's folder web does not exist\nhint: the folder is looked for beside the file \
         that names it; a bundler's output has to be built first",
    );
    refuse(
        "px.window(ui='.')",
        "app.py, line 2: the page's folder . is the project itself\n\
         hint: give the page a folder of its own: px.window(ui=\"ui\")",
    );
    refuse(
        "px.window(title='x',\n  ui=f'{x}')",
        "app.py, line 3: `ui` must be written out: it is read when the app is sealed, before anything runs\n\
         hint: write a text: ui=\"…\"",
    );
    refuse(
        "px.window(origins=[x])",
        "app.py, line 2: `origins` must be written out: it is read when the app is sealed, before anything runs\n\
         hint: write a list: origins=[\"https://example.org\"]",
    );
    refuse(
        "px.window(size=900)",
        "app.py, line 2: `size` must be two numbers, width and height\n\
         hint: write size=(900, 600), in pixels",
    );
    refuse("px.window(title=3)", "app.py, line 2: `title` must be text");
    refuse(
        "px.window(resizable='yes')",
        "app.py, line 2: `resizable` must be true or false",
    );
    refuse(
        "px.window(origins='https://example.org')",
        "app.py, line 2: `origins` must be a list of addresses\n\
         hint: write origins=[\"https://example.org\"]",
    );
    refuse(
        "px.window(origins=['https://example.org/path'])",
        "app.py, line 2: `https://example.org/path` is no origin\n\
         hint: an origin is scheme and host, without a path: https://example.org",
    );
    refuse(
        "px.window(size=(0, 600))",
        "app.py, line 2: no window can be 0 by 600 (`size`)\nhint: sizes are in pixels, from 1 to 32768",
    );
    refuse(
        "px.window(min_size=(901, 10))",
        "app.py, line 2: `min_size` is larger than `size`\nhint: make `size` at least as large",
    );
    refuse(
        "px.window(icon='no.png')",
        "app.py, line 2: the icon no.png does not exist\n\
         hint: the icon is looked for beside the file that names it",
    );
    refuse(
        "px.window(icon='app.py')",
        "app.py, line 2: the icon app.py is not a PNG file\n\
         hint: save it as PNG, square, best of 512 by 512 pixels",
    );
}

/// The message and hint about a project.
fn refused(files: &[(&str, &[u8])], path: &str) -> String {
    let project = Project::new(files);
    let error = project.window(path).unwrap_err();
    let hint = error.hint().map(|h| format!("\nhint: {h}"));
    project.shown(&format!("{error}{}", hint.unwrap_or_default()))
}

#[test]
fn problems_of_places_and_tables() {
    let call = b"import pyxidium as px\npx.window()\n";
    assert_eq!(
        refused(&[("app.py", call)], "app.py"),
        "app.py, line 2: the window has no page\nhint: make a folder `ui` with an index.html beside the source, \
         or name one: px.window(ui=\"page\")"
    );
    assert_eq!(
        refused(&[("app.py", call), ("ui/page.html", b"")], "app.py"),
        "app.py, line 2: the page's folder ui has no index.html\n\
         hint: write ui/index.html with at least: <!doctype html><title>App</title><script type=\"module\" \
         src=\"app.js\"></script>"
    );
    let outside = b"import pyxidium as px\npx.window(ui='../ui')\n";
    assert_eq!(
        refused(&[("p/app.py", outside), PAGE], "p/app.py"),
        "p/app.py, line 2: the page's folder p/../ui is outside of the project\n\
         hint: move it into the project's folder"
    );
    let icon = b"import pyxidium as px\npx.window(icon='../icon.png')\n";
    assert_eq!(
        refused(
            &[
                ("p/app.py", icon),
                ("p/ui/index.html", b""),
                ("icon.png", b"\x89PNG\r\n\x1a\n")
            ],
            "p/app.py"
        ),
        "p/app.py, line 2: the icon p/../icon.png is outside of the project\n\
         hint: move it into the project's folder"
    );
    let table = |text: &str| {
        refused(
            &[
                ("p/__main__.py", b""),
                ("p/pyproject.toml", text.as_bytes()),
                ("p/ui/index.html", b""),
            ],
            "p",
        )
    };
    assert_eq!(
        table("[tool.pyxidium.window]\ntitle = 'x'\nheight = 3\n"),
        "p/pyproject.toml, line 3: unknown key `height` in [tool.pyxidium.window]\n\
         hint: known keys: title, ui, size, min-size, resizable, maximized, fullscreen, decorations, icon, csp, \
         origins"
    );
    assert_eq!(
        table("[tool.pyxidium]\ncapabilities = [\n'dialog',\n'camera']\n"),
        "p/pyproject.toml, line 4: unknown capability `camera`\n\
         hint: capabilities are: clipboard (read and write the clipboard), dialog (show dialogs for files, \
         folders and questions), notification (show notifications), open (open files and addresses with the \
         desktop's own programs), single-instance (hand a second start over to the running app), tray (show an \
         icon in the system tray), window-state (remember the window's size and place)"
    );
    assert_eq!(
        table("[tool.pyxidium]\nidentifier = 'words'\n"),
        "p/pyproject.toml, line 2: `words` is not an identifier\n\
         hint: write it as a domain backwards, of letters, digits and dashes: org.example.words"
    );
}

/// Warnings about a page, each with its line.
fn warnings(call: &str, html: &str, css: &str) -> Vec<String> {
    let source = format!("import pyxidium as px\n{call}\n");
    let project = Project::new(&[
        ("app.py", source.as_bytes()),
        ("ui/index.html", html.as_bytes()),
        ("ui/a.css", css.as_bytes()),
    ]);
    let window = project.window("app.py").unwrap().unwrap();
    window.warnings.iter().map(|w| project.shown(w)).collect()
}

#[test]
fn what_the_window_will_refuse_is_said_when_it_is_sealed() {
    let script = "ui/index.html, line 2: the window runs no script from elsewhere (https://cdn.example.org/a.js); \
                  put a copy into the page's folder";
    let load = |at: &str, url: &str| {
        format!(
            "ui/{at}: the window loads nothing from elsewhere ({url}); put a copy into the page's folder, or \
             allow it: origins = [\"https://x.org\"]"
        )
    };
    let html = "<!doctype html>\n<script defer src = 'https://cdn.example.org/a.js'></script>\n\
                <LINK rel=\"stylesheet\" HREF=\"https://x.org/f.css\">\n<img data-src='https://no' src=//x.org/i.png>\n";
    let css = "@import \"https://x.org/a.css\";\na { background: url( 'https://x.org/b.png' ) }\n";
    let expected = [
        load("a.css, line 1", "https://x.org/a.css"),
        load("a.css, line 2", "https://x.org/b.png"),
        script.to_owned(),
        load("index.html, line 3", "https://x.org/f.css"),
        load("index.html, line 4", "//x.org/i.png"),
    ];
    assert_eq!(warnings("px.window()", html, css), expected);
    // Origins never allow scripts; a policy of the author's own allows what it allows.
    assert_eq!(
        warnings("px.window(origins=['https://x.org'])", html, css),
        [script]
    );
    assert!(warnings("px.window(csp='x')", html, css).is_empty());
}

#[test]
fn inline_code_is_refused_and_data_is_not() {
    let html = "<script>\nlet a = '<img src=https://x.org>'\n</script>\n<style>a{}</style>\n\
                <script type='importmap'>{}</script><script type=application/json>{}</script>\n\
                <!-- <script>x</script> --><a href='https://x.org'>x</a><script src=a.js></script>";
    assert_eq!(
        warnings("px.window()", html, ""),
        [
            "ui/index.html, line 1: the window runs no inline script; move it to a file: <script type=\"module\" \
             src=\"app.js\">",
            "ui/index.html, line 4: the window uses no inline style; move it to a file: <link rel=\"stylesheet\" \
             href=\"style.css\">"
        ]
    );
}

#[test]
fn a_capability_that_is_used_and_not_declared() {
    assert_eq!(
        warnings("px.window()\npx.dialog.open_file()\npx.notify('x')", "", ""),
        [
            "app.py, line 3: px.dialog is refused unless [tool.pyxidium] has capabilities = [\"dialog\"]",
            "app.py, line 4: px.notify is refused unless [tool.pyxidium] has capabilities = [\"notification\"]"
        ]
    );
}

#[test]
fn pages_that_end_in_the_middle() {
    for html in [
        "<",
        "<!--",
        "<script",
        "<script src=",
        "<script src='x",
        "<style>",
        "<img src=\"//é",
    ] {
        warnings("px.window()", html, "url(");
    }
}
