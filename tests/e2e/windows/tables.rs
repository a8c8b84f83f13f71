//! `examples/tables`, installed by dpkg out of its .deb: two million rows opened, filtered, grouped, drawn and
//! exported. What it says is compared with figures that are reckoned here.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use pyxidium_tests::TestContext;
use pyxidium_tests::context::{offline, workspace};
use pyxidium_tests::process::Spec;
use pyxidium_tests::window::{Window, wait_for};
use serde_json::{Value, json};

use crate::installed::System;
use crate::stage::Stage;

const ROWS: u32 = 2_000_000;
const CITIES: [&str; 5] = ["Accra", "Kyoto", "Lima", "Oslo", "Turin"];

/// A row that is reckoned from its number.
struct Row {
    city: &'static str,
    amount: u32,
    quarters: u32,
}

fn row(id: u32) -> Row {
    let mixed = id.wrapping_mul(2_654_435_761).rotate_left(13) ^ id;
    Row {
        city: CITIES[(mixed % 5) as usize],
        amount: mixed / 7 % 1000,
        quarters: mixed / 11 % 400,
    }
}

/// A day of the year 2024.
fn day(id: u32) -> String {
    format!("2024-{:02}-{:02}", id % 12 + 1, id / 12 % 28 + 1)
}

fn write_rows(context: &TestContext) -> PathBuf {
    let mut text = String::from("id,day,city,amount,weight\n");
    for id in 0..ROWS {
        let Row {
            city,
            amount,
            quarters,
        } = row(id);
        let weight = f64::from(quarters) / 4.0;
        writeln!(text, "{id},{},{city},{amount},{weight}", day(id)).expect("a string");
    }
    context.write("two million.csv", text)
}

/// The program that the package installs, found as its entry in menus names it.
fn installed(context: &TestContext) -> PathBuf {
    let app = workspace().join("examples/tables");
    let types = fs::read_to_string(app.join("ui/commands.d.ts")).expect("types of the commands");
    let written = context.run_pyxidium(["types".as_ref(), app.as_os_str()]);
    written.expect_success().expect_stdout(&types);
    let mut bundle = context.pyxidium();
    bundle.args(["bundle", "--format", "deb", "-o", "packages"]);
    bundle.arg(app);
    Spec::of(bundle).within(600).run().expect_success();
    let mut packages = fs::read_dir(context.join("packages")).expect("a folder");
    let package = packages.next().expect("a package").expect("a file").path();
    let (entry, program) = System::with(context, &package).entry();
    for part in ["%F", "text/csv", "application/vnd.apache.parquet"] {
        assert!(entry.contains(part), "{part}\n{entry}");
    }
    program
}

fn drop_on(window: &Window, file: &Path) {
    let titles = window.desktop().titles();
    let title = titles.iter().find(|title| title.ends_with("Tables"));
    let address = format!("file://{}\r\n", file.display()).replace(' ', "%20");
    let title = title.expect("its window");
    window.desktop().drag(title, &address, (400, 300), true);
}

/// Waits until a text says so. Where it could be cut short for want of room, WebDriver takes it for hidden.
fn says(window: &Window, css: &str, part: &str) -> String {
    let mut last = String::new();
    wait_for(
        format!("{css} to say {part:?}\n{}", window.process()),
        || {
            let text = window.session().find(css)?.property("textContent").ok()?;
            text.as_str()?.clone_into(&mut last);
            last.contains(part).then_some(())
        },
    );
    last
}

/// Writes into a column's filter, as a person would.
fn filter(window: &Window, column: &str, text: &str) {
    let css = format!("input[name={column}]");
    // WebDriver's own way to empty a field tells the page nothing.
    window.js(&format!(
        "const field = document.querySelector({});
         field.select();
         document.execCommand('delete');",
        json!(css)
    ));
    if !text.is_empty() {
        window.find(&css).keys(text).expect("a field");
    }
}

/// Chooses in a list: WebKit's own lists are windows that WebDriver does not see.
fn choose(window: &Window, css: &str, value: &str) {
    window.js(&format!(
        "const list = document.querySelector({});
         list.value = {};
         list.dispatchEvent(new Event('change', {{ bubbles: true }}));",
        json!(css),
        json!(value)
    ));
}

/// What the sheet shows, from the first line that can be seen.
fn lines(window: &Window) -> Vec<Vec<String>> {
    let shown = window.js(
        "return [...document.querySelectorAll('.line:not([hidden])')].map((line) =>
             [...line.children].map((cell) => cell.textContent));",
    );
    serde_json::from_value(shown).expect("texts")
}

fn wait_line(window: &Window, row: &[&str]) {
    let mut last = Vec::new();
    wait_for(format!("a row {row:?}"), || {
        last = lines(window);
        last.iter().any(|line| line == row).then_some(())
    });
}

/// A number as the page writes it.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let parts: Vec<&[u8]> = digits.as_bytes().rchunks(3).rev().collect();
    String::from_utf8(parts.join(&b',')).expect("digits")
}

#[test]
fn two_million_rows_are_filtered_grouped_drawn_and_exported() {
    if offline() {
        // It brings Polars, which is downloaded.
        return;
    }
    let context = TestContext::new("tables");
    let program = installed(&context);
    let file = write_rows(&context);
    let stage = Stage::open_again(context, program.clone());
    let window = &stage.window;
    let _ = window.find("[data-ready=yes]");
    let _ = window.find("#welcome:not([hidden])");
    window.picture("tables-welcome");
    drop_on(window, &file);
    says(window, "#facts", "2,000,000 rows, 5 columns");
    window.desktop().wait_title("two million.csv - Tables");
    let first = row(0);
    let weight = (f64::from(first.quarters) / 4.0).to_string();
    wait_line(
        window,
        &[
            "1",
            "0",
            "2024-01-01",
            first.city,
            &first.amount.to_string(),
            &weight,
        ],
    );

    // The last row, two million lines below.
    window.js("document.getElementById('sheet').focus();");
    window.session().keys("\u{e010}").unwrap();
    let last = ROWS - 1;
    wait_for("the last row", || {
        let lines = lines(window);
        let [.., end] = &lines[..] else { return None };
        let shown = [&end[0], &end[1], &end[2], &end[3]].map(String::as_str);
        (shown == ["2,000,000", &last.to_string(), &day(last), row(last).city]).then_some(())
    });

    what_a_filter_finds(window);
    groups_have_their_figures(window);
    window.picture("tables");
    the_plot_is_drawn(window);

    // What is exported are the rows that are shown, in their order.
    window.click("#to-group");
    choose(window, "#by", "");
    says(window, "#status", "rows");
    let wanted = |row: &Row| row.amount >= 900 && row.city == "Oslo";
    let expected: Vec<u32> = (0..ROWS).filter(|id| wanted(&row(*id))).collect();
    says(
        window,
        "#status",
        &format!("{} of 2,000,000 rows", thousands(expected.len())),
    );
    for kind in ["csv", "parquet"] {
        export(&stage, &stage.context.join(format!("out.{kind}")));
    }
    exported_rows_are(&stage.context.join("out.csv"), &expected);
    let left = fs::read_dir(stage.context.work()).unwrap().flatten();
    assert!(
        !left
            .into_iter()
            .any(|f| f.file_name().to_string_lossy().starts_with('.'))
    );

    // The Parquet file has as many, and they can be looked at like those of any file.
    drop_on(window, &stage.context.join("out.parquet"));
    says(
        window,
        "#facts",
        &format!("{} rows, 5 columns", thousands(expected.len())),
    );
    wait_for("the first of them", || {
        (lines(window).first()?.get(1)? == &expected[0].to_string()).then_some(())
    });
    let Stage {
        window, context, ..
    } = stage;
    let outcome = window.close();
    outcome.expect_success();
    assert_eq!(outcome.stderr(), "", "nothing to complain about\n{outcome}");

    opened_from_the_command_line(&context, &program);
}

fn what_a_filter_finds(window: &Window) {
    // Typed errors: what is wrong, and what to write.
    filter(window, "amount", "> many");
    says(
        window,
        "#status",
        "amount: “many” is no number: write 12, > 12 or 10..20",
    );
    let _ = window.find("input[name=amount][aria-invalid=true]");
    let found = |wanted: &dyn Fn(&Row) -> bool| (0..ROWS).filter(|id| wanted(&row(*id))).count();
    for (column, text, count) in [
        ("city", "osl", found(&|row| row.city == "Oslo")),
        ("city", "!osl", found(&|row| row.city != "Oslo")),
        ("amount", "17", found(&|row| row.amount == 17)),
        (
            "weight",
            "10.25..20",
            found(&|row| (41..=80).contains(&row.quarters)),
        ),
        (
            "day",
            "< 2024-03-01",
            (0..ROWS)
                .filter(|id| day(*id).as_str() < "2024-03-01")
                .count(),
        ),
        ("amount", "=", 0),
    ] {
        let view = window.js(&format!(
            "const {{ invoke }} = await import('pyxidium');
             return await invoke('view', {{ query: {{ filters: {{ {column}: {} }} }} }});",
            json!(text)
        ));
        assert_eq!(view["rows"], json!(count), "{column} {text}");
    }
    // Two together, sorted by a third.
    filter(window, "amount", ">= 900");
    filter(window, "city", "=Oslo");
    let rows = found(&|row| row.amount >= 900 && row.city == "Oslo");
    says(
        window,
        "#status",
        &format!("{} of 2,000,000 rows", thousands(rows)),
    );
    for order in ["ascending", "descending"] {
        window.click("[data-column=weight] button");
        let _ = window.find(&format!("[data-column=weight][aria-sort={order}]"));
        let fits = |id: &u32| row(*id).amount >= 900 && row(*id).city == "Oslo";
        let key = |id: &u32| {
            (
                if order == "ascending" {
                    row(*id).quarters
                } else {
                    400 - row(*id).quarters
                },
                *id,
            )
        };
        let first = (0..ROWS)
            .filter(fits)
            .min_by_key(key)
            .expect("there are some");
        wait_for("the order", || {
            (lines(window).first()?.get(1)? == &first.to_string()).then_some(())
        });
    }
    window.click("[data-column=weight] button");
    wait_for("the file's order", || {
        (!window.has("[aria-sort]")).then_some(())
    });
}

fn groups_have_their_figures(window: &Window) {
    filter(window, "city", "");
    window.click("#to-group");
    choose(window, "#by", "city");
    window.click("#measure");
    choose(
        window,
        "#measures li:last-child select:last-of-type",
        "weight",
    );
    says(window, "#status", "5 groups");
    let mut groups = BTreeMap::<&str, (u32, f64)>::new();
    for row in (0..ROWS).map(row).filter(|row| row.amount >= 900) {
        let (count, sum) = groups.entry(row.city).or_default();
        *count += 1;
        *sum += f64::from(row.quarters) / 4.0;
    }
    wait_for("columns of figures", || {
        window.has("[data-column='mean of weight']").then_some(())
    });
    wait_for("the groups", || {
        (lines(window).len() == groups.len()).then_some(())
    });
    for (line, (city, (count, sum))) in lines(window).iter().zip(&groups) {
        assert_eq!(line[1..3], [city.to_string(), count.to_string()]);
        let mean: f64 = line[3].parse().expect("a number");
        assert!((mean - sum / f64::from(*count)).abs() < 1e-6, "{line:?}");
    }
}

fn the_plot_is_drawn(window: &Window) {
    window.click("#to-plot");
    says(window, "#figure", "Rows, by city.");
    let drawn = "const canvas = document.getElementById('canvas');
         const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
         return new Uint32Array(data.buffer).filter((pixel) => pixel).length;";
    let bars = window.js(drawn);
    assert!(bars.as_u64() > Some(2000), "bars: {bars}");
    window.picture("tables-groups");
    window.click("#to-group");
    choose(window, "#by", "");
    says(window, "#status", "of 2,000,000 rows");
    choose(window, "#x", "weight");
    choose(window, "#what", "histogram");
    let all = (0..ROWS).filter(|id| row(*id).amount >= 900).count();
    says(
        window,
        "#figure",
        &format!("{} rows, by weight.", thousands(all)),
    );
    choose(window, "#what", "line");
    choose(window, "#x", "day");
    choose(window, "#y", "amount");
    says(window, "#figure", "Mean of amount, by day.");
    window.js("document.getElementById('canvas').focus();");
    window.session().keys("\u{e014}").unwrap();
    // Steps of whole days, 60 at most, to the 28th of December.
    let week = (0..ROWS).filter(|id| day(*id).as_str() <= "2024-01-07");
    let amounts: Vec<u32> = week
        .map(|id| row(id).amount)
        .filter(|amount| *amount >= 900)
        .collect();
    let mean = f64::from(amounts.iter().sum::<u32>()) / amounts.len() as f64;
    let mean = format!("{mean:.3}");
    let mean = mean.trim_end_matches('0');
    says(
        window,
        "#figure",
        &format!("2024-01-01 to 2024-01-07: {mean}, mean of amount"),
    );
    choose(window, "#theme", "dark");
    window.picture("tables-dark");
    choose(window, "#x", "city");
    says(
        window,
        "#figure",
        "city has neither numbers nor dates: draw it as bars",
    );
    choose(window, "#theme", "light");
    filter(window, "city", "=Oslo");
    choose(window, "#what", "histogram");
    choose(window, "#x", "amount");
    says(window, "#status", "city =Oslo");
    says(window, "#figure", "rows, by amount.");
    window.picture("tables-plot");
    window.click("#to-plot");
}

/// Through the desktop's own dialog.
fn export(stage: &Stage, path: &Path) {
    stage.copy(&path.display().to_string());
    stage.window.click("#export");
    stage.keys("Export these rows", &["ctrl+a", "ctrl+v"]);
    wait_for(
        format!("{}\n{}", path.display(), stage.window.process()),
        || {
            stage.press("Export these rows", &["Return"]);
            path.is_file().then_some(())
        },
    );
    says(
        &stage.window,
        "#status",
        &format!("written to {}", path.display()),
    );
}

fn exported_rows_are(file: &Path, expected: &[u32]) {
    let text = fs::read_to_string(file).expect("it was exported");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("id,day,city,amount,weight"));
    for (line, id) in lines.by_ref().zip(expected) {
        let Row {
            city,
            amount,
            quarters,
        } = row(*id);
        let fields: Vec<&str> = line.split(',').collect();
        let plain = [
            id.to_string(),
            day(*id),
            city.to_owned(),
            amount.to_string(),
        ];
        assert_eq!(fields[..4], plain);
        let weight: f64 = fields[4].parse().expect("a number");
        assert_eq!(
            (weight * 4.0).to_bits(),
            f64::from(quarters).to_bits(),
            "{line}"
        );
    }
    assert_eq!(text.lines().count(), expected.len() + 1);
}

fn opened_from_the_command_line(context: &TestContext, program: &Path) {
    let mut command = context.command(program);
    command.arg("out.csv");
    let window = Window::start(context, command);
    window.desktop().wait_title("out.csv - Tables");
    // What was chosen is remembered, for this user's eyes only.
    assert_eq!(
        window.js("return document.documentElement.dataset.theme;"),
        "light"
    );
    let kept = context
        .home()
        .join(".local/share/org.pyxidium.tables/settings.json");
    let mode = fs::metadata(&kept).expect("settings").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let kept: Value = serde_json::from_slice(&fs::read(kept).unwrap()).expect("JSON");
    assert_eq!(kept["recent"][0], json!(context.join("out.csv")));

    // What cannot be opened is said, and what was open stays.
    for (name, text, why) in [
        ("empty.csv", "", "this file is empty"),
        ("broken.parquet", "no table", "Opening broken.parquet: "),
        ("torn.csv", "a,b\n1,2\n3,4,5\n", "Opening torn.csv: "),
    ] {
        drop_on(&window, &context.write(name, text));
        let said = says(&window, "#status.wrong", why);
        assert!(said.len() < 400, "{said}");
        window.desktop().wait_title("out.csv - Tables");
    }
    window.close().expect_success();

    // Settings that make no sense are as they are for a new user.
    context.write(
        "../home/.local/share/org.pyxidium.tables/settings.json",
        "{\"bins\": -1}",
    );
    let window = Window::open(context, program);
    let _ = window.find("[data-ready=yes]");
    let _ = window.find("#welcome:not([hidden])");
    assert_eq!(
        window.js("return document.getElementById('bins').value;"),
        "60"
    );
    window.close().expect_success();
}
