"""Working rows of one length: what a CPU computes attention from.

Attention over scattered blocks would gather them at every step. Instead each running sequence has
one contiguous row, and sequences of similar length lie side by side in one tensor, so that a whole
tier is two batched matrix products. Blocks are copied in when a prefix is reused and out when they
are full, which happens once a block and not once a step.
"""

from typing import TYPE_CHECKING

from madang.inference.engine.sequence import Sequence

if TYPE_CHECKING:
    import torch

    Rows = tuple[torch.Tensor, torch.Tensor]

FIRST_TOKENS = 512  # in the rows that a tier begins with, one at least


class Tier:
    """Hold the rows of sequences that are at most `tokens` long, without gaps.

    A layer's keys are `[rows, heads, width, tokens]`, transposed as the scores need them, and its
    values `[rows, heads, tokens, width]`. Behind `lengths`, what was written of each row, there
    are zeros: scores are computed beyond a row's end and masked, and what is no number there would
    come through the mask. An empty tier keeps its first rows, since taking memory takes time.
    """

    def __init__(self, tokens: int) -> None:
        self.tokens = tokens
        self.sequences: list[Sequence] = []
        self.lengths: list[int] = []
        self._capacity = 0
        self._layers: dict[int, Rows] = {}

    def __len__(self) -> int:
        return len(self.sequences)

    def add(self, sequence: Sequence) -> int:
        """Give `sequence` the row behind the last and return its number."""
        row = len(self.sequences)
        if row == self._capacity:
            self._grow(max(self._first, 2 * self._capacity))
        self.sequences.append(sequence)
        self.lengths.append(0)
        return row

    def remove(self, row: int) -> Sequence | None:
        """Give up a row; the last one moves there and its sequence is returned."""
        last = len(self.sequences) - 1
        length, old = self.lengths[last], self.lengths[row]
        for keys, values in self._layers.values():
            if row < last:
                keys[row, ..., :length] = keys[last, ..., :length]
                values[row, :, :length] = values[last, :, :length]
                keys[row, ..., length:old] = 0
                values[row, :, length:old] = 0
            keys[last, ..., :length] = 0
            values[last, :, :length] = 0
        self.sequences[row], self.lengths[row] = self.sequences[last], length
        moved = self.sequences.pop()
        self.lengths.pop()
        if not self.sequences and self._capacity > self._first:
            self._layers.clear()
            self._capacity = 0
        return moved if row < last else None

    def layer(self, layer: int, key: "torch.Tensor", value: "torch.Tensor") -> "Rows":
        """Return a layer's keys and values, made like the first `key` and `value` it is given."""
        if layer not in self._layers:
            self._layers[layer] = (
                key.new_zeros(self._capacity, key.shape[0], key.shape[-1], self.tokens),
                value.new_zeros(self._capacity, value.shape[0], self.tokens, value.shape[-1]),
            )
        return self._layers[layer]

    def take(self, row: int, other: "Tier", other_row: int, length: int) -> None:
        """Copy the first `length` tokens of another tier's row into a row of this one."""
        for layer, (keys, values) in other._layers.items():
            mine, my_values = self.layer(layer, keys[0, ..., :0].transpose(1, 2), values[0, :, :0])
            mine[row, ..., :length] = keys[other_row, ..., :length]
            my_values[row, :, :length] = values[other_row, :, :length]

    @property
    def _first(self) -> int:
        return max(1, FIRST_TOKENS // self.tokens)

    def layers(self) -> "dict[int, Rows]":
        """Return all layers that hold something."""
        return self._layers

    def _grow(self, capacity: int) -> None:
        for layer, (keys, values) in self._layers.items():
            if keys.shape[0] < capacity:  # else memory ran out behind it the last time
                self._layers[layer] = _grown(keys, capacity), _grown(values, capacity)
        self._capacity = capacity


def _grown(rows: "torch.Tensor", capacity: int) -> "torch.Tensor":
    grown = rows.new_zeros(capacity, *rows.shape[1:])
    grown[: rows.shape[0]] = rows
    return grown
