"""Health: one line per thing that can be unwell, each with its cure, and the figures a tenant asks for first."""

from likewise.operate.health.model import Figures, Report
from likewise.operate.health.service import is_ready, look

__all__ = ["Figures", "Report", "is_ready", "look"]
