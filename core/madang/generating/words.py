"""What people are told of a job, in their language."""

from madang.generating.job import Headway
from madang.generating.jsonl import Generated
from madang.texts import Texts


def headway_words(texts: Texts, headway: Headway) -> str:
    """Word how far a job is."""
    waiting = headway.waiting
    if waiting is not None and waiting.phase == "loading":
        if waiting.done is None:
            return texts("progress.loading")
        return texts("progress.loading_done", done=f"{100 * waiting.done:.0f}")
    return texts(
        "generate.headway",
        passages=f"{headway.passages:,}",
        done=f"{headway.done:,}",
        total=f"{headway.total:,}",
        kept=f"{headway.kept:,}",
    )


def outcome_words(texts: Texts, generated: Generated) -> str:
    """Word what came of a job, and why it is less than was asked for."""
    counts = {
        "kept": f"{len(generated.pairs):,}",
        "passages": f"{generated.passages:,}",
        "dropped": f"{generated.dropped:,}",
        "repeated": f"{generated.repeated:,}",
        "done": f"{generated.done:,}",
        "total": f"{generated.total:,}",
    }
    lines = [texts("generate.outcome" if generated.pairs else "generate.nothing", **counts)]
    if generated.dropped or generated.repeated:
        lines.append(texts("generate.left_out", **counts))
    if generated.cancelled:
        lines.append(texts("generate.cancelled", **counts))
    if generated.problem:
        lines.append(texts.problem(generated.problem))
    return "\n".join(lines)
