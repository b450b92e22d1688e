"""SciPy's CSR product, by the routines that `csr_matrix @ x` ends in, which add to a reused output."""

import numpy
import scipy
from case import Prepared
from scipy.sparse import _sparsetools


def prepare(case):
    offsets, columns, values = case.csr()
    n, k, m = case.n, case.k, case.m
    x = numpy.ascontiguousarray(case.x().T)
    y = numpy.zeros((n, m), dtype=numpy.float32)
    flat_x, flat_y = x.ravel(), y.ravel()

    def run():
        flat_y.fill(0)
        if m == 1:
            _sparsetools.csr_matvec(n, k, offsets, columns, values, flat_x, flat_y)
        else:
            _sparsetools.csr_matvecs(n, k, m, offsets, columns, values, flat_x, flat_y)

    facts = {"version": scipy.__version__, "layout": "feature-major, its own"}
    return Prepared(run, lambda: y.T, facts)
