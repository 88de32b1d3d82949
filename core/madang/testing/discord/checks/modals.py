"""Rules of modals."""

from madang.testing.discord.checks.components import (
    CHECKBOX,
    CHECKBOXES,
    LABEL,
    RADIO,
    ROW,
    SELECTS,
    STRING_SELECT,
    TEXT,
    TEXT_INPUT,
    UPLOAD,
    custom_id,
    options,
)
from madang.testing.discord.refusals import Form, Json

IN_LABEL = {TEXT_INPUT, *SELECTS, UPLOAD, RADIO, CHECKBOXES, CHECKBOX}


def check_modal(form: Form, data: Json) -> None:
    """Note what is wrong with a modal."""
    form.length("data.title", data.get("title"), 1, 45)
    form.length("data.custom_id", data.get("custom_id"), 1, 100)
    components = data.get("components")
    form.length("data.components", components, 1, 5)
    for number, component in enumerate(components or []):
        _top(form, f"data.components.{number}", component)


def inputs(modal: Json) -> list[tuple[str, Json]]:
    """List the inputs of a modal with the label that a person reads above each."""
    found: list[tuple[str, Json]] = []
    for part in modal["components"]:
        if part["type"] == LABEL:
            found.append((part["label"], part["component"]))
        elif part["type"] == ROW:
            found += [(child.get("label") or "", child) for child in part["components"]]
    return found


def _top(form: Form, path: str, component: Json) -> None:
    kind = component.get("type")
    if kind == LABEL:
        form.length(f"{path}.label", component.get("label"), 1, 45)
        if component.get("description") is not None:
            form.length(f"{path}.description", component["description"], 1, 100)
        _input(form, f"{path}.component", component.get("component") or {}, IN_LABEL)
    elif kind == ROW:
        form.length(f"{path}.components", component.get("components"), 1, 1)
        for number, child in enumerate(component.get("components") or []):
            _input(form, f"{path}.components.{number}", child, {TEXT_INPUT})
            form.length(f"{path}.components.{number}.label", child.get("label"), 1, 45)
    elif kind != TEXT:
        form.wrong(f"{path}.type", "UNION_TYPE_CHOICES", "Value of field must be in (1, 10, 18).")


def _input(form: Form, path: str, item: Json, allowed: set[int]) -> None:
    kind = item.get("type")
    if kind not in allowed:
        form.wrong(f"{path}.type", "UNION_TYPE_CHOICES", "This component cannot stand here")
        return
    custom_id(form, path, item)
    if kind == TEXT_INPUT:
        _text_input(form, path, item)
    elif kind == STRING_SELECT:
        options(form, path, item, 1, 25)
    elif kind == RADIO:
        options(form, path, item, 2, 10)
    elif kind == CHECKBOXES:
        options(form, path, item, 1, 10)
    elif kind == UPLOAD and not 1 <= (item.get("max_values") or 1) <= 10:
        form.wrong(f"{path}.max_values", "NUMBER_TYPE_MAX", "int value should be from 1 to 10.")


def _text_input(form: Form, path: str, item: Json) -> None:
    if item.get("style") not in (1, 2):
        form.wrong(f"{path}.style", "BASE_TYPE_CHOICES", "Value must be one of (1, 2).")
    if item.get("placeholder") is not None:
        form.length(f"{path}.placeholder", item["placeholder"], 0, 100)
    if item.get("value") is not None:
        form.length(f"{path}.value", item["value"], 0, 4000)
    low, high = item.get("min_length") or 0, item.get("max_length") or 4000
    if not 0 <= low <= high <= 4000:
        form.wrong(f"{path}.max_length", "NUMBER_TYPE_MAX", "int value should be from 1 to 4000.")
