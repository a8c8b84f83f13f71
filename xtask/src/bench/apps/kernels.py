"""The kernels of the benchmark, as one writes them in Python.

Every function here also runs as plain Python (`f.__wrapped__`). `tests/rust-kernels` has the same
arithmetic in Rust; where nothing is parallel here, nothing is there.
"""

from math import exp, inf, log, sqrt

from pyxidium.compute import kernel, prange, random


@kernel
def cpu_intensive(n: int) -> float:
    result = 0.0
    for i in range(10_000_000):
        result += sqrt(i**3 + i**2 + i * n)
    return result


@kernel
def poly_match(xs, ys, points, best, near: float):
    """For each point the smallest of the polygons whose centre is near, or -1."""
    corners = xs.shape[1]
    for p in range(points.shape[0]):
        smallest = inf
        best[p] = -1
        for number in range(xs.shape[0]):
            cx = 0.0
            cy = 0.0
            for k in range(corners):
                cx += xs[number, k]
                cy += ys[number, k]
            dx = cx / corners - points[p, 0]
            dy = cy / corners - points[p, 1]
            if sqrt(dx * dx + dy * dy) < near:
                twice = 0.0
                for k in range(corners):
                    after = (k + 1) % corners
                    twice += xs[number, k] * ys[number, after] - xs[number, after] * ys[number, k]
                area = 0.5 * abs(twice)
                if area < smallest:
                    smallest = area
                    best[p] = number


@kernel
def mandelbrot(out, limit: int):
    height, width = out.shape
    for y in prange(height):
        ci = -1.25 + 2.5 * y / height
        for x in range(width):
            cr = -2.0 + 2.5 * x / width
            zr = 0.0
            zi = 0.0
            count = 0
            while count < limit and zr * zr + zi * zi <= 4.0:
                t = zr * zr - zi * zi + cr
                zi = 2.0 * zr * zi + ci
                zr = t
                count += 1
            out[y, x] = count


@kernel
def nbody(place, speed, mass, steps: int, dt: float):
    bodies = len(mass)
    for _ in range(steps):
        for i in range(bodies):
            for j in range(i + 1, bodies):
                dx = place[i, 0] - place[j, 0]
                dy = place[i, 1] - place[j, 1]
                dz = place[i, 2] - place[j, 2]
                square = dx * dx + dy * dy + dz * dz
                pull = dt / (square * sqrt(square))
                speed[i, 0] -= dx * mass[j] * pull
                speed[i, 1] -= dy * mass[j] * pull
                speed[i, 2] -= dz * mass[j] * pull
                speed[j, 0] += dx * mass[i] * pull
                speed[j, 1] += dy * mass[i] * pull
                speed[j, 2] += dz * mass[i] * pull
        for i in range(bodies):
            for k in range(3):
                place[i, k] += dt * speed[i, k]


@kernel
def monte_carlo_pi(seed: int, chunks: int, points: int) -> float:
    inside = 0
    for chunk in prange(chunks):
        stream = random.stream(seed, chunk)
        for _ in range(points):
            x = stream.random()
            y = stream.random()
            if x * x + y * y <= 1.0:
                inside += 1
    return 4.0 * inside / (chunks * points)


@kernel
def normal(d: float) -> float:
    """The normal distribution's integral, by the polynomial of Abramowitz and Stegun, 26.2.17."""
    k = 1.0 / (1.0 + 0.2316419 * abs(d))
    poly = k * (
        0.319381530
        + k * (-0.356563782 + k * (1.781477937 + k * (-1.821255978 + k * 1.330274429)))
    )
    tail = 0.3989422804014327 * exp(-0.5 * d * d) * poly
    return 1.0 - tail if d > 0.0 else tail


@kernel
def black_scholes(price, strike, years, calls, puts, rate: float, volatility: float):
    for i in prange(len(price)):
        root = sqrt(years[i])
        d1 = (log(price[i] / strike[i]) + (rate + 0.5 * volatility * volatility) * years[i]) / (
            volatility * root
        )
        d2 = d1 - volatility * root
        n1 = normal(d1)
        n2 = normal(d2)
        discounted = strike[i] * exp(-rate * years[i])
        calls[i] = price[i] * n1 - discounted * n2
        puts[i] = discounted * (1.0 - n2) - price[i] * (1.0 - n1)


@kernel
def saxpy(a: float, x, y):
    for i in prange(len(x)):
        y[i] = a * x[i] + y[i]


@kernel
def dot(x, y) -> float:
    total = 0.0
    for i in range(len(x)):
        total += x[i] * y[i]
    return total


@kernel
def jacobi(a, b):
    height, width = a.shape
    for i in prange(1, height - 1):
        for j in range(1, width - 1):
            b[i, j] = 0.25 * (a[i - 1, j] + a[i + 1, j] + a[i, j - 1] + a[i, j + 1])


@kernel
def matmul(a, b, c):
    for i in prange(a.shape[0]):
        for j in range(b.shape[1]):
            total = 0.0
            for k in range(a.shape[1]):
                total += a[i, k] * b[k, j]
            c[i, j] = total


@kernel
def primes(sieve) -> int:
    """How many primes there are below the length of `sieve`."""
    for i in range(len(sieve)):
        sieve[i] = 1
    count = 0
    for i in range(2, len(sieve)):
        if sieve[i]:
            count += 1
            for multiple in range(i * i, len(sieve), i):
                sieve[multiple] = 0
    return count


@kernel
def levenshtein(a, b, row) -> int:
    for j in range(len(b) + 1):
        row[j] = j
    for i in range(len(a)):
        diagonal = row[0]
        row[0] = i + 1
        for j in range(len(b)):
            above = row[j + 1]
            changed = diagonal + (a[i] != b[j])
            row[j + 1] = min(changed, above + 1, row[j] + 1)
            diagonal = above
    return row[len(b)]
