"""The backend that asks a server which speaks the API of OpenAI; nothing heavy is imported here."""

from madang.openai.backend import OpenAIBackend

__all__ = ["OpenAIBackend"]
