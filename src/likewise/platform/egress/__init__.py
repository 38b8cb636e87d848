"""The door to the outside: every HTTP request this program makes goes through `Egress.open_client`."""

from likewise.platform.egress.client import Egress, open_egress
from likewise.platform.egress.model import (
    PUBLIC,
    EgressRefused,
    EgressResponseBroken,
    EgressResponseTooLarge,
    EgressResponseTooSlow,
    Policy,
    Resolver,
    operator_policy,
)
from likewise.platform.egress.settings import EgressSettings

__all__ = [
    "PUBLIC",
    "Egress",
    "EgressRefused",
    "EgressResponseBroken",
    "EgressResponseTooLarge",
    "EgressResponseTooSlow",
    "EgressSettings",
    "Policy",
    "Resolver",
    "open_egress",
    "operator_policy",
]
