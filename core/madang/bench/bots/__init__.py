"""What the benches of bots share: stories to be told, a slow model, and bots as processes."""
