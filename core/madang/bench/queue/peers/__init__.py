"""Other queues, each set up as its documentation says for the least waiting.

A peer may live in another interpreter: nothing is imported here but the standard library, the
other modules of this bench that keep to it, and the peer itself.
"""
