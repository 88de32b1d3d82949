"""Measure the local engine against named peers on the same weights and the same prompts."""
