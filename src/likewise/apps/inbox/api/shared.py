"""What the routes of the inbox share."""

from typing import Annotated

from litestar.params import Parameter

__all__ = ["TAGS", "Limit"]

TAGS = ["inbox"]
Limit = Annotated[int, Parameter(ge=1, le=200, description="rows in one page")]
