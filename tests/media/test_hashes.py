"""Copies are found after the usual tricks, strangers are left alone."""

import io
import itertools

import pytest
from PIL import Image, ImageDraw, ImageOps

from tests.media.conftest import draw
from xianji.domains.media.hashes import hashes_of, matches, similarity

THRESHOLD = 0.875
ORIGINALS = [draw(seed) for seed in range(40)]
HASHES = [hashes_of(picture) for picture in ORIGINALS]


def crop(picture, left, top, right, bottom):
    w, h = picture.size
    return picture.crop((int(w * left), int(h * top), int(w * (1 - right)), int(h * (1 - bottom))))


def recoded(picture):
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=50)
    return Image.open(out)


def watermark_bar(picture):
    copy = picture.copy()
    w, h = copy.size
    pen = ImageDraw.Draw(copy)
    pen.rectangle((0, int(h * 0.9), w, h), fill=(20, 20, 20))
    pen.text((10, int(h * 0.92)), "somebody's shop", fill="white")
    return copy


def screenshot(picture):
    w, h = picture.size
    screen = Image.new("RGB", (int(w * 1.1), int(h * 1.8)), "white")
    screen.paste(picture, (int(w * 0.05), int(h * 0.3)))
    ImageDraw.Draw(screen).text((10, 5), "9:41", fill="black")
    return screen


TRICKS = {
    "recoded": (lambda p: p, 1.0),
    "half size": (lambda p: p.resize((p.width // 2, p.height // 2)), 1.0),
    "watermark bar": (watermark_bar, 0.95),
    "crop 5 % a side": (lambda p: crop(p, 0.05, 0.05, 0.05, 0.05), 0.95),
    "crop 10 % a side": (lambda p: crop(p, 0.1, 0.1, 0.1, 0.1), 0.95),
    "crop a corner": (lambda p: crop(p, 0.1, 0.1, 0, 0), 0.9),
    "mirrored": (ImageOps.mirror, 1.0),
    "mirrored and cropped": (lambda p: ImageOps.mirror(crop(p, 0.05, 0.05, 0.05, 0.05)), 0.95),
    "screenshot": (screenshot, 0.9),
}


@pytest.mark.parametrize("trick", TRICKS)
def test_recall(trick):
    change, wanted = TRICKS[trick]
    found = sum(
        matches(kept, hashes_of(recoded(change(picture))), THRESHOLD)
        for picture, kept in zip(ORIGINALS, HASHES, strict=True)
    )
    assert found / len(ORIGINALS) >= wanted


def test_strangers_do_not_match():
    pairs = list(itertools.combinations(HASHES, 2))
    assert sum(matches(a, b, THRESHOLD) for a, b in pairs) / len(pairs) <= 0.005


def test_similarity_is_symmetric_and_whole_for_itself():
    for a, b in itertools.pairwise(HASHES):
        assert similarity(a, b) == similarity(b, a)
        assert similarity(a, a) == 1.0


def test_hashes_fit_a_bigint():
    values = [value for hashes in HASHES for value in hashes.values()]
    assert all(-(2**63) <= value < 2**63 for value in values)
    assert min(values) < 0 < max(values)


def test_a_plain_surface_matches_nothing():
    assert hashes_of(Image.new("RGB", (300, 300), "white")) == {}
    assert similarity({}, {}) == 0.0
