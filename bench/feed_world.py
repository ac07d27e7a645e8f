"""A small seeded country for judging feeds: people with places and tastes, things that come over some days, and what
everybody would do with everything. Who opens and who buys is drawn once, so every feed meets the same people.
"""

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from random import Random

from xianji.domains import items
from xianji.kernel.ids import new_id

START = datetime(2026, 6, 1, tzinfo=UTC)
CITIES = ((31.22, 121.45), (39.92, 116.46), (30.65, 104.07))
CATEGORIES = ("books", "cameras", "phones", "clothes", "furniture", "toys", "sports", "home", "kids", "instruments")
COLLECT_KM = 10.0
PAGE = 24
_SCATTER_KM = 3.0
_OLD_A_CITY, _NEW_A_DAY = 120, 20


@dataclass(frozen=True)
class Person:
    """Somebody: where, what they like (points by category), how much of a page they look at."""

    id: str
    city: int
    lat: float
    lon: float
    cell: int
    taste: dict[str, float]
    patience: int
    trader: bool


@dataclass(frozen=True)
class Thing:
    """One thing in one note. `charm` is how well it is shown; who sees it does not know it beforehand."""

    id: str
    note: str
    owner: Person
    category: str
    at: datetime
    meets: bool
    charm: float


@dataclass
class World:
    """Everything that is fixed before anybody looks: people, things, and the visits in order of time."""

    seed: int
    days: int
    people: list[Person] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)
    visits: list[tuple[datetime, Person]] = field(default_factory=list)

    @property
    def end(self) -> datetime:
        return START + timedelta(days=self.days)

    def opens(self, person: Person, thing: Thing) -> bool:
        """Whether this person opens this thing when it stands before them."""
        liking = person.taste.get(thing.category, 0.03)
        return self._chance("open", person, thing) < min(0.9, 0.5 * liking * thing.charm + 0.01)

    def buys(self, person: Person, thing: Thing) -> bool:
        """Whether this person buys it once it is opened: it must be close enough to collect, or be sent."""
        within = not thing.meets or kilometres(person, thing.owner) <= COLLECT_KM
        return within and self.opens(person, thing) and self._chance("buy", person, thing) < 0.3

    def _chance(self, what: str, person: Person, thing: Thing) -> float:
        said = f"{self.seed} {what} {person.id} {thing.id}".encode()
        return int.from_bytes(blake2b(said, digest_size=7).digest()) / 2**56


def kilometres(one: Person, other: Person) -> float:
    """Between the grid cells of two people, as the product knows it."""
    return items.metres_between(one.cell, other.cell) / 1000


def build(seed: int, people: int = 15, days: int = 3) -> World:
    """So many people in each of three cities, for so many days."""
    random, world = Random(seed), World(seed, days)
    for city in range(len(CITIES)):
        world.people += [_person(random, city) for _ in range(people)]
        local = [one for one in world.people if one.city == city]
        for _ in range(_OLD_A_CITY):
            world.things.append(_thing(random, local, START - timedelta(hours=random.uniform(1, 96))))
        for _ in range(_NEW_A_DAY * days):
            world.things.append(_thing(random, local, _waking(random, days)))
    for person in world.people:
        for _ in range(max(1, round(random.gauss(2.4, 0.8) * days))):
            world.visits.append((_waking(random, days), person))
    world.things.sort(key=lambda one: one.at)
    world.visits.sort(key=lambda one: (one[0], one[1].id))
    return world


def _person(random: Random, city: int) -> Person:
    lat, lon = CITIES[city]
    north, east = random.gauss(0, _SCATTER_KM) / 111, random.gauss(0, _SCATTER_KM) / 111
    lat, lon = lat + north, lon + east / math.cos(math.radians(lat))
    liked = random.sample(CATEGORIES, random.randint(1, 3))
    return Person(
        new_id("mbr", START - timedelta(days=200), random),
        city,
        lat,
        lon,
        items.cell_of(lat, lon),
        {name: random.uniform(0.5, 1.0) for name in liked},
        random.randint(8, PAGE),
        random.random() < 0.08,
    )


def _thing(random: Random, people: list[Person], at: datetime) -> Thing:
    """Traders put up more; what people sell is spread unevenly over the categories."""
    owner = random.choices(people, [3 if one.trader else 1 for one in people])[0]
    category = random.choices(CATEGORIES, [1 / (place + 2) for place in range(len(CATEGORIES))])[0]
    charm = random.lognormvariate(0, 0.5)
    return Thing(
        new_id("itm", at, random), new_id("nte", at, random), owner, category, at, random.random() < 0.85, charm
    )


def _waking(random: Random, days: int) -> datetime:
    """Some moment of some day between seven and midnight."""
    return START + timedelta(days=random.randrange(days), hours=random.uniform(7, 23.9))
