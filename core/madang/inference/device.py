"""What this machine computes with."""


def describe_device() -> str:
    """Name the device that models are loaded on, with its memory or its threads.

    Raises `ImportError` or `OSError` where torch cannot be used.
    """
    import torch

    if torch.cuda.is_available():
        properties = torch.cuda.get_device_properties(0)
        return f"{properties.name}, {properties.total_memory / 2**30:.0f} GiB"
    return f"the CPU, {torch.get_num_threads()} threads"
