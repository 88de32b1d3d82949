"""What the bottom of the terminal is made of: the growing answer, the input line, the toolbar."""

from collections.abc import Callable
from dataclasses import dataclass

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import ANSI, AnyFormattedText
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import (
    BufferControl,
    ConditionalContainer,
    Dimension,
    Float,
    FloatContainer,
    FormattedTextControl,
    HSplit,
    Layout,
    Window,
)
from prompt_toolkit.layout.menus import CompletionsMenu
from prompt_toolkit.styles import Style
from prompt_toolkit.utils import get_cwidth

MENU_ROWS = 8
REDRAW_SECONDS = 0.04
STYLE = Style.from_dict(
    {
        "prompt": "bold",
        "toolbar": "reverse",
        "completion-menu.completion": "bg:default fg:default",
        "completion-menu.completion.current": "reverse",
        "completion-menu.meta.completion": "bg:default fg:ansibrightblack",
        "completion-menu.meta.completion.current": "bg:default fg:default",
    }
)


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Say what the bottom shows, and what Ctrl-C does there."""

    buffer: Buffer
    prompt: Callable[[], str]
    live: Callable[[], str]
    answering: Callable[[], bool]
    toolbar: Callable[[], AnyFormattedText]
    interrupt: Callable[[], None]


def application(parts: Parts) -> Application[None]:
    """Build the application, which leaves the scrollback to the terminal."""
    return Application(
        layout=Layout(_body(parts), focused_element=parts.buffer),
        key_bindings=_keys(parts),
        style=STYLE,
        erase_when_done=True,
        min_redraw_interval=REDRAW_SECONDS,
    )


def _body(parts: Parts) -> FloatContainer:
    menu = CompletionsMenu(max_height=MENU_ROWS, scroll_offset=1)
    return FloatContainer(
        HSplit([_live(parts), Window(height=1), _input(parts), _toolbar(parts)]),
        floats=[Float(menu, xcursor=True, ycursor=True, transparent=True)],
    )


def _live(parts: Parts) -> ConditionalContainer:
    text = FormattedTextControl(lambda: ANSI(parts.live()))
    return ConditionalContainer(
        Window(text, dont_extend_height=True), filter=Condition(parts.answering)
    )


def _input(parts: Parts) -> Window:
    def prefix(line: int, wrapped: int) -> AnyFormattedText:
        if line == wrapped == 0:
            return [("class:prompt", parts.prompt())]
        return " " * sum(map(get_cwidth, parts.prompt()))

    def height() -> Dimension:
        # The menu needs rows to float over.
        return Dimension(min=MENU_ROWS if parts.buffer.complete_state else 1)

    return Window(
        BufferControl(parts.buffer),
        get_line_prefix=prefix,
        wrap_lines=True,
        height=height,
        dont_extend_height=True,
    )


def _toolbar(parts: Parts) -> Window:
    return Window(
        FormattedTextControl(parts.toolbar), height=1, style="class:toolbar", wrap_lines=False
    )


def _keys(parts: Parts) -> KeyBindings:
    keys = KeyBindings()

    @keys.add("enter")
    def send(event: KeyPressEvent) -> None:
        parts.buffer.validate_and_handle()

    @keys.add("escape", "enter")
    def new_line(event: KeyPressEvent) -> None:
        parts.buffer.insert_text("\n")

    @keys.add("tab")
    def complete(event: KeyPressEvent) -> None:
        state = parts.buffer.complete_state
        if state is None:
            parts.buffer.start_completion(select_first=True)
        elif len(state.completions) == 1:
            parts.buffer.apply_completion(state.completions[0])
        else:
            parts.buffer.complete_next()

    @keys.add("c-c")
    @keys.add("<sigint>")
    def interrupt(event: KeyPressEvent) -> None:
        parts.interrupt()

    @keys.add("c-d", filter=Condition(lambda: not parts.buffer.text))
    def leave(event: KeyPressEvent) -> None:
        event.app.exit()

    return keys
