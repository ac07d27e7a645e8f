"""The messages between the web process and its decoding children, and how they cross a pipe.

A job is a small MessagePack head followed by the raw upload; the answer is one MessagePack body. Every
part is preceded by its length in eight bytes, big end first.
"""

from __future__ import annotations

import struct

import msgspec

from xianji.domains.media.model import (
    Facts,
    PictureLimits,
    ProcessedPicture,
    ProcessedVideo,
    RefusalCode,
    VideoLimits,
)

LENGTH = struct.Struct(">Q")


class PictureJob(msgspec.Struct, frozen=True, tag="picture"):
    """Process the upload that follows as a picture."""

    limits: PictureLimits


class VideoJob(msgspec.Struct, frozen=True, tag="video"):
    """Process the upload that follows as a short video."""

    limits: VideoLimits


class PictureAnswer(msgspec.Struct, frozen=True, tag="picture"):
    """The picture worked."""

    picture: ProcessedPicture


class VideoAnswer(msgspec.Struct, frozen=True, tag="video"):
    """The video worked."""

    video: ProcessedVideo


class RefusedAnswer(msgspec.Struct, frozen=True, tag="refused"):
    """The upload was refused by a rule."""

    code: RefusalCode
    facts: Facts


Job = PictureJob | VideoJob
Answer = PictureAnswer | VideoAnswer | RefusedAnswer

encode = msgspec.msgpack.Encoder().encode
job_decoder: msgspec.msgpack.Decoder[Job] = msgspec.msgpack.Decoder(Job)
answer_decoder: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)


def framed(body: bytes) -> bytes:
    """A part with its length in front."""
    return LENGTH.pack(len(body)) + body
