"""Every attention kernel against the fallback, on the device itself."""

import pytest
import torch

from madang.inference.engine.current import Bend
from madang.inference.engine.gathered import Gathered
from madang.inference.engine.kernels import (
    TOLERANCE,
    FlashAttention,
    Kernel,
    Layer,
    Varlen,
    choose_kernel,
    kernel_error,
)

pytestmark = pytest.mark.gpu

SHAPES = [(32, 8, 128), (12, 2, 64), (8, 8, 96), (8, 1, 256)]


@pytest.mark.parametrize("window", [0, 4096])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("kernel", [FlashAttention(), Varlen()], ids=lambda kernel: kernel.name)
def test_kernels_equal_the_fallback(
    kernel: Kernel, dtype: torch.dtype, shape: tuple[int, int, int], window: int
) -> None:
    if isinstance(kernel, FlashAttention):
        pytest.importorskip("flash_attn")
    if torch.cuda.get_device_capability() < (8, 0):
        pytest.skip("FlashAttention begins with compute capability 8.0")
    heads, kv_heads, width = shape
    layer = Layer(heads, kv_heads, width, width, dtype, Bend(width**-0.5, window))
    for _ in range(20):  # what is left unwritten is wrong only now and then
        assert kernel_error(kernel, layer, torch.device("cuda")) <= TOLERANCE


def test_flash_attention_knows_the_softcap() -> None:
    pytest.importorskip("flash_attn")
    layer = Layer(8, 4, 256, 256, torch.bfloat16, Bend(256**-0.5, 0, 50.0))
    assert kernel_error(FlashAttention(), layer, torch.device("cuda")) <= TOLERANCE


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
def test_the_fallback_is_right_in_every_dtype(dtype: torch.dtype) -> None:
    layer = Layer(8, 2, 128, 128, dtype, Bend(128**-0.5, 4096, 50.0))
    assert kernel_error(Gathered(), layer, torch.device("cuda")) <= TOLERANCE


def test_fp32_gets_the_fallback() -> None:
    layer = Layer(8, 2, 128, 128, torch.float32, Bend(128**-0.5))
    assert isinstance(choose_kernel([layer], torch.device("cuda")), Gathered)
