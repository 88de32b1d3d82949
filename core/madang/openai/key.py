"""The key of an API, read when it is needed and never shown."""

import os
import re
from pathlib import Path

from madang.contract import Server
from madang.errors import ModelError

VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
WRITTEN_AS = re.compile(r"[\x21-\x7e]+")


def check_key(name: str, server: Server) -> None:
    """Raise `ModelError` for a table that says wrongly where the key is.

    Neither value is repeated: somebody may have written the key itself there.
    """
    table = f"[models.{name}.server]"
    if server.api_key_env and server.api_key_file:
        raise ModelError(f"{table} has both api_key_env and api_key_file.", "Keep one of them.")
    if server.api_key_env and not VARIABLE.fullmatch(server.api_key_env):
        raise ModelError(
            f"{table} api_key_env is not the name of an environment variable.",
            'Write a name in capitals, such as "VLLM_API_KEY"; the key itself is never in a '
            "profile.",
        )
    file = server.api_key_file
    if file and not (file.startswith("~") or Path(file).is_absolute()):
        raise ModelError(
            f"{table} api_key_file is not the path of a file.",
            'Write an absolute path, such as "/run/secrets/vllm" or "~/.vllm-key"; the key itself '
            "is never in a profile.",
        )


def read_key(name: str, server: Server) -> str:
    """Return the key, empty where the table names none; `ModelError` names the place, not it."""
    if server.api_key_env:
        key, place = os.environ.get(server.api_key_env, ""), key_place(server)
    elif server.api_key_file:
        key, place = _from_file(name, server), key_place(server)
    else:
        return ""
    if not WRITTEN_AS.fullmatch(key.strip()):
        state = "holds characters that no key has" if key.strip() else "is not set or empty"
        raise ModelError(
            f"model '{name}' takes its API key from {place}, which {state}.",
            f"Set it where madang is started, or correct [models.{name}.server].",
        )
    return key.strip()


def key_place(server: Server) -> str:
    """Name where the key comes from; empty where the table names no place."""
    if server.api_key_env:
        return f"the environment variable {server.api_key_env}"
    return f"the file {server.api_key_file}" if server.api_key_file else ""


def _from_file(name: str, server: Server) -> str:
    try:
        return Path(server.api_key_file).expanduser().read_bytes().decode("utf-8", "replace")
    except (OSError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise ModelError(
            f"model '{name}' takes its API key from {key_place(server)}, "
            f"which cannot be read: {why}.",
            f"Correct api_key_file of [models.{name}.server].",
        ) from error
