"""The contract: what the parts of madang give each other, in a few short files.

`turn` is what is said, `persona` who answers, `prompt` and `request` what goes to a model,
`event` what comes back, `tally` how much that was, `model` what serves it; `queue`, `store`,
`backend`, `filter` and `bot` are the doors between the parts: whatever stands behind one passes its
contract tests.
"""

from madang.contract.backend import Backend, BackendFactory, LoadProgress, Metrics, Output, Resident
from madang.contract.bot import Bot
from madang.contract.event import End, Event, FinishReason, Phase, Piece, Problem, Progress, Usage
from madang.contract.filter import Decision, Filter, FilterFactory
from madang.contract.model import Capabilities, Model, Server, ServerKind, SpecialIds
from madang.contract.persona import (
    ACCEPT,
    Draft,
    Exchange,
    Form,
    HistoryRule,
    Judge,
    Persona,
    PersonaSource,
    PersonaText,
    Polish,
    Template,
    Verdict,
)
from madang.contract.prompt import Part, Prompt, PromptKind, Segment
from madang.contract.queue import Admission, Job, Queue, Renewal, Submitted
from madang.contract.request import (
    MinP,
    RepetitionPenalty,
    Request,
    RequestClass,
    Sampling,
    StopString,
    Temperature,
    TokenCount,
    TopK,
    TopP,
)
from madang.contract.store import OptionTable, Removed, Store
from madang.contract.tally import TALLY_KEYS, Tally, TallyKey
from madang.contract.turn import Author, Conversation, Found, Place, Role, Turn, TurnState

__all__ = [
    "ACCEPT",
    "TALLY_KEYS",
    "Admission",
    "Author",
    "Backend",
    "BackendFactory",
    "Bot",
    "Capabilities",
    "Conversation",
    "Decision",
    "Draft",
    "End",
    "Event",
    "Exchange",
    "Filter",
    "FilterFactory",
    "FinishReason",
    "Form",
    "Found",
    "HistoryRule",
    "Job",
    "Judge",
    "LoadProgress",
    "Metrics",
    "MinP",
    "Model",
    "OptionTable",
    "Output",
    "Part",
    "Persona",
    "PersonaSource",
    "PersonaText",
    "Phase",
    "Piece",
    "Place",
    "Polish",
    "Problem",
    "Progress",
    "Prompt",
    "PromptKind",
    "Queue",
    "Removed",
    "Renewal",
    "RepetitionPenalty",
    "Request",
    "RequestClass",
    "Resident",
    "Role",
    "Sampling",
    "Segment",
    "Server",
    "ServerKind",
    "SpecialIds",
    "StopString",
    "Store",
    "Submitted",
    "Tally",
    "TallyKey",
    "Temperature",
    "Template",
    "TokenCount",
    "TopK",
    "TopP",
    "Turn",
    "TurnState",
    "Usage",
    "Verdict",
]
