"""Rules of what only webhooks say: their names, and pictures and components of their messages."""

import re

from madang.testing.discord.refusals import Form, Json
from madang.testing.discord.state.messages import walk

NAME_AT_MOST = 80
TAKEN = ("discord", "clyde")
ADDRESS = re.compile(r"https?://[^\s/]+\.?\S*")
LINK = 5


def check_name(form: Form, path: str, given: object) -> str:
    """Note what is wrong with a name, and return it with its white space put in order."""
    name = " ".join(given.split()) if isinstance(given, str) else given
    form.length(path, name, 1, NAME_AT_MOST)
    for word in TAKEN:
        if word in str(name).lower():
            form.wrong(path, "USERNAME_INVALID_CONTAINS", f'Username cannot contain "{word}"')
    return str(name)


def check_picture(form: Form, path: str, given: str) -> str:
    """Note what is wrong with the address of a picture, and return it."""
    if not ADDRESS.fullmatch(given):
        form.wrong(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
    return given


def without_components(body: Json) -> Json:
    """Leave out the components that a webhook of no application cannot show unless it says so."""
    return {key: value for key, value in body.items() if key != "components"}


def check_passive(form: Form, body: Json) -> None:
    """Note components that somebody could use: what they send would reach no application."""
    for component in walk(body.get("components") or []):
        if "custom_id" in component:
            message = "Webhooks without an application cannot send interactive components"
            form.wrong("components", "WEBHOOK_COMPONENTS_NOT_INTERACTIVE", message)
            return
