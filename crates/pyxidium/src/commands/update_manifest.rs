//! `pyxidium update-manifest`: a sealed file, announced as the newest version of its app.

use packager::{Announcement, Progress as _, SealedFile};

use crate::Error;
use crate::cli::UpdateManifestArgs;
use crate::printer::{Printer, Style};

pub(crate) fn run(args: &UpdateManifestArgs, printer: &Printer) -> Result<(), Error> {
    let key = packager::private_key(&args.key)?;
    let file = SealedFile::open(&args.file)?;
    // Nobody should get a file that is damaged.
    file.verify(&|_| ())?;
    let announcement = Announcement {
        url: args.url.clone(),
        notes: args.notes.clone(),
        date: args.date.clone(),
    };
    let manifest = packager::update_manifest(&file, &key, &announcement)?;
    if manifest.other_key {
        printer.warn(&format!(
            "{} holds another key: whoever updates to it takes further updates from that key only",
            args.file.display()
        ));
    }
    let Some(output) = &args.output else {
        printer.out(manifest.json.trim_end());
        return Ok(());
    };
    packager::write_text(output, &manifest.json)?;
    printer.result(&format!(
        "{} {}  version {}",
        printer.styled_out(Style::Good, "Wrote"),
        output.display(),
        manifest.version,
    ));
    Ok(())
}
