"""Webhooks: those of channels, and the tokens of interactions that work like one."""

import secrets

from madang.testing.discord import permissions
from madang.testing.discord.checks.webhooks import (
    check_name,
    check_passive,
    check_picture,
    without_components,
)
from madang.testing.discord.refusals import Form, Json, Refusal, bad, forbidden, unknown
from madang.testing.discord.rest import followups
from madang.testing.discord.rest.call import Call, Handler, Route
from madang.testing.discord.rest.followups import or_at_interaction
from madang.testing.discord.state import posting, threads
from madang.testing.discord.state.messages import Message
from madang.testing.discord.state.places import Place
from madang.testing.discord.state.users import User
from madang.testing.discord.state.webhooks import Webhook

YES = ("1", "true", "True")
IN_A_CHANNEL = 15


def _channel(call: Call) -> Place:
    """Return the channel of the path, which is no thread: those use the webhooks of theirs."""
    place = call.place("manage_webhooks")
    if place.guild is None or place.thread is not None:
        raise bad(50024)
    return place


async def create(call: Call) -> Json:
    """Create a webhook of the bot's application in a channel, of which not many fit."""
    place, form = _channel(call), Form()
    name = check_name(form, "name", call.json.get("name"))
    form.done()
    if sum(each.place is place for each in call.world.webhooks.values()) >= IN_A_CHANNEL:
        raise bad(30007)
    bot = call.world.bot
    webhook = Webhook(
        id=call.world.ids.make(),
        token=secrets.token_urlsafe(24),
        place=place,
        name=name,
        owner=bot,
        application=bot,
    )
    call.world.webhooks[webhook.id] = webhook
    return webhook.payload(bot)


async def of_channel(call: Call) -> list[Json]:
    """List the webhooks of a channel."""
    place = _channel(call)
    found = [w for w in call.world.webhooks.values() if w.place is place]
    return [webhook.payload(call.world.bot) for webhook in found]


async def fetch(call: Call) -> Json:
    """Return a webhook."""
    return _webhook(call).payload(_viewer(call))


async def edit(call: Call) -> Json:
    """Rename a webhook; with the bot's permission alone also move it to another channel."""
    webhook, body, form = _webhook(call), call.json, Form()
    name = check_name(form, "name", body["name"]) if body.get("name") else webhook.name
    form.done()
    webhook.name = name
    if body.get("channel_id") and "token" not in call.parts:
        webhook.place = call.world.place(int(body["channel_id"]))
    return webhook.payload(_viewer(call))


async def delete(call: Call) -> None:
    """Delete a webhook."""
    del call.world.webhooks[_webhook(call).id]


def _viewer(call: Call) -> User | None:
    return None if "token" in call.parts else call.world.bot


def _webhook(call: Call) -> Webhook:
    """Return the webhook of the path, by its token or by the bot's permission."""
    found = call.world.webhooks.get(call.number("webhook"))
    if found is None:
        raise unknown(10015)
    if call.parts.get("token", found.token) != found.token:
        raise Refusal(401, 50027, "Invalid Webhook Token")
    bot = call.world.bot
    if "token" not in call.parts and not permissions.may(bot, found.place, "manage_webhooks"):
        raise forbidden()
    return found


def _place(call: Call, webhook: Webhook) -> Place:
    """Return the webhook's channel, or the thread of it that is asked for."""
    if "thread_id" not in call.query:
        return webhook.place
    place = call.world.place(int(call.query["thread_id"]))
    if place.parent is not webhook.place:
        raise unknown(10003)
    return place


def _said(call: Call, webhook: Webhook, form: Form) -> Json:
    """Return the body with what this webhook may say."""
    body = call.json
    if webhook.application is not None:
        return body
    if call.query.get("with_components") not in YES:
        return without_components(body)
    check_passive(form, body)
    return body


@or_at_interaction(followups.send)
async def execute(call: Call) -> Json | None:
    """Send a message under the webhook's name or another; it cannot be a reply."""
    webhook, form = _webhook(call), Form()
    body = _said(call, webhook, form)
    name, picture = body.get("username"), body.get("avatar_url")
    name = name if name is None else check_name(form, "username", name)
    picture = picture if picture is None else check_picture(form, "avatar_url", picture)
    form.done()
    draft, place = call.draft(body), _place(call, webhook)
    draft.nonce = None
    threads.wake(call.world, place)
    face = webhook.face(name, picture)
    message = posting.draw_up(call.world, place, face, draft, webhook=webhook)
    posting.show(call.world, message)
    return call.show(message) if call.query.get("wait") in YES else None


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
    """Change a message of the webhook; its name and its picture stay."""
    found, form = _message(call), Form()
    body = _said(call, _webhook(call), form)
    form.done()
    if found.place.archived:
        raise bad(50083)
    return call.show(posting.edit(call.world, found, call.draft(body, before=found)))


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
