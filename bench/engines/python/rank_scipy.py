"""SciPy: CSR out of a dense matrix."""

import scipy.sparse
from case import Unavailable
from rank_case import RankCase, Way, csr_numbers


def prepare(case):
    work = RankCase(case)
    if work.operation != "csr":
        raise Unavailable("only CSR is SciPy's")
    matrix = work.weights().reshape(work.n, work.k)
    facts = {"version": scipy.__version__}
    return Way(lambda: scipy.sparse.csr_matrix(matrix), lambda csr: csr_numbers(csr.data, csr.indices), facts)
