"""A deployment looked at from outside: its workers, its queues and its dead letters."""
