"""The routes of the platform's own parts; features bring theirs."""

from likewise.http.routes.documents import ROUTES as DOCUMENT_ROUTES
from likewise.http.routes.health import PUBLIC_ROUTES
from likewise.http.routes.health import ROUTES as HEALTH_ROUTES
from likewise.http.routes.installation import ROUTES as INSTALLATION_ROUTES
from likewise.http.routes.jobs import ROUTES as JOB_ROUTES
from likewise.http.routes.keys import ROUTES as KEY_ROUTES
from likewise.http.routes.operations import ROUTES as OPERATION_ROUTES

__all__ = ["API_ROUTES", "ROOT_ROUTES"]

API_ROUTES = (*OPERATION_ROUTES, *JOB_ROUTES, *KEY_ROUTES, *INSTALLATION_ROUTES, *HEALTH_ROUTES)
ROOT_ROUTES = (*PUBLIC_ROUTES, *DOCUMENT_ROUTES)
