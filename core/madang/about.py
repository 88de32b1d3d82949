"""What every bot can show of the model behind a persona, and of its terms."""

from madang.contract import Metrics, Model
from madang.texts import Texts


def about_model(texts: Texts, name: str, model: Model | None) -> list[tuple[str, str]]:
    """Return pairs of a label and words: weights, licence, restriction, attribution and link.

    Labels are in the language of `texts`; what the profile does not say is left out, but for
    the licence.
    """
    rows = [("model", name)]
    if model is not None:
        rows += [
            ("source", ", ".join(filter(None, (model.source, *model.adapters.values())))),
            ("licence", model.licence or texts("about.unstated")),
            ("restriction", model.restriction),
            ("attribution", model.attribution),
            ("link", model.licence_link),
        ]
    return [(texts(f"about.{key}"), words) for key, words in rows if words]


def about_speed(texts: Texts, metrics: Metrics | None) -> list[tuple[str, str]]:
    """Return how a model is doing as one pair of a label and words; none before its first token."""
    if metrics is None or not metrics.output_tokens:
        return []
    words = texts(
        "about.speed",
        speed=f"{metrics.tokens_per_second:.0f}",
        first=f"{metrics.first_token_seconds:.2f}",
        running=str(metrics.running),
        slots=str(metrics.slots),
        cached=f"{100 * metrics.cache_hit_rate:.0f}",
    )
    return [(texts("about.now"), words)]
