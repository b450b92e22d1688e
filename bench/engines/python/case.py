"""A case's numbers, read from the files that bench/cases/product-files.ts writes."""

import os

import numpy


class Unavailable(Exception):
    """Why an engine cannot run here."""


class Case:
    """y[m][n] = x[m][k] . W^T with W [n outputs][k inputs]."""

    def __init__(self, words):
        self.words = words
        self.folder = words["folder"]
        self.n, self.k, self.threads = (int(words[name]) for name in ("n", "k", "threads"))
        # Rankings have no rows of activations.
        self.m = int(words.get("m", 0))

    def _read(self, name, dtype):
        return numpy.fromfile(os.path.join(self.folder, name), dtype=dtype)

    def x(self):
        """float32 [m][k]"""
        return self._read(f"x-{self.m}.f32", numpy.float32).reshape(self.m, self.k)

    def kernel(self):
        """float32 [k][n]: the transposed weight"""
        return self._read("kernel.f32", numpy.float32).reshape(self.k, self.n)

    def csr(self):
        """Offsets, columns, values; a row per output"""
        return (
            self._read("offsets.i32", numpy.int32),
            self._read("columns.i32", numpy.int32),
            self._read("values.f32", numpy.float32),
        )

    def model(self):
        """Path of the ONNX model"""
        return os.path.join(self.folder, "model.onnx")

    def write_output(self, name, y):
        """y: float32 [m][n]"""
        file = os.path.join(self.folder, f"y-{name}.f32")
        numpy.ascontiguousarray(y, dtype=numpy.float32).tofile(file)
        return file


class Prepared:
    """One way to call an engine: run() is timed, output() gives y [m][n] of the last run."""

    def __init__(self, run, output, facts):
        self.run, self.output, self._facts = run, output, facts

    def facts(self):
        return self._facts


def fastest(ways):
    """The name of the fastest of several calls, each the best of five after a first."""
    import time

    def best(run):
        run()
        times = []
        while len(times) < 5:
            start = time.perf_counter()
            run()
            times.append(time.perf_counter() - start)
            if times[-1] > 0.5:
                break
        return min(times)

    return min(ways, key=lambda name: best(ways[name]))
