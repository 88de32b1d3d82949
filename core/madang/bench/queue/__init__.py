"""How fast the queue between processes is, beside other queues on the same server."""
