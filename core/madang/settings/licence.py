"""Whether the operator has accepted what a model's licence forbids."""

from madang.errors import LicenceNotAccepted
from madang.settings.profile import Settings


def check_licence(settings: Settings, model: str) -> None:
    """Refuse a restricted model that `accept_licences` does not name.

    The error says what the licence forbids, where to read it, and the line to write.
    """
    table = settings.models[model]
    if not table.restriction or model in settings.accept_licences:
        return
    names = ", ".join(f'"{name}"' for name in (*settings.accept_licences, model))
    link = f"Read it at {table.licence_link}" if table.licence_link else "Read it"
    raise LicenceNotAccepted(
        f"Model '{model}' is under {table.licence or 'a licence'}, which restricts its use: "
        f"{table.restriction.rstrip('.')}.",
        f"{link} and, if you agree, write at the top of the profile: accept_licences = [{names}]",
    )
