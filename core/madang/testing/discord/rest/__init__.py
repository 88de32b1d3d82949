"""The REST API, version 10: one module a resource, and the gate that all requests pass."""
