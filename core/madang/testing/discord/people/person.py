"""A person: talks, presses, chooses and looks, as somebody with the app would."""

from collections.abc import Mapping, Sequence

from madang.testing.discord import permissions
from madang.testing.discord.checks.messages import Draft
from madang.testing.discord.people import commands, pressing
from madang.testing.discord.people.asking import ask
from madang.testing.discord.people.writing import with_mentions
from madang.testing.discord.refusals import Json
from madang.testing.discord.state import posting, threads
from madang.testing.discord.state.attachments import Upload
from madang.testing.discord.state.interactions import Asked, Interaction
from madang.testing.discord.state.mentions import EVERYTHING
from madang.testing.discord.state.messages import Message, reference_to
from madang.testing.discord.state.places import Place
from madang.testing.discord.state.users import User
from madang.testing.discord.state.world import World

TARGETS_USER, TARGETS_MESSAGE = 2, 3


class Person:
    """Act as a user.

    What a person could not do in the app (a button that is not there, a missing required
    option) is an AssertionError that says what was offered.
    """

    def __init__(self, world: World, user: User) -> None:
        self.user = user
        self._world = world

    @property
    def dm(self) -> Place:
        """Return the direct messages with the bot."""
        return self._world.dm(self.user)

    def says(
        self,
        place: Place,
        text: str = "",
        *,
        reply_to: Message | None = None,
        ping: bool = True,
        files: Sequence[Upload] = (),
    ) -> Message:
        """Send a message; `@name` in the text mentions a member, a role or everyone."""
        if place.archived:
            threads.wake(self._world, place)
        draft = Draft(
            content=with_mentions(place, text),
            files=[(upload, None) for upload in files],
            allowed={**EVERYTHING, "replied_user": ping},
        )
        message = posting.draw_up(
            self._world,
            place,
            self.user,
            draft,
            reply_to=reply_to,
            reference=reference_to(reply_to) if reply_to else None,
        )
        threads.enter(self._world, place, self.user)
        return posting.show(self._world, message)

    def edits(self, message: Message, text: str) -> Message:
        """Change the text of an own message."""
        draft = Draft(content=with_mentions(message.place, text))
        return posting.edit(self._world, message, draft)

    def deletes(self, *messages: Message) -> None:
        """Delete messages."""
        for message in messages:
            posting.delete(self._world, message)

    def reacts(self, message: Message, emoji: str) -> None:
        """React to a message."""
        posting.react(self._world, message, self.user, emoji)

    def unreacts(self, message: Message, emoji: str) -> None:
        """Take a reaction back."""
        posting.unreact(self._world, message, self.user, emoji)

    def opens_thread(self, place: Place, name: str, *, start: Message | None = None) -> Place:
        """Open a public thread in a channel, from a message or from nothing."""
        return threads.open_thread(self._world, place, self.user, name, start=start)

    def archives(self, place: Place, *, locked: bool = False) -> None:
        """Archive a thread, and lock it."""
        threads.set_archived(self._world, place, archived=True, locked=locked)

    def sees(self, place: Place) -> list[Message]:
        """List what this person sees in a place now, private answers included."""
        return place.shown(self.user)

    async def slash(self, place: Place, typed: str, **options: object) -> Interaction:
        """Send a slash command such as `persona use` and return how it was answered.

        Options take what they are for: text, a number, a User, a Place, a Role or an Upload.
        """
        found = commands.find(self._world, self.user, place, typed)
        filled, resolved = commands.fill(self._world, self.user, place, found, options)
        data = commands.data_of(found, filled, resolved)
        return await self._ask(place, Asked.COMMAND, data)

    async def types(
        self, place: Place, typed: str, option: str, text: str, **others: object
    ) -> list[tuple[str, object]]:
        """Type into an option and return the choices that are shown, as names and values.

        AssertionError if the choices did not come in time.
        """
        found = commands.find(self._world, self.user, place, typed)
        asked = found.option(option, self.user.locale)
        if not asked.get("autocomplete"):
            raise AssertionError(f"option {option!r} completes nothing")
        given = {n: v for n, v in others.items() if found.option(n, self.user.locale)}
        loose = commands.Found(
            command=found.command,
            steps=found.steps,
            options=[{**one, "required": False} for one in found.options],
        )
        filled, resolved = commands.fill(self._world, self.user, place, loose, given)
        focused = {"name": asked["name"], "type": asked["type"], "value": text, "focused": True}
        data = commands.data_of(found, [*filled, focused], resolved)
        data["asked_type"] = asked["type"]
        done = await self._ask(place, Asked.AUTOCOMPLETE, data)
        if done.failed:
            raise AssertionError("the choices did not come in time")
        return [(self._named(choice), choice["value"]) for choice in done.choices]

    async def uses_menu(self, name: str, target: "Message | Person", place: Place) -> Interaction:
        """Choose a context menu command on a message or a person."""
        on_message = isinstance(target, Message)
        kind = TARGETS_MESSAGE if on_message else TARGETS_USER
        command = commands.find_menu(self._world, self.user, place, name, kind)
        resolved: Json = {}
        thing = target if isinstance(target, Message) else target.user
        key = commands.resolve(self._world, place, thing, resolved)
        data = {"id": command["id"], "name": command["name"], "type": kind}
        data |= {"target_id": key, "resolved": resolved}
        return await self._ask(place, Asked.COMMAND, data)

    async def clicks(self, message: Message, name: str) -> Interaction:
        """Press the button with this label, emoji or custom id."""
        part = pressing.button(self._present(message), name)
        data = {"custom_id": part["custom_id"], "component_type": 2, "id": part["id"]}
        return await self._ask(message.place, Asked.COMPONENT, data, message=message)

    async def chooses(
        self, message: Message, *values: object, select: str | None = None
    ) -> Interaction:
        """Choose in the select with this placeholder or custom id, or in the only one."""
        part = pressing.select(self._present(message), select)
        sent, resolved = pressing.chosen(self._world, message.place, part, values)
        data = {"custom_id": part["custom_id"], "component_type": part["type"], "id": part["id"]}
        data |= {**sent, "resolved": resolved}
        return await self._ask(message.place, Asked.COMPONENT, data, message=message)

    async def submits(self, opened: Interaction, given: Mapping[str, object]) -> Interaction:
        """Fill the modal that an interaction opened, by the labels of its inputs, and send it."""
        modal = opened.modal
        if modal is None:
            raise AssertionError("no modal was opened")
        parts, resolved = pressing.submission(self._world, opened.place, modal, given)
        data = {"custom_id": modal["custom_id"], "components": parts, "resolved": resolved}
        return await self._ask(
            opened.place, Asked.MODAL, data, message=opened.message, cause=opened
        )

    async def _ask(
        self,
        place: Place,
        kind: Asked,
        data: Json,
        *,
        message: Message | None = None,
        cause: Interaction | None = None,
    ) -> Interaction:
        if place.guild and not permissions.may(self.user, place, "view_channel"):
            raise AssertionError(f"{self.user.name} does not see {place.name}")
        return await ask(self._world, self.user, place, kind, data, message=message, cause=cause)

    def _present(self, message: Message) -> Message:
        if message not in self.sees(message.place):
            raise AssertionError(f"{self.user.name} does not see this message (any more)")
        return message

    def _named(self, choice: Json) -> str:
        translated = (choice.get("name_localizations") or {}).get(self.user.locale)
        return str(translated or choice["name"])
