"""Short films: what comes out is ours alone, with a poster, upright, and the index first."""

import io
import struct

import av
import numpy as np
import pytest
from PIL import Image

from tests.media.conftest import GPS_MARK, draw, film
from xianji.domains.media.model import MediaRefused, VideoLimits

LIMITS = VideoLimits()


def looked_at(data: bytes):
    with av.open(io.BytesIO(data)) as opened:
        kinds = [(stream.type, stream.codec_context.name) for stream in opened.streams]
        video = opened.streams.video[0]
        return sorted(kinds), (video.width, video.height), opened.duration / 1e6, dict(opened.metadata)


@pytest.mark.parametrize(
    ("codec", "container"), [("libx264", "mp4"), ("libx265", "mp4"), ("libx264", "mov"), ("libx265", "mov")]
)
async def test_a_film_becomes_clean_h264_with_a_poster(pool, codec, container):
    data = film(2, (320, 240), codec, container=container)
    assert (data[8:12] == b"qt  ") == (container == "mov")
    assert GPS_MARK.encode() in data
    assert b"31.2304" in data
    made = await pool.process_video(data, LIMITS)
    kinds, size, seconds, metadata = looked_at(made.data)
    assert kinds == [("audio", "aac"), ("video", "h264")]
    assert size == (made.width, made.height) == (320, 240)
    assert seconds == pytest.approx(2.0, abs=0.1)
    assert made.seconds == pytest.approx(2.0, abs=0.1)
    assert set(metadata) <= {"major_brand", "minor_version", "compatible_brands"}
    assert made.has_sound
    assert made.bytes_len == len(made.data)
    assert made.data.index(b"moov") < made.data.index(b"mdat")
    for trace in (b"31.2304", GPS_MARK.encode(), b"\xa9xyz", b"loci"):
        assert trace not in made.data
    assert {(v.width, v.format) for v in made.poster.variants} == {(320, "webp"), (320, "avif")}
    assert made.poster.sha256 == made.sha256


async def test_a_large_silent_film_is_made_smaller(pool):
    made = await pool.process_video(film(1, (1920, 1080), sound=False), LIMITS)
    kinds, size, _, _ = looked_at(made.data)
    assert kinds == [("video", "h264")]
    assert size == (1280, 720)
    assert not made.has_sound


async def test_a_film_held_sideways_is_set_upright(pool):
    data = film(1, (320, 240), sound=False)
    at = data.index(b"tkhd") + 4 + 40
    clockwise = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
    made = await pool.process_video(data[:at] + clockwise + data[at + 36 :], LIMITS)
    assert (made.width, made.height) == (240, 320)
    poster = Image.open(io.BytesIO(made.poster.variants[0].data)).convert("RGB")
    wanted = draw(7, (320, 240)).transpose(Image.Transpose.ROTATE_270)
    difference = np.asarray(poster, dtype=np.int16) - np.asarray(wanted, dtype=np.int16)
    assert np.abs(difference).mean() < 10


async def test_the_poster_is_not_the_black_start(pool):
    made = await pool.process_video(film(1, black=10), LIMITS)
    assert made.poster.hashes != {}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (film(1, (1280, 1280)), "video_too_large"),
        (film(1, codec="mpeg4", sound=False), "video_type_unsupported"),
        (film(1, sound=False)[:-2000] + bytes(2000), "video_broken"),
    ],
    ids=["too wide", "old codec", "wiped index"],
)
async def test_what_the_decoder_side_refuses(pool, data, code):
    with pytest.raises(MediaRefused) as caught:
        await pool.process_video(data, LIMITS)
    assert caught.value.code == code
    assert (await pool.process_video(film(1, sound=False), LIMITS)).width == 320


async def test_a_header_that_hides_the_length_is_counted(pool):
    data = film(3, sound=False)
    at = data.index(b"mvhd") + 4 + 16
    hidden = data[:at] + bytes(4) + data[at + 4 :]
    with pytest.raises(MediaRefused) as caught:
        await pool.process_video(hidden, VideoLimits(max_seconds=1.0))
    assert caught.value.code == "video_too_long"
