"""The gateway: sessions that hear events, and the sockets they are heard through."""
