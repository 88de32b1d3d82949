"""Hold nothing that a plugin needs."""
