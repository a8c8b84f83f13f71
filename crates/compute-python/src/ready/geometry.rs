//! `pyxidium.compute.geometry`.

use std::borrow::Cow;

use compute::ready::geometry::{self, Points};
use compute::ready::polygons::{self, Polygons};
use compute::ready::{Error, blocks};
use compute::work::{Cancelled, Watch};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyList;

use super::array::Array;
use super::input::{Input, shown};
use super::run::{run, run_if_large};

pub fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(nearest, module)?)?;
    module.add_function(wrap_pyfunction!(within, module)?)?;
    module.add_function(wrap_pyfunction!(points_in_polygons, module)?)?;
    module.add_function(wrap_pyfunction!(close_polygons, module)?)?;
    module.add_function(wrap_pyfunction!(smallest_close_polygon, module)?)?;
    module.add_function(wrap_pyfunction!(polygon_areas, module)?)
}

/// Points and how many dimensions they have.
fn points(object: &Bound<'_, PyAny>, what: &'static str) -> PyResult<(Input, usize)> {
    let input = Input::new(object, what)?;
    let dimensions = input.dimensions(2, "two dimensions, (n, d)")?[1];
    Ok((input, dimensions))
}

/// Points and queries, from which the next two make something else.
fn between<R: Send>(
    points: &Bound<'_, PyAny>,
    queries: &Bound<'_, PyAny>,
    work: impl FnOnce(Points<'_>, Points<'_>, &Watch) -> Result<R, Error> + Send,
) -> PyResult<R> {
    let py = points.py();
    let (points, dimensions) = self::points(points, "points")?;
    let (queries, other) = self::points(queries, "queries")?;
    run(py, |watch| {
        let (points, queries) = (points.floats(watch)?, queries.floats(watch)?);
        let points = Points::new("points", &points, dimensions, watch)?;
        let queries = Points::new("queries", &queries, other, watch)?;
        work(points, queries, watch)
    })
}

#[pyfunction]
fn nearest(
    points: &Bound<'_, PyAny>,
    queries: &Bound<'_, PyAny>,
    k: usize,
    max_distance: f64,
) -> PyResult<(Array, Array)> {
    between(points, queries, |points, queries, watch| {
        let found = geometry::nearest(points, queries, k, max_distance, watch)?;
        let shape = [queries.len(), k];
        Ok((
            Array::shaped(found.distances, &shape),
            Array::shaped(found.indices, &shape),
        ))
    })
}

/// Two columns, as numpy indexes with.
fn columns(pairs: &[(u32, u32)], watch: &Watch) -> Result<(Array, Array), Error> {
    let column = |of: fn(&(u32, u32)) -> u32| {
        blocks::build(pairs.len(), 1 << 15, watch, |place| {
            i64::from(of(&pairs[place]))
        })
    };
    let (first, second) = (column(|pair| pair.0)?, column(|pair| pair.1)?);
    Ok((Array::of(first), Array::of(second)))
}

#[pyfunction]
fn within(
    points: &Bound<'_, PyAny>,
    queries: &Bound<'_, PyAny>,
    radius: f64,
) -> PyResult<(Array, Array)> {
    between(points, queries, |points, queries, watch| {
        columns(&geometry::within(points, queries, radius, watch)?, watch)
    })
}

/// Polygons as they came.
enum Corners {
    /// One array of so many polygons of so many corners.
    Alike(Input, usize, usize),
    /// An array for each polygon.
    Each(Vec<Input>),
}

/// Corners of all polygons, and where each begins.
type Rings<'a> = (Cow<'a, [f64]>, Vec<usize>);

impl Corners {
    /// Of one array (count, corners, 2), or a list of arrays (corners, 2).
    fn new(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let wrong = |expected: &str, input: &Input| {
            let got = shown(input.shape());
            PyValueError::new_err(format!("polygons: expected {expected}, got {got}"))
        };
        let Ok(list) = object.cast::<PyList>() else {
            let input = Input::new(object, "polygons")?;
            return match *input.dimensions(3, "three dimensions, (count, corners, 2)")? {
                [count, corners, 2] => Ok(Self::Alike(input, count, corners)),
                _ => Err(wrong("(count, corners, 2)", &input)),
            };
        };
        let mut all = Vec::with_capacity(list.len());
        for (place, polygon) in list.iter().enumerate() {
            if place % 1024 == 0 {
                list.py().check_signals()?;
            }
            let (input, dimensions) = points(&polygon, "polygons")?;
            if dimensions != 2 {
                return Err(wrong("(corners, 2) each", &input));
            }
            all.push(input);
        }
        Ok(Self::Each(all))
    }

    /// How many polygons, and how many corners.
    fn counts(&self) -> (usize, usize) {
        match self {
            Self::Alike(_, count, corners) => (*count, count * corners),
            Self::Each(all) => (all.len(), all.iter().map(Input::count).sum::<usize>() / 2),
        }
    }

    fn rings(&self, watch: &Watch) -> Result<Rings<'_>, Cancelled> {
        match self {
            Self::Alike(input, count, corners) => {
                let offsets = (0..=*count).map(|place| place * corners).collect();
                Ok((input.floats(watch)?, offsets))
            }
            Self::Each(all) => {
                let (mut corners, mut offsets) = (Vec::new(), vec![0]);
                for input in all {
                    watch.check()?;
                    corners.extend_from_slice(&input.floats(watch)?);
                    offsets.push(corners.len() / 2);
                }
                Ok((Cow::Owned(corners), offsets))
            }
        }
    }

    fn with<R>(
        &self,
        watch: &Watch,
        work: impl FnOnce(Polygons<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let (corners, offsets) = self.rings(watch)?;
        work(Polygons::new(corners.as_chunks().0, &offsets, watch)?)
    }
}

/// Points and polygons, from which all of the following make something else.
fn together<R: Send>(
    points: &Bound<'_, PyAny>,
    polygons: &Bound<'_, PyAny>,
    always_large: bool,
    work: impl FnOnce(Points<'_>, Polygons<'_>, &Watch) -> Result<R, Error> + Send,
) -> PyResult<R> {
    let py = points.py();
    let (points, dimensions) = self::points(points, "points")?;
    let corners = Corners::new(polygons)?;
    // Whether looking at all of them takes more than a moment.
    let (polygons, all) = corners.counts();
    let large = polygons * points.count() / 2 > geometry::FEW || all > 1 << 16;
    run_if_large(py, large || always_large, |watch| {
        let points = points.floats(watch)?;
        let points = Points::new("points", &points, dimensions, watch)?;
        corners.with(watch, |polygons| work(points, polygons, watch))
    })
}

#[pyfunction]
fn points_in_polygons(
    points: &Bound<'_, PyAny>,
    polygons: &Bound<'_, PyAny>,
) -> PyResult<(Array, Array)> {
    together(points, polygons, true, |points, polygons, watch| {
        columns(
            &polygons::points_in_polygons(points, polygons, watch)?,
            watch,
        )
    })
}

#[pyfunction]
fn close_polygons(
    points: &Bound<'_, PyAny>,
    polygons: &Bound<'_, PyAny>,
    radius: f64,
    of_area: bool,
) -> PyResult<(Array, Array)> {
    together(points, polygons, false, |points, polygons, watch| {
        columns(
            &polygons::close_polygons(points, polygons, radius, of_area, watch)?,
            watch,
        )
    })
}

#[pyfunction]
fn smallest_close_polygon(
    points: &Bound<'_, PyAny>,
    polygons: &Bound<'_, PyAny>,
    radius: f64,
    of_area: bool,
) -> PyResult<Array> {
    together(points, polygons, false, |points, polygons, watch| {
        polygons::smallest_close_polygon(points, polygons, radius, of_area, watch).map(Array::of)
    })
}

#[pyfunction]
fn polygon_areas(py: Python<'_>, polygons: &Bound<'_, PyAny>) -> PyResult<Array> {
    let corners = Corners::new(polygons)?;
    run(py, |watch| {
        corners.with(watch, |polygons| {
            watch.part(0.9);
            Ok(Array::of(polygons.areas(watch)?))
        })
    })
}
