"""A real application behind a webhook of the stand-in."""

import socket

import telegram
from tests.core.testing.telegram.bots import ALL, application, bot_of, refused

from madang.testing.telegram import Chat, Person, TelegramServer

SECRET = "a-secret_1"
HOST = "bot.example"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def answer(update: telegram.Update, bot: telegram.Bot) -> None:
    if update.message:
        await update.message.reply_text(f"네, {update.message.text}")


async def serve(
    server: TelegramServer, minji: Person, chat: Chat, port: int, secret: str, told: str
) -> list[str]:
    """Run an application behind the webhook until it answered what was said before and now."""
    server.proxies[HOST] = f"http://127.0.0.1:{port}"
    app = application(server, answer)
    async with app:
        await app.start()
        assert app.updater
        await app.updater.start_webhook(
            listen="127.0.0.1",
            port=port,
            url_path="hook",
            webhook_url=f"https://{HOST}/hook",
            secret_token=secret,
            allowed_updates=ALL,
        )
        minji.says(chat, told)
        await chat.transcript.until(lambda seen: f"네, {told}" in seen.answers())
        await app.updater.stop()
        await app.stop()
    return chat.transcript.answers()


async def test_a_conversation(server: TelegramServer, minji: Person, chat: Chat) -> None:
    answers = await serve(server, minji, chat, free_port(), SECRET, "하나")
    assert answers == ["네, /start", "네, 하나"]
    async with bot_of(server) as bot:
        info = await bot.get_webhook_info()
    assert (info.url, info.pending_update_count) == (f"https://{HOST}/hook", 0)


async def test_updates_wait_until_the_bot_takes_them(
    server: TelegramServer, minji: Person, chat: Chat
) -> None:
    server.proxies[HOST] = f"http://127.0.0.1:{free_port()}"
    async with bot_of(server) as bot:
        await bot.set_webhook(f"https://{HOST}/hook", secret_token=SECRET)
        hook = server.world.updates.webhook
        assert hook
        await server.until(lambda: hook.last_error.startswith("Connection failed"))
        info = await bot.get_webhook_info()
        assert info.pending_update_count == 1
        assert info.last_error_message
    assert "네, /start" in await serve(server, minji, chat, free_port(), SECRET, "하나")


async def test_a_wrong_secret_is_seen(server: TelegramServer, minji: Person, chat: Chat) -> None:
    port = free_port()
    app = application(server, answer)
    async with app:
        await app.start()
        assert app.updater
        server.proxies[HOST] = f"http://127.0.0.1:{port}"
        await app.updater.start_webhook(
            listen="127.0.0.1",
            port=port,
            url_path="hook",
            webhook_url=f"https://{HOST}/hook",
            secret_token=SECRET,
        )
        await app.bot.set_webhook(f"https://{HOST}/hook", secret_token="other")
        hook = server.world.updates.webhook
        assert hook
        minji.says(chat, "하나")
        await server.until(lambda: "403" in hook.last_error)
        await app.updater.stop()
        await app.stop()


async def test_what_a_webhook_must_be(server: TelegramServer) -> None:
    async with bot_of(server) as bot:
        with refused("HTTPS URL must be provided"):
            await bot.set_webhook("http://bot.example/hook")
        with refused("only on ports"):
            await bot.set_webhook("https://bot.example:9000/hook")
        with refused("unallowed characters"):
            await bot.set_webhook("https://bot.example/hook", secret_token="빈칸 있음")
        await bot.set_webhook("https://bot.example/hook")
        with refused("while webhook is active", telegram.error.Conflict):
            await bot.get_updates()
        await bot.delete_webhook(drop_pending_updates=True)
        assert await bot.get_updates() == ()
