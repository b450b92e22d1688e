"""NumPy: partition, comparison, norms, and a product with a mask."""

import numpy
from case import Unavailable
from rank_case import RankCase, Way, as_words

FACTS = {"version": numpy.__version__}


def prepare(case):
    work = RankCase(case)
    if work.operation == "kth":
        magnitudes = work.magnitudes()
        at = magnitudes.size - work.kept
        return Way(lambda: numpy.partition(magnitudes, at)[at], lambda kth: numpy.array([kth]), FACTS)
    if work.operation == "mask":
        weights = work.weights()
        at = weights.size - work.kept

        def mask():
            magnitudes = numpy.abs(weights)
            return magnitudes >= numpy.partition(magnitudes, at)[at]

        return Way(mask, as_words, FACTS)
    if work.operation == "norms":
        weights = work.weights().reshape(work.k, work.n)

        def norms():
            found = numpy.sqrt(numpy.einsum("kn,kn->n", weights, weights))
            numpy.argsort(found, kind="stable")
            return found

        return Way(norms, lambda found: found, FACTS)
    if work.operation == "norms-inputs":
        weights = work.weights().reshape(work.n, work.k)

        def row_norms():
            found = numpy.sqrt(numpy.einsum("nk,nk->n", weights, weights))
            numpy.argsort(found, kind="stable")
            return found

        return Way(row_norms, lambda found: found, FACTS)
    if work.operation == "apply":
        weights, mask = work.weights(), work.mask()
        out = numpy.empty_like(weights)
        return Way(lambda: numpy.multiply(weights, mask, out=out), lambda masked: masked, FACTS)
    raise Unavailable("NumPy has no CSR")
