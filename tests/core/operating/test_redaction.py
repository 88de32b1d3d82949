"""No password and no token gets into a log, and nothing else gets lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.operating.redaction import redacted

DISCORD = "MTIzNDU2Nzg5MDEyMzQ1Njc4OQ.GabcDE.abcdefghijklmnopqrstuvwxyz0123456789ab"
TELEGRAM = "123456789:AAabcdefghijklmnopqrstuvwxyz-012345"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("at redis://:pw@host:6379/0, now", "at redis://***@host:6379/0, now"),
        ("rediss://someone:p%40ss@host", "rediss://***@host"),
        ("redis://someone:p@ss@host", "redis://***@host"),
        ("redis://someone:p/ss@host/0", "redis://***@host/0"),
        ("someone:secret@10.0.0.1:6379 is away", "***@10.0.0.1:6379 is away"),
        ("someone:secret@[::1]:6379", "***@[::1]:6379"),
        (f"token {DISCORD} is wrong", "token *** is wrong"),
        (f"POST https://api.telegram.org/bot{TELEGRAM}/getMe", None),
        (f"'{TELEGRAM}'", "'***'"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("hf_abcdefghijklmnopqrstuvwxyz", "***"),
    ],
)
def test_secrets_are_hidden(line: str, shown: str | None) -> None:
    assert redacted(line) == (shown or "POST https://api.telegram.org/bot***/getMe")


@pytest.mark.parametrize(
    "line",
    [
        "worker here-1234 serves echo, demo",
        "metrics and health are at http://127.0.0.1:9464",
        "The queue's server at redis://127.0.0.1:6379/0 is away: timeout",
        "2026-11-20T17:46:30.123Z 안녕하세요: 오늘 12:30에 만나요",
        "person@example.org wrote",
        "madang_finance_advisor.locales.something_that_is_really_long",
        "request '0f8fad5bd9cb469fa16570867728950e-0-1' failed",
    ],
)
def test_the_rest_stays(line: str) -> None:
    assert redacted(line) == line


@given(st.text(), st.text("abcXYZ019!$%&*~^", min_size=1), st.text("abc019", min_size=1), st.text())
def test_a_password_in_an_address_never_shows(
    before: str, password: str, user: str, after: str
) -> None:
    secret = f"<{password}>"
    assert secret not in redacted(f"{before} redis://{user}:{secret}@host:6379/0 {after}")
