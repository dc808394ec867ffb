"""Servers that behave as a test says, on loopback; and certificates for them."""
