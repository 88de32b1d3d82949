"""Talk at a terminal: the line at the bottom is always open, answers grow above it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import AnyFormattedText
from prompt_toolkit.patch_stdout import patch_stdout
from rich.console import Group, RenderableType

from madang.contract import Author, Place, Turn, TurnState
from madang.conversation import Reply
from madang.settings.paths import data_dir
from madang.yard import Yard
from madang_terminal import paint
from madang_terminal.commands import introduce, personas
from madang_terminal.completion import LineCompleter
from madang_terminal.layout import MENU_ROWS, Parts, application
from madang_terminal.lines import hear
from madang_terminal.live import FRAMES_A_SECOND, Live
from madang_terminal.talk import TYPED, Talk, Tone
from madang_terminal.typed import TypedHistory
from madang_terminal.words import ended

RECAP_TURNS = 6
ROWS_AROUND_INPUT = 3


class Interactive:
    """Be the screen of a talk and the loop that reads from it."""

    def __init__(self, yard: Yard, place: Place, author: Author) -> None:
        self.talk = Talk(yard=yard, place=place, author=author, screen=self)
        self._live = Live(self.talk)
        self._typed: asyncio.Queue[str | None] = asyncio.Queue()
        self._showing = asyncio.Lock()
        self._writing = asyncio.Lock()
        self._leaving = False
        self._tasks: set[asyncio.Future[object]] = set()
        self._history = TypedHistory(data_dir() / TYPED)
        self._buffer = Buffer(
            completer=LineCompleter(self.talk),
            complete_while_typing=True,
            history=self._history,
            multiline=True,
            accept_handler=self._accept,
            on_text_changed=self._stay,
        )
        self._app = application(
            Parts(
                buffer=self._buffer,
                prompt=self._prompt,
                live=self._picture,
                answering=lambda: self._live.reply is not None,
                toolbar=self._toolbar,
                interrupt=self._interrupt,
            )
        )

    async def run(self) -> int:
        """Welcome the person, and listen until they leave."""
        talk = self.talk
        await talk.refresh()
        await self._welcome()
        with patch_stdout(raw=True):
            async with self._typing():
                self._beside(talk.yard.warm(talk.place))
                await talk.conversations.open(talk.place.bot, self._deliver, place=talk.place)
                await self._listen()
            # What is on its way is stopped, kept, and shown as far as it came.
            await talk.conversations.close()
        for task in self._tasks:
            task.cancel()
        return 0

    @contextlib.asynccontextmanager
    async def _typing(self) -> AsyncIterator[None]:
        """Keep the input line open."""
        typing = asyncio.ensure_future(self._app.run_async())
        typing.add_done_callback(lambda _: self._typed.put_nowait(None))
        try:
            yield
        finally:
            if not self._app.is_running:
                typing.cancel()
            elif not self._app.is_done:
                self._app.exit()
            # The end of the input is a terminal that was closed: somebody left.
            with contextlib.suppress(asyncio.CancelledError, EOFError):
                await typing

    async def _listen(self) -> None:
        while not self.talk.leaving and (line := await self._typed.get()) is not None:
            await hear(self.talk, line)
            self._app.invalidate()

    async def _welcome(self) -> None:
        talk = self.talk
        turns = await talk.conversations.history(talk.place)
        await self._banner()
        if turns:
            last = turns[-RECAP_TURNS:]
            # What a dead process left unfinished is answered in a moment.
            await self.turns([turn for turn in last if turn.state is not TurnState.PENDING])
            await self._show(paint.spaced(paint.words(talk.texts("banner.again"))))
        else:
            await self._show(paint.words(""))
            await personas(talk, "")
            await self._show(paint.words(""))
            await introduce(talk)

    async def _banner(self) -> None:
        title, hint = self.talk.texts("banner.title"), self.talk.texts("banner.hint")
        await self._show(paint.banner(title, [*self.talk.about(), hint]))

    # --- the bottom of the terminal -------------------------------------------------------------

    def _prompt(self) -> str:
        return self.talk.texts("prompt.label", name=self.talk.author.name)

    def _picture(self) -> str:
        size, buffer = self._app.output.get_size(), self._buffer
        typed = MENU_ROWS if buffer.complete_state else buffer.document.line_count
        return self._live.picture(size.columns, max(size.rows - typed - ROWS_AROUND_INPUT, 1))

    def _toolbar(self) -> AnyFormattedText:
        texts, current = self.talk.texts, self.talk.current
        who = self._live.title(current.reference) if current else texts("prompt.nobody")
        model = f" · {current.binding.model}" if current else ""
        state = "leaving" if self._leaving else "busy" if self._live.reply else "idle"
        return f" {who}{model} │ {texts(f'prompt.{state}')}"

    def _accept(self, buffer: Buffer) -> bool:
        self._typed.put_nowait(buffer.text)
        return False

    def _stay(self, _: Buffer) -> None:
        self._leaving = False

    def _interrupt(self) -> None:
        """Stop the answer, or empty the line, or ask for a second time, or leave."""
        if self._live.reply:
            self._beside(self.talk.conversations.stop(self.talk.place))
        elif self._buffer.text:
            self._buffer.reset()
        elif self._leaving:
            self._app.exit()
        else:
            self._leaving = True

    def _beside(self, work: Coroutine[object, object, object]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- answers ---------------------------------------------------------------------------------

    async def _deliver(self, reply: Reply) -> None:
        async with self._showing:
            self._live.reply = reply
            spinning = asyncio.ensure_future(self._spin(reply))
            try:
                async for _ in reply.updates():
                    self._app.invalidate()
            finally:
                spinning.cancel()
            await self._show(lambda: self._live.whole(reply))

    async def _spin(self, reply: Reply) -> None:
        while not reply.latest.text:
            self._app.invalidate()
            await asyncio.sleep(1 / FRAMES_A_SECOND)

    # --- the screen ------------------------------------------------------------------------------

    async def _show(self, what: RenderableType | Callable[[], RenderableType]) -> None:
        """Write above the input line; a callable is called when the line is out of the way."""
        app, renderer, output = self._app, self._app.renderer, self._app.output
        async with self._writing:
            if app.is_running and output.responds_to_cpr:
                await renderer.wait_for_cpr_responses()
            # Not by `run_in_terminal`: it leaves raw mode, and the tty would echo what is typed.
            running = app.is_running
            if running:
                renderer.erase()
            shown = paint.ansi(what() if callable(what) else what, output.get_size().columns)
            output.write_raw(shown.replace("\n", "\r\n"))
            output.flush()
            if running:
                renderer.request_absolute_cursor_position()
                renderer.render(app, app.layout)

    async def tell(self, text: str, tone: Tone = "note") -> None:
        """Show words of the terminal's own."""
        await self._show(paint.words(text, tone))

    async def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Show rows in aligned columns."""
        await self._show(paint.table(rows))

    async def turns(self, turns: Sequence[Turn]) -> None:
        """Show what was said before."""
        await self._show(Group(*map(self._turn, turns)))

    def _turn(self, turn: Turn) -> RenderableType:
        if turn.role == "user":
            return paint.spaced(paint.question(turn.author.name, turn.shown))
        name, under = turn.persona, [ended(self.talk.texts, turn)]
        title, colour = self._live.title(name), self._live.colour(name)
        return paint.spaced(paint.answer(title, colour, turn.shown, under))

    async def heard(self, text: str, *, command: bool = False) -> None:
        """Show what was typed; what is said while an answer grows waits under it."""
        if self._live.reply and not command:
            self._live.meanwhile.append(text)
            return
        style = "dim" if command else ""
        await self._show(paint.spaced(paint.question(self.talk.author.name, text, style)))

    async def failed(self, problem: str) -> None:
        """Show why what was said gets no answer, and stop waiting to show it."""
        if self._live.meanwhile:
            text = self._live.meanwhile.pop()
            await self._show(paint.spaced(paint.question(self.talk.author.name, text)))
        await self.tell(problem, "problem")

    async def confirm(self, question: str, *, unattended: bool) -> bool:
        """Take the next line as the answer."""
        await self.tell(self.talk.texts("answer.confirm", question=question), "problem")
        line = await self._typed.get()
        if line is None:
            self._typed.put_nowait(None)
            return False
        return line.strip().casefold() in self.talk.texts("answer.yes").split()

    def prefill(self, line: str) -> bool:
        """Put a line into the input."""
        self._buffer.document = Document(line)
        return True

    def forget(self) -> None:
        """Delete the record of what was typed."""
        self._buffer.history = self._history = self._history.emptied()
        self._buffer.reset()
