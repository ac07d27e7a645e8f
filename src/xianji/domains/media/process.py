"""The web process's side of decoding: a small pool of warm children, each replaceable at any moment.

Starting Python with its codecs takes most of a second on a slow core, so children are kept and serve
many jobs. A child that dies, hangs or answers nonsense costs its own job a refusal and is replaced.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Self

import msgspec

from xianji.domains.media import wire
from xianji.domains.media.model import (
    MIB,
    MediaRefused,
    PictureLimits,
    ProcessedPicture,
    ProcessedVideo,
    RefusalCode,
    VideoLimits,
)
from xianji.domains.media.sniff import sniff_picture, sniff_video

_ANSWER_SLACK = 64 * MIB
_DYING_SECONDS = 1.0


class _ChildFailed(Exception):
    """The child ended or spoke nonsense."""


class _Child:
    """One decoding process and its private scratch folder."""

    def __init__(self, process: asyncio.subprocess.Process, scratch: str) -> None:
        self.process = process
        self.scratch = scratch
        self.jobs_done = 0

    @classmethod
    async def start(cls) -> _Child:
        scratch = tempfile.mkdtemp(prefix="xianji-media-")
        # A bare environment: the child must not see database addresses or keys.
        env = {
            "PATH": os.defpath,
            "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry),
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            # Few arenas, or threads reserve address space that counts against the memory limit.
            "MALLOC_ARENA_MAX": "2",
            "TMPDIR": scratch,
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "xianji.domains.media.decode",
            scratch,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=env,
            cwd=scratch,
            start_new_session=True,
        )
        return cls(process, scratch)

    async def ask(self, job: wire.Job, data: bytes, answer_max: int) -> wire.Answer:
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            stdin.write(wire.framed(wire.encode(job)))
            stdin.write(wire.LENGTH.pack(len(data)))
            stdin.write(data)
            await stdin.drain()
            length = wire.LENGTH.unpack(await stdout.readexactly(wire.LENGTH.size))[0]
            if length > answer_max:
                raise _ChildFailed("answer too long")
            answer = wire.answer_decoder.decode(await stdout.readexactly(length))
        except (OSError, asyncio.IncompleteReadError) as ended:
            # It is dying by itself: its own end must name the cause before we kill what may be left.
            with suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), _DYING_SECONDS)
            raise _ChildFailed(type(ended).__name__) from ended
        except msgspec.DecodeError as failed:
            raise _ChildFailed("answer not understood") from failed
        self.jobs_done += 1
        return answer

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        stdin = self.process.stdin
        assert stdin is not None
        stdin.close()
        await self.process.wait()
        shutil.rmtree(self.scratch, ignore_errors=True)


class DecoderPool:
    """At most `size` children; each is replaced after `jobs_per_child` jobs, so leaks stay small.

    Use it as an async context manager, one per process. Children start when first needed.
    """

    def __init__(self, size: int = 2, jobs_per_child: int = 200) -> None:
        self._places = asyncio.Semaphore(size)
        self._idle: list[_Child] = []
        self._jobs_per_child = jobs_per_child

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Stop the idle children; call it when no job runs any more."""
        while self._idle:
            await self._idle.pop().stop()

    def child_pids(self) -> list[int]:
        """Process ids of the idle children, for `doctor` and for tests."""
        return [child.process.pid for child in self._idle]

    async def process_picture(self, data: bytes, limits: PictureLimits, name: str | None = None) -> ProcessedPicture:
        """Check, decode and re-encode one picture; raises `MediaRefused`."""
        sniff_picture(data, limits, name)
        answer = await self._run(wire.PictureJob(limits), data, limits.wall_seconds, _ANSWER_SLACK, "picture_broken")
        if not isinstance(answer, wire.PictureAnswer):
            raise MediaRefused("picture_broken", why="decoder")
        return answer.picture

    async def process_video(self, data: bytes, limits: VideoLimits, name: str | None = None) -> ProcessedVideo:
        """Check and transcode one video with its poster; raises `MediaRefused`."""
        sniff_video(data, limits, name)
        answer_max = limits.out_max_bytes + _ANSWER_SLACK
        answer = await self._run(wire.VideoJob(limits), data, limits.wall_seconds, answer_max, "video_broken")
        if not isinstance(answer, wire.VideoAnswer):
            raise MediaRefused("video_broken", why="decoder")
        return answer.video

    async def _run(
        self, job: wire.Job, data: bytes, wall_seconds: float, answer_max: int, broken: RefusalCode
    ) -> wire.Answer:
        try:
            async with self._child() as child, asyncio.timeout(wall_seconds):
                answer = await child.ask(job, data, answer_max)
                if isinstance(answer, wire.RefusedAnswer) and answer.facts.get("why") == "memory":
                    # Raised in here, so that this child is not used again: nobody knows what it could not allocate.
                    raise MediaRefused(answer.code, **answer.facts)
        except TimeoutError as late:
            raise MediaRefused("media_timeout", seconds=wall_seconds) from late
        except _ChildFailed as failed:
            if child.process.returncode == -signal.SIGXCPU:
                raise MediaRefused("media_timeout", seconds=job.limits.cpu_seconds) from failed
            raise MediaRefused(broken, why="decoder") from failed
        if isinstance(answer, wire.RefusedAnswer):
            raise MediaRefused(answer.code, **answer.facts)
        return answer

    @asynccontextmanager
    async def _child(self) -> AsyncIterator[_Child]:
        """A living child; it returns to the pool only when its job ended cleanly."""
        async with self._places:
            child = await self._take()
            try:
                yield child
            except BaseException:
                await child.stop()
                raise
            if child.jobs_done >= self._jobs_per_child:
                await child.stop()
            else:
                self._idle.append(child)

    async def _take(self) -> _Child:
        while self._idle:
            child = self._idle.pop()
            if child.process.returncode is None:
                return child
            await child.stop()
        return await _Child.start()
