"""View structs in the shapes that the template macros ask for (`templates/parts`)."""

from typing import Any

from xianji.domains.media import media_url


def person(member: Any) -> dict[str, Any]:
    """A member for `member.face` and the frame: name, address of the page, small picture or None."""
    return {
        "name": member.name,
        "href": f"/u/{member.handle}",
        "face": {"src": media_url(member.avatar, 320)} if member.avatar else None,
    }
