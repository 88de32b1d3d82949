"""Where a server's API begins."""

from urllib.parse import urlsplit

from madang.errors import ModelError


def base_url(name: str, url: str) -> str:
    """Return the address that endpoints are added to, without a slash at the end.

    `/v1` is added to a bare host. Raises `ModelError` naming the key for what is no such address.
    """
    try:
        parts = urlsplit(url)
        port_is_bad = parts.port == 0
    except ValueError:
        raise _wrong(name, "is no address of a server") from None
    if not url:
        raise _wrong(name, "is missing")
    if parts.scheme not in ("http", "https") or not parts.hostname or port_is_bad:
        raise _wrong(name, "is no http or https address")
    if parts.username or parts.password:
        raise _wrong(name, "holds a user name or a password", "Use api_key_env or api_key_file.")
    if parts.query or parts.fragment or any(char.isspace() for char in url):
        raise _wrong(name, "holds more than an address")
    return url.rstrip("/") if parts.path.strip("/") else f"{url.rstrip('/')}/v1"


def _wrong(name: str, what: str, hint: str = "") -> ModelError:
    # The value itself may hold a password.
    hint = hint or f'Set it in [models.{name}.server], such as url = "http://localhost:8000".'
    return ModelError(f"[models.{name}.server] url {what}.", hint)
