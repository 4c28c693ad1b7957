"""Parameters that all lists share."""

from typing import Annotated

import msgspec

from queue_server.application.desk_bodies import Body
from queue_server.application.paging import LONGEST_PAGE

Cursor = Annotated[str, msgspec.Meta(min_length=1, max_length=200, description="from the last page's Link")]
PageLimit = Annotated[int, msgspec.Meta(ge=1, le=LONGEST_PAGE)]


class PageQuery(Body, frozen=True, kw_only=True):
    """Which part of a list."""

    cursor: Cursor | None = None
    limit: PageLimit = 50


class LongPageQuery(PageQuery, frozen=True, kw_only=True):
    """Which part of a list that is mostly read whole."""

    limit: PageLimit = LONGEST_PAGE
