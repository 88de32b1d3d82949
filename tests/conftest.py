"""What all tests share."""

from hypothesis import settings

# A loaded machine must not fail a test, and the same code must always give the same verdict.
settings.register_profile("madang", deadline=None, derandomize=True)
settings.load_profile("madang")
