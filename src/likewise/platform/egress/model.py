"""The nouns of outgoing requests: who may ask for what, and what is said when it is refused."""

from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

import msgspec

from likewise.platform.errors import FieldError, Rejected, Unavailable

__all__ = [
    "PUBLIC",
    "EgressRefused",
    "EgressResponseBroken",
    "EgressResponseTooLarge",
    "EgressResponseTooSlow",
    "Endpoint",
    "Policy",
    "Resolver",
    "endpoint_of",
    "operator_policy",
]

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""(host, port) to the addresses of a name, as text. Raises OSError where there is none."""


class EgressRefused(Rejected):
    """No request is sent to {host}: {rule}. If it is yours and meant, name it in {setting}."""

    def __init__(self, *, host: str, rule: str, setting: str) -> None:
        problem = FieldError("/url", f"{host}: {rule}")
        super().__init__(errors=(problem,), host=host, rule=rule, setting=setting)
        self.host, self.rule, self.setting = host, rule, setting


class EgressResponseTooLarge(Unavailable):
    """{host} answers with more than {bytes_max} bytes, and reading stopped there. LIKEWISE_EGRESS_RESPONSE_BYTES_MAX
    sets the bound.
    """


class EgressResponseTooSlow(Unavailable):
    """{host} has not finished its answer within {timeout_s:g} s. LIKEWISE_EGRESS_TOTAL_TIMEOUT_S sets the bound."""


class EgressResponseBroken(Unavailable):
    """{host} sends an answer that cannot be decoded as the {encoding} it says it is."""


class Endpoint(msgspec.Struct, frozen=True):
    """A host, and one port of it or (None) any."""

    host: str
    port: int | None = None


class Policy(msgspec.Struct, frozen=True):
    """Who asks. `endpoints` are exempt from the rules on names, addresses and ports; everything else is judged."""

    name: str
    setting: str
    endpoints: frozenset[Endpoint] = frozenset()

    def exempts(self, host: str, port: int) -> bool:
        """Whether the owner named exactly this host (and port)."""
        return Endpoint(host, port) in self.endpoints or Endpoint(host) in self.endpoints


PUBLIC = Policy("public", "LIKEWISE_EGRESS_PUBLIC_HOSTS")
"""For addresses that come from a request, a document or another machine."""


def operator_policy(*urls: str) -> Policy:
    """The policy for addresses the owner wrote into the settings: exactly their host and port are exempt."""
    endpoints = frozenset(endpoint_of(url) for url in urls)
    return Policy("operator", "LIKEWISE_EGRESS_OPERATOR_HOSTS", endpoints)


def endpoint_of(text: str) -> Endpoint:
    """The endpoint that `https://host:port/...`, `host:port`, `[::1]:8080` or `host` names."""
    parts = urlsplit(text if "://" in text else f"//{text}")
    try:
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        port = None
        parts = parts._replace(netloc="")
    if not parts.hostname:
        raise EgressRefused(host=text, rule="not an address", setting="a URL or host:port")
    return Endpoint(parts.hostname.rstrip("."), port)
