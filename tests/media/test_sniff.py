"""What is refused before any decoder sees a byte, with the exact code."""

import io
import struct
import time
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.media.conftest import draw, film, saved
from xianji.domains.media.model import MIB, MediaRefused, PictureLimits, Sniffed, VideoLimits
from xianji.domains.media.sniff import sniff_picture, sniff_video

LIMITS = PictureLimits()
PICTURE = draw(1, (120, 80))
KINDS = {"JPEG": "jpeg", "PNG": "png", "WEBP": "webp", "HEIF": "heic", "AVIF": "avif"}
FILES = {kind: saved(PICTURE, kind) for kind in KINDS}


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, *extra: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(extra) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "hello")
    return out.getvalue()


def animated(kind: str) -> bytes:
    return saved(PICTURE, kind, save_all=True, append_images=[draw(2, (120, 80)), draw(3, (120, 80))])


def refusal(data: bytes, name: str | None = None) -> tuple[str, dict]:
    with pytest.raises(MediaRefused) as caught:
        sniff_picture(data, LIMITS, name)
    return caught.value.code, caught.value.facts


@pytest.mark.parametrize("kind", KINDS)
def test_reads_type_and_size_of_every_accepted_format(kind):
    assert sniff_picture(FILES[kind], LIMITS, "photo.jpg") == Sniffed(KINDS[kind], 120, 80)


@pytest.mark.parametrize("lossless", [True, False])
def test_reads_both_webp_bitstreams(lossless):
    assert sniff_picture(saved(PICTURE, "WEBP", lossless=lossless), LIMITS) == Sniffed("webp", 120, 80)


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'
TYPE = "picture_type_unsupported"
BROKEN = "picture_broken"
INFLATING = b"icc\0\0" + zlib.compress(bytes(5 * MIB))
UNSUPPORTED = {
    "svg": SVG,
    "html": b"<!doctype html><script>alert(1)</script>",
    "gif": saved(PICTURE, "GIF"),
    "bmp": saved(PICTURE, "BMP"),
    "tiff": saved(PICTURE, "TIFF"),
    "pdf": b"%PDF-1.7\n",
    "zip": zipped(),
    "mp4": film(),
    "animated png": animated("PNG"),
    "animated webp": animated("WEBP"),
    "animated avif": animated("AVIF"),
    "jpeg and zip": FILES["JPEG"] + zipped(),
    "png and zip": FILES["PNG"] + zipped(),
    "webp and zip": FILES["WEBP"] + zipped(),
    "jpeg and html": saved(PICTURE, "JPEG", comment=b"<script>alert(1)</script>"),
    "arithmetic jpeg": FILES["JPEG"].replace(b"\xff\xc0", b"\xff\xc9", 1),
}
BROKEN_FILES = {
    "nothing": b"",
    "jpeg start": FILES["JPEG"][:3],
    "jpeg cut in a segment": FILES["JPEG"][:40],
    "jpeg without a frame": b"\xff\xd8\xff\xda\x00\x02",
    "jpeg of many scans": FILES["JPEG"] + b"\xff\xda" * 200,
    "png signature": FILES["PNG"][:8],
    "png cut": FILES["PNG"][:-20],
    "png no size": png(0, 10),
    "png profile bomb": png(8, 8, chunk(b"iCCP", INFLATING)),
    "png text bomb": png(8, 8, chunk(b"zTXt", INFLATING)),
    "png itxt bomb": png(8, 8, chunk(b"iTXt", b"k\0\1\0\0\0" + zlib.compress(bytes(5 * MIB)))),
    "png of chunks": png(8, 8, chunk(b"tEXt", b"a\0b") * 70_000),
    "webp cut": FILES["WEBP"][:60],
    "heic cut": FILES["HEIF"][:200],
    "avif cut": FILES["AVIF"][:200],
    "heic huge box": FILES["HEIF"][:28] + b"\xff\xff\xff\xff" + FILES["HEIF"][32:],
    "heic tiny box": FILES["HEIF"][:28] + b"\0\0\0\4" + FILES["HEIF"][32:],
    "heic without index": FILES["HEIF"][:28],
}


@pytest.mark.parametrize("case", UNSUPPORTED)
def test_refuses_other_types_whatever_they_are_called(case):
    assert refusal(UNSUPPORTED[case], "photo.jpg")[0] == TYPE


@pytest.mark.parametrize("case", BROKEN_FILES)
def test_refuses_broken_headers(case):
    assert refusal(BROKEN_FILES[case])[0] == BROKEN


def test_refuses_foreign_extensions():
    assert refusal(FILES["JPEG"], "photo.svg") == (TYPE, {"extension": "svg"})
    assert refusal(FILES["JPEG"], "photo.jpg.exe") == (TYPE, {"extension": "exe"})


def test_refuses_size_and_pixels_with_their_numbers():
    assert refusal(bytes(21 * MIB)) == ("picture_too_large", {"bytes": 21 * MIB, "max_bytes": 20 * MIB})
    facts = {"width": 50_000, "height": 50_000, "max_pixels": 50_000_000}
    assert refusal(png(50_000, 50_000)) == ("picture_too_many_pixels", facts)
    assert sniff_picture(png(10_000, 5_000), LIMITS) == Sniffed("png", 10_000, 5_000)
    assert refusal(png(10_001, 5_000))[0] == "picture_too_many_pixels"
    ispe = struct.pack(">II", 120, 80)
    heic = FILES["HEIF"].replace(ispe, struct.pack(">II", 60_000, 60_000))
    assert refusal(heic)[0] == "picture_too_many_pixels"


def test_a_motion_photo_is_still_a_photo():
    assert sniff_picture(FILES["JPEG"] + film(), LIMITS) == Sniffed("jpeg", 120, 80)


def test_video_refusals():
    limits = VideoLimits(max_seconds=2.0, max_bytes=MIB)
    cases = {
        "video_too_long": film(3),
        "video_too_large": bytes(MIB + 1),
        "video_type_unsupported": FILES["JPEG"],
        "video_broken": film(1)[:200],
    }
    for code, data in cases.items():
        with pytest.raises(MediaRefused) as caught:
            sniff_video(data, limits)
        assert caught.value.code == code
    with pytest.raises(MediaRefused) as caught:
        sniff_video(film(1), limits, "clip.avi")
    assert caught.value.code == "video_type_unsupported"
    assert sniff_video(film(1, container="mov"), limits, "IMG_0001.MOV").seconds == pytest.approx(1.0, abs=0.05)
    assert sniff_video(film(1), limits, "clip.mp4").seconds == pytest.approx(1.0, abs=0.05)


def only_refuses(data: bytes) -> None:
    start = time.perf_counter()
    for look, limits in ((sniff_picture, LIMITS), (sniff_video, VideoLimits())):
        try:
            look(data, limits)
        except MediaRefused:
            continue
    assert time.perf_counter() - start < 1.0


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.data())
def test_damaged_files_are_only_ever_refused(kind, data):
    damaged = bytearray(FILES[kind])
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, min(400, len(damaged) - 1)))] = data.draw(st.integers(0, 255))
    only_refuses(bytes(damaged[: data.draw(st.integers(0, len(damaged)))]))


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"\0\0\0\x18ftypheic"]),
    st.binary(max_size=2000),
)
def test_noise_is_only_ever_refused(start, noise):
    only_refuses(start + noise)
