"""Answers by an interaction's token: the original one and those after it, for 15 minutes."""

from collections.abc import Awaitable, Callable
from functools import wraps

from madang.testing.discord.refusals import Json, Refusal, unknown
from madang.testing.discord.rest.call import Call, Handler
from madang.testing.discord.rest.interactions import say
from madang.testing.discord.state import posting
from madang.testing.discord.state.interactions import Interaction
from madang.testing.discord.state.messages import Flag, Message

Serving = Callable[[Call, Interaction], Awaitable[object]]


def or_at_interaction(serving: Serving) -> Callable[[Handler], Handler]:
    """Let `serving` take the requests of a webhook route whose token is an interaction's."""

    def choosing(handler: Handler) -> Handler:
        @wraps(handler)
        async def served(call: Call) -> object:
            if call.number("webhook") != call.world.bot.id:
                return await handler(call)
            return await serving(call, _interaction(call))

        return served

    return choosing


def _interaction(call: Call) -> Interaction:
    found = call.world.interactions.get(call.parts["token"])
    if found is None or found.answer is None:
        raise unknown(10015)
    if call.world.clock.now() - found.born > call.world.rules.token_lifetime:
        raise Refusal(401, 50027, "Invalid Webhook Token")
    return found


def _message(call: Call, interaction: Interaction) -> Message:
    if call.parts["message"] == "@original":
        found = interaction.original
    else:
        key = call.number("message")
        own = (interaction.original, *interaction.followups)
        found = next((one for one in own if one and one.id == key), None)
    if found is None or found.id not in found.place.messages:
        raise unknown(10008)
    return found


async def send(call: Call, interaction: Interaction) -> Json:
    """Send a message after the answer; the first after a deferred answer takes its place."""
    original = interaction.original
    if original is not None and original.thinking:
        return call.show(_change(call, original))
    message = say(call, interaction, call.draft(ephemeral=True))
    if original is None:
        interaction.original = message
    else:
        interaction.followups.append(message)
    return call.show(message)


def _change(call: Call, message: Message) -> Message:
    draft = call.draft(before=message)
    if message.thinking:
        draft.flags &= ~Flag.EPHEMERAL
        return posting.fill(call.world, message, draft)
    return posting.edit(call.world, message, draft)


async def get(call: Call, interaction: Interaction) -> Json:
    """Return an answer."""
    return call.show(_message(call, interaction))


async def edit(call: Call, interaction: Interaction) -> Json:
    """Change an answer."""
    return call.show(_change(call, _message(call, interaction)))


async def delete(call: Call, interaction: Interaction) -> None:
    """Delete an answer."""
    posting.delete(call.world, _message(call, interaction))
