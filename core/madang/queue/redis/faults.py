"""What can go wrong with the server, in words for whoever runs it."""

from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    BusyLoadingError,
    ClusterDownError,
    ConnectionError,
    MasterDownError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
    TimeoutError,
    TryAgainError,
)

from madang.errors import MadangError, QueueBusy, QueueError, QueueUnreachable, SettingsError

PASSING = (
    ConnectionError,
    TimeoutError,
    BusyLoadingError,
    ReadOnlyError,
    ClusterDownError,
    MasterDownError,
    TryAgainError,
    OSError,
)
REFUSING = (AuthenticationError, AuthorizationError, NoPermissionError)
UNKNOWN_USER = ("NOAUTH", "WRONGPASS", "unauthenticated")
FORBIDDEN = ("can't run this command", "can't access at least one of the keys", "ACL failure")
"""What a script says, as an error of no kind, when a command within it is not permitted."""
UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"
PASSING_WORDS = ("BUSY ", "MISCONF", "NOREPLICAS", "UNBLOCKED")


def passes(error: Exception) -> bool:
    """Say whether trying again may help: the server is away, starts, or changes its roles."""
    if isinstance(error, REFUSING) or UNTRUSTED in str(error):
        return False
    return isinstance(error, PASSING) or str(error).startswith(PASSING_WORDS)


def fault(error: Exception, where: str) -> MadangError:
    """Word what the server or the way to it refuses; `where` is its address without secrets."""
    if isinstance(error, NoPermissionError) or any(word in str(error) for word in FORBIDDEN):
        return SettingsError(
            f"The queue's server at {where} does not permit this user to do that: {error}",
            "Grant it the keys of its namespace and the commands of streams, hashes, sets and "
            "scripts: `+@all -@admin ~{madang:NAMESPACE}:*`.",
        )
    if isinstance(error, REFUSING) or any(word in str(error) for word in UNKNOWN_USER):
        return SettingsError(
            f"The queue's server at {where} does not accept the user or the password: {error}",
            "Correct the address in queue.url, queue.url_env or queue.url_file.",
        )
    if UNTRUSTED in str(error):
        return SettingsError(
            f"The queue's server at {where} shows a certificate that is not trusted: {error}",
            "Name the file of who signed it in the address, rediss://HOST:PORT?ssl_ca_certs=FILE, "
            "and the host as the certificate has it.",
        )
    if isinstance(error, OutOfMemoryError):
        return QueueBusy(
            f"The queue's server at {where} has no memory left.",
            "Raise its maxmemory, or wait until something has ended.",
        )
    if passes(error):
        return QueueUnreachable(
            f"The queue's server at {where} cannot be reached: {error}",
            "Start it, or correct the address in queue.url, queue.url_env or queue.url_file.",
        )
    kind = "refused a command" if isinstance(error, ResponseError) else "cannot be used"
    return QueueError(f"The queue's server at {where} {kind}: {error}", _hint(error))


def _hint(error: Exception) -> str:
    if "WRONGTYPE" in str(error):
        return "Another program uses these keys: choose another queue.namespace."
    return "See the log of the server."
