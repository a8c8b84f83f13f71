//! What Python asks of the desktop, through its own plugins: answered here by services that the test
//! can look into, by keys and by programs of the desktop.

use std::fs;
use std::path::PathBuf;

use serde_json::json;

use crate::stage::Stage;

/// The smallest picture there is: one red pixel.
const PIXEL: &[u8] = &[
    137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0,
    0, 0, 144, 119, 83, 222, 0, 0, 0, 12, 73, 68, 65, 84, 120, 156, 99, 248, 207, 192, 0, 0, 3, 1,
    1, 0, 201, 254, 146, 239, 0, 0, 0, 0, 73, 69, 78, 68, 174, 66, 96, 130,
];

#[test]
fn what_is_not_declared_is_refused() {
    let stage = Stage::open("undeclared", "desktop-undeclared");
    stage.window.expect_stdout("tried\n");
    let said = stage.window.process().stdout();
    let lines: Vec<_> = said.lines().filter(|line| *line != "tried").collect();
    assert_eq!(lines.len(), 17, "{said}");
    for line in lines {
        let (what, why) = line.split_once(": ").expect("a reason");
        let capability = match what.split(['.', ' ']).next() {
            Some("notify") => "notification",
            Some("reveal") => "open",
            Some("Tray") => "tray",
            Some("on_second_start") => "single-instance",
            Some(same) => same,
            None => "",
        };
        let expected = format!(
            "this app did not ask for the capability \"{capability}\" (add it to [tool.pyxidium] \
             in pyproject.toml: capabilities = [\"{capability}\"])"
        );
        assert_eq!(why, expected, "{what}");
    }
    stage.window.click("#out");
    stage.window.expect("#out", "Out");
    // Nothing remembers where the window was, either.
    let Stage {
        window, context, ..
    } = stage;
    window.close().expect_success();
    assert!(!context.join("opened").exists(), "a link was opened");
    let left = files(&context.home().join(".config"));
    assert!(!left.iter().any(|f| f.contains("window-state")), "{left:?}");
}

/// The names of all files below a folder.
fn files(folder: &std::path::Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let below = |path: PathBuf| match path.is_dir() {
        true => files(&path),
        false => vec![path.display().to_string()],
    };
    entries.flatten().flat_map(|e| below(e.path())).collect()
}

#[test]
fn dialogs_choose_files() {
    let stage = Stage::open_client("desktop-files");
    let folder = stage.context.join("documents");
    stage.context.write("documents/notes.txt", "notes");
    stage.context.write("documents/photo.png", "photo");
    let shown = folder.display();

    stage.begin(&format!(
        "'choose', {{ kind: 'file', folder: '{shown}', name: '' }}"
    ));
    stage.window.desktop().wait_title("Choose");
    stage.window.desktop().picture("desktop-dialog");
    // Pasted, since what is typed gets completed while it is typed.
    let path = folder.join("notes.txt").display().to_string();
    stage.copy(&path);
    stage.keys("Choose", &["ctrl+l", "ctrl+a", "ctrl+v"]);
    stage.answer("Choose", "Return");
    assert_eq!(stage.result(), json!([path]));

    stage.begin(&format!(
        "'choose', {{ kind: 'save', folder: '{shown}', name: 'new.txt' }}"
    ));
    stage.answer("Choose", "Return");
    assert_eq!(stage.result(), json!([folder.join("new.txt")]));

    for kind in ["file", "files", "folder", "save"] {
        stage.begin(&format!(
            "'choose', {{ kind: '{kind}', folder: '{shown}', name: '' }}"
        ));
        stage.answer("Choose", "Escape");
        assert_eq!(stage.result(), json!([]), "{kind}");
    }
    stage.window.close().expect_success();
}

#[test]
fn questions_have_answers() {
    let stage = Stage::open_client("desktop-questions");
    for (kind, key, answer) in [
        ("ask", "Escape", json!(false)),
        ("confirm", "Escape", json!(false)),
        ("message", "Return", json!(null)),
    ] {
        stage.begin(&format!("'ask', {{ kind: '{kind}' }}"));
        stage.window.desktop().wait_title("Question");
        stage.window.desktop().picture(&format!("desktop-{kind}"));
        stage.answer("Question", key);
        assert_eq!(stage.result(), answer, "{kind}");
    }
    stage.window.close().expect_success();
}

#[test]
fn closing_the_app_ends_the_wait_for_an_answer() {
    let stage = Stage::open_client("desktop-dialog-close");
    stage.begin("'ask', { kind: 'ask' }");
    stage.window.desktop().wait_title("Question");
    // Later, since the page goes with the app.
    let _ = stage
        .window
        .js("setTimeout(() => px.invoke('leave'), 500);");
    stage.window.ended().expect_success();
}

#[test]
fn notifications_arrive() {
    let stage = Stage::open_client("desktop-notification");
    let _ = stage
        .window
        .js("await px.invoke('notify', { title: 'Done', body: 'All of it.', icon: null });");
    let shown = stage.services.notification();
    assert_eq!(
        (shown.title.as_str(), shown.body.as_str()),
        ("Done", "All of it.")
    );
    let _ = stage
        .window
        .js("await px.invoke('notify', { title: 'Two', body: '', icon: '/usr/a b.png' });");
    let shown = stage.services.notification();
    assert_eq!(
        (shown.title.as_str(), shown.icon.as_str()),
        ("Two", "/usr/a b.png")
    );
    stage.window.close().expect_success();
}

#[test]
fn the_clipboard_is_shared_with_other_programs() {
    let stage = Stage::open_client("desktop-clipboard");
    assert_eq!(
        stage.window.js("return await px.invoke('paste');"),
        json!(null)
    );
    let _ = stage
        .window
        .js("await px.invoke('copy', { text: 'ein Wört' });");
    let text = stage.run("xclip", &["-selection", "clipboard", "-o"]);
    assert_eq!(String::from_utf8_lossy(&text), "ein Wört");
    assert_eq!(
        stage.window.js("return await px.invoke('paste_image');"),
        json!(null)
    );

    let bytes = json!(PIXEL);
    let _ = stage.window.js(&format!(
        "await px.invoke('copy_image', {{ png: new Uint8Array({bytes}) }});"
    ));
    let png = stage.run(
        "xclip",
        &["-selection", "clipboard", "-t", "image/png", "-o"],
    );
    assert!(png.starts_with(b"\x89PNG"), "{png:?}");
    let pixel = "const png = await px.invoke('paste_image');
        const picture = await createImageBitmap(new Blob([png], { type: 'image/png' }));
        const canvas = new OffscreenCanvas(1, 1).getContext('2d');
        canvas.drawImage(picture, 0, 0);
        return [...canvas.getImageData(0, 0, 1, 1).data];";
    assert_eq!(stage.window.js(pixel), json!([255, 0, 0, 255]));

    let wrong = stage
        .window
        .try_js("await px.invoke('copy_image', { png: new Uint8Array([1]) });");
    let wrong = wrong.expect_err("that is no picture");
    assert!(wrong.contains("not a PNG picture"), "{wrong}");

    stage.copy("from elsewhere");
    assert_eq!(
        stage.window.js("return await px.invoke('paste');"),
        json!("from elsewhere")
    );
    stage.window.close().expect_success();
}

#[test]
fn files_addresses_and_links_open_elsewhere() {
    let stage = Stage::open_client("desktop-open");
    let file = stage.context.write("a b.txt", "text");
    let open = |target: &str| {
        let call = format!(
            "await px.invoke('open_with', {{ target: {} }});",
            json!(target)
        );
        stage.window.try_js(&call)
    };
    open("https://example.org/").expect("it opens");
    stage.opened("https://example.org/");
    open(&file.display().to_string()).expect("it opens");
    stage.opened(&file.display().to_string());
    let missing = open("/nowhere/at/all").expect_err("it is not there");
    assert!(
        missing.contains("the desktop did not open the file"),
        "{missing}"
    );

    let reveal = format!("await px.invoke('reveal', {{ path: {} }});", json!(file));
    let _ = stage.window.js(&reveal);
    let revealed = stage.services.revealed();
    assert!(revealed[0].ends_with("/a%20b.txt"), "{revealed:?}");

    stage.window.click("#out");
    stage.opened("https://example.org/page?a=1");
    stage.window.click("#new");
    stage.opened("https://example.org/new");
    stage.window.click("#file");
    assert_eq!(stage.window.text("h1"), "Desktop");
    let url = stage.window.session().url().expect("the page is there");
    assert!(url.starts_with("tauri://localhost"), "{url}");
    let lines = fs::read_to_string(stage.context.join("opened")).expect("it was written");
    assert!(
        !lines.contains("passwd"),
        "a page may not open files: {lines}"
    );
    stage.window.close().expect_success();
}
