"""Sparse products as SciPy and PyTorch compute them: writes csr_products.json beside this file.

    python make_csr_products.py    # numpy, scipy and torch; the environment of `npm run setup:peers` has them

A case is y [m, n] = x [m, k] . W^T with W [n, k] in CSR. Arrays are base64 of little-endian numbers: float32, columns
and row offsets uint16, `truth` float64. `truth` is NumPy's product of the same float32 numbers in float64, `magnitude`
the sums of the absolute values of its terms; `scipy_csr`, `torch_csr` and `torch_dense` are float32 products of those
libraries.
"""

import base64
import json
import os

import numpy
import scipy
import scipy.sparse
import torch


def text(array, dtype):
    return base64.b64encode(numpy.ascontiguousarray(array, dtype=numpy.dtype(dtype).newbyteorder("<")).tobytes()).decode()


def normal(random, *shape):
    return random.standard_normal(shape).astype(numpy.float32)


def unstructured(random, n, k, density):
    return normal(random, n, k) * (random.random((n, k)) < density)


def blocks(random, n, k, density, outputs):
    return normal(random, n, k) * numpy.repeat(random.random((n // outputs, k)) < density, outputs, axis=0)


def balanced(random, n, k, kept):
    mask = numpy.zeros((n, k), dtype=bool)
    for row in mask:
        for first in range(0, k, 32):
            row[first + random.choice(32, kept, replace=False)] = True
    return normal(random, n, k) * mask


def ragged(random, n, k):
    """Row r has about k * (r / (n - 1))**2 entries: from none to all."""
    density = (numpy.arange(n) / (n - 1)) ** 2
    return normal(random, n, k) * (random.random((n, k)) < density[:, None])


def holes(random, n, k):
    weight = unstructured(random, n, k, 0.4)
    weight[[0, 3, 4, n - 1]] = 0
    weight[:, [0, 5, 6, k - 1]] = 0
    return weight


def scaled(random, n, k):
    """Magnitudes over thirty powers of ten, so that a few terms carry a sum."""
    return (unstructured(random, n, k, 0.3) * 10.0 ** random.integers(-15, 15, (n, k))).astype(numpy.float32)


def cases(random):
    yield "one row of x", unstructured(random, 67, 130, 0.1), 1
    yield "three rows of x", unstructured(random, 33, 97, 0.2), 3
    yield "blocks of four outputs, 16 rows", blocks(random, 32, 64, 0.15, 4), 16
    yield "33 rows, sizes that no register divides", unstructured(random, 21, 45, 0.3), 33
    yield "more inputs than a cache block", unstructured(random, 12, 530, 0.08), 3
    yield "balanced, one row", balanced(random, 40, 128, 4), 1
    yield "balanced, 16 rows", balanced(random, 16, 64, 8), 16
    for m in (1, 3, 16, 33):
        yield f"from empty to full rows of W, m = {m}", ragged(random, 19, 37), m
        yield f"empty rows and columns, m = {m}", holes(random, 17, 23), m
    for m in (1, 16):
        yield f"thirty orders of magnitude, m = {m}", scaled(random, 18, 60), m
    for m in (1, 3):
        yield f"one output, m = {m}", unstructured(random, 1, 70, 0.5), m
        yield f"one input, m = {m}", unstructured(random, 40, 1, 0.5), m
        yield f"nothing stored, m = {m}", numpy.zeros((9, 20), dtype=numpy.float32), m
        yield f"nothing pruned, m = {m}", normal(random, 11, 18), m


def product(name, weight, m, random):
    weight = numpy.asarray(weight, dtype=numpy.float32)
    n, k = weight.shape
    x = normal(random, m, k)
    csr = scipy.sparse.csr_matrix(weight)
    tensor = torch.from_numpy(weight)
    return {
        "name": name,
        "n": n,
        "k": k,
        "m": m,
        "row_offsets": text(csr.indptr, "u2"),
        "columns": text(csr.indices, "u2"),
        "values": text(csr.data, "f4"),
        "x": text(x, "f4"),
        "truth": text(x.astype(numpy.float64) @ weight.astype(numpy.float64).T, "f8"),
        "magnitude": text(numpy.abs(x) @ numpy.abs(weight).T, "f4"),
        "scipy_csr": text((csr @ x.T).T, "f4"),
        "torch_csr": text((tensor.to_sparse_csr() @ torch.from_numpy(x.T.copy())).T.numpy(), "f4"),
        "torch_dense": text(torch.nn.functional.linear(torch.from_numpy(x), tensor).numpy(), "f4"),
    }


def main():
    random = numpy.random.default_rng(20261122)
    document = {
        "source": f"numpy {numpy.__version__}, scipy {scipy.__version__}, torch {torch.__version__}",
        "layout": "arrays are base64, little-endian, row-major",
        "cases": [product(name, weight, m, random) for name, weight, m in cases(random)],
    }
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "csr_products.json")
    with open(path, "w") as file:
        json.dump(document, file, indent=1)
        file.write("\n")


main()
