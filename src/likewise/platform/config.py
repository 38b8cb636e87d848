"""Settings: each has one home, one type, one unit and an origin.

A setting comes from the first of these that names it: a flag, the environment, `likewise.toml`, its default.
Sections belong to features: `SearchSettings.exact_rows_max` is `LIKEWISE_SEARCH_EXACT_ROWS_MAX` in the environment
and `exact_rows_max` under `[search]` in the file. A secret may be given as `..._FILE`, the path of its file.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar, cast

import msgspec
import platformdirs
from pydantic import Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict
from typing_extensions import override

from likewise.platform.errors import FieldError, Rejected

__all__ = ["CoreSettings", "Origin", "Section", "Setting", "SettingInvalid", "Settings"]

Origin = Literal["flag", "environment", "file", "default"]


class SettingInvalid(Rejected):
    """A setting is not usable: {reason}. `likewise config show --origin` lists every setting and where it came from."""


class SettingsFileInvalid(Rejected):
    """{path} is not valid TOML: {reason}. Correct it, or point LIKEWISE_CONFIG at another file."""


class SecretFileUnreadable(Rejected):
    """{variable} names {path}, which cannot be read: {reason}."""


class Setting(msgspec.Struct, frozen=True):
    """One setting as it is now, for people to read; a secret's value is masked."""

    name: str
    value: str
    origin: Origin
    variable: str
    description: str


class Section(BaseSettings):
    """Base of every group of settings. `section` is its table in the file and its part of the variable's name."""

    section: ClassVar[str] = ""
    model_config = SettingsConfigDict(frozen=True, extra="ignore", validate_default=True)

    @override
    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is passed in: `Settings` layers flag, environment and file itself, to know each origin."""
        return (init_settings,)


class CoreSettings(Section):
    """What the whole program needs to know before anything else."""

    home: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("likewise", appauthor=False)),
        description="directory that holds everything an embedded instance keeps",
    )
    database_url: SecretStr | None = Field(
        None, description="another Postgres 16+ with pgvector; unset: the embedded one under home"
    )
    host: str = Field("127.0.0.1", description="address to listen on; one that is not loopback needs an API key")
    port: int = Field(8765, ge=0, le=65535, description="port to listen on; 0 or a taken default: a free one")
    no_browser: bool = Field(False, description="do not open a browser")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="least severe log line kept")
    log_format: Literal["auto", "text", "json"] = Field("auto", description="auto: text on a terminal, else JSON")


S = TypeVar("S", bound=Section)


class Settings:
    """Every section, read once and kept. Raises SettingInvalid naming the variable that is wrong."""

    def __init__(self, flags: Mapping[str, object] | None = None, *, file: Path | None = None) -> None:
        self._flags = dict(flags or {})
        self.file = file or _settings_file()
        self._tables = _read_tables(self.file)
        self._loaded: dict[type[Section], tuple[Section, dict[str, Origin]]] = {}

    @property
    def core(self) -> CoreSettings:
        """The core section."""
        return self.get(CoreSettings)

    @property
    def home(self) -> Path:
        """The directory that holds everything an embedded instance keeps."""
        return self.core.home.expanduser().absolute()

    def get(self, kind: type[S]) -> S:
        """The section of this kind; read on first use."""
        if kind not in self._loaded:
            self._loaded[kind] = self._load(kind)
        return cast("S", self._loaded[kind][0])

    def describe(self, kind: type[Section]) -> list[Setting]:
        """Each setting of a section with its value and origin, secrets masked."""
        values = self.get(kind)
        origins = self._loaded[kind][1]
        return [
            Setting(
                name=f"{kind.section}.{name}" if kind.section else name,
                value=_shown(getattr(values, name)),
                origin=origins[name],
                variable=variable_name(kind, name),
                description=field.description or "",
            )
            for name, field in kind.model_fields.items()
        ]

    def _load(self, kind: type[Section]) -> tuple[Section, dict[str, Origin]]:
        table: dict[str, object] = self._tables if not kind.section else _table(self._tables, kind.section)
        layers: list[tuple[Origin, dict[str, object]]] = [
            ("flag", {n: self._flags[_flag(kind, n)] for n in kind.model_fields if _flag(kind, n) in self._flags}),
            ("environment", _environment(kind)),
            ("file", {name: table[name] for name in kind.model_fields if name in table}),
        ]
        values: dict[str, object] = {}
        origins: dict[str, Origin] = dict.fromkeys(kind.model_fields, "default")
        for origin, layer in reversed(layers):
            values |= layer
            origins |= dict.fromkeys(layer, origin)
        try:
            return kind(**cast("dict[str, Any]", values)), origins
        except ValidationError as error:
            problems = [_problem(kind, problem["loc"], problem["msg"]) for problem in error.errors()]
            raise SettingInvalid(reason="; ".join(p.detail for p in problems), errors=problems) from None


def variable_name(kind: type[Section], field: str) -> str:
    """`LIKEWISE_SEARCH_EXACT_ROWS_MAX`."""
    return f"LIKEWISE_{_flag(kind, field).upper()}"


def _flag(kind: type[Section], field: str) -> str:
    return f"{kind.section}_{field}" if kind.section else field


class _Environment(EnvSettingsSource):
    """The environment of one section, without the field defaults pydantic-settings would mix in."""

    def values(self) -> dict[str, Any]:
        return self()


def _environment(kind: type[Section]) -> dict[str, object]:
    source = _Environment(kind, case_sensitive=False, env_prefix=variable_name(kind, ""))
    found: dict[str, object] = {name: value for name, value in source.values().items() if name in kind.model_fields}
    for name, field in kind.model_fields.items():
        variable = f"{variable_name(kind, name)}_FILE"
        path = os.environ.get(variable)
        if path and name not in found and _is_secret(field):
            try:
                found[name] = Path(path).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise SecretFileUnreadable(variable=variable, path=path, reason=error) from error
    return found


def _is_secret(field: FieldInfo) -> bool:
    return "SecretStr" in str(field.annotation)


def _settings_file() -> Path:
    return Path(os.environ.get("LIKEWISE_CONFIG", "likewise.toml"))


def _read_tables(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsFileInvalid(path=file, reason=error) from error


def _table(tables: dict[str, object], name: str) -> dict[str, object]:
    table = tables.get(name, {})
    if isinstance(table, dict):
        return cast("dict[str, object]", table)
    raise SettingInvalid(reason=f"[{name}] must be a table")


def _problem(kind: type[Section], where: tuple[int | str, ...], message: str) -> FieldError:
    name = str(where[0]) if where else ""
    return FieldError(f"/{_flag(kind, name)}", f"{variable_name(kind, name)}: {message}")


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return "********"
    return "" if value is None else str(value)
