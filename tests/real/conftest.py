"""The lab of real mail servers, one for all tests of a file."""

from collections.abc import Iterator

import pytest
from real.maillab import Lab, lab_of


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The real mail servers, and the command line among them."""
    with lab_of(tmp_path_factory.mktemp("lab")) as running:
        yield running
