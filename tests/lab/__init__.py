"""End to end: the box between a real sender and a real receiver, and everything that can go wrong around it."""
