"""Soft morning colours. Each palette: sky above, sky below, surface, surface edge, a quiet accent."""

from msgspec import Struct

Colour = tuple[int, int, int]


class Palette(Struct, frozen=True):
    """Five colours that sit well together on paper."""

    above: Colour
    below: Colour
    surface: Colour
    edge: Colour
    accent: Colour


def _hex(*codes: str) -> Palette:
    above, below, surface, edge, accent = (
        (int(code[0:2], 16), int(code[2:4], 16), int(code[4:6], 16)) for code in codes
    )
    return Palette(above, below, surface, edge, accent)


PALETTES: dict[str, Palette] = {
    "peach": _hex("FFF3E6", "FFD9C2", "F6C3A2", "E7A680", "FFE7B8"),
    "mint": _hex("F3FBF3", "CDEBDC", "B4DCC8", "8FC3AA", "FFE9C9"),
    "leaf": _hex("FBF9E6", "DDE9B8", "C2D79B", "9FBC78", "FFE3A6"),
    "sky": _hex("F4F9FF", "CBE2F6", "B0CFEA", "8BB2D6", "FFE6CF"),
    "amber": _hex("FFF8E3", "FBE0A9", "EDC77F", "D4A557", "F9D3B4"),
    "pink": _hex("FFF4F5", "FFD3DE", "F8B9CB", "E798B0", "FFE9C4"),
    "rose": _hex("FFF5EF", "F7CFC4", "E8AFA5", "D08E86", "F9E3C0"),
    "mocha": _hex("FBF3E9", "E9D3BB", "CFAE8E", "B08C6B", "F6DDB0"),
    "violet": _hex("F8F4FF", "DDD2F4", "C5B6E8", "A594D2", "FFE4CC"),
    "slate": _hex("F5F7F7", "CFDDE2", "B2C6CE", "8DA6B1", "FBE2C4"),
    "lavender": _hex("FBF5FF", "E3D6F3", "CFC0E8", "AF9DD2", "FFDFD3"),
    "sand": _hex("FDF8EF", "EFDFC4", "DDC5A0", "C0A379", "F5CFB0"),
}
