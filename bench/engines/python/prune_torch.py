"""torch.nn.utils.prune: the mask that l1_unstructured gives a weight."""

import torch
from rank_case import RankCase, Way, as_words
from torch.nn.utils import prune
from torch_threads import set_threads, version


def prepare(case):
    set_threads(case)
    work = RankCase(case)
    weights = torch.from_numpy(work.weights()).reshape(work.k, work.n)
    method = prune.L1Unstructured(weights.numel() - work.kept)
    everything = torch.ones_like(weights)

    def update():
        return method.compute_mask(weights, everything)

    return Way(update, lambda mask: as_words(mask.reshape(-1).numpy()), {"version": version})
