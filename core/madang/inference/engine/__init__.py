"""Serve many requests in one batch: blocks, sequences and the steps that compute them."""
