"""T8, short form: no request leaves for where it should not.

Canary servers listen on every local address. A few hundred hostile URLs, names, redirects and resolvers try to reach
them; the public internet is a server of this test, reached when the guard dials a public address.
"""

import asyncio
import contextlib
import gzip
import random
import re
import shutil
import socket
import ssl
import subprocess
import zlib
from collections.abc import AsyncGenerator, Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import cast

import httpcore
import httpx
import pytest

import likewise
from likewise.platform.config import Settings
from likewise.platform.egress import (
    PUBLIC,
    Egress,
    EgressRefused,
    EgressResponseBroken,
    EgressResponseTooLarge,
    EgressResponseTooSlow,
    EgressSettings,
    operator_policy,
)
from likewise.platform.egress.addresses import find_address_fault, is_own_address
from likewise.platform.egress.guard import GuardedBackend
from likewise.platform.egress.transport import GuardedTransport
from likewise.platform.errors import Fact

SEED = 20261121
TRIES_MIN = 300
PUBLIC_V4, PUBLIC_V6 = "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"


class Site:
    """A small HTTP server; `respond` makes an answer from a request's head."""

    def __init__(self, respond: Callable[[str], bytes]) -> None:
        self.respond = respond
        self.heads: list[str] = []
        self.port = 0
        self._serving: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def listening(self, hosts: Sequence[str], tls: ssl.SSLContext | None = None) -> AsyncGenerator["Site"]:
        async with contextlib.AsyncExitStack() as stack:
            for host in hosts:
                server = await asyncio.start_server(self._serve, host, self.port, ssl=tls)
                stack.push_async_callback(self._stop, server)
                self.port = server.sockets[0].getsockname()[1]
            yield self

    async def _stop(self, server: asyncio.Server) -> None:
        server.close()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        self.heads.append("")  # a connection alone is a hit
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            self.heads[-1] = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            writer.write(self.respond(self.heads[-1]))
            await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()


def page(body: bytes = b"ok", *, status: str = "200 OK", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n{headers}\r\n".encode() + body


class Internet(httpcore.AsyncNetworkBackend):
    """This machine as it is; of the rest, two public addresses are a server of this test and the others are dead."""

    def __init__(self, site: Site | None) -> None:
        self.dialled: list[str] = []
        self._site = site
        self._real = cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: object = None,
    ) -> httpcore.AsyncNetworkStream:
        assert local_address is None
        assert socket_options is None
        self.dialled.append(host)
        if self._site is not None and host in {PUBLIC_V4, PUBLIC_V6}:
            return await self._real.connect_tcp("127.0.0.1", self._site.port, timeout)
        address = ip_address(host)
        local = getattr(address, "ipv4_mapped", None) or address
        if not (local.is_unspecified or is_own_address(local)):
            raise httpcore.ConnectError("no route")
        return await self._real.connect_tcp(host, port, timeout)


class Names:
    """A resolver that answers from a script: each look-up of a name takes the next answer, the last one stays."""

    def __init__(self, answers: dict[str, list[list[str]]]) -> None:
        self.answers = {name: list(rounds) for name, rounds in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        rounds = self.answers.get(host)
        if rounds is None:
            if "localhost" in host or host == "metadata.google.internal":
                return ["127.0.0.1"]
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
            return [str(entry[4][0]) for entry in found]  # the spellings that the C library takes for an address
        return rounds.pop(0) if len(rounds) > 1 else rounds[0]


def spellings_of(address: IPv4Address) -> list[str]:
    """How other programs' URL parsers may spell an IPv4 address."""
    number = int(address)
    a, b, c, d = address.packed
    return [
        f"{number}",
        f"{number:#x}",
        f"{number:#o}".replace("0o", "0"),
        f"{a}.{number & 0xFFFFFF}",
        f"{a}.{b}.{number & 0xFFFF}",
        f"{a:#x}.{b:#x}.{c:#x}.{d:#x}",
        f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
        f"0{a:o}.{b}.{c:#x}.{d}",
        f"{a:03}.{b:03}.{c:03}.{d:03}",
        f"{address}.",
        f"[::ffff:{address}]",
        f"[::ffff:{number >> 16:x}:{number & 0xFFFF:x}]",
        f"[::{address}]",
        f"[64:ff9b::{address}]",
        f"[2002:{number >> 16:x}:{number & 0xFFFF:x}::1]",
        f"[::ffff:0:{number >> 16:x}:{number & 0xFFFF:x}]",
        "".join(chr(0xFF10 + int(x)) if x.isdigit() else x for x in str(address)),
        str(address).replace(".", "。"),
        f"%31{str(address)[1:]}" if str(address)[0] == "1" else str(address),
        f"example.org@{address}",
        f"example.org:80@{address}",
        f"example.org#@{address}",
        f"{address}%23example.org",
    ]


def hostile_hosts(own: Sequence[str]) -> list[str]:
    chance = random.Random(SEED)
    seeds = [IPv4Address("127.0.0.1"), IPv4Address("0.0.0.0"), *(IPv4Address(a) for a in own)]
    seeds += [IPv4Address(0x7F000000 + chance.randrange(1, 2**24 - 1)) for _ in range(6)]
    hosts = [spelling for address in seeds for spelling in [str(address), *spellings_of(address)]]
    hosts += ["[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::0001]", "[::ffff:0.0.0.0]", "[0000::1]", "[::1%25lo]"]
    hosts += [
        "localhost",
        "LOCALHOST",
        "localhost.",
        "localhost..",
        "a.localhost",
        "localhost.localdomain",
        "ip6-localhost",
    ]
    hosts += ["metadata", "metadata.google.internal", "router.lan", "printer.local", "db.internal.", "db.corp"]
    return hosts


def hostile_names() -> dict[str, list[list[str]]]:
    """Names whose addresses are a trap: local ones, local ones behind a public one, and ones that change."""
    bad = ["127.0.0.1", "127.9.8.7", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1"]
    bad += ["2002:7f00:1::", "2001:0:4136:e378:8000:63bf:80ff:fffe", "169.254.169.254", "10.0.0.1", "100.100.100.200"]
    bad += ["fd00::2", "fe80::1", "172.16.0.1", "192.168.1.1", "224.0.0.1", "255.255.255.255", "192.0.0.192"]
    answers: dict[str, list[list[str]]] = {}
    for index, address in enumerate(bad):
        answers[f"plain{index}.example.org"] = [[address]]
        answers[f"second{index}.example.org"] = [[PUBLIC_V4, address]]
        answers[f"last{index}.example.org"] = [[PUBLIC_V6, PUBLIC_V4, address]]
        answers[f"rebind{index}.example.org"] = [[PUBLIC_V4], [address]]
    return answers


def local_addresses() -> list[str]:
    """This machine's own IPv4 addresses that are not loopback."""
    text = Path("/proc/net/fib_trie").read_text() if Path("/proc/net/fib_trie").exists() else ""
    found = re.findall(r"\|-- (\S+)\n\s+/32 host LOCAL", text)
    return sorted({a for a in found if not a.startswith("127.")})[:2]


def settings_for(port: int, **changes: object) -> EgressSettings:
    values = {"ports": (80, 443, port), "connect_timeout_s": 3, "read_timeout_s": 3, "total_timeout_s": 20} | changes
    flags = {f"egress_{name}": value for name, value in values.items()}
    return Settings(flags, file=Path("/nonexistent/likewise.toml")).get(EgressSettings)


@contextlib.asynccontextmanager
async def canary() -> AsyncGenerator[Site]:
    hosts = ["0.0.0.0", "::1"] if Path("/proc/net/if_inet6").exists() else ["0.0.0.0"]
    async with Site(lambda _: page(b"canary")).listening(hosts) as site:
        yield site


async def run_campaign(port: int, make: Callable[[Names, Site], httpx.AsyncClient]) -> tuple[int, int]:
    """Try everything hostile with the client under test; the numbers of tries and of redirects that were offered."""
    names = Names(hostile_names())
    targets: list[str] = []

    def redirect(head: str) -> bytes:
        wanted = re.search(r"\?to=(\d+) ", head)
        return page(status="302 Found", headers=f"location: {targets[int(wanted[1])]}\r\n") if wanted else page()

    redirecting = Site(redirect)

    hosts = hostile_hosts(local_addresses())
    urls = [f"http://{host}:{port}/" for host in hosts]
    urls += [f"http://{name}:{port}/" for name in names.answers]
    urls += [
        f"file:///etc/passwd?{port}",
        f"gopher://127.0.0.1:{port}/",
        f"unix://127.0.0.1:{port}/",
        f"//127.0.0.1:{port}/",
    ]
    targets += urls
    async with redirecting.listening(["127.0.0.1"]):
        names.answers["public.example.org"] = [[PUBLIC_V4]]
        urls += [f"http://public.example.org/?to={index}" for index in range(0, len(targets), 2)]
        async with make(names, redirecting) as client:
            for url in urls:
                with contextlib.suppress(httpx.HTTPError, httpx.InvalidURL, EgressRefused, UnicodeError, OSError):
                    await client.get(url)
                    if ".example.org" in url:  # rebinding names get their second look-up on a new connection
                        await client.get(url)
    return len(urls), len(redirecting.heads)


async def test_no_hostile_address_is_reached() -> None:
    async with canary() as site:
        settings = settings_for(site.port)

        def guarded(names: Names, internet: Site) -> httpx.AsyncClient:
            return Egress(settings, resolve=names, network=Internet(internet)).open_client()

        tries, redirects = await run_campaign(site.port, guarded)
        assert tries >= TRIES_MIN
        assert redirects >= TRIES_MIN / 4
        assert site.heads == []


async def test_campaign_catches_a_plain_client() -> None:
    async with canary() as site:

        def plain(names: Names, internet: Site) -> httpx.AsyncClient:
            network = Internet(internet)

            class NoGuard(GuardedBackend):
                async def judge(self, host: str, port: int) -> list[IPv4Address | IPv6Address]:
                    return [ip_address(text.split("%")[0]) for text in await names(host, port)]

            settings = settings_for(site.port)
            backend = NoGuard(PUBLIC, settings=settings, resolve=names, network=network)
            transport = GuardedTransport(backend, settings=settings, tls=ssl.create_default_context())
            return httpx.AsyncClient(transport=transport, follow_redirects=True, trust_env=False)

        await run_campaign(site.port, plain)
        assert len(site.heads) > 50


async def test_campaign_catches_a_guard_that_judges_only_the_first_address() -> None:
    async with canary() as site:

        def careless(names: Names, _: Site) -> httpx.AsyncClient:
            async def first_only(host: str, port: int) -> Sequence[str]:
                return (await names(host, port))[:1]

            class FirstOnly(GuardedBackend):
                async def judge(self, host: str, port: int) -> list[IPv4Address | IPv6Address]:
                    await super().judge(host, port)
                    return [ip_address(text) for text in await names(host, port)]

            settings = settings_for(site.port)
            backend = FirstOnly(PUBLIC, settings=settings, resolve=first_only, network=Internet(None))
            transport = GuardedTransport(backend, settings=settings, tls=ssl.create_default_context())
            return httpx.AsyncClient(transport=transport, follow_redirects=True, trust_env=False)

        await run_campaign(site.port, careless)
        assert len(site.heads) > 0


async def test_rebinding_name_is_looked_up_once_and_its_judged_address_is_dialled() -> None:
    names = Names({"rebind.example.org": [[PUBLIC_V4], ["127.0.0.1"]]})
    async with Site(lambda _: page()).listening(["127.0.0.1"]) as site:
        network = Internet(site)
        async with Egress(settings_for(site.port), resolve=names, network=network).open_client() as client:
            answer = await client.get("http://rebind.example.org/")
            assert answer.text == "ok"
            assert names.asked == ["rebind.example.org"]
            assert network.dialled == [PUBLIC_V4]
            assert "host: rebind.example.org" in site.heads[0].lower()
            with pytest.raises(EgressRefused):
                await client.get("http://rebind.example.org/")
        assert network.dialled == [PUBLIC_V4]


async def test_refusal_names_the_rule_and_the_setting() -> None:
    async with Egress(settings_for(80)).open_client() as client:
        with pytest.raises(EgressRefused) as refused:
            await client.get("http://169.254.169.254/latest/meta-data/")
    assert "link-local" in refused.value.message
    assert "LIKEWISE_EGRESS_PUBLIC_HOSTS" in refused.value.message
    assert refused.value.status == 422


async def test_port_outside_the_list_is_refused() -> None:
    names = Names({"public.example.org": [[PUBLIC_V4]]})
    async with Egress(settings_for(80), resolve=names, network=Internet(None)).open_client() as client:
        with pytest.raises(EgressRefused, match="LIKEWISE_EGRESS_PORTS"):
            await client.get("http://public.example.org:6379/")
    assert names.asked == []


async def test_operator_reaches_exactly_the_endpoint_the_owner_named() -> None:
    async with canary() as named, canary() as other:
        policy = operator_policy(f"http://127.0.0.1:{named.port}/v1")
        async with Egress(settings_for(other.port)).open_client(
            policy, base_url=f"http://127.0.0.1:{named.port}/v1"
        ) as client:
            assert (await client.get("/models")).text == "canary"
            with pytest.raises(EgressRefused):
                await client.get(f"http://127.0.0.1:{other.port}/")
            with pytest.raises(EgressRefused):
                await client.get(f"http://127.0.0.2:{named.port}/")
        assert len(named.heads) == 1
        assert other.heads == []


async def test_operator_endpoint_cannot_redirect_to_another_local_service() -> None:
    async with canary() as secret:
        luring = Site(lambda _: page(status="307 Temporary", headers=f"location: http://127.0.0.1:{secret.port}/\r\n"))
        async with luring.listening(["127.0.0.1"]):
            url = f"http://127.0.0.1:{luring.port}/"
            async with Egress(settings_for(secret.port)).open_client(operator_policy(url)) as client:
                with pytest.raises(EgressRefused):
                    await client.post(url, content=b"body")
        assert secret.heads == []


async def test_owners_exceptions_for_one_policy_do_not_widen_the_other() -> None:
    async with canary() as site:
        settings = settings_for(site.port, operator_hosts=(f"localhost:{site.port}",))
        async with Egress(settings).open_client() as client:
            with pytest.raises(EgressRefused):
                await client.get(f"http://localhost:{site.port}/")
        async with Egress(settings).open_client(operator_policy()) as client:
            assert (await client.get(f"http://localhost:{site.port}/")).text == "canary"
        settings = settings_for(site.port, public_hosts=(f"localhost:{site.port}",))
        async with Egress(settings).open_client() as client:
            assert (await client.get(f"http://localhost:{site.port}/")).text == "canary"


async def test_proxies_in_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    names = Names({"public.example.org": [[PUBLIC_V4]]})
    async with canary() as proxy, Site(lambda _: page(b"direct")).listening(["127.0.0.1"]) as site:
        for variable in ("http_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy.port}")
        egress = Egress(settings_for(site.port), resolve=names, network=Internet(site))
        async with egress.open_client() as client:
            assert (await client.get("http://public.example.org/")).text == "direct"
        assert proxy.heads == []


async def test_redirects_are_bounded() -> None:
    names = Names({"loop.example.org": [[PUBLIC_V4]]})
    site = Site(lambda _: page(status="302 Found", headers="location: http://loop.example.org/\r\n"))
    async with site.listening(["127.0.0.1"]):
        egress = Egress(settings_for(site.port, redirects_max=3), resolve=names, network=Internet(site))
        async with egress.open_client() as client:
            with pytest.raises(httpx.TooManyRedirects):
                await client.get("http://loop.example.org/")
        assert len(site.heads) == 4
        async with egress.open_client(redirects_max=0) as client:
            assert (await client.get("http://loop.example.org/")).status_code == 302


@pytest.mark.parametrize("encoding", ["identity", "gzip", "deflate"])
async def test_answer_is_bounded_after_decompression(encoding: str) -> None:
    body = b"x" * 5_000_000
    packed = {"identity": body, "gzip": gzip.compress(body, mtime=0), "deflate": zlib.compress(body)}[encoding]
    answer = page(packed, headers=f"content-encoding: {encoding}\r\n")
    async with Site(lambda _: answer).listening(["127.0.0.1"]) as site:
        url = f"http://127.0.0.1:{site.port}/"
        async with Egress(settings_for(80, response_bytes_max=5_000_000)).open_client(operator_policy(url)) as client:
            assert (await client.get(url)).content == body
        async with Egress(settings_for(80, response_bytes_max=4_999_999)).open_client(operator_policy(url)) as client:
            with pytest.raises(EgressResponseTooLarge):
                await client.get(url)


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(b"not gzip at all", "gzip"), (gzip.compress(b"cut" * 1000, mtime=0)[:-20], "gzip"), (b"anything", "br")],
)
async def test_answer_that_cannot_be_decoded_is_a_fact(body: bytes, encoding: str) -> None:
    answer = page(body, headers=f"content-encoding: {encoding}\r\n")
    async with Site(lambda _: answer).listening(["127.0.0.1"]) as site:
        url = f"http://127.0.0.1:{site.port}/"
        async with Egress(settings_for(80)).open_client(operator_policy(url)) as client:
            with pytest.raises(EgressResponseBroken):
                await client.get(url)


async def test_answer_that_never_comes_ends_at_the_total_timeout() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        await reader.read()  # until the client gives up
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        settings = settings_for(80, total_timeout_s=0.05, read_timeout_s=30)
        async with Egress(settings).open_client(operator_policy(url)) as client:
            with pytest.raises(EgressResponseTooSlow):
                await client.get(url)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl program here to make a certificate with")
    key, file = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-keyout", key, "-out", file, "-subj", "/CN=api.example.org", "-addext", "subjectAltName=DNS:api.example.org"],
        check=True, capture_output=True,
    )  # fmt: skip
    return key, file


async def test_tls_names_and_verifies_the_host_not_its_address(certificate: tuple[Path, Path]) -> None:
    key, file = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    named: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: named.append(name)
    names = Names({"api.example.org": [[PUBLIC_V4]], "other.example.org": [[PUBLIC_V4]]})
    async with Site(lambda _: page(b"secure")).listening(["127.0.0.1"], context) as site:
        egress = Egress(settings_for(site.port, ca_file=file), resolve=names, network=Internet(site))
        async with egress.open_client() as client:
            assert (await client.get("https://api.example.org/")).text == "secure"
            with pytest.raises(httpx.ConnectError, match=r"(?i)verify"):
                await client.get("https://other.example.org/")
    assert named == ["api.example.org", "other.example.org"]


async def test_dead_address_leaves_time_for_the_next() -> None:
    names = Names({"two.example.org": [["93.184.215.99", PUBLIC_V4]]})
    async with Site(lambda _: page()).listening(["127.0.0.1"]) as site:
        network = Internet(site)
        async with Egress(settings_for(site.port), resolve=names, network=network).open_client() as client:
            assert (await client.get("http://two.example.org/")).status_code == 200
    assert network.dialled == ["93.184.215.99", PUBLIC_V4]


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("8.8.8.8", None),
        ("2606:4700:4700::1111", None),
        ("64:ff9b::808:808", None),
        ("64:ff9b::a00:1", "NAT64 of private"),
        ("::ffff:8.8.8.8", "IPv4-mapped"),
        ("2002:808:808::1", "6to4"),
        ("2001:0:1::1", "Teredo"),
        ("2a00:1450:4001:81b:0:5efe:a00:1", "ISATAP"),
        ("fd00:ec2::254", "private"),
        ("168.63.129.16", "cloud metadata"),
        ("100.64.0.1", "carrier-grade NAT"),
        ("198.19.255.255", "benchmarking"),
        ("fe80::1%1", "link-local"),
        ("4000::1", "reserved"),
    ],
)
def test_address_is_judged(address: str, fault: str | None) -> None:
    assert find_address_fault(ip_address(address)) == fault


def test_this_machines_own_addresses_are_known() -> None:
    assert is_own_address(ip_address("127.0.0.1"))
    assert all(is_own_address(ip_address(own)) for own in local_addresses())
    assert not is_own_address(ip_address(PUBLIC_V4))


def test_no_other_module_opens_an_http_client() -> None:
    opens = re.compile(
        r"httpx\.(AsyncClient|Client|get|post|put|request|stream)\(|AsyncHTTPTransport\(|urlopen\(|http\.client|"
        r"^\s*(import|from) (requests|aiohttp|urllib3|urllib\.request)\b",
        re.MULTILINE,
    )
    root = Path(likewise.__file__).parent
    modules = [path for path in root.rglob("*.py") if "node_modules" not in path.parts]
    found = {path.relative_to(root).as_posix() for path in modules if opens.search(path.read_text("utf-8"))}
    assert found <= {"platform/egress/client.py"}


def test_refusals_are_facts() -> None:
    assert issubclass(EgressRefused, Fact)
    assert EgressRefused(host="h", rule="r", setting="S").code == "egress_refused"
