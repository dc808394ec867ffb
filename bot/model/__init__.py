"""The values that travel the road of a complaint.

Frozen, slotted, keyword-only dataclasses, tuples and enums from the standard library alone: no
behaviour beyond what follows from the value itself. Every other package speaks in these.
"""
