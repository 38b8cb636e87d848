"""Who answers what for a tenant: its own table or the settings', kept in memory until somebody writes it."""

from uuid import UUID

from likewise.engine.language import logic, store
from likewise.engine.language.model import EXTRACTIVE, TIERS, ChatModelInfo, Routing, RoutingInfo
from likewise.engine.language.service.servers import ChatServers
from likewise.engine.language.settings import LanguageSettings
from likewise.platform.cache import Namespace
from likewise.platform.feature import App

__all__ = ["budget_usd_of", "get_routing", "is_model_configured", "list_models", "put_routing", "reset_routing"]

TAG = "language_routing"
_ROUTINGS = Namespace("language.routing", RoutingInfo, ttl_s=600)


async def get_routing(app: App, tenant_id: UUID) -> RoutingInfo:
    """The table in force. A write is seen at once here, and elsewhere within the cache's announcements."""

    async def look() -> RoutingInfo:
        async with app.db.tenant(tenant_id, read_only=True) as tx:
            own = await store.find_routing(tx)
        if own is not None:
            return RoutingInfo(own, is_own=True)
        return RoutingInfo(logic.default_routing(app.settings.get(LanguageSettings)), is_own=False)

    return await app.cache.get_or_compute(_ROUTINGS, tenant_id=tenant_id, key="", tags=[TAG], compute=look)


async def put_routing(app: App, tenant_id: UUID, routing: Routing) -> RoutingInfo:
    """Replace the tenant's table. Raises RoutingRefused, ModelNotOffered."""
    logic.check_routing(routing, app.settings.get(LanguageSettings))
    async with app.db.tenant(tenant_id) as tx:
        await store.upsert_routing(tx, routing=routing)
        await app.cache.bump_tags(tx, [TAG])
    return RoutingInfo(routing, is_own=True)


async def reset_routing(app: App, tenant_id: UUID) -> RoutingInfo:
    """Back to the settings' table."""
    async with app.db.tenant(tenant_id) as tx:
        await store.delete_routing(tx)
        await app.cache.bump_tags(tx, [TAG])
    return await get_routing(app, tenant_id)


async def is_model_configured(app: App, tenant_id: UUID) -> bool:
    """Whether a chat model can be asked at all; False where only the extractive one would answer."""
    routing = (await get_routing(app, tenant_id)).routing
    servers = app.resource(ChatServers)
    return any(servers.find(model) is not None for tier in TIERS for model in logic.models_of(routing, tier))


async def list_models(app: App, tenant_id: UUID) -> list[ChatModelInfo]:
    """Every model a table may name or names, the built-in one first; no key is shown."""
    routing = (await get_routing(app, tenant_id)).routing
    servers = app.resource(ChatServers)
    offered = logic.offered_models(app.settings.get(LanguageSettings))
    tiers = {tier: logic.models_of(routing, tier) for tier in TIERS}
    named = [EXTRACTIVE, *offered, *(model for models in tiers.values() for model in models)]
    return [
        ChatModelInfo(
            model=model,
            is_configured=model == EXTRACTIVE or servers.find(model) is not None,
            tiers=["extractive"] if model == EXTRACTIVE else [tier for tier in TIERS if model in tiers[tier]],
            price=servers.prices.find(model),
            price_as_of=servers.prices.as_of(model),
        )
        for model in dict.fromkeys(named)
    ]


def budget_usd_of(routing: Routing, settings: LanguageSettings) -> float | None:
    """What a tenant may spend in a month: its own budget or the settings', within the most that may be set."""
    own = settings.budget_month_usd if routing.budget_month_usd is None else routing.budget_month_usd
    bounds = [bound for bound in (own, settings.budget_month_max_usd) if bound is not None]
    return min(bounds, default=None)
