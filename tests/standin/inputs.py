"""What a person can press, choose and fill in: docs.slack.dev/reference/block-kit/block-elements.

A client offers only what is there, so asking for anything else is a mistake of the test.
"""

from collections.abc import Mapping

from standin.blockkit import elements_of
from standin.journal import ImpossibleError, Json

__all__ = ["filled", "pressed", "state_of"]

_STATEFUL = {
    "plain_text_input",
    "static_select",
    "multi_static_select",
    "radio_buttons",
    "checkboxes",
}


def pressed(blocks: list[Json], action_id: str, values: Mapping[str, object], ts: str) -> Json:
    """The entry of `actions` for the element with that action_id."""
    for block in blocks:
        for _, element in elements_of(block):
            if element.get("action_id") == action_id:
                common = {
                    "type": element["type"],
                    "action_id": action_id,
                    "block_id": block["block_id"],
                    "action_ts": ts,
                }
                return common | _chosen(element, values.get(action_id))
    raise ImpossibleError(f"nothing with the action_id {action_id!r} can be pressed in {blocks}")


def _chosen(element: Json, value: object) -> Json:
    if element["type"] == "button":
        said = {"text": element["text"]}
        return said | ({"value": element["value"]} if "value" in element else {})
    if element["type"] == "overflow":
        return {"selected_option": _option(element, value)}
    return _answer(element, value)


def state_of(blocks: list[Json], values: Mapping[str, object]) -> Json:
    """`state.values`: by block_id and action_id, what stands in every input."""
    state: Json = {}
    for block in blocks:
        for _, element in elements_of(block):
            name = element.get("action_id", "")
            if element["type"] in _STATEFUL:
                answer = _answer(element, values.get(name))
                state.setdefault(block["block_id"], {})[name] = {"type": element["type"], **answer}
    return state


def filled(blocks: list[Json], values: Mapping[str, object]) -> Json:
    """The state of a modal that a client lets through: what must be filled in is."""
    names = {element.get("action_id") for block in blocks for _, element in elements_of(block)}
    if unknown := set(values) - names:
        raise ImpossibleError(f"no input has the action_id {unknown}")
    state = state_of(blocks, values)
    for block in blocks:
        if block["type"] == "input" and not block.get("optional"):
            element = block["element"]
            answer = state[block["block_id"]][element.get("action_id", "")]
            if not any(value for name, value in answer.items() if name != "type"):
                raise ImpossibleError(f"{element.get('action_id')} must be filled in")
    return state


def _answer(element: Json, value: object) -> Json:
    kind = element["type"]
    if kind == "plain_text_input":
        return {"value": _written(element, value)}
    if kind in {"multi_static_select", "checkboxes"}:
        chosen = [_option(element, one) for one in value] if isinstance(value, list) else None
        return {
            "selected_options": element.get("initial_options", []) if chosen is None else chosen
        }
    if value is None:
        return {"selected_option": element.get("initial_option")}
    return {"selected_option": _option(element, value)}


def _written(element: Json, value: object) -> str | None:
    text = element.get("initial_value") if value is None else str(value)
    if text and not element.get("min_length", 0) <= len(text) <= element.get("max_length", 3000):
        raise ImpossibleError(f"{element.get('action_id')} does not take {len(text)} characters")
    return text or None


def _option(element: Json, value: object) -> Json:
    groups = element.get("option_groups", [])
    options = element.get("options") or [one for group in groups for one in group["options"]]
    found = next((option for option in options if option["value"] == value), None)
    if found is None:
        raise ImpossibleError(f"{element.get('action_id')} has no option {value!r}")
    chosen: Json = found
    return chosen
