"""The bench of the Discord bot."""
