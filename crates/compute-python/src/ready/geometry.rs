//! `pyxidium.compute.geometry`.

use compute::ready::geometry::{self, Points};
use compute::ready::polygons::{self, Polygons};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::array::Array;
use super::input::{Input, shown};
use super::run::{Failure, run, run_if_large};

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

#[pyfunction]
fn nearest(
    py: Python<'_>,
    points: &Bound<'_, PyAny>,
    queries: &Bound<'_, PyAny>,
    k: usize,
    max_distance: f64,
) -> PyResult<(Array, Array)> {
    let (points, dimensions) = self::points(points, "points")?;
    let (queries, other) = self::points(queries, "queries")?;
    let (points, queries) = (points.floats(), queries.floats());
    let (found, count) = run(py, |watch| {
        let points = Points::new("points", &points, dimensions)?;
        let queries = Points::new("queries", &queries, other)?;
        Ok::<_, Failure>((
            geometry::nearest(points, queries, k, max_distance, watch)?,
            queries.len(),
        ))
    })?;
    Ok((
        Array::shaped(found.distances, &[count, k]),
        Array::shaped(found.indices, &[count, k]),
    ))
}

/// Two columns, as numpy indexes with.
fn columns(py: Python<'_>, pairs: &[(u32, u32)]) -> (Array, Array) {
    py.detach(|| {
        let first = pairs.iter().map(|pair| i64::from(pair.0)).collect();
        let second = pairs.iter().map(|pair| i64::from(pair.1)).collect();
        (Array::of::<i64>(first), Array::of::<i64>(second))
    })
}

#[pyfunction]
fn within(
    py: Python<'_>,
    points: &Bound<'_, PyAny>,
    queries: &Bound<'_, PyAny>,
    radius: f64,
) -> PyResult<(Array, Array)> {
    let (points, dimensions) = self::points(points, "points")?;
    let (queries, other) = self::points(queries, "queries")?;
    let (points, queries) = (points.floats(), queries.floats());
    let pairs = run(py, |watch| {
        let points = Points::new("points", &points, dimensions)?;
        let queries = Points::new("queries", &queries, other)?;
        geometry::within(points, queries, radius, watch)
    })?;
    Ok(columns(py, &pairs))
}

/// Corners of all polygons, and where each begins.
struct Corners {
    values: Vec<[f64; 2]>,
    offsets: Vec<usize>,
}

/// Of one array (count, corners, 2), or a list of arrays (corners, 2).
fn corners(object: &Bound<'_, PyAny>) -> PyResult<Corners> {
    let Ok(list) = object.cast::<pyo3::types::PyList>() else {
        let input = Input::new(object, "polygons")?;
        let shape = input.dimensions(3, "three dimensions, (count, corners, 2)")?;
        if shape[2] != 2 {
            let message = format!(
                "polygons: expected (count, corners, 2), got {}",
                shown(shape)
            );
            return Err(PyValueError::new_err(message));
        }
        let offsets = (0..=shape[0]).map(|place| place * shape[1]).collect();
        return Ok(Corners {
            values: input.floats().as_chunks().0.to_vec(),
            offsets,
        });
    };
    let mut all = Corners {
        values: vec![],
        offsets: vec![0],
    };
    for polygon in list.iter() {
        let (input, dimensions) = points(&polygon, "polygons")?;
        if dimensions != 2 {
            let message = format!(
                "polygons: expected (corners, 2) each, got {}",
                shown(input.shape())
            );
            return Err(PyValueError::new_err(message));
        }
        all.values.extend_from_slice(input.floats().as_chunks().0);
        all.offsets.push(all.values.len());
    }
    Ok(all)
}

impl Corners {
    /// Whether looking at them with so many points takes more than a moment.
    fn many_with(&self, points: usize) -> bool {
        self.offsets.len() * points > geometry::FEW || self.values.len() > 1 << 16
    }

    fn polygons(&self) -> Result<Polygons<'_>, Failure> {
        Ok(Polygons::new(&self.values, &self.offsets)?)
    }
}

#[pyfunction]
fn points_in_polygons(
    py: Python<'_>,
    points: &Bound<'_, PyAny>,
    polygons: &Bound<'_, PyAny>,
) -> PyResult<(Array, Array)> {
    let (points, dimensions) = self::points(points, "points")?;
    let (points, corners) = (points.floats(), corners(polygons)?);
    let pairs = run(py, |watch| {
        let points = Points::new("points", &points, dimensions)?;
        Ok::<_, Failure>(polygons::points_in_polygons(
            points,
            corners.polygons()?,
            watch,
        )?)
    })?;
    Ok(columns(py, &pairs))
}

#[pyfunction]
fn close_polygons(
    py: Python<'_>,
    points: &Bound<'_, PyAny>,
    polygons: &Bound<'_, PyAny>,
    radius: f64,
    of_area: bool,
) -> PyResult<(Array, Array)> {
    let (points, dimensions) = self::points(points, "points")?;
    let (points, corners) = (points.floats(), corners(polygons)?);
    let pairs = run_if_large(py, corners.many_with(points.len() / 2), |watch| {
        let points = Points::new("points", &points, dimensions)?;
        Ok::<_, Failure>(polygons::close_polygons(
            points,
            corners.polygons()?,
            radius,
            of_area,
            watch,
        )?)
    })?;
    Ok(columns(py, &pairs))
}

#[pyfunction]
fn smallest_close_polygon(
    py: Python<'_>,
    points: &Bound<'_, PyAny>,
    polygons: &Bound<'_, PyAny>,
    radius: f64,
    of_area: bool,
) -> PyResult<Array> {
    let (points, dimensions) = self::points(points, "points")?;
    let (points, corners) = (points.floats(), corners(polygons)?);
    let best = run_if_large(py, corners.many_with(points.len() / 2), |watch| {
        let points = Points::new("points", &points, dimensions)?;
        Ok::<_, Failure>(polygons::smallest_close_polygon(
            points,
            corners.polygons()?,
            radius,
            of_area,
            watch,
        )?)
    })?;
    Ok(Array::of(best))
}

#[pyfunction]
fn polygon_areas(py: Python<'_>, polygons: &Bound<'_, PyAny>) -> PyResult<Array> {
    let corners = corners(polygons)?;
    Ok(Array::of(run(py, |_| {
        Ok::<_, Failure>(corners.polygons()?.areas())
    })?))
}
