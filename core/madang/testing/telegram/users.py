"""Users: the people and the bot, as the service knows them."""

from dataclasses import dataclass

from madang.testing.telegram.wire import Json


@dataclass(frozen=True)
class User:
    """Name somebody; the identity is a positive number."""

    id: int
    first_name: str
    username: str = ""
    language_code: str = ""
    is_bot: bool = False

    def payload(self) -> Json:
        """Return it as it travels."""
        body: Json = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        extra = {"username": self.username, "language_code": self.language_code}
        return body | {key: value for key, value in extra.items() if value}
