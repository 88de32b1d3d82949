"""People: what somebody at the other end types, presses and sees."""
