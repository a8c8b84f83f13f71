//! `pyxidium check`: what could bite, before an app is passed on.

use packager::{Analysis, Attention, Cache, Level};

use super::project;
use crate::cli::CheckArgs;
use crate::printer::{Printer, Style};
use crate::table::Table;
use crate::{Error, human};

pub(crate) fn run(args: &CheckArgs, printer: &Printer) -> Result<(), Error> {
    super::leave_on_interrupt()?;
    let plan = recipe::plan(&recipe::Request {
        path: Some(args.path.clone()),
        module: args.module.clone(),
        requirements: args.packages.requirements.clone(),
        ..recipe::Request::default()
    })?;
    let cache = Cache::of_user()?;
    let options = project::options(&args.packages, &cache)?;
    let analysis = packager::analyse(&plan, &options, printer)?;
    if args.json {
        // Plain data of ours: no key that is not text, nothing that fails to serialise.
        printer.out(&serde_json::to_string_pretty(&analysis).unwrap_or_default());
        return Ok(());
    }
    sizes(&analysis, printer);
    printer.out("");
    for attention in &analysis.attention {
        show(attention, printer);
    }
    let warnings = analysis
        .attention
        .iter()
        .filter(|a| a.level == Level::Warning);
    match warnings.count() {
        0 => printer.out(&printer.styled_out(Style::Good, "Nothing stands in the way.")),
        1 => printer.out("1 thing needs attention."),
        count => printer.out(&format!("{count} things need attention.")),
    }
    Ok(())
}

fn sizes(analysis: &Analysis, printer: &Printer) {
    let contents = &analysis.contents;
    let mut table = Table::new(&["Part", "Version", "Licence", ">Size", ">In file"]);
    for part in &contents.packages {
        let licence = part.license.as_deref().unwrap_or_default();
        table.row([
            part.name.clone(),
            part.version.clone().unwrap_or_default(),
            licence
                .lines()
                .next()
                .unwrap_or_default()
                .chars()
                .take(30)
                .collect(),
            human::size(part.size),
            human::size(part.stored),
        ]);
    }
    let runtime = contents.size.saturating_sub(contents.payload_size);
    let nothing = String::new;
    table.row([
        "(runtime)".into(),
        nothing(),
        nothing(),
        human::size(runtime),
        human::size(runtime),
    ]);
    table.print(printer);
    printer.out(&format!(
        "{} in all",
        printer.styled_out(Style::Strong, &human::size(contents.size))
    ));
}

fn show(attention: &Attention, printer: &Printer) {
    let (style, word) = match attention.level {
        Level::Warning => (Style::Warning, "warning"),
        Level::Note => (Style::Faint, "note"),
    };
    printer.out(&format!(
        "{}: {}",
        printer.styled_out(style, word),
        attention.message
    ));
    if let Some(hint) = &attention.hint {
        printer.out(&format!(
            "  {} {hint}",
            printer.styled_out(Style::Hint, "hint:")
        ));
    }
}
