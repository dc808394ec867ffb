"""Mailmedic finds out why somebody's mail does not go out, and gets it going again.

A complaint travels one road: `parsing` reads the text, `conversation` decides the next step,
`desk` performs it (running `probes`, writing to the `store`), `diagnosis` judges what was seen,
and a transport says it. Imports point down only; `pyproject.toml` holds the contract.
"""
