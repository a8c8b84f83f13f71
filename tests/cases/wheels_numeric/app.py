# /// script
# dependencies = ["numpy", "pandas", "scipy", "scikit-learn"]
# ///
import concurrent.futures
import multiprocessing
import os
import pickle
import tempfile


def descriptors():
    names = {}
    for number in os.listdir("/proc/self/fd"):
        try:
            names[number] = os.readlink(f"/proc/self/fd/{number}")
        except OSError:
            pass
    return names


def solve(size):
    import numpy as np

    a = np.eye(size) * 2
    return float(np.linalg.solve(a, np.ones(size)).sum())


if __name__ == "__main__":
    before = descriptors()
    import numpy as np
    import pandas as pd
    import scipy
    import scipy.fft
    import scipy.optimize
    import scipy.sparse.linalg
    import scipy.special
    import sklearn
    from sklearn.cluster import KMeans
    from sklearn.datasets import load_iris
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import cross_val_score

    rng = np.random.default_rng(1)
    a = rng.random((200, 200))
    assert np.allclose(np.linalg.inv(a) @ a, np.eye(200)) and np.allclose(np.fft.ifft(np.fft.fft(a)).real, a)
    np.save("a.npy", a)
    assert (np.load("a.npy", mmap_mode="r") == a).all() and (pickle.loads(pickle.dumps(a)) == a).all()
    assert abs(scipy.optimize.brentq(np.cos, 0, 3) - np.pi / 2) < 1e-9 and scipy.special.gamma(5) == 24
    table = pd.DataFrame({"k": list("abab"), "v": [1.0, 2, 3, None], "t": pd.date_range("2026", periods=4, tz="Europe/Berlin")})
    assert table.groupby("k")["v"].sum().to_dict() == {"a": 4.0, "b": 2.0}
    table.to_csv("t.csv")
    assert pd.read_csv("t.csv", index_col=0).shape == (4, 3) and "dtype" in repr(table["v"])
    data = load_iris()  # a CSV inside the package, read beside its code
    assert data.data.shape == (150, 4)
    assert cross_val_score(RandomForestClassifier(10, random_state=0), data.data, data.target).mean() > 0.9
    assert KMeans(3, n_init=2, random_state=0).fit(data.data).cluster_centers_.shape == (3, 4)
    left = {number: name for number, name in descriptors().items() if number not in before}
    assert len(left) <= 4, f"descriptors left open after loading: {left}"
    print(sum("/memfd:" in line for line in open("/proc/self/maps")) >= 0, numpy_file := np.__file__.endswith("site-packages/numpy/__init__.py"))
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        assert list(pool.map(solve, [10, 20])) == [5.0, 10.0]
    from joblib import Parallel, delayed

    assert Parallel(n_jobs=2)(delayed(solve)(n) for n in (10, 20)) == [5.0, 10.0]
    print("ok")
