"""The decoding child: `python -m xianji.domains.media.decode SCRATCH_FOLDER`.

It reads jobs from stdin and writes answers to stdout until stdin closes. Before each job it tightens its
own memory, processor and file limits, so that a bomb which slips past the header checks kills this process
and nothing else. It needs no network, no database and no environment.
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path
from typing import BinaryIO

from xianji.domains.media import wire
from xianji.domains.media.model import MediaRefused, PictureLimits, VideoLimits
from xianji.domains.media.picture import build_picture
from xianji.domains.media.video import build_video


def serve(source: BinaryIO, sink: BinaryIO, scratch: Path) -> None:
    """Answer jobs one after another until `source` ends."""
    while (head := _read_part(source)) is not None:
        job = wire.job_decoder.decode(head)
        data = _read_part(source)
        if data is None:
            return
        sink.write(wire.framed(wire.encode(_answer(job, data, scratch))))
        sink.flush()


def _answer(job: wire.Job, data: bytes, scratch: Path) -> wire.Answer:
    try:
        if isinstance(job, wire.PictureJob):
            _tighten(job.limits, file_bytes=0)
            return wire.PictureAnswer(build_picture(data, job.limits))
        _tighten(job.limits, file_bytes=job.limits.out_max_bytes)
        return wire.VideoAnswer(build_video(data, job.limits, scratch))
    except MediaRefused as refused:
        return wire.RefusedAnswer(refused.code, refused.facts)
    except MemoryError:
        video = isinstance(job, wire.VideoJob)
        return wire.RefusedAnswer("video_broken" if video else "picture_broken", {"why": "memory"})


def _tighten(limits: PictureLimits | VideoLimits, file_bytes: int) -> None:
    """Limits of this one job; processor time counts from now because the child serves many."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(spent.ru_utime + spent.ru_stime) + 1 + limits.cpu_seconds
    _set_limit(resource.RLIMIT_CPU, seconds)
    _set_limit(resource.RLIMIT_AS, limits.memory_bytes)
    _set_limit(resource.RLIMIT_FSIZE, file_bytes)


def _set_limit(which: int, soft: int) -> None:
    _, hard = resource.getrlimit(which)
    resource.setrlimit(which, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _read_part(source: BinaryIO) -> bytes | None:
    length = source.read(wire.LENGTH.size)
    if len(length) < wire.LENGTH.size:
        return None
    wanted = wire.LENGTH.unpack(length)[0]
    body = source.read(wanted)
    return body if len(body) == wanted else None


def main() -> None:
    """Take stdout for answers alone; whatever a codec prints goes to stderr."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, answers, Path(sys.argv[1]))


if __name__ == "__main__":
    main()
