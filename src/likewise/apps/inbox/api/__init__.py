"""REST of the inbox."""

from likewise.apps.inbox.api.answers import ROUTES as _ANSWERS
from likewise.apps.inbox.api.archives import ROUTES as _ARCHIVES
from likewise.apps.inbox.api.avatars import PUBLIC_ROUTES as _AVATARS
from likewise.apps.inbox.api.channels import PUBLIC_ROUTES as _HOOKS
from likewise.apps.inbox.api.channels import ROUTES as _CHANNELS
from likewise.apps.inbox.api.clusters import ROUTES as _CLUSTERS
from likewise.apps.inbox.api.live import ROUTES as _LIVE
from likewise.apps.inbox.api.messages import ROUTES as _MESSAGES

__all__ = ["PUBLIC_ROUTES", "ROUTES"]

ROUTES = (*_CHANNELS, *_MESSAGES, *_CLUSTERS, *_ANSWERS, *_ARCHIVES, *_LIVE)
PUBLIC_ROUTES = (*_HOOKS, *_AVATARS)
