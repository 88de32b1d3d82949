"""Rules of components: where which may stand, how many, and what each must say."""

from typing import Final

from madang.testing.discord.refusals import Form, Json
from madang.testing.discord.state.messages import walk

ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
SELECTS: Final = {3, 5, 6, 7, 8}
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 9, 10, 11, 12, 13, 14, 17
LABEL, UPLOAD, RADIO, CHECKBOXES, CHECKBOX = 18, 19, 21, 22, 23
V2_TOP: Final = {ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER}
IN_CONTAINER: Final = V2_TOP - {CONTAINER}
AT_MOST, TEXT_AT_MOST = 40, 4000


def check_components(form: Form, components: object, *, v2: bool) -> list[Json]:
    """Note what is wrong with the components of a message, and return them numbered."""
    if components is None:
        return []
    if not isinstance(components, list):
        form.wrong("components", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        return []
    if not v2:
        form.length("components", components, 0, 5)
    for number, component in enumerate(components):
        allowed = V2_TOP if v2 else {ROW}
        check_one(form, f"components.{number}", component, allowed)
    _check_whole(form, components, v2=v2)
    _number(components)
    return components


def check_one(form: Form, path: str, component: Json, allowed: set[int]) -> None:
    """Note what is wrong with one component and those in it."""
    kind = component.get("type")
    if kind not in allowed:
        choices = ", ".join(str(number) for number in sorted(allowed))
        form.wrong(f"{path}.type", "UNION_TYPE_CHOICES", f"Value of field must be in ({choices}).")
        return
    if kind == ROW:
        _row(form, path, component)
    elif kind == BUTTON:
        _button(form, path, component)
    elif kind in SELECTS:
        _select(form, path, component)
    elif kind == SECTION:
        _section(form, path, component)
    elif kind == TEXT:
        form.length(f"{path}.content", component.get("content"), 1, TEXT_AT_MOST)
    elif kind == GALLERY:
        form.length(f"{path}.items", component.get("items"), 1, 10)
    elif kind == CONTAINER:
        form.length(f"{path}.components", component.get("components"), 1, AT_MOST)
        for number, child in enumerate(component.get("components") or []):
            check_one(form, f"{path}.components.{number}", child, IN_CONTAINER)


def custom_id(form: Form, path: str, component: Json) -> None:
    """Note a custom id that is missing, empty or over 100 characters."""
    form.length(f"{path}.custom_id", component.get("custom_id"), 1, 100)


def options(form: Form, path: str, component: Json, low: int, high: int) -> None:
    """Note what is wrong with the options of a select, radio or checkbox group."""
    found = component.get("options")
    form.length(f"{path}.options", found, low, high)
    values: list[object] = []
    for number, option in enumerate(found or []):
        at = f"{path}.options.{number}"
        form.length(f"{at}.label", option.get("label"), 1, 100)
        form.length(f"{at}.value", option.get("value"), 1, 100)
        if option.get("description") is not None:
            form.length(f"{at}.description", option["description"], 1, 100)
        if option.get("value") in values:
            code = "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED"
            form.wrong(f"{at}.value", code, "The specified option value is already used")
        values.append(option.get("value"))


def _row(form: Form, path: str, row: Json) -> None:
    children = row.get("components")
    form.length(f"{path}.components", children, 1, 5)
    for number, child in enumerate(children or []):
        check_one(form, f"{path}.components.{number}", child, {BUTTON, *SELECTS})
        if child.get("type") in SELECTS and len(children or []) > 1:
            code = "COMPONENT_LAYOUT_WIDTH_EXCEEDED"
            form.wrong(f"{path}.components.{number}", code, "A select fills its whole row")


def _button(form: Form, path: str, button: Json) -> None:
    style = button.get("style")
    if style not in range(1, 7):
        form.wrong(f"{path}.style", "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3, 4, 5, 6).")
    if style == 5:
        form.length(f"{path}.url", button.get("url"), 1, 512)
        if "custom_id" in button:
            code = "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE"
            form.wrong(path, code, "A custom id and url cannot both be specified")
    elif style != 6:
        custom_id(form, path, button)
    if button.get("label") is not None:
        form.length(f"{path}.label", button["label"], 0, 80)
    if style != 6 and not button.get("label") and not button.get("emoji"):
        form.wrong(path, "BUTTON_COMPONENT_INVALID_EMPTY", "A button needs a label or an emoji")


def _select(form: Form, path: str, select: Json) -> None:
    custom_id(form, path, select)
    if select["type"] == STRING_SELECT:
        options(form, path, select, 1, 25)
    if select.get("placeholder") is not None:
        form.length(f"{path}.placeholder", select["placeholder"], 0, 150)
    low, high = select.get("min_values", 1), select.get("max_values", 1)
    if not 0 <= low <= 25 or not 1 <= high <= 25 or low > high:
        form.wrong(f"{path}.max_values", "NUMBER_TYPE_MAX", "int value should be from 0 to 25.")


def _section(form: Form, path: str, section: Json) -> None:
    form.length(f"{path}.components", section.get("components"), 1, 3)
    for number, child in enumerate(section.get("components") or []):
        check_one(form, f"{path}.components.{number}", child, {TEXT})
    if "accessory" not in section:
        form.wrong(f"{path}.accessory", "BASE_TYPE_REQUIRED", "This field is required")
    else:
        check_one(form, f"{path}.accessory", section["accessory"], {BUTTON, THUMBNAIL})


def _check_whole(form: Form, components: list[Json], *, v2: bool) -> None:
    flat = list(walk(components))
    if v2 and len(flat) > AT_MOST:
        code = "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED"
        form.wrong("components", code, f"The maximum number of components is {AT_MOST}")
    if sum(len(part.get("content", "")) for part in flat) > TEXT_AT_MOST:
        code = "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED"
        form.wrong("components", code, f"Displayable text is limited to {TEXT_AT_MOST}")
    for key, code in (
        ("custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED"),
        ("id", "COMPONENT_ID_DUPLICATED"),
    ):
        values = [part[key] for part in flat if part.get(key)]
        if len(values) != len(set(values)):
            form.wrong("components", code, f"Component {key} cannot be duplicated")


def _number(components: list[Json]) -> None:
    """Give an id to each component without one, as the service does."""
    flat = list(walk(components))
    taken = {part["id"] for part in flat if part.get("id")}
    free = (number for number in range(1, len(flat) * 2 + 1) if number not in taken)
    for part in flat:
        if not part.get("id"):
            part["id"] = next(free)
