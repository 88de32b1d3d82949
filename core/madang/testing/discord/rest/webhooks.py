"""Webhooks: those of channels, and the tokens of interactions that work like one."""

import secrets

from madang.testing.discord import permissions
from madang.testing.discord.refusals import Form, Json, bad, forbidden, unknown
from madang.testing.discord.rest import followups
from madang.testing.discord.rest.call import Call, Handler, Route
from madang.testing.discord.rest.followups import or_at_interaction
from madang.testing.discord.state import posting, threads
from madang.testing.discord.state.messages import Message
from madang.testing.discord.state.places import Place
from madang.testing.discord.state.webhooks import Webhook


async def create(call: Call) -> Json:
    """Create a webhook in a channel."""
    place, body = call.place("manage_webhooks"), call.json
    form = Form()
    form.length("name", body.get("name"), 1, 80)
    name = str(body.get("name", "")).lower()
    if "discord" in name or "clyde" in name:
        form.wrong("name", "USERNAME_INVALID_CONTAINS", "Username cannot contain this word")
    form.done()
    webhook = Webhook(
        id=call.world.ids.make(),
        token=secrets.token_urlsafe(24),
        place=place,
        name=body["name"],
        owner=call.world.bot,
    )
    call.world.webhooks[webhook.id] = webhook
    return webhook.payload(call.world.bot)


async def of_channel(call: Call) -> list[Json]:
    """List the webhooks of a channel."""
    place = call.place("manage_webhooks")
    found = [w for w in call.world.webhooks.values() if w.place is place]
    return [webhook.payload(call.world.bot) for webhook in found]


async def fetch(call: Call) -> Json:
    """Return a webhook."""
    return _webhook(call).payload(call.world.bot)


async def edit(call: Call) -> Json:
    """Rename a webhook, or change its channel."""
    webhook, body = _webhook(call), call.json
    webhook.name = body.get("name") or webhook.name
    if body.get("channel_id"):
        webhook.place = call.world.place(int(body["channel_id"]))
    return webhook.payload(call.world.bot)


async def delete(call: Call) -> None:
    """Delete a webhook."""
    del call.world.webhooks[_webhook(call).id]


def _webhook(call: Call) -> Webhook:
    """Return the webhook of the path, by its token or by the bot's permission."""
    found = call.world.webhooks.get(call.number("webhook"))
    if found is None or call.parts.get("token", found.token) != found.token:
        raise unknown(10015)
    bot = call.world.bot
    if "token" not in call.parts and not permissions.may(bot, found.place, "manage_webhooks"):
        raise forbidden()
    return found


def _place(call: Call, webhook: Webhook) -> Place:
    if "thread_id" not in call.query:
        return webhook.place
    place = call.world.place(int(call.query["thread_id"]))
    if place.parent is not webhook.place:
        raise unknown(10003)
    threads.wake(call.world, place)
    return place


@or_at_interaction(followups.send)
async def execute(call: Call) -> Json | None:
    """Send a message under the webhook's name or another; it cannot be a reply."""
    webhook, body = _webhook(call), call.json
    form = Form()
    if body.get("username") is not None:
        form.length("username", body["username"], 1, 80)
    form.done()
    face = webhook.face(body.get("username"), body.get("avatar_url"))
    message = posting.draw_up(
        call.world, _place(call, webhook), face, call.draft(), webhook=webhook
    )
    posting.show(call.world, message)
    return call.show(message) if call.query.get("wait") in ("1", "true") else None


def _message(call: Call) -> Message:
    webhook = _webhook(call)
    message = _place(call, webhook).messages.get(call.number("message"))
    if message is None or message.webhook is not webhook:
        raise unknown(10008)
    return message


@or_at_interaction(followups.get)
async def message(call: Call) -> Json:
    """Return a message of the webhook."""
    return call.show(_message(call))


@or_at_interaction(followups.edit)
async def edit_message(call: Call) -> Json:
    """Change a message of the webhook."""
    found = _message(call)
    if found.place.archived:
        raise bad(50083)
    return call.show(posting.edit(call.world, found, call.draft(before=found)))


@or_at_interaction(followups.delete)
async def delete_message(call: Call) -> None:
    """Delete a message of the webhook."""
    posting.delete(call.world, _message(call))


_KEY, _TOKEN = "/webhooks/{webhook}", "/webhooks/{webhook}/{token}"
_MESSAGE = _TOKEN + "/messages/{message}"
_CHANNEL = "/channels/{channel}/webhooks"
BY_TOKEN = ("webhook", "token")


def _open(method: str, path: str, handler: Handler) -> Route:
    return Route(
        method=method,
        path=path,
        handler=handler,
        rate="webhook",
        major=BY_TOKEN,
        open=True,
    )


ROUTES = [
    Route(method="POST", path=_CHANNEL, handler=create, major=("channel",)),
    Route(method="GET", path=_CHANNEL, handler=of_channel, major=("channel",)),
    Route(method="GET", path=_KEY, handler=fetch, major=("webhook",)),
    Route(method="PATCH", path=_KEY, handler=edit, major=("webhook",)),
    Route(method="DELETE", path=_KEY, handler=delete, major=("webhook",)),
    _open("GET", _TOKEN, fetch),
    _open("PATCH", _TOKEN, edit),
    _open("DELETE", _TOKEN, delete),
    _open("POST", _TOKEN, execute),
    _open("GET", _MESSAGE, message),
    _open("PATCH", _MESSAGE, edit_message),
    _open("DELETE", _MESSAGE, delete_message),
]
