//! `pyxidium inspect`: what is inside a sealed file, for people or as JSON.

use packager::{Contents, SealedFile};
use packed_resources::{EntryPoint, WindowConfig};

use crate::cli::InspectArgs;
use crate::printer::{Printer, Style};
use crate::table::Table;
use crate::{Error, human};

/// Libraries shown unless everything is asked for.
const LIBRARIES: usize = 10;

pub(crate) fn run(args: &InspectArgs, printer: &Printer) -> Result<(), Error> {
    let file = SealedFile::open(&args.file)?;
    let contents = packager::inspect(&file)?;
    if args.sizes {
        super::sizes::show(
            &super::sizes::of(&contents),
            contents.size,
            args.json,
            printer,
        );
        return Ok(());
    }
    if args.json {
        // Plain data of ours: no key that is not text, nothing that fails to serialise.
        printer.out(&serde_json::to_string_pretty(&contents).unwrap_or_default());
        return Ok(());
    }
    head(&contents, printer);
    parts(&contents, printer);
    libraries(&contents, args.files, printer);
    if args.files {
        files(&contents, printer);
    }
    Ok(())
}

fn head(contents: &Contents, printer: &Printer) {
    let manifest = &contents.manifest;
    let title = match &manifest.version {
        Some(version) => format!("{} {version}", manifest.name),
        None => manifest.name.clone(),
    };
    let runs = match &manifest.entry {
        EntryPoint::Script { path } => path.clone(),
        EntryPoint::Module { name } => format!("-m {name}"),
        EntryPoint::Directory { path } if path.is_empty() => "__main__.py".into(),
        EntryPoint::Directory { path } => format!("{path}/__main__.py"),
        EntryPoint::Function { module, function } => format!("{module}:{function}"),
        EntryPoint::Command { code } => format!("-c {}", code.lines().next().unwrap_or_default()),
        EntryPoint::Python => "what its command line says".into(),
    };
    printer.out(&format!(
        "{}  {}",
        printer.styled_out(Style::Strong, &title),
        human::size(contents.size)
    ));
    let line = |label: &str, text: String| {
        printer.out(&format!(
            "  {}  {text}",
            printer.styled_out(Style::Faint, &format!("{label:<8}"))
        ));
    };
    line("file", contents.path.display().to_string());
    line("runs", runs);
    line("python", manifest.python.clone());
    line(
        "sealed",
        format!(
            "by Pyxidium {} for {}",
            manifest.build.pyxidium, manifest.build.target
        ),
    );
    line(
        "payload",
        format!(
            "format {}, {}, {}, {}",
            contents.format,
            human::size(contents.payload_size),
            human::count(contents.files.len(), "entry", "entries"),
            human::count(contents.modules, "module", "modules"),
        ),
    );
    line("hash", contents.hash.clone());
    if let Some(config) = &manifest.window {
        window(config, line);
    }
}

/// The window, and what the app may do with the desktop.
fn window(config: &WindowConfig, line: impl Fn(&str, String)) {
    let (width, height) = config.size;
    let mut about = vec![format!("{width} by {height}")];
    about.extend(config.min_size.map(|(w, h)| format!("at least {w} by {h}")));
    let words = [
        (!config.resizable, "fixed size"),
        (config.maximized, "maximized"),
        (config.fullscreen, "fullscreen"),
        (!config.decorations, "no decorations"),
    ];
    about.extend(words.iter().filter(|w| w.0).map(|w| w.1.to_owned()));
    let title = match config.title.as_str() {
        "" => String::new(),
        title => format!("\u{201c}{title}\u{201d}, "),
    };
    line("window", format!("{title}{}", about.join(", ")));
    line("page", config.ui.clone());
    line("id", config.identifier.clone());
    let none = |list: &[String]| match list {
        [] => "none".to_owned(),
        list => list.join(", "),
    };
    line("may use", none(&config.capabilities));
    line("origins", none(&config.origins));
    if let Some(csp) = &config.csp {
        line("csp", csp.clone());
    }
    if let Some(dev) = &config.dev {
        line("sources", dev.folder.clone());
    }
}

fn parts(contents: &Contents, printer: &Printer) {
    let mut table = Table::new(&[
        "Part", "Version", "Licence", ">Files", ">Modules", ">Size", ">In file",
    ]);
    for part in &contents.packages {
        table.row([
            part.name.clone(),
            part.version.clone().unwrap_or_default(),
            human::shortened(part.license.as_deref().unwrap_or_default(), 30),
            part.files.to_string(),
            part.modules.to_string(),
            human::size(part.size),
            human::size(part.stored),
        ]);
    }
    show(&table, printer);
}

fn libraries(contents: &Contents, all: bool, printer: &Printer) {
    if contents.libraries.is_empty() {
        return;
    }
    let mut list: Vec<_> = contents.libraries.iter().collect();
    list.sort_by(|a, b| b.size.cmp(&a.size).then_with(|| a.path.cmp(&b.path)));
    let total = list.len();
    if !all {
        list.truncate(LIBRARIES);
    }
    let mut table = Table::new(&["Shared library", ">Needs", ">Size", ">In file"]);
    for library in &list {
        table.row([
            library.path.clone(),
            library.needs.len().to_string(),
            human::size(library.size),
            human::size(library.stored),
        ]);
    }
    show(&table, printer);
    if total > list.len() {
        printer.out(&printer.styled_out(
            Style::Faint,
            &format!("and {} more; --files lists all", total - list.len()),
        ));
    }
}

fn files(contents: &Contents, printer: &Printer) {
    let mut table = Table::new(&["Entry", "Kind", ">Size", ">In file", "BLAKE3"]);
    for file in &contents.files {
        table.row([
            file.path.clone(),
            file.kind.to_string(),
            human::size(file.size),
            human::size(file.stored),
            file.hash.chars().take(16).collect(),
        ]);
    }
    show(&table, printer);
}

pub(super) fn show(table: &Table, printer: &Printer) {
    printer.out("");
    table.print(printer);
}
