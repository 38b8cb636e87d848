"""Which hosts and addresses a request may go to: pure rules, each with a name that an error can quote.

IPv4 is judged by the list of everything that is not the public internet (IANA special-purpose registry, RFC 6890 and
its updates, plus one cloud's metadata address that lies in public space). IPv6 is judged the other way round: only
2000::/3 is global unicast, and the tunnels inside it that carry an IPv4 address are refused or judged by it.
"""

import re
import socket
from contextlib import closing
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

__all__ = ["find_address_fault", "find_host_fault", "is_own_address", "literal_address"]

_V4 = tuple(
    (IPv4Network(network), rule)
    for network, rule in (
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "cloud metadata"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "documentation"),
        ("192.31.196.0/24", "reserved"),
        ("192.52.193.0/24", "reserved"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("192.175.48.0/24", "reserved"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
_V6 = tuple(
    (IPv6Network(network), rule)
    for network, rule in (
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("::ffff:0:0/96", "IPv4-mapped"),
        ("::ffff:0:0:0/96", "IPv4-translated"),
        ("::/96", "IPv4-compatible"),
        ("64:ff9b:1::/48", "local NAT64"),
        ("100::/64", "discard-only"),
        ("2001::/32", "Teredo"),
        ("2001::/23", "reserved"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("2620:4f:8000::/48", "reserved"),
        ("3fff::/20", "documentation"),
        ("5f00::/16", "segment routing"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_ISATAP = {0x0000_5EFE, 0x0200_5EFE}

_LOCAL_SUFFIXES = (
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "lan",
    "home.arpa",
    "corp",
    "home",
)
# What URL parsers of other programs take for an IPv4 address: the last label is a number, decimal, octal or hex.
_NUMERIC_END = re.compile(r"(?:^|\.)(?:[0-9]+|0[xX][0-9a-fA-F]*)$")
_STRICT_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)", re.ASCII)
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}", re.ASCII)
_NAME_LENGTH_MAX = 253


def literal_address(host: str) -> IPv4Address | IPv6Address | None:
    """The address a host spells in the one strict form, or None where it is a name (or a disguise of an address)."""
    if _STRICT_IPV4.fullmatch(host) or (":" in host and "%" not in host):
        try:
            return ip_address(host)
        except ValueError:
            return None
    return None


def find_host_fault(host: str) -> str | None:
    """The rule that a host's spelling breaks, or None. `host` is lower case and without a trailing dot."""
    if literal_address(host) is not None:
        return None
    if ":" in host or _NUMERIC_END.search(host):
        return "an address in an unusual spelling"
    if any(host == suffix or host.endswith(f".{suffix}") for suffix in _LOCAL_SUFFIXES):
        return "a name of the local network"
    if "." not in host:
        return "a name without a domain"
    if len(host) > _NAME_LENGTH_MAX or not _NAME.fullmatch(host):
        return "not a host name"
    return None


def find_address_fault(address: IPv4Address | IPv6Address) -> str | None:
    """The rule that an address breaks, or None where it is on the public internet."""
    if isinstance(address, IPv4Address):
        return next((rule for network, rule in _V4 if address in network), None)
    if address.scope_id is not None:
        return "link-local"
    if address in _NAT64:
        inside = find_address_fault(IPv4Address(address.packed[12:]))
        return f"NAT64 of {inside}" if inside else None
    if int.from_bytes(address.packed[8:12]) in _ISATAP:
        return "ISATAP"
    outside = None if address in _GLOBAL_UNICAST else "reserved"
    return next((rule for network, rule in _V6 if address in network), outside)


def is_own_address(address: IPv4Address | IPv6Address) -> bool:
    """Whether a public address is this machine's own, where services listen that only its own programs should reach.

    Connecting a datagram socket sends nothing; the kernel picks the source address, and picks the destination itself
    only where that is local.
    """
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with closing(socket.socket(family, socket.SOCK_DGRAM)) as probe:
            probe.connect((str(address), 9))
            return ip_address(str(probe.getsockname()[0])) == address
    except OSError:
        return False
