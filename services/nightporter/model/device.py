"""Where networks are trained, and the training logins on it."""

import os
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from nightporter.features.encode import Codes
from nightporter.features.fields import FIELDS


def best_device() -> torch.device:
    """The first NVIDIA GPU where there is one, else the CPU, before anything is computed there."""
    # oneDNN, and torch beside it, keep a program for each size of matrices met, 1,024 of them: up to 3 MB each
    for name in ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY"):
        os.environ.setdefault(name, "128")
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def half_precision(device: torch.device) -> bool:
    """Whether products of matrices in bfloat16 are faster than in float32: on GPUs, and on CPUs that can do them."""
    return device.type == "cuda" or bool(torch.cpu._is_avx512_bf16_supported())


class Resident:
    """Training logins on the device: on the CPU where they are, on a GPU copied there once if they take less than half
    of its free memory, else sent batch by batch from pinned memory."""

    def __init__(self, codes: Codes, device: torch.device) -> None:
        self.device = device
        # GPUs have no kernels for uint16
        categories = torch.from_numpy(codes.categories if device.type == "cpu" else codes.categories.astype(np.int32))
        numbers = torch.from_numpy(codes.numbers)
        self._at = torch.tensor([field.kind == "category" for field in FIELDS]).to(device)
        if device.type == "cuda":
            size = categories.nbytes + numbers.nbytes
            fits = size < torch.cuda.mem_get_info(device)[0] // 2
            categories, numbers = (part.to(device) if fits else part.pin_memory() for part in (categories, numbers))
        self._categories, self._numbers = categories, numbers

    def batch(self, rows: npt.NDArray[np.int64]) -> Tensor:
        """Codes [n, fields] of the logins in `rows`, on the device."""
        index = torch.from_numpy(rows).to(self._numbers.device, non_blocking=True)
        own = torch.empty(len(rows), len(FIELDS), dtype=torch.int64, device=self.device)
        own[:, self._at] = self._categories[index].to(self.device, torch.int64, non_blocking=True)
        own[:, ~self._at] = self._numbers[index].to(self.device, torch.int64, non_blocking=True)
        return own


def autocast(device: torch.device) -> AbstractContextManager[object]:
    """Products of matrices in bfloat16 where that is faster; sums and softmaxes stay float32."""
    return torch.autocast(device.type, torch.bfloat16) if half_precision(device) else nullcontext()
