"""Likewise: the backend for what people write. Public names are in this package's modules; start at `likewise.app`."""

from importlib.metadata import version as _version

__all__ = ["__version__"]

__version__: str


def __getattr__(name: str) -> str:
    if name == "__version__":
        return _version("likewise")
    raise AttributeError(name)
