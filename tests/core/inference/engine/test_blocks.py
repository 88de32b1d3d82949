"""The blocks of the KV cache: lending, finding, evicting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.inference.engine.blocks import BlockManager

TOKENS = list(range(100))


def fill(blocks: BlockManager, tokens: list[int], adapter: str = "") -> list[int]:
    """Hold the blocks of some tokens as if their K and V were computed."""
    found = blocks.match(tokens, adapter)
    table = found + blocks.allocate(blocks.blocks_for(len(tokens)) - len(found))
    for index in range(len(found), len(tokens) // blocks.size):
        blocks.register(table, index, tokens, adapter)
    return table


def keep(blocks: BlockManager, tokens: list[int], adapter: str = "") -> list[int]:
    """Leave some tokens in the cache with nobody holding them."""
    table = fill(blocks, tokens, adapter)
    blocks.release(table)
    return table


def cached(blocks: BlockManager, tokens: list[int], adapter: str = "") -> int:
    """Count the tokens that would be reused of a prompt that goes on after `tokens`."""
    found = blocks.match([*tokens, -1], adapter)
    blocks.release(found)
    return len(found) * blocks.size


# --- lending ---------------------------------------------------------------------------------


def test_lends_each_block_once() -> None:
    blocks = BlockManager(4, 2)
    held = blocks.allocate(3) + blocks.allocate(1)
    assert sorted(held) == [0, 1, 2, 3]
    assert (blocks.free, blocks.used) == (0, 4)
    blocks.release(held)
    assert (blocks.free, blocks.used) == (4, 0)


def test_refuses_what_it_has_not() -> None:
    blocks = BlockManager(2, 2)
    with pytest.raises(ValueError, match="3 blocks were asked for and 2 are free"):
        blocks.allocate(3)
    assert blocks.free == 2


def test_a_block_is_released_once() -> None:
    blocks = BlockManager(2, 2)
    held = blocks.allocate(1)
    blocks.release(held)
    with pytest.raises(ValueError, match="nobody holds it"):
        blocks.release(held)


@pytest.mark.parametrize(("total", "size"), [(0, 16), (16, 0)])
def test_a_cache_holds_something(total: int, size: int) -> None:
    with pytest.raises(ValueError, match="holds nothing"):
        BlockManager(total, size)


def test_blocks_are_counted_whole() -> None:
    blocks = BlockManager(8, 4)
    assert [blocks.blocks_for(tokens) for tokens in (0, 1, 4, 5)] == [0, 1, 1, 2]
    assert blocks.capacity == 32


# --- finding ---------------------------------------------------------------------------------


def test_finds_the_longest_chain_of_full_blocks() -> None:
    blocks = BlockManager(8, 4)
    table = keep(blocks, TOKENS[:11])
    assert blocks.match(TOKENS[:20], "") == table[:2]
    assert blocks.match([*TOKENS[:4], 99, *TOKENS[5:20]], "") == table[:1]
    assert blocks.match(TOKENS[4:20], "") == []


def test_leaves_the_last_token_to_be_computed() -> None:
    blocks = BlockManager(8, 4)
    table = keep(blocks, TOKENS[:8])
    assert blocks.match(TOKENS[:8], "") == table[:1]
    assert blocks.match(TOKENS[:9], "") == table


def test_another_adapter_finds_nothing() -> None:
    blocks = BlockManager(8, 4)
    keep(blocks, TOKENS[:8], "friend")
    assert cached(blocks, TOKENS[:8]) == 0
    assert cached(blocks, TOKENS[:8], "assistant") == 0
    assert cached(blocks, TOKENS[:8], "friend") == 8


def test_the_same_tokens_after_others_are_something_else() -> None:
    blocks = BlockManager(8, 2)
    keep(blocks, [1, 1, 5, 5])
    keep(blocks, [2, 2])
    assert cached(blocks, [2, 2, 5, 5]) == 2


def test_equal_hashes_are_not_equal_tokens() -> None:
    blocks = BlockManager(8, 1)
    assert hash((-1,)) == hash((-2,))
    keep(blocks, [-1])
    assert cached(blocks, [-2]) == 0


def test_what_is_found_is_shared() -> None:
    blocks = BlockManager(3, 2)
    first = fill(blocks, TOKENS[:4])
    second = blocks.match(TOKENS[:5], "")
    assert second == first
    blocks.release(first)
    assert blocks.used == 2
    blocks.release(second)
    assert blocks.used == 0


def test_what_was_computed_side_by_side_is_found_while_somebody_holds_it() -> None:
    blocks = BlockManager(6, 2)
    tables = [blocks.allocate(3), blocks.allocate(3)]
    for table in tables:
        for index in range(2):
            blocks.register(table, index, TOKENS[:5], "")
    blocks.release(tables[0])
    assert blocks.free == 3
    blocks.allocate(3)
    assert blocks.match(TOKENS[:5], "") == tables[1][:2]


def test_a_twin_goes_on_after_the_first_is_gone() -> None:
    blocks = BlockManager(4, 2)
    first, second = blocks.allocate(1), blocks.allocate(2)
    blocks.register(first, 0, TOKENS[:4], "")
    blocks.register(second, 0, TOKENS[:4], "")
    blocks.release(first)
    blocks.register(second, 1, TOKENS[:4], "")
    blocks.release(second)
    assert (blocks.free, cached(blocks, TOKENS[:4])) == (4, 4)


# --- evicting --------------------------------------------------------------------------------


def test_evicting_an_idle_block_leaves_the_twin_that_came_after_it() -> None:
    blocks = BlockManager(4, 2)
    tokens = TOKENS[:4]
    early, late = blocks.allocate(2), blocks.allocate(2)
    for index in range(2):
        blocks.register(early, index, tokens, "")
    blocks.release(early)
    for index in range(2):
        blocks.register(late, index, tokens, "")
    others = blocks.allocate(2)
    assert others == early[::-1]
    assert cached(blocks, tokens) == 4
    blocks.release(late)
    assert cached(blocks, tokens) == 4
    blocks.allocate(2)
    assert cached(blocks, tokens) == 0


def test_an_idle_block_leaves_after_what_its_twin_was_followed_by() -> None:
    blocks = BlockManager(4, 2)
    tokens = TOKENS[:4]
    early, late = blocks.allocate(1), blocks.allocate(2)
    blocks.register(early, 0, tokens, "")
    blocks.release(early)
    blocks.register(late, 0, tokens, "")
    blocks.register(late, 1, tokens, "")
    blocks.release(late)
    blocks.allocate(3)
    assert cached(blocks, tokens) == 2


def test_evicts_only_when_nothing_is_empty() -> None:
    blocks = BlockManager(4, 2)
    keep(blocks, TOKENS[:4])
    blocks.allocate(2)
    assert cached(blocks, TOKENS[:4]) == 4


def test_evicts_leaves_before_their_parents() -> None:
    blocks = BlockManager(3, 2)
    keep(blocks, TOKENS[:6])
    left = []
    for _ in range(3):
        blocks.allocate(1)
        left.append(cached(blocks, TOKENS[:6]))
    assert left == [4, 2, 0]


def test_evicts_what_was_used_least_recently() -> None:
    blocks = BlockManager(3, 2)
    for token in (1, 2, 3):
        keep(blocks, [token] * 2)
    blocks.release(blocks.match([1] * 3, ""))
    blocks.allocate(1)
    assert [cached(blocks, [token] * 2) for token in (1, 2, 3)] == [2, 0, 2]


def test_a_chain_is_evicted_from_its_end_though_its_beginning_was_kept_by_another() -> None:
    blocks = BlockManager(4, 2)
    table = fill(blocks, [1, 1, 2, 2])
    other = fill(blocks, [1, 1, 3, 3])
    blocks.release(table)
    blocks.release(other)
    blocks.allocate(2)
    assert cached(blocks, [1, 1, 2, 2]) == 2
    blocks.allocate(1)
    assert (cached(blocks, [1, 1, 3, 3]), blocks.free) == (2, 1)


# --- admitting -------------------------------------------------------------------------------


def test_admits_with_room_for_one_more_token() -> None:
    blocks = BlockManager(3, 2)
    assert blocks.admit(TOKENS[:6], "", 0) is None
    assert blocks.admit(TOKENS[:5], "", 1) is None
    admitted = blocks.admit(TOKENS[:5], "", 0)
    assert admitted is not None
    assert (len(admitted[0]), admitted[1]) == (3, 0)


def test_what_it_reuses_is_not_room() -> None:
    blocks = BlockManager(3, 2)
    table = keep(blocks, TOKENS[:4])
    assert blocks.admit(TOKENS[:5], "", 1) is None
    assert blocks.used == 0
    admitted = blocks.admit(TOKENS[:5], "", 0)
    assert admitted is not None
    assert (admitted[0][:2], admitted[1]) == (table, 4)


def test_counts_hits_and_misses_of_the_admitted_in_tokens() -> None:
    blocks = BlockManager(4, 2)
    keep(blocks, TOKENS[:4])
    assert blocks.admit(TOKENS[:9], "", 0) is None
    assert (blocks.hits, blocks.misses) == (0, 0)
    blocks.admit(TOKENS[:7], "", 0)
    assert (blocks.hits, blocks.misses) == (4, 3)


@given(
    prompts=st.lists(
        st.tuples(st.lists(st.integers(1, 2), min_size=1, max_size=9), st.sampled_from("ab")),
        max_size=40,
    ),
    held=st.integers(0, 3),
    size=st.integers(1, 3),
    total=st.integers(9, 20),
)
def test_what_is_found_is_what_was_written(
    prompts: list[tuple[list[int], str]], held: int, size: int, total: int
) -> None:
    blocks = BlockManager(total, size)
    written: dict[int, tuple[str, list[int]]] = {}
    tables: list[list[int]] = []
    for tokens, adapter in prompts:
        while tables and (len(tables) > held or blocks.free < blocks.blocks_for(len(tokens) + 1)):
            blocks.release(tables.pop(0))
        admitted = blocks.admit(tokens, adapter, 0)
        assert admitted is not None
        table, reused = admitted
        for end in range(size, len(tokens) + 1, size):
            index = end // size - 1
            if end > reused:
                assert not any(table[index] in other for other in tables)
                written[table[index]] = (adapter, tokens[:end])
                blocks.register(table, index, tokens, adapter)
            assert written[table[index]] == (adapter, tokens[:end])
        tables.append(table)
        assert blocks.used == len(set().union(*tables))
    for table in tables:
        blocks.release(table)
    assert sorted(blocks.allocate(total)) == list(range(total))
