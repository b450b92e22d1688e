"""MKL's inspector-executor CSR product, called by its C interface, after its own optimize step."""

import ctypes
import glob
import sys

import numpy
from case import Prepared, Unavailable, fastest


class Description(ctypes.Structure):
    """struct matrix_descr: a general matrix"""

    _fields_ = [("type", ctypes.c_int), ("mode", ctypes.c_int), ("diag", ctypes.c_int)]


GENERAL = Description(20, 40, 50)
NON_TRANSPOSE, BASE_ZERO, AGGRESSIVE = 10, 0, 81
ROW_MAJOR, COLUMN_MAJOR = 101, 102
# How often the product will be asked for: the more, the more the optimize step may take.
CALLS = 1_000_000


def load():
    found = glob.glob(f"{sys.prefix}/lib/libmkl_rt.so.*")
    if not found:
        raise Unavailable("there is no libmkl_rt in this environment")
    return ctypes.CDLL(found[0])


def pointer(array):
    return array.ctypes.data_as(ctypes.c_void_p)


def check(status, what):
    if status != 0:
        raise RuntimeError(f"{what} gave status {status}")


class Matrix:
    """A CSR weight that MKL has optimized for one kind of product."""

    def __init__(self, mkl, case, layout):
        self.parts = offsets, columns, values = case.csr()
        self.handle = ctypes.c_void_p()
        begins, ends = pointer(offsets), pointer(offsets[1:])
        arrays = (begins, ends, pointer(columns), pointer(values))
        check(mkl.mkl_sparse_s_create_csr(ctypes.byref(self.handle), BASE_ZERO, case.n, case.k, *arrays), "create")
        if case.m == 1:
            check(mkl.mkl_sparse_set_mv_hint(self.handle, NON_TRANSPOSE, GENERAL, CALLS), "set_mv_hint")
        else:
            check(mkl.mkl_sparse_set_mm_hint(self.handle, NON_TRANSPOSE, GENERAL, layout, case.m, CALLS), "set_mm_hint")
        check(mkl.mkl_sparse_set_memory_hint(self.handle, AGGRESSIVE), "set_memory_hint")
        check(mkl.mkl_sparse_optimize(self.handle), "optimize")


class Way:
    """y = W . x for one layout of x and y; a feature-major x has row-major columns."""

    def __init__(self, mkl, case, layout):
        matrix = Matrix(mkl, case, layout)
        n, k, m = case.n, case.k, case.m
        x = case.x() if layout == COLUMN_MAJOR else numpy.ascontiguousarray(case.x().T)
        y = numpy.zeros((m, n) if layout == COLUMN_MAJOR else (n, m), dtype=numpy.float32)
        self.keep = (matrix, x, y)
        self.y = y if layout == COLUMN_MAJOR else y.T
        one, zero = ctypes.c_float(1), ctypes.c_float(0)
        x_at, y_at = pointer(x), pointer(y)
        if m == 1:
            product = mkl.mkl_sparse_s_mv
            arguments = (NON_TRANSPOSE, one, matrix.handle, GENERAL, x_at, zero, y_at)
        else:
            strides = (k, n) if layout == COLUMN_MAJOR else (m, m)
            product = mkl.mkl_sparse_s_mm
            arguments = (NON_TRANSPOSE, one, matrix.handle, GENERAL, layout, x_at, m, strides[0], zero, y_at, strides[1])
        check(product(*arguments), "product")
        self.run = lambda: product(*arguments)


def prepare(case):
    mkl = load()
    mkl.MKL_Set_Num_Threads(case.threads)
    layouts = {"feature-major": ROW_MAJOR, "row-major": COLUMN_MAJOR}
    ways = {name: Way(mkl, case, layout) for name, layout in layouts.items() if case.m > 1 or layout == ROW_MAJOR}
    chosen = fastest({name: way.run for name, way in ways.items()})
    version = ctypes.create_string_buffer(200)
    mkl.MKL_Get_Version_String(version, 200)
    facts = {"version": version.value.decode().strip(), "layout": chosen}
    way = ways[chosen]
    prepared = Prepared(way.run, lambda: way.y, facts)
    prepared.keep = way
    return prepared
