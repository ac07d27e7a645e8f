"""Uploading a picture or a video, and serving the stored files."""

import hashlib
import time
from collections import OrderedDict
from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath
from litestar.types import ControllerRouterHandler

from xianji.domains import media
from xianji.domains.media import Media, StoredVariant
from xianji.kernel.errors import NOT_FOUND, Code, Kind
from xianji.kernel.idempotency import Answer
from xianji.kernel.ids import is_id
from xianji.web.bodies import LONGEST_UPLOAD, whole
from xianji.web.commands import once_outside
from xianji.web.visit import Req, Visit, visit_of

FILE_MISSING = Code("file_missing", Kind.MALFORMED, field="file")

_TYPES = {"webp": "image/webp", "avif": "image/avif", "mp4": "video/mp4"}
_FOR_EVER = "public, max-age=31536000, immutable"

# Which files an upload has changes only when moderation hides it, so a process may remember it for a short while.
_REMEMBER_SECONDS = 30.0
_REMEMBER_MOST = 4096


@post(
    "/api/v1/media", operation_id="upload_media", tags=["media"], status_code=201, request_max_body_size=LONGEST_UPLOAD
)
async def upload_media(
    request: Req,
    data: Annotated[dict[str, UploadFile], Body(media_type=RequestEncodingType.MULTI_PART)],
) -> Media:
    """Upload one file (field `file`): JPEG, PNG, WebP, HEIC, AVIF up to 20 MB, or a short MP4."""
    visit = visit_of(request)
    visit.actor.me  # noqa: B018  refuse strangers before reading the file
    file = data.get("file")
    if not isinstance(file, UploadFile):
        raise FILE_MISSING()
    content = await file.read()
    await file.seek(0)

    async def do() -> Answer:
        return Answer(201, "", msgspec.json.encode(await take_upload(visit, file)))

    key = request.headers.get("idempotency-key", "")
    answer = await once_outside(visit, key, b"upload_media\n" + hashlib.sha256(content).digest(), do)
    return msgspec.json.decode(answer.body, type=Media)


async def take_upload(visit: Visit, file: UploadFile) -> Media:
    """One uploaded file through the door of media."""
    ports = visit.house.ports
    return await media.upload(visit.database, visit.actor, await file.read(), ports.decoder, ports.files)


class _Remembered:
    """The variants of uploads asked for lately."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[float, list[StoredVariant]]] = OrderedDict()

    async def variants(self, visit: Visit, upload: str) -> list[StoredVariant]:
        known = self._known.get(upload)
        if known and time.monotonic() - known[0] < _REMEMBER_SECONDS:
            return known[1]
        async with visit.look() as look:
            found = await media.variants_of(look, upload)
        self._known[upload] = (time.monotonic(), found)
        if len(self._known) > _REMEMBER_MOST:
            self._known.popitem(last=False)
        return found


_remembered = _Remembered()


@get("/media/{upload:str}/{name:str}", include_in_schema=False)
async def serve_media(request: Req, upload: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """A stored file at about the width asked for ("640.webp"): the smallest that is wide enough, else the widest."""
    visit = visit_of(request)
    wanted, _, extension = name.partition(".")
    width = whole(wanted)
    if not is_id("med", upload) or width is None or extension not in _TYPES:
        raise NOT_FOUND()
    variants = await _remembered.variants(visit, upload)
    fitting = [one for one in variants if one.format == extension]
    if not fitting and extension == "avif":  # Drawn pictures have no AVIF; the content type says what comes instead.
        fitting = [one for one in variants if one.format == "webp"]
    if not fitting:
        raise NOT_FOUND()
    wide_enough = [one for one in fitting if one.width >= width]
    chosen = min(wide_enough, key=_width) if wide_enough else max(fitting, key=_width)
    return await _file(request, visit, chosen)


def _width(variant: StoredVariant) -> int:
    return variant.width


async def _file(request: Req, visit: Visit, chosen: StoredVariant) -> Response[bytes]:
    tag = f'"{chosen.key.rsplit("/", 1)[-1]}"'
    headers = {"cache-control": _FOR_EVER, "etag": tag, "accept-ranges": "bytes"}
    if request.headers.get("if-none-match") == tag:
        return Response(b"", status_code=304, headers=headers)
    data = await visit.house.ports.files.get(chosen.key)
    span = _range(request.headers.get("range", ""), len(data))
    if span is not None:
        headers["content-range"] = f"bytes {span[0]}-{span[1]}/{len(data)}"
        data = data[span[0] : span[1] + 1]
    status = 206 if span is not None else 200
    return Response(data, status_code=status, headers=headers, media_type=_TYPES[chosen.format])


def _range(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte of a simple range request; None for anything else, which gets the whole file."""
    unit, _, span = header.partition("=")
    first, _, last = span.partition("-")
    start, stop = whole(first), whole(last) if last else size - 1
    if unit != "bytes" or start is None or stop is None:
        return None
    end = min(stop, size - 1)
    return (start, end) if start <= end else None


ROUTES: list[ControllerRouterHandler] = [upload_media, serve_media]
