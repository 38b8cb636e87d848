"""How many streams are open at once: so many in a process, and so many of one tenant, that nobody takes all of them."""

from collections import Counter
from uuid import UUID

from prometheus_client import Gauge

from likewise.platform.errors import Limited

__all__ = ["Place", "Places", "StreamsTaken", "TenantStreamsTaken"]

_RETRY_S = 10.0


class StreamsTaken(Limited):
    """This server has {total_max} {what} open, which is all it keeps (setting {setting}). Come back in
    {retry_after_s:.0f} s, or run more processes with `likewise serve --workers N`."""

    status = 503


class TenantStreamsTaken(Limited):
    """You have {tenant_max} {what} open on this server, which is all one tenant gets (setting {setting}). Close some,
    or come back in {retry_after_s:.0f} s."""


class Place:
    """A place among the open ones, until it is left; leaving twice is leaving once."""

    __slots__ = ("_is_left", "_places", "tenant_id")

    def __init__(self, places: "Places", tenant_id: UUID | None) -> None:
        self.tenant_id = tenant_id
        self._places = places
        self._is_left = False

    def leave(self) -> None:
        """Make room."""
        if not self._is_left:
            self._is_left = True
            self._places.free(self.tenant_id)


class Places:
    """The places of one kind in this process. The settings `SECTION.NAME` and `SECTION.tenant_NAME` bound them."""

    def __init__(self, what: str, *, section: str, setting: str, total_max: int, tenant_max: int, gauge: Gauge) -> None:
        self._what = what
        self._section = section
        self._setting = setting
        self._total_max = total_max
        self._tenant_max = tenant_max
        self._gauge = gauge
        self._by_tenant: Counter[UUID | None] = Counter()

    def check(self, tenant_id: UUID | None) -> None:
        """That there is room for one more. Raises StreamsTaken, TenantStreamsTaken."""
        if self._by_tenant.total() >= self._total_max:
            raise StreamsTaken(
                retry_after_s=_RETRY_S,
                total_max=self._total_max,
                what=self._what,
                setting=f"{self._section}.{self._setting}",
            )
        if self._by_tenant[tenant_id] >= self._tenant_max:
            raise TenantStreamsTaken(
                retry_after_s=_RETRY_S,
                tenant_max=self._tenant_max,
                what=self._what,
                setting=f"{self._section}.tenant_{self._setting}",
            )

    def enter(self, tenant_id: UUID | None) -> Place:
        """A place of a tenant; None where it is not known yet whose. Raises StreamsTaken, TenantStreamsTaken."""
        self.check(tenant_id)
        self._by_tenant[tenant_id] += 1
        self._gauge.inc()
        return Place(self, tenant_id)

    def free(self, tenant_id: UUID | None) -> None:
        """One of them ended."""
        self._by_tenant[tenant_id] -= 1
        if not self._by_tenant[tenant_id]:
            del self._by_tenant[tenant_id]
        self._gauge.dec()
