"""What the engine says of itself."""

from tests.core.inference.engine.conftest import Pair
from tests.core.inference.engine.rig import Ask, Rig, prompts

from madang.inference.engine.runner import Launched
from madang.inference.engine.scheduler import Step


def test_each_token_that_a_request_begins_with_is_found_or_computed(pairs: dict[str, Pair]) -> None:
    _, model = pairs["llama"]
    rig = Rig(model, blocks=14, slots=4)
    begun: list[int] = []
    launch = rig.runner.launch

    def watched(step: Step) -> Launched:
        begun.extend(len(sequence.tokens) for sequence in step.admitted)
        return launch(step)

    rig.runner.launch = watched  # type: ignore[method-assign]
    rig.serve([Ask(prompt=prompt, comes=at) for at, prompt in enumerate(prompts() * 2)])
    metrics = rig.engine.metrics
    assert metrics.preemptions and metrics.cached_tokens
    assert metrics.cached_tokens + metrics.prompt_tokens == sum(begun)
