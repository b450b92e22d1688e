"""PyTorch with the case's number of threads."""

import torch


def set_threads(case):
    if torch.get_num_threads() != case.threads:
        torch.set_num_threads(case.threads)
    torch.set_grad_enabled(False)


version = torch.__version__
