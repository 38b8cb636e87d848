"""Bounds of the GraphQL surface; section `[graphql]`."""

from typing import ClassVar

from pydantic import Field

from likewise.platform.config import Section

__all__ = ["GraphqlSettings"]


class GraphqlSettings(Section):
    """How much a GraphQL operation may ask for, and how many subscriptions stay open."""

    section: ClassVar[str] = "graphql"
    request_bytes_max: int = Field(2**20, ge=1024, description="bytes of a request: query and variables together")
    query_chars_max: int = Field(50_000, ge=100, description="characters of a query")
    tokens_max: int = Field(2000, ge=10, description="tokens of a query")
    depth_max: int = Field(12, ge=1, description="fields within fields of an operation, its fragments spread out")
    aliases_max: int = Field(30, ge=0, description="aliases of an operation, its fragments spread out")
    changes_max: int = Field(10, ge=1, description="root fields of a mutation")
    rows_max: int = Field(5000, ge=1, description="rows an operation may ask for: pages times the pages within them")
    values_max: int = Field(20_000, ge=1, description="values an operation may ask for: the fields of all its rows")
    list_rows: int = Field(10, ge=1, description="rows that a list without first, last or limit counts as")
    operation_wait_s: float = Field(15, gt=0, description="seconds a query or mutation may take")
    known_chars_max: int = Field(200_000, ge=0, description="characters of checked queries kept in memory")
    names_max: int = Field(100, ge=0, description="operation names told apart in metrics; the rest are `other`")
    unnamed_max: int = Field(64, ge=1, description="web sockets open in a process that have not said who they are")
    subscriptions_max: int = Field(2048, ge=1, description="subscriptions open in a process")
    tenant_subscriptions_max: int = Field(1024, ge=1, description="subscriptions of a tenant, likewise")
    socket_operations_max: int = Field(32, ge=1, description="operations under way on one web socket")
    socket_messages_max: int = Field(16, ge=1, description="answers waiting to be sent on one web socket")
    init_wait_s: float = Field(10, gt=0, description="seconds a web socket may take to say who it is")
    ping_s: float = Field(15, gt=0, description="seconds between pings; a client that answers none is cut off")
