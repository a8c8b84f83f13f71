//! A project with a build back end (PEP 517) is what that builds of it. The wheel itself is made elsewhere; here the
//! files of a plan become those of the wheel.

use std::path::Path;

use crate::discover::{self, Files, Found};
use crate::pyproject::Pattern;
use crate::{AppFile, BuildPlan, Error};

/// What is done with the wheel that a project is built to.
#[derive(Debug, Clone)]
pub struct Wheel {
    /// Files that go in beside the wheel's.
    pub(crate) included: Files,
    pub(crate) exclude: Vec<Pattern>,
}

impl BuildPlan {
    /// The same plan with the files of the wheel that the project was built to, unpacked in `folder`.
    pub fn of_wheel(&self, folder: &Path) -> Result<Self, Error> {
        let Some(wheel) = &self.wheel else {
            return Ok(self.clone());
        };
        let mut found = Found {
            files: wheel.included.clone(),
            ..Found::default()
        };
        let own: Files = self
            .files
            .iter()
            .map(|f| (f.path.clone(), f.source.clone()))
            .collect();
        for AppFile { path, source } in discover::below(folder)? {
            // A file that lies in the project as it is in the wheel is named by its place there: in messages, and
            // for what is found beside it.
            let source = match own.get(&path) {
                Some(place) if fs_err::read(place)? == fs_err::read(&source)? => place.clone(),
                _ => source,
            };
            found.files.insert(path, source);
        }
        discover::exclude(&wheel.exclude, &mut found)?;
        Ok(Self {
            files: found.into_list(),
            wheel: None,
            ..self.clone()
        })
    }
}
