//! `examples/polymatch`: four ways to one answer, drawn and measured.

use pyxidium_tests::TestContext;
use pyxidium_tests::context::{offline, workspace};
use pyxidium_tests::window::{Window, wait_for};
use serde_json::json;

#[test]
fn four_ways_agree_and_are_drawn() {
    if offline() {
        // It brings numpy, which is downloaded.
        return;
    }
    let context = TestContext::new("polymatch");
    let sealed = context.seal([workspace().join("examples/polymatch/app.py")]);
    let window = Window::open(&context, &sealed);
    window.desktop().wait_title("Poly-match");
    window.expect("#verdict", "All four agree: 100 of 100");
    let shown = window.js(
        "return [...document.querySelectorAll('#ways li')].map((row) =>
             row.dataset.state === 'done' && parseFloat(row.querySelector('.time').textContent) > 0);",
    );
    assert_eq!(shown, json!([true, true, true, true]));
    let colours = window.js("const canvas = document.getElementById('field');
         const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
         return new Set(new Uint32Array(data.buffer)).size;");
    assert!(colours.as_u64() > Some(50), "something is drawn: {colours}");
    window.picture("polymatch");

    // From point to point with the keyboard.
    window.expect("#point", "Point 1 of 100");
    window.js("document.getElementById('field').focus();");
    window.find("#field").keys("\u{e014}\u{e014}").unwrap();
    window.expect("#point", "Point 3 of 100");

    // Few polygons, and none that is close: -1 in all four ways.
    for (field, value) in [("#polygons", "3"), ("#radius", "0")] {
        let field = window.find(field);
        field.clear().unwrap();
        field.keys(value).unwrap();
    }
    window.click("#match");
    window.expect("#verdict", "All four agree: 0 of 100");
    wait_for("the point's words", || {
        window
            .text("#point")
            .contains("no polygon is close")
            .then_some(())
    });
    window.close().expect_success();
}
