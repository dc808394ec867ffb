"""Brings knowledge from files and proves that it is whole."""
