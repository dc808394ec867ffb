"""Judges evidence: what to look at next, what it proves, what to advise. Pure."""
