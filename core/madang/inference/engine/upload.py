"""Numbers of the host for the device."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def upload(values: Sequence[float], dtype: "torch.dtype", device: "torch.device") -> "torch.Tensor":
    """Return `values` as a tensor on `device`, without waiting for what runs there."""
    import torch

    # Only pinned memory is copied without a synchronisation.
    host = torch.tensor(values, dtype=dtype, pin_memory=device.type == "cuda")
    return host.to(device, non_blocking=True)
