"""The API described: `/openapi.json`, and `/docs`, a page made of it by us, without scripts or foreign addresses."""

from likewise.http.openapi.document import API, Document
from likewise.http.openapi.documents import Documents
from likewise.http.openapi.structs import StructSchemas

__all__ = ["API", "Document", "Documents", "StructSchemas"]
