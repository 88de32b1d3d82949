"""What is there: users, guilds, places, messages, webhooks, commands and interactions."""
