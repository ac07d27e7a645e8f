"""What the demo data is made of. Plain frozen structs; money in fen; ages counted back from "now"."""

from typing import Literal

from msgspec import Struct, field

Kind = Literal["share", "sale", "stall", "wanted", "giveaway", "warning"]
Condition = Literal["new", "like_new", "light_wear", "used", "heavy_wear"]
Handover = Literal["ship", "meet", "digital"]
SellerType = Literal["individual", "professional", "merchant"]
CircleKind = Literal["place", "campus", "interest", "fandom"]


class Recipe(Struct, frozen=True):
    """A picture still to be drawn: which emoji (codepoint strings), which palette, scene and pixel size."""

    emojis: tuple[str, ...]
    palette: str
    scene: str
    variant: int
    width: int
    height: int


class Place(Struct, frozen=True):
    """A city, a district and the corner of a coarse grid cell (two decimals, about 1 km); never a door."""

    city: str
    district: str
    lat: float
    lon: float


class Member(Struct, frozen=True):
    """A person of the demo. `reply_minutes` is how fast they usually answer."""

    handle: str
    name: str
    bio: str
    place: Place
    joined_days_ago: int
    verified: bool
    seller_type: SellerType
    reply_minutes: int
    language: Literal["zh", "en"]
    avatar: Recipe


class Spot(Struct, frozen=True):
    """A public place to meet at."""

    name: str
    how: str
    place: Place


class Circle(Struct, frozen=True):
    """A circle. `city` is None for circles that belong to no place."""

    slug: str
    name_zh: str
    name_en: str
    kind: CircleKind
    description: str
    rules: tuple[str, ...]
    city: str | None
    cover: Recipe
    spots: tuple[Spot, ...]


class PriceStep(Struct, frozen=True):
    """The price falls to `price_fen` that many days from now."""

    in_days: int
    price_fen: int


class Item(Struct, frozen=True):
    """A thing. `price_fen` 0 means given away; `original_price_fen` is what the owner paid, if known."""

    title: str
    description: str
    price_fen: int
    original_price_fen: int | None
    stock: int
    category: str
    condition: Condition
    attributes: dict[str, str]
    handover: tuple[Handover, ...]
    bargain: bool
    sold: bool
    pictures: tuple[Recipe, ...]
    deadline_in_days: int | None = None
    price_steps: tuple[PriceStep, ...] = ()


class Comment(Struct, frozen=True):
    """A comment. `after_minutes` counts from its note; `parent` is an index into the note's comments."""

    author: str
    text: str
    after_minutes: int
    parent: int | None = None
    item: Item | None = None


class Note(Struct, frozen=True):
    """A note. Topics are the #words of the body, mentions the @handles; `likes` and `saves` are handles."""

    author: str
    circle: str | None
    kind: Kind
    title: str
    body: str
    topics: tuple[str, ...]
    mentions: tuple[str, ...]
    minutes_ago: int
    place: Place
    pictures: tuple[Recipe, ...]
    items: tuple[Item, ...]
    comments: tuple[Comment, ...]
    likes: tuple[str, ...]
    saves: tuple[str, ...]


class Demo(Struct, frozen=True):
    """Everything at once. `follows` are (follower, followed) handles, `memberships` (handle, circle slug)."""

    members: tuple[Member, ...] = ()
    circles: tuple[Circle, ...] = ()
    notes: tuple[Note, ...] = ()
    follows: tuple[tuple[str, str], ...] = ()
    memberships: tuple[tuple[str, str], ...] = ()
    quick_replies: frozenset[str] = field(default_factory=frozenset)

    def items(self) -> list[Item]:
        """Every thing: those of the notes and those guests offer in comments."""
        own = [item for note in self.notes for item in note.items]
        guests = [c.item for note in self.notes for c in note.comments if c.item is not None]
        return own + guests

    def pictures(self) -> set[Recipe]:
        """Every distinct picture, avatars and circle covers included."""
        found = {picture for item in self.items() for picture in item.pictures}
        found |= {picture for note in self.notes for picture in note.pictures}
        return found | {m.avatar for m in self.members} | {c.cover for c in self.circles}
