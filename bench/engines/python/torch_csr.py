"""PyTorch's CSR product, which is MKL's: feature-major activations, a reused output."""

import torch
from case import Prepared, fastest
from torch_threads import set_threads, version


def prepare(case):
    set_threads(case)
    offsets, columns, values = (torch.from_numpy(part) for part in case.csr())
    weight = torch.sparse_csr_tensor(offsets, columns, values, (case.n, case.k))
    x = torch.from_numpy(case.x()).t().contiguous()
    y = torch.empty(case.n, case.m)
    ways = {"addmm": lambda: torch.addmm(y, weight, x, beta=0, out=y)}
    if case.m == 1:
        x_vector, y_vector = x[:, 0].contiguous(), y[:, 0]
        ways["mv"] = lambda: torch.mv(weight, x_vector, out=y_vector)
    binding = fastest(ways)
    facts = {"version": version, "binding": binding, "layout": "feature-major, its own"}
    return Prepared(ways[binding], lambda: y.numpy().T, facts)
