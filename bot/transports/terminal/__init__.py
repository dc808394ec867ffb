"""The terminal: the same conversation in lines of text, and documents for other programs."""
