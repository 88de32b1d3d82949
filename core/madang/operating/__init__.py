"""Running madang for others: logs, metrics, and whether a process is well."""

from madang.operating.logs import logged
from madang.operating.monitor import Monitor, monitored
from madang.operating.page import Check

__all__ = ["Check", "Monitor", "logged", "monitored"]
