//! A [`recipe::BuildPlan`] becomes one executable: packages are installed and packed, sources
//! compiled, everything merged into a payload, and the payload written into a copy of the runtime.
//!
//! This room prints nothing (see [`Progress`]), knows no command line, runs no application and links
//! no Python: it starts one as a child. The byte layout of payloads is `packed-resources`' business,
//! that of ELF files is `section`'s.

mod analyse;
mod app;
mod build;
mod bundle;
mod cache;
mod carried;
mod compile;
mod components;
mod describe;
mod development;
mod digits;
mod env_vars;
mod error;
mod inspect;
mod interrupt;
mod merge;
mod output;
mod pack;
mod progress;
mod python;
mod recipes;
mod record;
mod resolve;
mod runtime;
mod sbom;
mod scan;
mod schema;
mod seal;
mod section;
mod select;
mod self_seal;
mod signature;
mod spec;
mod stdlib;
mod strip;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod update;
mod variant;
mod window;

pub use analyse::{Analysis, Attention, Level, analyse};
pub use build::{BuildOptions, Sealed, build};
pub use bundle::{BundleError, Bundled as BundleFile, Foreign, Format, Stated, bundle};
pub use cache::Cache;
pub use development::Development;
pub use error::{Error, Fault, ToolOutput};
pub use inspect::{Contents, FileInfo, LibraryInfo, PackageSize, SealedFile, inspect};
pub use interrupt::{WorkFolder, abandon, end_group as end_process_group};
pub use output::write_text;
pub use progress::{Progress, Silent, Unit};
pub use python::Python;
pub use recipes::{Made, RecipeRequest, TargetInfo, build_recipe, recipe_targets};
pub use record::recorded;
pub use resolve::{Indexes, Options as ResolveOptions};
pub use runtime::Runtime;
pub use sbom::{
    Bom, Bundled, Copyleft, Group as LicenceGroup, Licence, Part, PartKind,
    groups as licence_groups, sbom, text as licence_text,
};
pub use schema::SCHEMA;
pub use section::SectionError;
pub use select::Missing;
pub use self_seal::{FrozenSource, SelfSeal, self_seal};
pub use signature::{
    KeyId, KeyPair, SignatureError, check_signature, private_key, public_key, sign, write_keys,
};
pub use spec::{ImportedSpec, import_spec};
pub use update::{Announcement, UpdateError, UpdateManifest, update_manifest};
pub use window::{Problem, WindowError};

/// Payload path of the app's own files. A folder, so that `Path(__file__).parent` is one: the
/// root itself is the executable, which is a file.
pub(crate) const APP: &str = "app";
/// Payload path of the standard library.
pub(crate) const STDLIB: &str = "lib/python3.13";
/// Payload path of installed packages.
pub(crate) const SITE_PACKAGES: &str = "lib/python3.13/site-packages";
