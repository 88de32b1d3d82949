"""Methods that configure the bot: menus, names, the webhook."""

from urllib.parse import urlsplit

from madang.testing.telegram.params import Params
from madang.testing.telegram.updates import Webhook
from madang.testing.telegram.wire import Json, Refusal, bad_request
from madang.testing.telegram.world import World

PORTS = {443, 80, 88, 8443}
TOKEN_LETTERS = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")


def set_my_commands(world: World, params: Params) -> bool:
    """Set a list of commands by scope and language."""
    commands = params.array("commands")
    world.menus.set(params.object("scope"), params.text("language_code"), commands)
    return True


def get_my_commands(world: World, params: Params) -> list[Json]:
    """Return one list of commands."""
    return world.menus.get(params.object("scope"), params.text("language_code"))


def delete_my_commands(world: World, params: Params) -> bool:
    """Forget a list of commands."""
    world.menus.delete(params.object("scope"), params.text("language_code"))
    return True


def set_my_name(world: World, params: Params) -> bool:
    """Name the bot."""
    world.profile.set("name", params.text("name"), params.text("language_code"))
    return True


def set_my_description(world: World, params: Params) -> bool:
    """Describe the bot where an empty chat with it is opened."""
    world.profile.set("description", params.text("description"), params.text("language_code"))
    return True


def set_my_short_description(world: World, params: Params) -> bool:
    """Describe the bot in its profile."""
    text = params.text("short_description")
    world.profile.set("short_description", text, params.text("language_code"))
    return True


def get_my_name(world: World, params: Params) -> Json:
    """Return the bot's name."""
    return {"name": world.profile.get("name", params.text("language_code"))}


def get_my_description(world: World, params: Params) -> Json:
    """Return the bot's description."""
    return {"description": world.profile.get("description", params.text("language_code"))}


def get_my_short_description(world: World, params: Params) -> Json:
    """Return the bot's short description."""
    text = world.profile.get("short_description", params.text("language_code"))
    return {"short_description": text}


def set_webhook(world: World, params: Params) -> bool:
    """Send updates to a URL from now on; an empty one ends that."""
    params.ignore("certificate")
    updates = world.updates
    updates.allow(params.array("allowed_updates") if "allowed_updates" in params else None)
    url, secret = params.text("url"), params.text("secret_token")
    if params.flag("drop_pending_updates"):
        updates.drop()
    if url:
        _check_url(url)
    if len(secret) > 256 or set(secret) - TOKEN_LETTERS:
        raise bad_request("secret token contains unallowed characters")
    most = params.integer("max_connections", 40)
    ip_address = params.text("ip_address")
    hook = Webhook(url=url, secret_token=secret, max_connections=most, ip_address=ip_address)
    updates.webhook = hook if url else None
    world.changes.tell()
    return True


def delete_webhook(world: World, params: Params) -> bool:
    """Let updates wait to be fetched again."""
    if params.flag("drop_pending_updates"):
        world.updates.drop()
    world.updates.webhook = None
    world.changes.tell()
    return True


def get_webhook_info(world: World, params: Params) -> Json:
    """Describe the webhook and what it last failed on."""
    updates, hook = world.updates, world.updates.webhook
    body: Json = {
        "url": hook.url if hook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(updates.row),
    }
    if updates.allowed:
        body["allowed_updates"] = sorted(updates.allowed)
    if hook:
        body["max_connections"] = hook.max_connections
        body |= {"ip_address": hook.ip_address} if hook.ip_address else {}
    if hook and hook.last_error:
        body |= {
            "last_error_date": int(hook.last_error_at),
            "last_error_message": hook.last_error,
        }
    return body


def log_out(world: World, params: Params) -> bool:
    """Accept that the bot leaves this server."""
    return True


def close(world: World, params: Params) -> bool:
    """Accept that the bot moves; the live service refuses this in the first ten minutes."""
    if world.updates.webhook:
        raise Refusal(400, "Bad Request: the webhook must be deleted before closing")
    return True


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https":
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if (parts.port or 443) not in PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
