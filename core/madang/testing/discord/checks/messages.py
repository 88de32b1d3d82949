"""Rules of message bodies, and what is left of a body once it passed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from madang.testing.discord.checks.components import check_components
from madang.testing.discord.checks.embeds import check_embeds
from madang.testing.discord.refusals import Form, Json, Refusal, bad
from madang.testing.discord.state.attachments import Upload
from madang.testing.discord.state.messages import NONE, Flag, Message

CONTENT_AT_MOST = 2000
FILES_AT_MOST = 10
SETTABLE = Flag.SUPPRESS_EMBEDS | Flag.SUPPRESS_NOTIFICATIONS | Flag.COMPONENTS_V2
LEGACY = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"


@dataclass(kw_only=True)
class Draft:
    """Be a checked body; None means that an edit leaves the field as it is.

    `kept` lists the ids of the attachments that an edit keeps, `files` the new ones with the
    description of each.
    """

    content: str | None = None
    embeds: list[Json] | None = None
    components: list[Json] | None = None
    flags: Flag = NONE
    allowed: Json | None = None
    nonce: str | None = None
    kept: list[int] | None = None
    files: list[tuple[Upload, str | None]] = field(default_factory=list)


def check_message(
    body: Json,
    files: Mapping[int, Upload],
    *,
    size_limit: int,
    ephemeral: bool = False,
    before: Message | None = None,
) -> Draft:
    """Return the draft of a body, or refuse it; `before` is the message that an edit changes."""
    form = Form()
    flags = Flag(body.get("flags") or 0) & (SETTABLE | (Flag.EPHEMERAL if ephemeral else NONE))
    v2 = Flag.COMPONENTS_V2 in (flags | (before.flags if before else NONE))
    draft = Draft(flags=flags, allowed=body.get("allowed_mentions"))
    _texts(form, body, draft)
    if "components" in body:
        draft.components = check_components(form, body["components"], v2=v2)
    if v2:
        _no_legacy(form, body, before)
    _allowed(form, draft.allowed)
    _files(form, body, files, draft, size_limit)
    form.done()
    if not _remains(draft, before):
        raise bad(50006)
    return draft


def _texts(form: Form, body: Json, draft: Draft) -> None:
    if "content" in body:
        draft.content = "" if body["content"] is None else str(body["content"])
        form.length("content", draft.content, 0, CONTENT_AT_MOST)
        draft.content = draft.content.strip()
    if "embeds" in body:
        draft.embeds = check_embeds(form, body["embeds"])
    if body.get("nonce") is not None:
        draft.nonce = str(body["nonce"])
        form.length("nonce", draft.nonce, 0, 25)


def _no_legacy(form: Form, body: Json, before: Message | None) -> None:
    """Refuse content, embeds, polls and stickers with Components V2, also when left over."""
    left: Json = {"content": before.content, "embeds": before.embeds} if before else {}
    now = {**left, **body}
    for key in ("content", "embeds", "poll", "sticker_ids"):
        if now.get(key):
            message = f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            form.wrong(key, LEGACY, message)


def _allowed(form: Form, allowed: Json | None) -> None:
    if allowed is None:
        return
    parse = allowed.get("parse") or []
    for key in ("users", "roles"):
        listed = allowed.get(key) or []
        if listed and key in parse:
            code = "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"
            message = f'parse:["{key}"] and {key}: [ids...] are mutually exclusive.'
            form.wrong("allowed_mentions", code, message)
        form.length(f"allowed_mentions.{key}", listed, 0, 100)


def _files(
    form: Form, body: Json, files: Mapping[int, Upload], draft: Draft, size_limit: int
) -> None:
    listed = body.get("attachments")
    if listed is None:
        draft.files = [(upload, None) for upload in files.values()]
    else:
        draft.kept = []
        for number, entry in enumerate(listed):
            _file(form, f"attachments.{number}", entry, files, draft)
    if len(draft.files) + len(draft.kept or []) > FILES_AT_MOST:
        message = f"Must be {FILES_AT_MOST} or fewer items."
        form.wrong("attachments", "BASE_TYPE_MAX_LENGTH", message)
    if any(len(upload.data) > size_limit for upload, _ in draft.files):
        raise Refusal(413, 40005, "Request entity too large")


def _file(form: Form, path: str, entry: Json, files: Mapping[int, Upload], draft: Draft) -> None:
    key = int(entry["id"])
    if key in files:
        name = entry.get("filename") or files[key].name
        upload = Upload(name=name, data=files[key].data, content_type=files[key].content_type)
        draft.files.append((upload, entry.get("description")))
    elif key > 1 << 22 and draft.kept is not None:
        draft.kept.append(key)
    else:
        form.wrong(f"{path}.id", "MESSAGE_ATTACHMENT_NOT_FOUND", f"Attachment {key} was not sent")


def _remains(draft: Draft, before: Message | None) -> bool:
    """Tell whether anything is left to show."""
    content = before.content if before and draft.content is None else draft.content
    embeds = before.embeds if before and draft.embeds is None else draft.embeds
    components = before.components if before and draft.components is None else draft.components
    files = before.attachments if before and draft.kept is None else draft.kept
    return bool(content or embeds or components or files or draft.files)
