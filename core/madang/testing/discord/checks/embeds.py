"""Rules of embeds."""

from typing import Any

from madang.testing.discord.refusals import Form, Json

TOGETHER = 6000


def check_embeds(form: Form, embeds: object) -> list[Json]:
    """Note what is wrong with the embeds of a message, and return them as they will be shown."""
    if embeds is None:
        return []
    if not isinstance(embeds, list):
        form.wrong("embeds", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        return []
    form.length("embeds", embeds, 0, 10)
    for number, embed in enumerate(embeds):
        _check(form, f"embeds.{number}", embed)
    if sum(_size(embed) for embed in embeds) > TOGETHER:
        form.wrong("embeds", "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum of {TOGETHER}")
    return [{"type": "rich", **embed} for embed in embeds]


def _check(form: Form, path: str, embed: Json) -> None:
    for key, most in (("title", 256), ("description", 4096)):
        if embed.get(key) is not None:
            form.length(f"{path}.{key}", embed[key], 0, most)
    for part, key, most in (("footer", "text", 2048), ("author", "name", 256)):
        if part in embed:
            form.length(f"{path}.{part}.{key}", embed[part].get(key), 0, most)
    fields = embed.get("fields") or []
    form.length(f"{path}.fields", fields, 0, 25)
    for number, field in enumerate(fields):
        form.length(f"{path}.fields.{number}.name", field.get("name"), 1, 256)
        form.length(f"{path}.fields.{number}.value", field.get("value"), 1, 1024)


def _size(embed: Json) -> int:
    texts: list[Any] = [embed.get("title"), embed.get("description")]
    texts += [embed.get("footer", {}).get("text"), embed.get("author", {}).get("name")]
    for field in embed.get("fields") or []:
        texts += [field.get("name"), field.get("value")]
    return sum(len(text) for text in texts if isinstance(text, str))
