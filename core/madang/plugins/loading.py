"""Loading plugins one by one, so that a bad one hurts nobody."""

from collections.abc import Iterable
from importlib.metadata import EntryPoint
from pathlib import Path

from madang.errors import AlreadyRegistered, MadangError, PluginFailed, PluginNotFound, nearest
from madang.plugins.doors import Candidate, from_entry_points, from_folder, from_madang
from madang.plugins.hooks import hooks_of
from madang.plugins.house import Plugins
from madang.plugins.offer import Offer
from madang.plugins.status import PluginState, PluginStatus


def load_plugins(
    *,
    dirs: Iterable[str | Path] = (),
    without: Iterable[str] = (),
    strict: bool = False,
    entry_points: Iterable[EntryPoint] | None = None,
) -> Plugins:
    """Load every plugin but those in `without`; `strict` raises the first failure.

    `entry_points` replaces the installed ones. `PluginNotFound` when `without` names no plugin.
    """
    found = [from_madang(), *from_entry_points(entry_points)]
    for folder in dirs:
        found.extend(from_folder(Path(folder)))
    left_out = frozenset(without)
    _check_left_out(left_out, [candidate.name for candidate in found])
    loading = _Loading()
    for candidate in found:
        loading.admit(candidate, left_out=candidate.name in left_out, strict=strict)
    return loading.plugins()


def _check_left_out(left_out: Iterable[str], names: list[str]) -> None:
    for name in sorted(left_out):
        if name not in names:
            raise PluginNotFound(f"There is no plugin '{name}' to leave out.", nearest(name, names))


class _Loading:
    def __init__(self) -> None:
        self._taken: list[tuple[Candidate, Offer]] = []
        self._statuses: list[PluginStatus] = []

    def admit(self, candidate: Candidate, *, left_out: bool, strict: bool) -> None:
        if left_out:
            self._note(candidate, "disabled", "left out by the settings")
            return
        try:
            offer = self._offer(candidate)
        except MadangError as error:
            if strict:
                raise
            self._note(candidate, "failed", f"{error.message} {error.hint}".rstrip())
            return
        self._taken.append((candidate, offer))
        self._note(candidate, "loaded", provides=offer.provides)

    def _offer(self, candidate: Candidate) -> Offer:
        for other, _ in self._taken:
            if other.name == candidate.name:
                raise _taken(f"plugin '{other.name}'", candidate.origin, other.origin)
        offer = Offer(candidate.name)
        try:
            offer.collect(hooks_of(candidate.name, candidate.load()))
        except MadangError:
            raise
        except (Exception, SystemExit) as error:
            raise _failed(candidate, error) from error
        self._refuse_taken(offer)
        return offer

    def _refuse_taken(self, offer: Offer) -> None:
        for _, other in self._taken:
            for (kind, new), (_, old) in zip(offer.kinds(), other.kinds(), strict=True):
                for name in new.keys() & old.keys():
                    raise _taken(f"{kind} '{name}'", offer.plugin, other.plugin)

    def _note(
        self,
        candidate: Candidate,
        state: PluginState,
        reason: str = "",
        provides: tuple[str, ...] = (),
    ) -> None:
        self._statuses.append(
            PluginStatus(
                name=candidate.name,
                origin=candidate.origin,
                state=state,
                reason=reason,
                provides=provides,
            )
        )

    def plugins(self) -> Plugins:
        whole = Offer("all")
        for _, offer in self._taken:
            whole.personas.update(offer.personas)
            whole.bots.update(offer.bots)
            whole.backends.update(offer.backends)
            whole.filters.update(offer.filters)
        return Plugins(
            whole.personas, whole.bots, whole.backends, whole.filters, tuple(self._statuses)
        )


def _taken(thing: str, newcomer: str, first: str) -> AlreadyRegistered:
    return AlreadyRegistered(
        f"There is a {thing} already: {first} has it, and {newcomer} brings another.",
        "Rename one, or leave a plugin out: `without` in [plugins], `--without NAME`.",
    )


def _failed(candidate: Candidate, error: BaseException) -> PluginFailed:
    what = f"exited with {error.code!r}" if isinstance(error, SystemExit) else _words(error)
    hint = ""
    if isinstance(error, ModuleNotFoundError):
        hint = f"Install the package that has '{error.name}', or leave the plugin out."
    return PluginFailed(f"Plugin {candidate.name} ({candidate.origin}): {what}.", hint)


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": .")
