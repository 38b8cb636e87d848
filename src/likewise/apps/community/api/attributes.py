"""`/api/v1/community/categories` and `/attributes`: what experiences are about, and what is known of them."""

from typing import Annotated

from litestar import get
from litestar.params import Parameter

from likewise.apps.community import service
from likewise.apps.community.api.shared import TAGS, Limit
from likewise.apps.community.views import CommunityAttributeKeys, CommunityAttributeValues, CommunityCategories
from likewise.platform.feature import App
from likewise.platform.tenancy import Caller
from likewise.platform.web import readers

__all__ = ["ROUTES"]

Key = Annotated[str, Parameter(max_length=64, description="an attribute's key, such as shape")]


@get(
    "/community/categories",
    tags=TAGS,
    guards=[readers],
    operation_id="list_community_categories",
    summary="List categories",
)
async def list_categories(app: App, caller: Caller) -> CommunityCategories:
    """The built-in ones and this community's own, the fullest first, with what is read from experiences of each."""
    return CommunityCategories(await service.list_categories(app, caller.tenant_id))


@get(
    "/community/attributes",
    tags=TAGS,
    guards=[readers],
    operation_id="list_community_attributes",
    summary="List attributes",
)
async def list_attributes(app: App, caller: Caller) -> CommunityAttributeKeys:
    """What is known of this community's experiences, commonest first. Counts follow writes within a second."""
    return CommunityAttributeKeys(await service.list_attribute_keys(app, caller.tenant_id))


@get(
    "/community/attributes/{key:str}",
    tags=TAGS,
    guards=[readers],
    operation_id="list_community_attribute_values",
    summary="List the values of an attribute",
)
async def list_values(app: App, caller: Caller, key: Key, limit: Limit = 50) -> CommunityAttributeValues:
    """The commonest values and how many public experiences have each; of a number the ranges it falls into."""
    return CommunityAttributeValues(await service.list_attribute_values(app, caller.tenant_id, key=key, limit=limit))


ROUTES = (list_categories, list_attributes, list_values)
