"""What is measured: three looks, each as JSON and as a page, for nobody and for a member, plain and compressed.

A cold line asks for another thing, note or place in the feed every time, so that nothing that was read or drawn for an
earlier request fits; what the others measure is something that somebody has seen since it last changed.
"""

from dataclasses import dataclass

FEED = "/api/v1/feed?tab=home"
JSON_ACCEPT = "application/json"
HTML_ACCEPT = "text/html"


@dataclass(frozen=True)
class Look:
    """One line of the table. `of` says what fills the path: ids, questions, places; "" stands for places in the feed.

    With `many` each request comes from another member. With `alike` the limit prepared nothing and is asked the same.
    """

    name: str
    path: str
    of: str
    signed_in: bool = False
    gzip: bool = False
    cold: bool = False
    many: bool = False
    alike: bool = False

    @property
    def api(self) -> bool:
        return self.path.startswith("/api/")

    @property
    def variant(self) -> str:
        """What a prepared answer is kept under beside its path; the bare application derives the same."""
        return variant(self.signed_in, self.gzip)

    def headers(self, token: str) -> dict[str, str]:
        """The headers both sides are sent: a cookie for pages and a bearer token for the API, as their users do."""
        found = {"accept": JSON_ACCEPT if self.api else HTML_ACCEPT}
        if self.gzip:
            found["accept-encoding"] = "gzip"
        if self.signed_in:
            found |= {"authorization": f"Bearer {token}"} if self.api else {"cookie": f"xianji_session={token}"}
        return found


def variant(signed_in: bool, gzip: bool) -> str:
    """A short word for who asks and in which encoding."""
    return ("member" if signed_in else "nobody") + (" gzip" if gzip else "")


def _after(path: str) -> str:
    """The path of a cold look: where it names nothing, it begins at some place in the plain list of what is on sale."""
    return path if "{id}" in path else path + ("&" if "?" in path else "?") + "kind=sale&cursor={id}"


def _looks(name: str, api: str, page: str, of: str) -> list[Look]:
    return [
        Look(f"{name} JSON", api, of),
        Look(f"{name} JSON, member", api, of, signed_in=True),
        Look(f"{name} page", page, of),
        Look(f"{name} page, member", page, of, signed_in=True),
        Look(f"{name} page, gzip", page, of, gzip=True),
        Look(f"{name} JSON, cold", _after(api), of, cold=True),
        Look(f"{name} page, cold", _after(page), of, cold=True),
    ]


ALL: list[Look] = [
    *_looks("item", "/api/v1/items/{id}", "/items/{id}", "items"),
    *_looks("note", "/api/v1/notes/{id}", "/notes/{id}", "notes"),
    *_looks("feed", FEED, "/", ""),
]

FOUND: list[Look] = [
    Look("search JSON", "/api/v1/search?{id}", "questions", alike=True),
    Look("search JSON, cold", "/api/v1/search?{id}", "questions", cold=True, alike=True),
    Look("search JSON, wishes, cold", "/api/v1/search?{id}", "wishes", cold=True, alike=True),
    Look("ranked feed JSON, cold", FEED + "&{id}", "readers", signed_in=True, cold=True, many=True),
    *(look for look in ALL if look.name in ("feed JSON, cold", "feed page, cold")),
]
"""What `bench.discovery` measures: the limit of a search is a bare Tantivy query (`bench.raw`)."""
