"""Files named in a profile: made absolute, so that nobody else needs to know where it lies."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from madang.contract import Model
from madang.settings.profile import Settings
from madang.toml import KeyPath

MEMORY = ":memory:"


def with_absolute_paths(
    settings: Settings, folder: Path, variables: Mapping[KeyPath, str], data: Path
) -> Settings:
    """Return `settings` with every path absolute.

    Paths are relative to the profile's `folder`, or to where madang was started when they come
    from the environment; those of the store and of the log are relative to the `data` folder.
    """

    def absolute(text: str, *key: str) -> str:
        base = Path() if key in variables else folder
        return str((base / Path(text).expanduser()).absolute())

    def weights(text: str, *key: str) -> str:
        # `owner/name` is a repository of a hub: only a path that says so is one.
        return absolute(text, *key) if text.startswith(("./", "../", "~", "/")) else text

    def model(name: str, table: Model) -> Model:
        return msgspec.structs.replace(
            table,
            source=weights(table.source, "models", name, "source"),
            tokenizer=weights(table.tokenizer, "models", name, "tokenizer"),
            adapters={
                adapter: weights(source, "models", name, "adapters", adapter)
                for adapter, source in table.adapters.items()
            },
        )

    def filter_table(name: str, table: dict[str, object]) -> dict[str, object]:
        file = table.get("file")
        if not isinstance(file, str) or not file:
            return table
        return {**table, "file": absolute(file, "filters", name, "file")}

    url_file = settings.queue.url_file
    dirs = tuple(absolute(text, "plugins", "dirs") for text in settings.plugins.dirs)
    return msgspec.structs.replace(
        settings,
        models={name: model(name, table) for name, table in settings.models.items()},
        filters={name: filter_table(name, table) for name, table in settings.filters.items()},
        plugins=msgspec.structs.replace(settings.plugins, dirs=dirs),
        queue=msgspec.structs.replace(
            settings.queue,
            url_file=url_file and absolute(url_file, "queue", "url_file"),
        ),
        store=msgspec.structs.replace(settings.store, path=_store(settings.store.path, data)),
        logs=msgspec.structs.replace(settings.logs, file=_log(settings.logs.file, data)),
    )


def _log(file: str, data: Path) -> str:
    return file and str(data / Path(file).expanduser())


def _store(path: str, data: Path) -> str:
    return path if path == MEMORY else str(data / Path(path or "madang.db").expanduser())
