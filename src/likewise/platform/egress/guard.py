"""The only way out: a network backend that resolves a name once, judges every address and dials the judged one.

Judging happens where the connection is made, below redirects, retries and connection reuse, so nothing above it can
forget to ask; a name that changes its address between the check and the connection has no window, because there is
one look-up and the connection is made to its result. TLS still verifies the name that was asked for.
"""

import asyncio
import socket
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import cast

import httpcore
from prometheus_client import Counter
from typing_extensions import override

from likewise.platform.egress.addresses import (
    find_address_fault,
    find_host_fault,
    is_own_address,
    literal_address,
)
from likewise.platform.egress.model import EgressRefused, Policy, Resolver
from likewise.platform.egress.settings import EgressSettings
from likewise.platform.telemetry import METRICS

__all__ = ["GuardedBackend", "resolve_by_system"]

_REFUSED = Counter(
    "likewise_egress_refused_total", "Requests that were not sent", ["policy", "rule"], registry=METRICS.registry
)
_CONNECTED = Counter(
    "likewise_egress_connections_total", "Connections made to judged addresses", ["policy"], registry=METRICS.registry
)

SocketOptions = Iterable[tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]]


async def resolve_by_system(host: str, port: int) -> Sequence[str]:
    """Every address the system's resolver knows for a name."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Dials only what the policy lets through, over `network`. One per client."""

    def __init__(
        self,
        policy: Policy,
        *,
        settings: EgressSettings,
        resolve: Resolver,
        network: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._policy = policy
        self._settings = settings
        self._resolve = resolve
        self._network = network or cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())

    @override
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.AsyncNetworkStream:
        limit_s = self._settings.connect_timeout_s if timeout is None else timeout
        deadline = asyncio.get_running_loop().time() + limit_s
        try:
            async with asyncio.timeout(limit_s):
                addresses = await self.judge(host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"looking up {host} took longer than {limit_s:g} s") from error
        return await self._dial(addresses, port, deadline, local_address, socket_options)

    @override
    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: SocketOptions | None = None
    ) -> httpcore.AsyncNetworkStream:
        raise self._refusal(path, "a socket of this machine")

    @override
    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def judge(self, host: str, port: int) -> list[IPv4Address | IPv6Address]:
        """The addresses of a host, all of them allowed. Raises EgressRefused, or httpcore.ConnectError without one."""
        name = host.lower().rstrip(".")
        exempt = self._policy.exempts(name, port)
        if not exempt:
            self._judge_spelling(name, port)
        literal = literal_address(name)
        addresses = [literal] if literal is not None else await self._look_up(name, port)
        if not exempt:
            for address in addresses:
                self._judge_address(name, address)
        return addresses

    def _judge_spelling(self, name: str, port: int) -> None:
        if port not in self._settings.ports:
            raise self._refusal(f"{name}:{port}", "a port that is not in LIKEWISE_EGRESS_PORTS")
        fault = find_host_fault(name)
        if fault is not None:
            raise self._refusal(name, fault)

    def _judge_address(self, name: str, address: IPv4Address | IPv6Address) -> None:
        fault = find_address_fault(address)
        if fault is None and is_own_address(address):
            fault = "this machine's own"
        if fault is not None:
            raise self._refusal(name, f"its address is not on the public internet ({fault})", label=fault)

    async def _look_up(self, name: str, port: int) -> list[IPv4Address | IPv6Address]:
        try:
            found = [ip_address(text) for text in await self._resolve(name, port)]
        except (OSError, ValueError) as error:  # ValueError: the resolver's IDNA codec, or no address
            raise httpcore.ConnectError(f"{name} has no address: {error}") from error
        if not found:
            raise httpcore.ConnectError(f"{name} has no address")
        if len(found) > self._settings.addresses_max:
            raise self._refusal(name, f"it has more than {self._settings.addresses_max} addresses", label="too many")
        return found

    async def _dial(
        self,
        addresses: Sequence[IPv4Address | IPv6Address],
        port: int,
        deadline: float,
        local_address: str | None,
        socket_options: SocketOptions | None,
    ) -> httpcore.AsyncNetworkStream:
        """Try each address in turn; each gets its share of the time that is left, so a dead one leaves some over."""
        loop = asyncio.get_running_loop()
        failure: Exception = httpcore.ConnectTimeout("no time left to connect")
        for tried, address in enumerate(addresses):
            share_s = (deadline - loop.time()) / (len(addresses) - tried)
            if share_s <= 0:
                break
            try:
                stream = await self._network.connect_tcp(str(address), port, share_s, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                _CONNECTED.labels(self._policy.name).inc()
                return stream
        raise failure

    def _refusal(self, host: str, rule: str, *, label: str = "") -> EgressRefused:
        _REFUSED.labels(self._policy.name, label or rule).inc()
        return EgressRefused(host=host, rule=rule, setting=self._policy.setting)
