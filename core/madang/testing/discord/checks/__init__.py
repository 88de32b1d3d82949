"""What the service refuses: forms that break a rule, with the tree of errors."""
