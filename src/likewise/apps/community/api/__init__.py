"""REST of the community."""

from litestar.types import ControllerRouterHandler

from likewise.apps.community.api.acts import ROUTES as _ACTS
from likewise.apps.community.api.attributes import ROUTES as _ATTRIBUTES
from likewise.apps.community.api.comments import ROUTES as _COMMENTS
from likewise.apps.community.api.discovery import ROUTES as _DISCOVERY
from likewise.apps.community.api.experiences import ROUTES as _EXPERIENCES
from likewise.apps.community.api.feeding import ROUTES as _FEEDING
from likewise.apps.community.api.media import PUBLIC_ROUTES as _PICTURES
from likewise.apps.community.api.media import ROUTES as _MEDIA
from likewise.apps.community.api.members import ROUTES as _MEMBERS
from likewise.apps.community.api.moderation import ROUTES as _MODERATION
from likewise.apps.community.api.patterns import ROUTES as _PATTERNS
from likewise.apps.community.api.people import ROUTES as _PERSONS
from likewise.apps.community.api.searching import ROUTES as _SEARCHING

__all__ = ["PUBLIC_ROUTES", "ROUTES"]

ROUTES: tuple[ControllerRouterHandler, ...] = (
    *_DISCOVERY,
    *_EXPERIENCES,
    *_ATTRIBUTES,
    *_MEMBERS,
    *_ACTS,
    *_COMMENTS,
    *_MEDIA,
    *_MODERATION,
    *_FEEDING,
    *_PATTERNS,
    *_PERSONS,
    *_SEARCHING,
)
PUBLIC_ROUTES: tuple[ControllerRouterHandler, ...] = (*_PICTURES,)
