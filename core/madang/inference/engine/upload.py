"""Numbers of the host for the device, and back."""

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


class Download:
    """Copy the numbers of `there` to the host as soon as the device has them.

    To ask for them only when they are needed would wait for whatever was launched in between.
    """

    def __init__(self, there: "torch.Tensor") -> None:
        import torch

        self.there = there
        self._here = there
        self._copied: torch.cuda.Event | None = None
        if there.is_cuda:
            self._here = torch.empty(there.shape, dtype=there.dtype, pin_memory=True)
            self._here.copy_(there, non_blocking=True)
            self._copied = torch.cuda.Event()  # type: ignore[no-untyped-call]
            self._copied.record()

    def tolist(self) -> list[int]:
        """Return the numbers, after waiting for them."""
        if self._copied is not None:
            self._copied.synchronize()
        numbers: list[int] = self._here.tolist()
        return numbers
