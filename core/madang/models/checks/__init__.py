"""What `madang models verify` compares, one file a subject."""

from madang.models.checks.adapters import check_adapter
from madang.models.checks.config import check_config
from madang.models.checks.finding import Finding
from madang.models.checks.tokenizer import check_tokenizer
from madang.models.checks.weights import check_weights

__all__ = ["Finding", "check_adapter", "check_config", "check_tokenizer", "check_weights"]
