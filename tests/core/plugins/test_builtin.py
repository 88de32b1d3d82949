"""What comes with madang is registered without importing a model library."""

import os
import subprocess
import sys

from madang.contract import Model
from madang.plugins import load_plugins

PROGRAM = """
import sys
from madang.plugins import load_plugins
plugins = load_plugins(entry_points=[])
assert set(plugins.backends) == {"local", "openai", "echo"}, plugins
heavy = {"torch", "transformers", "madang.inference"} & sys.modules.keys()
assert not heavy, heavy
"""


def test_loading_plugins_leaves_torch_alone() -> None:
    paths = os.pathsep.join(path for path in sys.path if path)
    environ = {**os.environ, "PYTHONPATH": paths}
    subprocess.run([sys.executable, "-c", PROGRAM], check=True, env=environ)


def test_the_built_in_factories_make_what_they_say() -> None:
    plugins = load_plugins(entry_points=[])
    assert plugins.backend("echo")("demo", Model()).capabilities.slots > 0
    assert plugins.backend("local")("demo", Model(source="x")).capabilities.slots > 0
    assert plugins.filter("wordlist")({"words": ["x"]}).streams
