"""The knowledge as values and look-ups, pure. `upkeep` reads it from the files of `knowledge/`."""
