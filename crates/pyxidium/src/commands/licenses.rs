//! `pyxidium licenses`: who made what is in a sealed file, and what they ask for.

use packager::{Bom, Licence, Part, PartKind, SealedFile};

use crate::cli::LicensesArgs;
use crate::printer::{Printer, Style};
use crate::table::Table;
use crate::{Error, human};

pub(crate) fn run(args: &LicensesArgs, printer: &Printer) -> Result<(), Error> {
    let bom = packager::sbom(&SealedFile::open(&args.file)?)?;
    if args.json {
        // Plain data of ours: no key that is not text, nothing that fails to serialise.
        printer.out(&serde_json::to_string_pretty(&bom).unwrap_or_default());
    } else if let Some(output) = &args.output {
        packager::write_text(output, &packager::licence_text(&bom))?;
        printer.result(&format!(
            "{} {}  {}",
            printer.styled_out(Style::Good, "Wrote"),
            output.display(),
            human::count(bom.parts.len(), "component", "components"),
        ));
    } else {
        show(&bom, printer);
    }
    Ok(())
}

fn show(bom: &Bom, printer: &Printer) {
    let mut table = Table::new(&["Licence", ">Parts", "Of"]);
    for group in packager::licence_groups(bom) {
        let licence = group.licence.map_or("not stated", Licence::as_str);
        table.row([
            human::shortened(licence.lines().next().unwrap_or_default(), 46),
            group.parts.len().to_string(),
            names(&group.parts),
        ]);
    }
    table.print(printer);
    for unknown in &bom.unknown {
        printer.out(&format!(
            "{} {unknown}",
            printer.styled_out(Style::Warning, "not known:")
        ));
    }
    printer.out(&printer.styled_out(Style::Faint, "-o FILE writes all of it with the texts"));
}

/// The packages by name, and how many crates.
fn names(parts: &[&Part]) -> String {
    let names = parts.iter().filter(|p| p.kind != PartKind::Crate);
    let mut names: Vec<&str> = names.map(|p| p.name.as_str()).collect();
    let crates = parts.len() - names.len();
    let shown = 6;
    let more = match names.len().saturating_sub(shown) {
        0 => None,
        more => Some(format!("{more} more")),
    };
    names.truncate(shown);
    let crates = (crates > 0).then(|| human::count(crates, "crate", "crates"));
    let words = names
        .into_iter()
        .map(str::to_owned)
        .chain(more)
        .chain(crates);
    words.collect::<Vec<_>>().join(", ")
}
