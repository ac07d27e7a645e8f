"""Coarse places: a thing is in a grid cell of about 0.7 km² (H3 resolution 8), never at a point."""

from functools import lru_cache

from h3.api import basic_int as h3  # type: ignore[import-untyped]

RESOLUTION = 8
_AREA_RESOLUTION = 6


def cell_of(lat: float, lon: float) -> int:
    """The cell that holds this point; the only thing that is ever kept of it."""
    return int(h3.latlng_to_cell(lat, lon, RESOLUTION))


def is_cell(number: int) -> bool:
    """Whether this is a cell of our grid."""
    return bool(h3.is_valid_cell(number)) and h3.get_resolution(number) == RESOLUTION


def metres_between(one: int, other: int) -> int:
    """Distance of two cells' centres, whole metres; 0 within one cell."""
    if one == other:
        return 0
    metres: float = h3.great_circle_distance(_centre(one), _centre(other), unit="m")
    return round(metres)


@lru_cache(maxsize=1 << 15)  # some 6 MB: readers and things stand in the same cells again and again
def _centre(cell: int) -> tuple[float, float]:
    lat, lon = h3.cell_to_latlng(cell)
    return lat, lon


def kilometres(metres: int) -> float:
    """What a reader is told: one decimal below 10 km, whole kilometres above."""
    return round(metres / 1000, 1 if metres < 10_000 else None)


@lru_cache(maxsize=256)
def around(cell: int, rings: int) -> tuple[list[int], list[int]]:
    """The cells within so many rings, nearest first, and the metres to each."""
    found = sorted((metres_between(cell, int(other)), int(other)) for other in h3.grid_disk(cell, rings))
    return [other for _, other in found], [metres for metres, _ in found]


@lru_cache(maxsize=256)
def cells_within(cell: int, km: float) -> list[int]:
    """The cells of the same resolution whose centres lie within this distance, nearest first."""
    edge = h3.average_hexagon_edge_length(h3.get_resolution(cell), unit="km")
    cells, metres = around(cell, int(km / edge) + 2)
    return [other for other, far in zip(cells, metres, strict=True) if far <= km * 1000]


@lru_cache(maxsize=1024)
def areas_around(cell: int) -> list[int]:
    """The areas (H3 cells of resolution 6, the `area_of` of the database) of a cell and of its wider surroundings.

    Two rings of areas hold everything within about ten kilometres.
    """
    return [int(area) for area in h3.grid_disk(h3.cell_to_parent(cell, _AREA_RESOLUTION), 2)]


def area_of(cell: int) -> int:
    """The area a cell lies in."""
    return int(h3.cell_to_parent(cell, _AREA_RESOLUTION))
