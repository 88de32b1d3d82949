"""Answers to interactions: the callback, with three seconds to come and only once."""

from collections.abc import Callable

from madang.testing.discord.checks.commands import check_choices
from madang.testing.discord.checks.messages import Draft
from madang.testing.discord.checks.modals import check_modal
from madang.testing.discord.refusals import Form, Json, bad, unknown
from madang.testing.discord.rest.call import Call, Route
from madang.testing.discord.state import posting
from madang.testing.discord.state.interactions import Answer, Asked, Interaction
from madang.testing.discord.state.messages import COMMAND, CONTEXT_MENU, Flag, Message

ON_COMPONENTS = (Answer.DEFERRED_UPDATE, Answer.UPDATE)


async def callback(call: Call) -> Json | None:
    """Take the answer to an interaction."""
    interaction = _open(call)
    answer = _kind(call, interaction)
    data = call.json.get("data") or {}
    ANSWERS[answer](call, interaction, data)
    interaction.answer = answer
    interaction.bell.ring()
    if call.query.get("with_response") not in ("1", "true"):
        return None
    return _response(call, interaction, answer)


def _open(call: Call) -> Interaction:
    found = call.world.interactions.get(call.parts["token"])
    if found is None or found.id != call.number("interaction"):
        raise unknown(10062)
    if found.answer is not None:
        raise bad(40060)
    late = call.world.clock.now() - found.born > call.world.rules.answer_within
    if found.failed or late:
        raise unknown(10062)
    return found


def _kind(call: Call, interaction: Interaction) -> Answer:
    """Return the type of the answer, refused where it does not fit what was asked."""
    form = Form()
    given = int(call.json.get("type") or 0)
    fits = {
        Answer.CHOICES: interaction.kind is Asked.AUTOCOMPLETE,
        Answer.MODAL: interaction.kind in (Asked.COMMAND, Asked.COMPONENT),
    }
    fits |= dict.fromkeys(ON_COMPONENTS, interaction.message is not None)
    visible = interaction.kind is not Asked.AUTOCOMPLETE
    if given not in list(Answer) or not fits.get(Answer(given), visible):
        form.wrong("type", "INTERACTION_TYPE_INVALID", "This answer does not fit the interaction")
        form.done()
    return Answer(given)


def _response(call: Call, interaction: Interaction, answer: Answer) -> Json:
    about: Json = {"id": str(interaction.id), "type": int(interaction.kind)}
    resource: Json = {"type": int(answer)}
    message = interaction.original
    if message is not None and answer not in (Answer.MODAL, Answer.CHOICES):
        about["response_message_id"] = str(message.id)
        about["response_message_loading"] = message.thinking
        about["response_message_ephemeral"] = Flag.EPHEMERAL in message.flags
        resource["message"] = call.show(message)
    return {"interaction": about, "resource": resource}


def say(call: Call, interaction: Interaction, draft: Draft) -> Message:
    """Show a message that answers, privately when its flags say so."""
    world = call.world
    message = posting.draw_up(world, interaction.place, world.bot, draft)
    message.interaction = interaction
    if interaction.kind is Asked.COMMAND and interaction.original is None:
        message.type = COMMAND if interaction.data["type"] == 1 else CONTEXT_MENU
    if Flag.EPHEMERAL in message.flags:
        message.only_for, message.pinged = interaction.person, []
    return posting.show(world, message)


def _message(call: Call, interaction: Interaction, data: Json) -> None:
    interaction.original = say(call, interaction, call.draft(data, ephemeral=True))


def _defer(call: Call, interaction: Interaction, data: Json) -> None:
    private = Flag(data.get("flags") or 0) & Flag.EPHEMERAL
    interaction.original = say(call, interaction, Draft(flags=Flag.LOADING | private))


def _defer_update(call: Call, interaction: Interaction, data: Json) -> None:
    interaction.original = interaction.message


def _update(call: Call, interaction: Interaction, data: Json) -> None:
    message = interaction.message
    if message is None or message.id not in message.place.messages:
        raise unknown(10008)
    interaction.original = posting.edit(call.world, message, call.draft(data, before=message))


def _choices(call: Call, interaction: Interaction, data: Json) -> None:
    form = Form()
    choices = data.get("choices") or []
    check_choices(form, "data.choices", choices, interaction.data["asked_type"])
    form.done()
    interaction.choices = choices


def _modal(call: Call, interaction: Interaction, data: Json) -> None:
    form = Form()
    check_modal(form, data)
    form.done()
    interaction.modal = data


ANSWERS: dict[Answer, Callable[[Call, Interaction, Json], None]] = {
    Answer.MESSAGE: _message,
    Answer.DEFERRED_MESSAGE: _defer,
    Answer.DEFERRED_UPDATE: _defer_update,
    Answer.UPDATE: _update,
    Answer.CHOICES: _choices,
    Answer.MODAL: _modal,
}
ROUTES = [
    Route(
        method="POST",
        path="/interactions/{interaction}/{token}/callback",
        handler=callback,
        major=("interaction",),
        open=True,
    )
]
