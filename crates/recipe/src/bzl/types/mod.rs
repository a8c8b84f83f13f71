//! The types of a recipe, one file each: state as plain data, attributes as a table, methods.

pub(super) mod about;
mod beside;
mod bundle;
pub(super) mod distribution;
pub(super) mod elsewhere;
pub(super) mod executable;
mod executable_own;
pub(super) mod file_content;
pub(super) mod file_manifest;
pub(super) mod installer;
pub(super) mod interpreter;
pub(super) mod macos;
pub(super) mod older;
pub(super) mod policy;
pub(super) mod resource;
mod roots;
pub(super) mod signing;
pub(super) mod snap;
pub(super) mod wheel;
pub(super) mod wix;
