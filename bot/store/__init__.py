"""The casebook on SQLite: cases, their events, letters to deliver, search and statistics.

One thread owns the connection that writes; a few threads read beside it (WAL). Every write is one
transaction that is on the disk when the call returns, so what was acknowledged survives a crash.
"""
