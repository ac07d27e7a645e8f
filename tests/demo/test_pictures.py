"""Pictures: the same recipe, the same bytes; different recipes look different; never a grey box."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from xianji.demo import pictures
from xianji.demo.build import build
from xianji.demo.model import Recipe


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Stand-ins for the emoji package: coloured shapes under the names it uses."""
    root = tmp_path_factory.mktemp("emoji")
    for name, colour in (("1f4f7", "#334455"), ("1f33f", "#2e8b57"), ("2600-fe0f", "#f5b301")):
        art = Image.new("RGBA", (256, 256))
        ImageDraw.Draw(art).ellipse((20, 20, 236, 236), fill=colour)
        art.save(root / f"{name}.webp")
    return root


def still(scene: str, palette: str = "amber") -> Recipe:
    return Recipe(("📷", "🌿", "☀️"), palette, scene, 0, 360, 480)


def test_the_same_recipe_gives_the_same_bytes(folder: Path) -> None:
    assert pictures.render(still("table"), folder) == pictures.render(still("table"), folder)


def test_every_scene_gives_its_own_colourful_picture(folder: Path) -> None:
    seen: set[bytes] = set()
    for scene in (*pictures.SCENES, "board", "avatar"):
        with Image.open(io.BytesIO(pictures.render(still(scene), folder))) as picture:
            assert picture.size == (360, 480)
            tiny = picture.convert("HSV").resize((12, 16))
            saturation = tiny.getchannel("S").tobytes()
            assert sum(saturation) / len(saturation) > 20
            seen.add(tiny.tobytes())
    assert len(seen) == len(pictures.SCENES) + 2


def test_an_emoji_is_found_with_or_without_its_variation_selector(folder: Path) -> None:
    assert pictures.emoji_path(folder, "☀").name == "2600-fe0f.webp"
    assert pictures.emoji_path(folder, "☀️").name == "2600-fe0f.webp"
    with pytest.raises(pictures.EmojiMissing):
        pictures.emoji_path(folder, "🦖")
    assert pictures.missing([Recipe(("🦖", "📷"), "amber", "table", 0, 9, 9)], folder) == {"🦖"}


def test_no_two_recipes_of_the_town_share_a_cache_name() -> None:
    recipes = build().pictures()
    assert len({pictures.key(recipe) for recipe in recipes}) == len(recipes)


def test_the_installed_package_has_every_emoji() -> None:
    assets = pictures.assets(Path("frontend/node_modules"))
    if not assets.is_dir():
        pytest.skip("the front end's packages are not installed here")
    assert pictures.missing(build().pictures(), assets) == set()
