"""Short videos to H.264 + AAC in MP4. Runs in the child process only.

Every video is transcoded, never copied: as with pictures, no byte of the sender's file survives, so no
location box, maker note, extra track or hidden stream data can. `libx264` and `aac` come inside the PyAV
wheel, nothing needs to be installed.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import av
import av.error
from av.filter import Graph
from PIL import Image, ImageStat

from xianji.domains.media.model import MediaRefused, ProcessedVideo, VideoLimits
from xianji.domains.media.picture import picture_of
from xianji.domains.media.sniff import sniff_video

VIDEO_CODECS = frozenset({"h264", "hevc"})
_RATE = 48_000
# Two seconds at the usual rate; a film that is plain for longer gets its first frame.
_POSTER_SEARCH_FRAMES = 60
_POSTER_MIN_SPREAD = 8.0
_TURNS = {90: "transpose=cclock", 180: "hflip,vflip", 270: "transpose=clock"}


def build_video(data: bytes, limits: VideoLimits, scratch: Path) -> ProcessedVideo:
    """Transcode an MP4 or QuickTime film and take its poster; `scratch` is a private folder. Raises `MediaRefused`."""
    sniff_video(data, limits)
    target = scratch / "out.mp4"
    try:
        job = _Transcode(data, limits, target)
        job.run()
    except MediaRefused:
        raise
    except (av.error.FFmpegError, OSError, ValueError, IndexError, RuntimeError) as broken:
        raise MediaRefused("video_broken", why="undecodable") from broken
    finally:
        encoded = target.read_bytes() if target.exists() else b""
        target.unlink(missing_ok=True)
    if job.poster is None:
        raise MediaRefused("video_broken", why="no frame")
    digest = hashlib.sha256(data).hexdigest()
    return ProcessedVideo(
        width=job.poster.width,
        height=job.poster.height,
        seconds=round(job.seconds, 3),
        has_sound=job.has_sound,
        bytes_len=len(encoded),
        data=encoded,
        poster=picture_of(job.poster, job.poster.size, limits.poster, digest),
        sha256=digest,
    )


class _Transcode:
    """One pass over the input; holds the streams because decoding and encoding interleave."""

    def __init__(self, data: bytes, limits: VideoLimits, target: Path) -> None:
        self.limits = limits
        self.target = target
        self.poster: Image.Image | None = None
        self.seconds = 0.0
        self.has_sound = False
        self._data = data
        self._poster_found = False
        self._frames_seen = 0
        self._graph: Graph | None = None
        self._video_out: Any = None

    def run(self) -> None:
        # The container format is forced, so that no playlist format can open files or addresses.
        with av.open(io.BytesIO(self._data), "r", format="mp4") as source:
            video = self._checked_video(source)
            audio = source.streams.audio[0] if source.streams.audio else None
            self.has_sound = audio is not None
            with av.open(
                str(self.target), "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"}
            ) as sink:
                self._pump(source, sink, video, audio)

    def _checked_video(self, source: Any) -> Any:
        if not source.streams.video:
            raise MediaRefused("video_type_unsupported", why="no picture track")
        video = source.streams.video[0]
        codec = video.codec_context
        if codec.name not in VIDEO_CODECS:
            raise MediaRefused("video_type_unsupported", codec=codec.name)
        long_side, short_side = max(codec.width, codec.height), min(codec.width, codec.height)
        if long_side > self.limits.max_long_side or short_side > self.limits.max_short_side:
            raise MediaRefused("video_too_large", width=codec.width, height=codec.height)
        codec.thread_count = 1
        return video

    def _pump(self, source: Any, sink: Any, video: Any, audio: Any) -> None:
        audio_out = resampler = None
        if audio is not None:
            audio_out = sink.add_stream("aac", rate=_RATE, layout="stereo", bit_rate=self.limits.audio_bitrate)
            resampler = av.AudioResampler("fltp", "stereo", _RATE, frame_size=1024)
        waiting: list[Any] = []
        for frame in source.decode(*(stream for stream in (video, audio) if stream is not None)):
            self._refuse_late(frame)
            if isinstance(frame, av.VideoFrame):
                self._take_picture(frame, video, sink)
            elif resampler is not None:
                waiting.extend(resampler.resample(frame))
            # The head is written with the first packet, so sound waits until the picture's size is known.
            if self._video_out is not None and waiting:
                _encode_all(sink, audio_out, waiting)
                waiting.clear()
        if self._video_out is None:
            raise MediaRefused("video_broken", why="no frame")
        self._finish(sink, audio_out, resampler)

    def _refuse_late(self, frame: Any) -> None:
        if frame.time is None:
            return
        # One second of grace: the last frame of a 60 s film may start a little after it.
        if frame.time > self.limits.max_seconds + 1.0:
            raise MediaRefused("video_too_long", max_seconds=self.limits.max_seconds)
        self.seconds = max(self.seconds, frame.time)

    def _take_picture(self, frame: Any, video: Any, sink: Any) -> None:
        if self._graph is None:
            self._graph = self._graph_for(frame, video)
        self._graph.push(frame)
        self._drain(sink)

    def _graph_for(self, frame: Any, video: Any) -> Graph:
        graph = Graph()
        graph_in = graph.add_buffer(template=video, width=frame.width, height=frame.height, format=frame.format)
        steps = [f"fps={self.limits.out_fps}"]
        turn = _TURNS.get(round(frame.rotation) % 360)
        if turn:
            steps += turn.split(",")
        short = self.limits.out_short_side
        factor = f"min(1,{short}/min(iw,ih))"
        steps.append(f"scale=w='trunc(iw*{factor}/2)*2':h='trunc(ih*{factor}/2)*2'")
        steps.append("format=yuv420p")
        last = graph_in
        for step in steps:
            name, _, options = step.partition("=")
            node = graph.add(name, options)
            last.link_to(node)
            last = node
        last.link_to(graph.add("buffersink"))
        graph.configure()
        return graph

    def _drain(self, sink: Any) -> None:
        assert self._graph is not None
        while True:
            try:
                frame: Any = self._graph.pull()
            except (BlockingIOError, EOFError, av.error.EOFError):
                return
            self._consider_poster(frame)
            if self._video_out is None:
                self._video_out = self._video_stream(sink, frame)
            frame.pict_type = 0
            sink.mux(self._video_out.encode(frame))

    def _consider_poster(self, frame: Any) -> None:
        """The first frame that shows something; films often begin with a black one."""
        if self._poster_found or self._frames_seen >= _POSTER_SEARCH_FRAMES:
            return
        self._frames_seen += 1
        picture = frame.to_image().convert("RGB")
        self._poster_found = ImageStat.Stat(picture.convert("L")).stddev[0] > _POSTER_MIN_SPREAD
        if self._poster_found or self.poster is None:
            self.poster = picture

    def _video_stream(self, sink: Any, frame: Any) -> Any:
        stream = sink.add_stream("libx264", rate=self.limits.out_fps)
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuv420p"
        stream.codec_context.thread_count = 1
        stream.options = {"preset": "veryfast", "crf": str(self.limits.crf), "profile": "high"}
        return stream

    def _finish(self, sink: Any, audio_out: Any, resampler: Any) -> None:
        assert self._graph is not None
        self._graph.push(None)
        self._drain(sink)
        sink.mux(self._video_out.encode(None))
        if resampler is not None:
            _encode_all(sink, audio_out, resampler.resample(None))
            sink.mux(audio_out.encode(None))


def _encode_all(sink: Any, stream: Any, frames: list[Any]) -> None:
    for frame in frames:
        sink.mux(stream.encode(frame))
