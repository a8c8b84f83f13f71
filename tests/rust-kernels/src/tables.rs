//! Kernels over tables: pictures, grids, bodies, polygons.

use rayon::prelude::*;

use crate::{lent, lent_mut};

/// How long each point of the plane stays near.
///
/// # Safety
/// `out` points at `height * width` values that only this call uses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mandelbrot(out: *mut i32, height: usize, width: usize, limit: i32) {
    // SAFETY: as the caller promises.
    let out = unsafe { lent_mut(out, height * width) };
    out.par_chunks_mut(width).enumerate().for_each(|(y, row)| {
        let ci = -1.25 + 2.5 * y as f64 / height as f64;
        for (x, out) in row.iter_mut().enumerate() {
            let cr = -2.0 + 2.5 * x as f64 / width as f64;
            let (mut zr, mut zi) = (0.0, 0.0);
            let mut count = 0;
            while count < limit && zr * zr + zi * zi <= 4.0 {
                let t = zr * zr - zi * zi + cr;
                zi = 2.0 * zr * zi + ci;
                zr = t;
                count += 1;
            }
            *out = count;
        }
    });
}

/// One sweep over the inside of a grid.
///
/// # Safety
/// `a` and `b` point at `height * width` values, `b` at ones that only this call uses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jacobi(a: *const f64, b: *mut f64, height: usize, width: usize) {
    // SAFETY: as the caller promises.
    let (a, b) = unsafe { (lent(a, height * width), lent_mut(b, height * width)) };
    let inside = &mut b[width..(height - 1) * width];
    inside.par_chunks_mut(width).enumerate().for_each(|(i, b)| {
        let above = &a[i * width..][..width];
        let here = &a[(i + 1) * width..][..width];
        let below = &a[(i + 2) * width..][..width];
        for j in 1..width - 1 {
            b[j] = 0.25 * (above[j] + below[j] + here[j - 1] + here[j + 1]);
        }
    });
}

/// The product of two square matrices.
///
/// # Safety
/// The pointers are to `n * n` values each, `c` to ones that only this call uses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn matmul(a: *const f64, b: *const f64, c: *mut f64, n: usize) {
    // SAFETY: as the caller promises.
    let (a, b) = unsafe { (lent(a, n * n), lent(b, n * n)) };
    // SAFETY: as the caller promises.
    let c = unsafe { lent_mut(c, n * n) };
    c.par_chunks_mut(n).zip(a.par_chunks(n)).for_each(|(c, a)| {
        for (j, c) in c.iter_mut().enumerate() {
            let mut total = 0.0;
            for (a, b) in a.iter().zip(b[j..].iter().step_by(n)) {
                total += a * b;
            }
            *c = total;
        }
    });
}

/// Bodies that pull each other, `steps` steps on.
///
/// # Safety
/// `place` and `speed` point at three values for each body, `mass` at one, for this call only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nbody(
    place: *mut [f64; 3],
    speed: *mut [f64; 3],
    mass: *const f64,
    bodies: usize,
    steps: usize,
    dt: f64,
) {
    // SAFETY: as the caller promises.
    let (place, speed) = unsafe { (lent_mut(place, bodies), lent_mut(speed, bodies)) };
    // SAFETY: as the caller promises.
    let mass = unsafe { lent(mass, bodies) };
    for _ in 0..steps {
        for i in 0..bodies {
            for j in i + 1..bodies {
                let dx = place[i][0] - place[j][0];
                let dy = place[i][1] - place[j][1];
                let dz = place[i][2] - place[j][2];
                let square = dx * dx + dy * dy + dz * dz;
                let pull = dt / (square * square.sqrt());
                speed[i][0] -= dx * mass[j] * pull;
                speed[i][1] -= dy * mass[j] * pull;
                speed[i][2] -= dz * mass[j] * pull;
                speed[j][0] += dx * mass[i] * pull;
                speed[j][1] += dy * mass[i] * pull;
                speed[j][2] += dz * mass[i] * pull;
            }
        }
        for (place, speed) in place.iter_mut().zip(speed.iter()) {
            for (place, speed) in place.iter_mut().zip(speed) {
                *place += dt * speed;
            }
        }
    }
}

/// For each point the smallest of the polygons whose centre is near, or -1.
///
/// # Safety
/// `xs` and `ys` point at `polygons * corners` values, `points` at `count` pairs, `best` at `count`
/// values that only this call uses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn poly_match(
    xs: *const f64,
    ys: *const f64,
    polygons: usize,
    corners: usize,
    points: *const [f64; 2],
    best: *mut i64,
    count: usize,
    near: f64,
) {
    let len = polygons * corners;
    // SAFETY: as the caller promises.
    let (xs, ys, points) = unsafe { (lent(xs, len), lent(ys, len), lent(points, count)) };
    // SAFETY: as the caller promises.
    let best = unsafe { lent_mut(best, count) };
    for (point, best) in points.iter().zip(best) {
        let mut smallest = f64::INFINITY;
        *best = -1;
        let corners_of = xs.chunks_exact(corners).zip(ys.chunks_exact(corners));
        for (number, (xs, ys)) in corners_of.enumerate() {
            let (mut cx, mut cy) = (0.0, 0.0);
            for (x, y) in xs.iter().zip(ys) {
                cx += x;
                cy += y;
            }
            let dx = cx / corners as f64 - point[0];
            let dy = cy / corners as f64 - point[1];
            if (dx * dx + dy * dy).sqrt() < near {
                let mut twice = 0.0;
                for k in 0..corners {
                    let next = (k + 1) % corners;
                    twice += xs[k] * ys[next] - xs[next] * ys[k];
                }
                let area = 0.5 * twice.abs();
                if area < smallest {
                    smallest = area;
                    *best = number as i64;
                }
            }
        }
    }
}
