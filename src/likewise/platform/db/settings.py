"""How the pools behave; one section, `[database]`."""

from typing import ClassVar

from pydantic import Field, SecretStr

from likewise.platform.config import Section

__all__ = ["DatabaseSettings"]


class DatabaseSettings(Section):
    """Pools, time-outs and the optional URLs of the lesser roles."""

    section: ClassVar[str] = "database"
    app_url: SecretStr | None = Field(None, description="URL of the application role; unset: derived from the owner's")
    maintenance_url: SecretStr | None = Field(None, description="URL of the maintenance role; unset: derived")
    pool_min: int = Field(2, ge=0, description="connections of the application role kept open")
    pool_max: int = Field(12, ge=1, description="connections of the application role at most")
    maintenance_pool_max: int = Field(6, ge=1, description="connections of the maintenance role at most")
    pool_wait_s: float = Field(10, gt=0, description="seconds to wait for a free connection before refusing")
    connect_timeout_s: int = Field(10, ge=1, description="seconds to wait for the server when opening a connection")
    statement_timeout_s: float = Field(60, gt=0, description="seconds a statement may run")
    lock_timeout_s: float = Field(10, gt=0, description="seconds a statement may wait for a lock")
    idle_in_transaction_timeout_s: float = Field(60, gt=0, description="seconds a transaction may stand idle")
    migration_lock_timeout_s: float = Field(15, gt=0, description="seconds a migration may wait for a lock")
    migration_statement_timeout_s: float = Field(3600, gt=0, description="seconds one migration statement may run")
    slow_statement_ms: float = Field(500, gt=0, description="milliseconds from which a statement is logged by name")
