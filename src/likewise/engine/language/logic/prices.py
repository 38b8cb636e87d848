"""What models cost: a packaged list with a date, and what the settings state instead."""

import math
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import cast

from likewise.engine.language.model import EXTRACTIVE, ModelPrice

__all__ = ["PRICES_AS_OF", "PriceList", "cost_micro", "usd_of"]

MICRO = 1_000_000
_DATED = re.compile(r"(-\d{4}-\d{2}-\d{2}|-\d{8}|-latest)$")
_FREE = ModelPrice(0.0, 0.0)
# Whose models the packaged list prices. A server of one's own may serve a model of the same name for another price.
_LISTED_SERVERS = frozenset({"openai", "anthropic"})


def cost_micro(price: ModelPrice, *, input_tokens: int, output_tokens: int) -> int:
    """Millionths of a US dollar, rounded up. A price per million tokens is also millionths per token."""
    exact = input_tokens * price.input_usd + output_tokens * price.output_usd
    return math.ceil(round(exact, 6))  # first rounded, so that 20 x 0.15 is 3 and not a little more


def usd_of(micro: int) -> float:
    """Millionths as US dollars."""
    return micro / MICRO


@cache
def _packaged() -> tuple[str, Mapping[str, ModelPrice]]:
    """The date of the packaged list, and its prices by model."""
    text = files("likewise.engine.language").joinpath("prices.toml").read_text("utf-8")
    data = tomllib.loads(text)
    rows = cast("dict[str, tuple[float, float]]", data["models"])
    return str(data["as_of"]), {name: ModelPrice(float(row[0]), float(row[1])) for name, row in rows.items()}


PRICES_AS_OF = _packaged()[0]


class PriceList:
    """Prices by `server/model`. `stated` are the settings'; they go before the packaged list."""

    def __init__(self, stated: Mapping[str, tuple[float, float]]) -> None:
        self._stated = {name: ModelPrice(*price) for name, price in stated.items()}

    def find(self, model: str) -> ModelPrice | None:
        """The price of a model, or None where nobody stated it. A dated variant costs what the model does."""
        if model == EXTRACTIVE:
            return _FREE
        stated = self._find_stated(model)
        if stated is not None:
            return stated
        server, _, name = model.partition("/")
        if server not in _LISTED_SERVERS:
            return None
        known = _packaged()[1]
        return known.get(name) or known.get(_DATED.sub("", name))

    def as_of(self, model: str) -> str | None:
        """The date of a model's price where it is the packaged list's."""
        is_packaged = self._find_stated(model) is None and self.find(model) is not None
        return PRICES_AS_OF if is_packaged and model != EXTRACTIVE else None

    def _find_stated(self, model: str) -> ModelPrice | None:
        return self._stated.get(model) or self._stated.get(model.partition("/")[2])
