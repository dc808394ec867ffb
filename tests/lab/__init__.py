"""A lab inside a network namespace: real ports, real silence, and a meter on what leaves."""
