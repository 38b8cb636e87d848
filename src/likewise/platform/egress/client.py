"""Opening clients. Nothing else in the program makes an HTTP client, and a test reads the source to hold that."""

import ssl
from collections.abc import Mapping

import httpcore
import httpx

from likewise.platform.config import Settings
from likewise.platform.egress.decoding import ACCEPT_ENCODING
from likewise.platform.egress.guard import GuardedBackend, resolve_by_system
from likewise.platform.egress.model import PUBLIC, Policy, Resolver, endpoint_of
from likewise.platform.egress.settings import EgressSettings
from likewise.platform.egress.transport import GuardedTransport
from likewise.platform.errors import Rejected

__all__ = ["AuthorityFileUnreadable", "Egress", "open_egress"]


class AuthorityFileUnreadable(Rejected):
    """LIKEWISE_EGRESS_CA_FILE names {path}, which holds no certificates that can be read: {reason}."""


def open_egress(settings: Settings) -> "Egress":
    """The way out, as the settings say."""
    return Egress(settings.get(EgressSettings))


class Egress:
    """The way out of this program. `resolve` and `network` stand for the system's resolver and its sockets."""

    def __init__(
        self,
        settings: EgressSettings,
        *,
        resolve: Resolver = resolve_by_system,
        network: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._settings = settings
        self._resolve = resolve
        self._network = network
        self._tls: ssl.SSLContext | None = None

    def open_client(
        self,
        policy: Policy = PUBLIC,
        *,
        base_url: str = "",
        headers: Mapping[str, str] | None = None,
        read_timeout_s: float | None = None,
        redirects_max: int | None = None,
    ) -> httpx.AsyncClient:
        """A client for `async with`. Keep one per purpose: connections are reused within a client only.

        Its requests raise EgressRefused where the policy forbids the destination (also behind a redirect),
        EgressResponseTooLarge, EgressResponseTooSlow or EgressResponseBroken, and httpx's own errors.
        `redirects_max` of 0 hands redirects to the caller as they are.
        """
        settings = self._settings
        read_s = settings.read_timeout_s if read_timeout_s is None else read_timeout_s
        redirects = settings.redirects_max if redirects_max is None else redirects_max
        backend = GuardedBackend(
            self._extended(policy), settings=settings, resolve=self._resolve, network=self._network
        )
        return httpx.AsyncClient(
            transport=GuardedTransport(backend, settings=settings, tls=self._tls_context()),
            base_url=base_url,
            headers={"user-agent": "likewise", **(headers or {}), "accept-encoding": ACCEPT_ENCODING},
            timeout=httpx.Timeout(read_s, connect=settings.connect_timeout_s, pool=settings.connect_timeout_s),
            follow_redirects=redirects > 0,
            max_redirects=redirects,
            trust_env=False,
        )

    def _extended(self, policy: Policy) -> Policy:
        """The policy with the endpoints its setting names."""
        hosts = self._settings.public_hosts if policy.name == PUBLIC.name else self._settings.operator_hosts
        named = frozenset(endpoint_of(host) for host in hosts)
        return Policy(policy.name, policy.setting, policy.endpoints | named)

    def _tls_context(self) -> ssl.SSLContext:
        """One context for all clients: loading the authorities takes tens of milliseconds."""
        if self._tls is None:
            context = httpx.create_ssl_context(trust_env=False)
            if self._settings.ca_file is not None:
                try:
                    context.load_verify_locations(cafile=self._settings.ca_file)
                except OSError as error:  # ssl.SSLError is one
                    raise AuthorityFileUnreadable(path=self._settings.ca_file, reason=error) from error
            self._tls = context
        return self._tls
