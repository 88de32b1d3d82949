"""Talk with the personas on Telegram, in private chats, groups and topics."""

import madang
from madang.hookspecs import RegisterBot
from madang_telegram.bot import TelegramBot

__all__ = ["TelegramBot"]


@madang.hookimpl
def register_bots(register: RegisterBot) -> None:
    """Register the bot."""
    register(TelegramBot())
