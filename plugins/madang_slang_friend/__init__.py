"""A persona plugin: a friend who talks in memes and slang."""

import madang
from madang.hookspecs import RegisterPersona
from madang_slang_friend.jamo import compat_jamo


@madang.hookimpl
def register_personas(register: RegisterPersona) -> None:
    """Register the slang friend."""
    register(madang.PersonaFolder.of(__name__, polish={"compat_jamo": compat_jamo}))
