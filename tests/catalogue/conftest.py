"""The bench on which the rows of the catalogue are played."""

import ssl
from pathlib import Path

import pytest
from catalogue_rows import Bench
from servers.faultserver import ServeScript

from bot.knowledge.schema import Knowledge


@pytest.fixture
def bench(
    fault_server: ServeScript, knowledge: Knowledge, good_context: ssl.SSLContext, ca_file: Path
) -> Bench:
    """Servers end with the test; their certificate is good for 127.0.0.1."""
    return Bench(serve=fault_server, knowledge=knowledge, context=good_context, ca_file=ca_file)
