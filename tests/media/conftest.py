"""Pictures and films drawn here, and one warm pool for the folder."""

import io
import random

import av
import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageDraw, ImageFilter

from xianji.domains.media.process import DecoderPool

pillow_heif.register_heif_opener()

GPS_MARK = "LATITUDE-SECRET-31.2304"


def draw(seed: int, size=(600, 450)) -> Image.Image:
    """A busy still life of shapes; the same seed gives the same picture."""
    dice = random.Random(seed)
    picture = Image.new("RGB", size, tuple(dice.randrange(256) for _ in range(3)))
    pen = ImageDraw.Draw(picture)
    for _ in range(24):
        x, y = dice.randrange(size[0]), dice.randrange(size[1])
        w, h = dice.randrange(30, 220), dice.randrange(30, 220)
        shape = dice.choice([pen.ellipse, pen.rectangle])
        shape(
            (x - w // 2, y - h // 2, x + w // 2, y + h // 2),
            fill=tuple(dice.randrange(256) for _ in range(3)),
        )
    return picture.filter(ImageFilter.GaussianBlur(1.5))


def exif_with_gps(orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = GPS_MARK
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (31.0, 13.0, 49.0), "E", (121.0, 28.0, 25.0)
    return exif.tobytes()


def saved(picture: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def film(seconds=1, size=(320, 240), codec="libx264", sound=True, rotate=0, black=0, container="mp4") -> bytes:
    """A film (MP4, or QuickTime by `container="mov"`) with a location in its metadata."""
    out = io.BytesIO()
    with av.open(out, "w", format=container, options={"movflags": "use_metadata_tags"}) as sink:
        sink.metadata["location"] = "+31.2304+121.4737/"
        sink.metadata["comment"] = GPS_MARK
        video = sink.add_stream(codec, rate=30)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        video.options = {"preset": "ultrafast", "x265-params": "log-level=none"}
        tone = sink.add_stream("aac", rate=48000, layout="mono") if sound else None
        still = np.asarray(draw(7, size))
        for number in range(seconds * 30):
            pixels = np.zeros_like(still) if number < black else np.roll(still, number, axis=1)
            sink.mux(video.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")))
        sink.mux(video.encode(None))
        if tone is not None:
            wave = (np.sin(np.arange(1024) / 10) * 0.3).astype("f4")[None]
            for number in range(seconds * 48000 // 1024):
                frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
                frame.rate, frame.pts = 48000, number * 1024
                sink.mux(tone.encode(frame))
            sink.mux(tone.encode(None))
    return out.getvalue()


@pytest.fixture(scope="session")
async def pool():
    async with DecoderPool(size=2) as shared:
        yield shared
