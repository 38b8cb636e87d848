"""Which servers there are, given the settings."""

from collections.abc import Callable, Mapping
from functools import partial

import httpx
from pydantic import SecretStr

from likewise.engine.language.errors import ChatMisconfigured
from likewise.engine.language.models.anthropic import VERSION, Anthropic
from likewise.engine.language.models.openai import OpenAI
from likewise.engine.language.models.port import OpenClient
from likewise.engine.language.models.server import ChatServer
from likewise.engine.language.settings import LanguageSettings

__all__ = ["choose_servers"]

_OPENAI_HOST = "api.openai.com"
OpenFor = Callable[[str], OpenClient]


def choose_servers(settings: LanguageSettings, *, open_for: OpenFor) -> Mapping[str, ChatServer]:
    """The configured servers by their name: those with a key, or with an address of one's own.

    `open_for` gives what opens a client for a URL. Raises ChatMisconfigured where an address is none.
    """
    defaults = LanguageSettings.model_fields
    found: dict[str, ChatServer] = {}
    for name, url, key in (
        ("openai", settings.openai_url, settings.openai_api_key),
        ("other", settings.other_url, settings.other_api_key),
    ):
        if url is None or (key is None and name == "openai" and url == defaults["openai_url"].default):
            continue
        host = _host_of(url, setting=f"LIKEWISE_LANGUAGE_{name.upper()}_URL")
        found[name] = ChatServer(
            settings,
            name=name,
            url=url,
            key=key,
            headers=partial(_bearer, key),
            dialect=OpenAI(is_original=host == _OPENAI_HOST, asks_usage=settings.stream_usage),
            open_client=open_for(url),
        )
    url, key = settings.anthropic_url, settings.anthropic_api_key
    if key is not None or url != defaults["anthropic_url"].default:
        _host_of(url, setting="LIKEWISE_LANGUAGE_ANTHROPIC_URL")
        found["anthropic"] = ChatServer(
            settings,
            name="anthropic",
            url=url,
            key=key,
            headers=partial(_versioned, key),
            dialect=Anthropic(),
            open_client=open_for(url),
        )
    return found


def _bearer(key: SecretStr | None) -> dict[str, str]:
    return {} if key is None else {"authorization": f"Bearer {key.get_secret_value()}"}


def _versioned(key: SecretStr | None) -> dict[str, str]:
    version = {"anthropic-version": VERSION}
    return version if key is None else {**version, "x-api-key": key.get_secret_value()}


def _host_of(url: str, *, setting: str) -> str:
    """The host of a server's URL. Raises ChatMisconfigured where it is not one."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ChatMisconfigured(setting=setting, reason=str(error)) from None
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise ChatMisconfigured(setting=setting, reason="it begins with neither http:// nor https://")
    return parsed.host
