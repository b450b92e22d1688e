"""PyTorch: kthvalue, comparison, norms, a product with a mask, CSR."""

import torch
from rank_case import RankCase, Way, as_words, csr_numbers
from torch_threads import set_threads, version

FACTS = {"version": version}


def prepare(case):
    set_threads(case)
    work = RankCase(case)
    if work.operation == "kth":
        magnitudes = torch.from_numpy(work.magnitudes())
        k = magnitudes.numel() - work.kept + 1
        return Way(lambda: torch.kthvalue(magnitudes, k).values, lambda kth: kth.reshape(1).numpy(), FACTS)
    weights = torch.from_numpy(work.weights())
    if work.operation == "mask":
        k = weights.numel() - work.kept + 1

        def mask():
            magnitudes = weights.abs()
            return magnitudes >= torch.kthvalue(magnitudes, k).values

        return Way(mask, lambda found: as_words(found.numpy()), FACTS)
    if work.operation in ("norms", "norms-inputs"):
        over = 0 if work.operation == "norms" else 1
        matrix = weights.reshape((work.k, work.n) if over == 0 else (work.n, work.k))

        def norms():
            found = torch.linalg.vector_norm(matrix, dim=over)
            torch.argsort(found, stable=True)
            return found

        return Way(norms, lambda found: found.numpy(), FACTS)
    if work.operation == "apply":
        mask = torch.from_numpy(work.mask())
        out = torch.empty_like(weights)
        return Way(lambda: torch.mul(weights, mask, out=out), lambda masked: masked.numpy(), FACTS)
    matrix = weights.reshape(work.n, work.k)

    def numbers(csr):
        return csr_numbers(csr.values().numpy(), csr.col_indices().numpy())

    return Way(matrix.to_sparse_csr, numbers, FACTS)
