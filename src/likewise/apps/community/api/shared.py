"""What the routes of the community share."""

from typing import Annotated

from litestar.params import Parameter

__all__ = ["TAGS", "Limit", "User"]

TAGS = ["community"]
Limit = Annotated[int, Parameter(ge=1, le=100, description="rows in one page")]
User = Annotated[str, Parameter(min_length=1, max_length=500, description="your own id of the person")]
