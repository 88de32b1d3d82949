"""Be beside a persona of data only, where nobody would import it."""
