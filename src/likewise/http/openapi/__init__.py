"""The API described: `/openapi.json`, and `/docs`, a page made of it by us, without scripts or foreign addresses."""

from likewise.http.openapi.document import API, complete
from likewise.http.openapi.routes import ROUTES, Documents
from likewise.http.openapi.structs import StructSchemas

__all__ = ["API", "ROUTES", "Documents", "StructSchemas", "complete"]
