"""The blocks of the KV cache: who holds them, and what in them can be reused."""

from collections import OrderedDict
from dataclasses import dataclass, field

Key = tuple[int, ...]


@dataclass(eq=False, slots=True)
class _Node:
    """Name the content of a block: its tokens, after all those of the chain that it hangs in.

    Several blocks have the same content when sequences computed it side by side.
    """

    siblings: "dict[Key, _Node]"
    key: Key
    children: "dict[Key, _Node]" = field(default_factory=dict)
    blocks: list[int] = field(default_factory=list)


class BlockManager:
    """Lend the blocks 0 to `total` - 1, each of `size` tokens, and find those that can be reused.

    Contents form a tree for each adapter, keyed by the tokens themselves, so that what is found
    is equal token for token. A registered block that nobody holds stays findable ("idle") until
    its room is needed. Whoever holds a registered block holds blocks of the contents before it
    too, and blocks are let go last first: a parent therefore always became idle after its
    children, and evicting the one that is idle longest never cuts a chain in the middle.
    """

    def __init__(self, total: int, size: int) -> None:
        if total < 1 or size < 1:
            raise ValueError(f"a cache of {total} blocks of {size} tokens holds nothing")
        self.total = total
        self.size = size
        self.capacity = total * size
        self.hits = 0
        self.misses = 0
        self._references = [0] * total
        self._empty = list(range(total - 1, -1, -1))
        self._idle: OrderedDict[int, None] = OrderedDict()
        self._trees: dict[str, dict[Key, _Node]] = {}
        self._nodes: dict[int, _Node] = {}

    @property
    def free(self) -> int:
        """Count the blocks that can be allocated, idle ones included."""
        return len(self._empty) + len(self._idle)

    @property
    def used(self) -> int:
        """Count the blocks that somebody holds."""
        return self.total - self.free

    def blocks_for(self, tokens: int) -> int:
        """Count the blocks that so many tokens fill, the last one perhaps in part."""
        return -(-tokens // self.size)

    def match(self, tokens: list[int], adapter: str) -> list[int]:
        """Find and hold the longest chain of full blocks that begins `tokens`.

        It leaves out the last token at least, which must be computed to get logits.
        """
        blocks = self._find(tokens, adapter)
        self._hold(blocks)
        return blocks

    def allocate(self, count: int) -> list[int]:
        """Hold so many blocks of no content, evicting idle ones; `ValueError` without room."""
        if count > self.free:
            raise ValueError(f"{count} blocks were asked for and {self.free} are free")
        blocks = [self._empty.pop() if self._empty else self._evict() for _ in range(count)]
        for block in blocks:
            self._references[block] = 1
        return blocks

    def admit(self, tokens: list[int], adapter: str, spare: int) -> tuple[list[int], int] | None:
        """Hold the blocks of `tokens` and of one more, leaving `spare` free, or else None.

        Returns the block table and how many tokens are in it already.
        """
        if spare >= self.free:
            return None
        found = self._find(tokens, adapter)
        missing = self.blocks_for(len(tokens) + 1) - len(found)
        if missing + spare > self.free - sum(block in self._idle for block in found):
            return None
        self._hold(found)
        cached = len(found) * self.size
        self.hits += cached
        self.misses += len(tokens) - cached
        return found + self.allocate(missing), cached

    def register(self, blocks: list[int], index: int, tokens: list[int], adapter: str) -> None:
        """Let the block at `index` of a table be found by its tokens; those before it must be."""
        tree = self._trees.setdefault(adapter, {})
        level = self._nodes[blocks[index - 1]].children if index else tree
        key = tuple(tokens[index * self.size : (index + 1) * self.size])
        node = level.get(key)
        if node is None:
            node = level[key] = _Node(level, key)
        node.blocks.append(blocks[index])
        self._nodes[blocks[index]] = node

    def release(self, blocks: list[int]) -> None:
        """Let go of the blocks of a table; `ValueError` for one that nobody holds."""
        for block in reversed(blocks):
            if not self._references[block]:
                raise ValueError(f"block {block} is released and nobody holds it")
            self._references[block] -= 1
            if not self._references[block]:
                self._let_go(block)

    def _find(self, tokens: list[int], adapter: str) -> list[int]:
        level, blocks = self._trees.get(adapter, {}), []
        for end in range(self.size, len(tokens), self.size):
            node = level.get(tuple(tokens[end - self.size : end]))
            if node is None:
                break
            blocks.append(node.blocks[0])
            level = node.children
        return blocks

    def _hold(self, blocks: list[int]) -> None:
        for block in blocks:
            self._idle.pop(block, None)
            self._references[block] += 1

    def _let_go(self, block: int) -> None:
        node = self._nodes.get(block)
        if node and len(node.blocks) == 1:
            self._idle[block] = None
            return
        if node:
            node.blocks.remove(block)
            del self._nodes[block]
            # What followed this block became idle just now, so its twin has to leave after it.
            for twin in self._idle.keys() & set(node.blocks):
                self._idle.move_to_end(twin)
        self._empty.append(block)

    def _evict(self) -> int:
        block, _ = self._idle.popitem(last=False)
        node = self._nodes.pop(block)
        node.blocks.remove(block)
        if not node.blocks:  # else somebody computed the same after it became idle
            del node.siblings[node.key]
        return block
