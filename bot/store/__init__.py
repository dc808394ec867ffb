"""The casebook on SQLite: cases, their append-only events, inbox, outbox, resolutions, search."""
