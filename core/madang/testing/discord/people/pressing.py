"""Components and modals as a person meets them: by the label that is read."""

from collections.abc import Mapping, Sequence

from madang.testing.discord.checks.components import (
    CHECKBOX,
    CHECKBOXES,
    LABEL,
    RADIO,
    ROW,
    SELECTS,
    STRING_SELECT,
    UPLOAD,
)
from madang.testing.discord.checks.modals import inputs
from madang.testing.discord.people.commands import resolve
from madang.testing.discord.refusals import Json
from madang.testing.discord.state.messages import Message, label
from madang.testing.discord.state.places import Place
from madang.testing.discord.state.world import World


def button(message: Message, name: str) -> Json:
    """Return the button with a label, emoji or custom id, if it can be pressed."""
    found = [part for part in message.walk() if part["type"] == 2]
    for part in found:
        if name in (label(part), part.get("custom_id")):
            if part.get("disabled"):
                raise AssertionError(f"button {name!r} is disabled")
            if "custom_id" not in part:
                raise AssertionError(f"button {name!r} is a link to {part.get('url')}")
            return part
    raise AssertionError(f"no button {name!r}, only {[label(part) for part in found]}")


def select(message: Message, name: str | None) -> Json:
    """Return the select with a placeholder or custom id, or the only one."""
    found = [p for p in message.walk() if p["type"] in SELECTS and not p.get("disabled")]
    for part in found:
        if name in (part.get("placeholder"), part["custom_id"]) or (not name and len(found) == 1):
            return part
    names = [part.get("placeholder") or part["custom_id"] for part in found]
    raise AssertionError(f"no select {name!r}, only {names}")


def chosen(world: World, place: Place, part: Json, values: Sequence[object]) -> tuple[Json, Json]:
    """Return the values that a select sends and what they stand for."""
    resolved: Json = {}
    low, high = part.get("min_values", 1), part.get("max_values", 1)
    if not low <= len(values) <= high:
        raise AssertionError(f"the select takes {low} to {high} values, not {len(values)}")
    if part["type"] != STRING_SELECT:
        return {"values": [resolve(world, place, value, resolved) for value in values]}, resolved
    return {"values": [_option(part, value) for value in values]}, resolved


def _option(part: Json, name: object) -> str:
    for option in part["options"]:
        if name in (option["label"], option["value"]):
            return str(option["value"])
    raise AssertionError(f"no option {name!r}, only {[o['label'] for o in part['options']]}")


def submission(
    world: World, place: Place, modal: Json, given: Mapping[str, object]
) -> tuple[list[Json], Json]:
    """Return what a modal sends; inputs are named by their label or custom id.

    AssertionError where the dialogue would not let a person press its button.
    """
    known = {key for text, item in inputs(modal) for key in (text, item["custom_id"])}
    if unknown := set(given) - known:
        raise AssertionError(f"no input {sorted(unknown)}, only {[t for t, _ in inputs(modal)]}")
    values = {
        item["custom_id"]: given.get(text, given.get(item["custom_id"]))
        for text, item in inputs(modal)
    }
    resolved: Json = {}
    parts = []
    for part in modal["components"]:
        if part["type"] == LABEL:
            item = _value(world, place, part["component"], values, resolved)
            parts.append({"type": LABEL, "component": item})
        elif part["type"] == ROW:
            items = [_value(world, place, item, values, resolved) for item in part["components"]]
            parts.append({"type": ROW, "components": items})
    return parts, resolved


def _value(
    world: World, place: Place, item: Json, values: Mapping[str, object], resolved: Json
) -> Json:
    key, kind = item["custom_id"], item["type"]
    value = values[key]
    base = {"type": kind, "custom_id": key}
    if value is None:
        if item.get("required", True) and "value" not in item and kind != CHECKBOX:
            raise AssertionError(f"input {key!r} is required")
        empty = [] if kind in (*SELECTS, UPLOAD, CHECKBOXES) else item.get("value", "")
        return {**base, ("values" if isinstance(empty, list) else "value"): empty}
    if kind in (RADIO, CHECKBOX):
        return {**base, "value": value if kind == CHECKBOX else _option(item, value)}
    if kind == CHECKBOXES:
        return {**base, "values": [_option(item, one) for one in _list(value)]}
    if kind in SELECTS:
        sent, more = chosen(world, place, item, _list(value))
        resolved.update(more)
        return {**base, **sent}
    if kind == UPLOAD:
        return {**base, "values": [resolve(world, place, one, resolved) for one in _list(value)]}
    return {**base, "value": _text(item, str(value))}


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _text(item: Json, text: str) -> str:
    low, high = item.get("min_length") or 0, item.get("max_length") or 4000
    if not low <= len(text) <= high:
        raise AssertionError(
            f"{item['custom_id']} takes {low} to {high} characters, not {len(text)}"
        )
    return text
