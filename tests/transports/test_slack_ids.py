"""The ids by which Slack gives back what was pressed."""

from hypothesis import given
from hypothesis import strategies as st

from bot.transports.slack.ids import (
    choose_id,
    field_id,
    field_of,
    option_of,
    options_block,
    revision_of,
    value_of,
)


def test_ids_of_the_knowledge_come_back_as_they_are() -> None:
    """What the desk offered is what it gets."""
    assert choose_id("dont_know") == "desk:choose:dont_know"
    assert option_of("desk:choose:dont_know") == "dont_know"
    assert option_of("desk:choose:a:b") == "a:b"
    assert field_of(field_id("host")) == "host"


def test_other_actions_are_no_choice() -> None:
    """An action of another kind gives no option, and no field."""
    for other in ("desk:fill", "desk:choose:", "x:desk:choose:yes", ""):
        assert option_of(other) is None
        assert field_of(other) is None


@given(name=st.text(max_size=400), key=st.text(max_size=400))
def test_any_id_fits(name: str, key: str) -> None:
    """Slack takes every id; one that it would not take comes back as one never offered."""
    assert 1 <= len(choose_id(name)) <= 255
    assert 1 <= len(field_id(name)) <= 255
    assert 1 <= len(value_of(name)) <= 75
    assert len(options_block(key, 12)) <= 255
    back = option_of(choose_id(name))
    assert back == name or (back is not None and back.startswith("sha256-"))


def test_a_revision_is_read_or_not_known() -> None:
    """A button without a value belongs to no turn."""
    assert revision_of("7") == 7
    for odd in (None, "", "-1", "seven", "٣", "9" * 5_000):
        assert revision_of(odd) is None
