"""Whole pictures through the real child: sizes, turns, privacy, and what happens when a child dies."""

import asyncio
import base64
import hashlib
import io
import os
import signal
import struct
import time

import msgspec
import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from tests.media.conftest import GPS_MARK, draw, exif_with_gps, saved
from tests.media.test_sniff import png
from xianji.domains.media.hashes import similarity
from xianji.domains.media.model import MediaRefused, PictureLimits, SizeRecipe
from xianji.domains.media.process import DecoderPool

SMALL = PictureLimits(sizes=(SizeRecipe(160, "webp", 90), SizeRecipe(320, "avif", 90)))
TRACES = [
    b"Exif",
    b"EXIF",
    b"exif",
    b"XMP ",
    b"xmpmeta",
    b"xpacket",
    b"GPS",
    b"ICCP",
    b"Photoshop",
    GPS_MARK.encode(),
]
XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><exif:GPSLatitude>{GPS_MARK}</exif:GPSLatitude>'.encode()
FORMATS = ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"]


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=np.int16)


async def refused(job) -> tuple[str, dict]:
    with pytest.raises(MediaRefused) as caught:
        await job
    return caught.value.code, caught.value.facts


@pytest.mark.parametrize("kind", FORMATS)
async def test_every_format_comes_out_clean(pool, kind):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    original = draw(11)
    data = saved(original, kind, exif=exif_with_gps(), xmp=XMP, icc_profile=profile, quality=95)
    if kind != "PNG":
        assert GPS_MARK.encode() in data
    made = await pool.process_picture(data, PictureLimits())
    assert (made.width, made.height) == (600, 450)
    assert sorted((v.width, v.height, v.format) for v in made.variants) == [
        (320, 240, "webp"),
        (600, 450, "avif"),
        (600, 450, "webp"),
    ]
    for variant in made.variants:
        assert variant.bytes_len == len(variant.data)
        assert [trace for trace in TRACES if trace in variant.data] == []
        opened = Image.open(io.BytesIO(variant.data))
        assert (opened.format.lower(), opened.size) == (variant.format, (variant.width, variant.height))
        assert not {"exif", "xmp", "icc_profile"} & set(opened.info)
        wanted = np.asarray(original.resize(opened.size), dtype=np.int16)
        assert np.abs(pixels(variant.data) - wanted).mean() < 6
    assert made.sha256 == hashlib.sha256(data).hexdigest()
    assert similarity(made.hashes, made.hashes) == 1.0


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
@pytest.mark.parametrize("turn", range(1, 9))
async def test_turns_are_applied_exactly_once(pool, kind, turn):
    coded = draw(5, (240, 160))
    wanted = coded.copy()
    wanted.getexif()[0x0112] = turn
    wanted = ImageOps.exif_transpose(wanted)
    made = await pool.process_picture(saved(coded, kind, exif=exif_with_gps(turn), quality=95), SMALL)
    assert (made.width, made.height) == wanted.size
    largest = max(made.variants, key=lambda v: v.width)
    difference = np.abs(pixels(largest.data) - np.asarray(wanted.resize((largest.width, largest.height))))
    assert difference.mean() < 6


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "1", "I;16"])
async def test_every_pixel_mode_becomes_plain_colour(pool, mode):
    source = draw(3, (200, 100))
    kind = "JPEG" if mode == "CMYK" else "PNG"
    picture = source.convert("L").convert("I;16") if mode == "I;16" else source.convert(mode)
    made = await pool.process_picture(saved(picture, kind), SMALL)
    assert (made.width, made.height) == (200, 100)
    assert {v.format for v in made.variants} == {"webp", "avif"}


async def test_transparency_becomes_white(pool):
    made = await pool.process_picture(saved(Image.new("RGBA", (64, 64), (200, 0, 0, 0)), "PNG"), SMALL)
    assert made.dominant_colour == "#ffffff"
    assert pixels(made.variants[0].data).min() >= 253


def profile_with_red_and_green_swapped() -> bytes:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    tags = {}
    for number in range(struct.unpack_from(">I", profile, 128)[0]):
        name, offset, _ = struct.unpack_from(">4sII", profile, 132 + 12 * number)
        tags[name] = slice(offset, offset + 20)
    profile[tags[b"rXYZ"]], profile[tags[b"gXYZ"]] = profile[tags[b"gXYZ"]], profile[tags[b"rXYZ"]]
    return bytes(profile)


async def test_a_foreign_profile_is_turned_to_srgb(pool):
    red = Image.new("RGB", (64, 64), (255, 0, 0))
    assert (await pool.process_picture(saved(red, "PNG"), SMALL)).dominant_colour == "#ff0000"
    data = saved(red, "PNG", icc_profile=profile_with_red_and_green_swapped())
    turned = pixels((await pool.process_picture(data, SMALL)).variants[0].data).mean(axis=(0, 1))
    assert turned[1] > 245
    assert max(turned[0], turned[2]) < 15


async def test_a_broken_profile_is_ignored(pool):
    data = saved(Image.new("RGB", (64, 64), (200, 30, 30)), "PNG", icc_profile=b"not a profile")
    assert (await pool.process_picture(data, SMALL)).dominant_colour == "#c81e1e"


async def test_placeholder_is_tiny_and_true(pool):
    made = await pool.process_picture(saved(draw(9, (1200, 900)), "JPEG"), SMALL)
    assert len(made.placeholder) <= 400
    start, body = made.placeholder.split(",")
    assert start == "data:image/webp;base64"
    assert Image.open(io.BytesIO(base64.b64decode(body))).size == (20, 15)


async def test_large_and_long_pictures_keep_to_the_recipe(pool):
    phone = await pool.process_picture(saved(draw(2, (4000, 3000)), "JPEG"), PictureLimits())
    assert sorted((v.width, v.height, v.format) for v in phone.variants) == [
        (320, 240, "webp"),
        (640, 480, "avif"),
        (640, 480, "webp"),
        (1080, 810, "avif"),
        (1080, 810, "webp"),
        (1600, 1200, "avif"),
    ]
    long = await pool.process_picture(saved(Image.new("L", (100, 30_000), 90), "PNG"), SMALL)
    assert (long.width, long.height) == (100, 30_000)
    assert max(v.height for v in long.variants) <= 16_383


async def test_bodies_that_do_not_decode_are_broken(pool):
    whole = saved(draw(1), "JPEG")
    for data in (whole[: len(whole) // 2], png(64, 64), png(7000, 7000)):
        assert (await refused(pool.process_picture(data, SMALL)))[0] == "picture_broken"
    assert (await pool.process_picture(whole, SMALL)).width == 600


async def test_a_header_that_lies_to_the_decoder_is_held(pool):
    """The coded size inside a HEIC is larger than its property says: refused or small, never a crash."""
    heic = saved(draw(1, (800, 800)), "HEIF").replace(struct.pack(">II", 800, 800), struct.pack(">II", 8, 8))
    limits = msgspec.structs.replace(SMALL, max_pixels=10_000)
    assert (await refused(pool.process_picture(heic, limits)))[0] in (
        "picture_broken",
        "picture_too_many_pixels",
    )


async def test_the_memory_limit_refuses_and_the_pool_lives_on(pool):
    large = saved(Image.new("RGB", (7000, 7000), "red"), "PNG")
    tight = msgspec.structs.replace(SMALL, memory_bytes=200 * 1024 * 1024)
    assert (await refused(pool.process_picture(large, tight)))[0] == "picture_broken"
    assert (await pool.process_picture(large, SMALL)).dominant_colour == "#ff0000"


async def test_wall_time_is_held():
    async with DecoderPool(size=1) as alone:
        slow = msgspec.structs.replace(SMALL, wall_seconds=0.01)
        code, facts = await refused(alone.process_picture(saved(draw(1), "JPEG"), slow))
        assert (code, facts) == ("media_timeout", {"seconds": 0.01})
        assert alone.child_pids() == []
        assert (await alone.process_picture(saved(draw(1), "JPEG"), SMALL)).width == 600


async def test_processor_time_is_held():
    async with DecoderPool(size=1) as alone:
        data = saved(draw(1, (6000, 6000)), "PNG", compress_level=1)
        sizes = tuple(SizeRecipe(5000 - n, "avif", 90) for n in range(12))
        code, _ = await refused(alone.process_picture(data, PictureLimits(cpu_seconds=1, sizes=sizes)))
        assert code == "media_timeout"


async def test_a_killed_child_costs_only_its_own_job():
    async with DecoderPool(size=1) as alone:
        await alone.process_picture(saved(draw(1), "JPEG"), SMALL)
        [pid] = alone.child_pids()
        job = asyncio.ensure_future(alone.process_picture(saved(draw(2, (5000, 5000)), "PNG"), PictureLimits()))
        await asyncio.sleep(0)
        assert alone.child_pids() == []
        os.kill(pid, signal.SIGKILL)
        assert await refused(job) == ("picture_broken", {"why": "decoder"})
        assert (await alone.process_picture(saved(draw(1), "JPEG"), SMALL)).width == 600
        assert alone.child_pids() != [pid]


async def test_children_are_replaced_after_their_share():
    async with DecoderPool(size=1, jobs_per_child=2) as alone:
        data = saved(draw(1), "JPEG")
        pids = []
        for _ in range(3):
            await alone.process_picture(data, SMALL)
            pids.append(alone.child_pids())
        assert len(pids[0]) == 1
        assert pids[1] == []
        assert len(pids[2]) == 1
        assert pids[2] != pids[0]


async def test_eight_at_once_come_back_each_to_its_own(pool):
    files = [saved(draw(seed, (300 + seed, 200)), "JPEG") for seed in range(8)]
    made = await asyncio.gather(*(pool.process_picture(data, SMALL) for data in files))
    assert [picture.width for picture in made] == [300 + seed for seed in range(8)]
    assert [picture.sha256 for picture in made] == [hashlib.sha256(data).hexdigest() for data in files]
    assert len(pool.child_pids()) <= 2


async def test_a_refusal_at_the_header_starts_no_child():
    start = time.perf_counter()
    async with DecoderPool(size=1) as alone:
        assert (await refused(alone.process_picture(b"<svg/>", SMALL)))[0] == "picture_type_unsupported"
        assert alone.child_pids() == []
    assert time.perf_counter() - start < 0.5
