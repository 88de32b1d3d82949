"""Full blocks beside the working rows: what prefixes are reused from."""

from collections.abc import Sequence as List
from typing import TYPE_CHECKING

from madang.inference.engine.tier import Tier

if TYPE_CHECKING:
    import torch


class Pages:
    """Hold `blocks` blocks of `size` tokens a layer; memory is taken as blocks are filled."""

    def __init__(self, blocks: int, size: int) -> None:
        self.size = size
        self._blocks = blocks
        self._layers: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}

    def save(self, tier: Tier, row: int, first: int, blocks: List[int]) -> None:
        """Copy blocks out of a row, of which the first is the row's number `first`."""
        import torch

        ids = torch.tensor(blocks)
        stretch = slice(first * self.size, (first + len(blocks)) * self.size)
        for layer, (keys, values) in tier.layers().items():
            paged_keys, paged_values = self._layer(layer, keys, values)
            heads, width, _ = keys.shape[1:]
            key = keys[row, ..., stretch].view(heads, width, -1, self.size).permute(2, 0, 1, 3)
            heads, _, width = values.shape[1:]
            value = values[row, :, stretch].view(heads, -1, self.size, width).transpose(0, 1)
            paged_keys.index_copy_(0, ids, key)
            paged_values.index_copy_(0, ids, value)

    def load(self, tier: Tier, row: int, blocks: List[int]) -> None:
        """Copy blocks to the beginning of a row."""
        import torch

        ids = torch.tensor(blocks)
        length = len(blocks) * self.size
        for layer, (paged_keys, paged_values) in self._layers.items():
            keys, values = tier.layer(layer, paged_keys[0].transpose(1, 2), paged_values[0])
            key = paged_keys.index_select(0, ids).permute(1, 2, 0, 3).flatten(2)
            value = paged_values.index_select(0, ids).transpose(0, 1).flatten(1, 2)
            keys[row, ..., :length] = key
            values[row, :, :length] = value

    def _layer(
        self, layer: int, keys: "torch.Tensor", values: "torch.Tensor"
    ) -> "tuple[torch.Tensor, torch.Tensor]":
        if layer not in self._layers:
            self._layers[layer] = (
                keys.new_empty(self._blocks, *keys.shape[1:3], self.size),
                values.new_empty(self._blocks, values.shape[1], self.size, values.shape[3]),
            )
        return self._layers[layer]
