"""The bench of the Telegram bot."""
