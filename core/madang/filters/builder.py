"""From the names of filters to the filters themselves."""

import logging
from collections.abc import Callable, Iterable, Mapping

from madang.contract import Filter, FilterFactory
from madang.errors import SettingsError, nearest
from madang.filters.chain import FilterChain
from madang.settings import FilterTable, Settings

log = logging.getLogger("madang.filters")


class FilterBuilder:
    """Make filters by name and keep them until their table changes."""

    def __init__(
        self, settings: Callable[[], Settings], factories: Mapping[str, FilterFactory]
    ) -> None:
        self._settings = settings
        self._factories = factories
        self._made: dict[str, tuple[FilterTable, Filter]] = {}

    def __call__(self, names: Iterable[str]) -> FilterChain:
        """Chain the filters called `names`, each once; `SettingsError` when one cannot be made.

        A filter whose changed table is wrong stays as it was.
        """
        settings = self._settings()
        return FilterChain([self._filter(settings.filter(name)) for name in dict.fromkeys(names)])

    def _filter(self, table: FilterTable) -> Filter:
        before = self._made.get(table.name)
        if before and before[0] == table:
            return before[1]
        try:
            made = self._make(table)
        except SettingsError as error:
            if before is None:
                raise
            log.warning("The filter is left as it was: %s", error)
            made = before[1]
        self._made[table.name] = (table, made)
        return made

    def _make(self, table: FilterTable) -> Filter:
        where = f"filters.{table.name}"
        if table.kind not in self._factories:
            what = f"{where}: there is no kind of filter '{table.kind}'."
            raise SettingsError(what, nearest(table.kind, self._factories))
        try:
            return self._factories[table.kind](table.options)
        except SettingsError as error:
            raise SettingsError(f"{where}: {error.message}", error.hint) from error
