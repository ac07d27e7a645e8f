"""From an upload to a row: decode outside any transaction, store the files, then record them."""

import msgspec

from xianji.kernel import jobs
from xianji.kernel.config import Key
from xianji.kernel.db import Database
from xianji.kernel.errors import NOT_FOUND, Code, Kind
from xianji.kernel.rates import Rate, count
from xianji.kernel.work import Actor, Look, Work

from .model import MediaRefused, PictureLimits, ProcessedPicture, ProcessedVideo, VideoLimits
from .process import DecoderPool
from .sniff import VIDEO_BRANDS
from .storage import CONTENT_TYPES, Store, content_key

PICTURE_TOO_LARGE = Code("picture_too_large", Kind.TOO_LARGE, field="file")
PICTURE_TOO_MANY_PIXELS = Code("picture_too_many_pixels", Kind.TOO_LARGE, field="file")
PICTURE_TYPE_UNSUPPORTED = Code("picture_type_unsupported", Kind.MALFORMED, field="file")
PICTURE_BROKEN = Code("picture_broken", Kind.MALFORMED, field="file")
VIDEO_TOO_LONG = Code("video_too_long", Kind.MALFORMED, field="file")
VIDEO_TOO_LARGE = Code("video_too_large", Kind.TOO_LARGE, field="file")
VIDEO_TYPE_UNSUPPORTED = Code("video_type_unsupported", Kind.MALFORMED, field="file")
VIDEO_BROKEN = Code("video_broken", Kind.MALFORMED, field="file")
MEDIA_TIMEOUT = Code("media_timeout", Kind.BUSY, field="file")
DELETE_FILES = "media.delete_files"

MEDIA_NOT_YOURS = Code("media_not_yours", Kind.MALFORMED, field="media")

PICTURE_LIMITS = Key("media.picture_limits", PictureLimits(), "what a picture may be and may cost")
VIDEO_LIMITS = Key("media.video_limits", VideoLimits(), "what a short video may be and may cost")
UPLOAD_RATE = Key("media.upload_rate", Rate(120, 3600), "uploads of one member")


class StoredVariant(msgspec.Struct, frozen=True):
    """One stored file."""

    width: int
    height: int
    format: str
    key: str


class Media(msgspec.Struct, frozen=True):
    """What a page needs to show a picture or a video without its layout jumping."""

    id: str
    kind: str
    url: str
    width: int
    height: int
    placeholder: str
    colour: str
    seconds: float | None = None


def media_url(media: str, width: int = 1080, extension: str = "webp") -> str:
    """Where a browser fetches a picture at about this width."""
    return f"/media/{media}/{width}.{extension}"


async def upload(database: Database, actor: Actor, data: bytes, pool: DecoderPool, store: Store) -> Media:
    """Judge, decode, store and record one upload of the actor. Refuses with the `picture_…` and `video_…` codes."""
    async with database.work(actor) as work:
        await count(work, "media.upload", work.actor.me, work.config.get(UPLOAD_RATE))
        pictures, videos = work.config.get(PICTURE_LIMITS), work.config.get(VIDEO_LIMITS)
    try:
        if data[4:8] == b"ftyp" and data[8:12] in VIDEO_BRANDS:
            made: ProcessedPicture | ProcessedVideo = await pool.process_video(data, videos)
        else:
            made = await pool.process_picture(data, pictures)
    except MediaRefused as refused:
        raise Code.catalogue[refused.code](**refused.facts) from None
    variants = await keep_files(made, store)
    async with database.work(actor) as work:
        return await record(work, made, variants)


async def keep_files(made: ProcessedPicture | ProcessedVideo, store: Store) -> list[StoredVariant]:
    """Put every encoded size into the store."""
    picture = made.poster if isinstance(made, ProcessedVideo) else made
    kept = []
    for variant in picture.variants:
        key = content_key(variant.data, variant.width, variant.format)
        await store.put(key, variant.data, CONTENT_TYPES[variant.format])
        kept.append(StoredVariant(variant.width, variant.height, variant.format, key))
    if isinstance(made, ProcessedVideo):
        key = content_key(made.data, made.width, "mp4")
        await store.put(key, made.data, CONTENT_TYPES["mp4"])
        kept.append(StoredVariant(made.width, made.height, "mp4", key))
    return kept


async def record(work: Work, made: ProcessedPicture | ProcessedVideo, variants: list[StoredVariant]) -> Media:
    """Write the row of an upload of the actor whose files are in the store."""
    video = isinstance(made, ProcessedVideo)
    picture = made.poster if isinstance(made, ProcessedVideo) else made
    found = Media(
        work.new_id("med"),
        "video" if video else "picture",
        "",
        made.width,
        made.height,
        picture.placeholder,
        picture.dominant_colour,
        made.seconds if isinstance(made, ProcessedVideo) else None,
    )
    await work.db.execute(
        "insert into media (id, owner, kind, state, width, height, seconds, placeholder, colour, sha256, variants,"
        " hashes, created_at) values ($1, $2, $3, 'ready', $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        found.id,
        work.actor.me,
        found.kind,
        found.width,
        found.height,
        found.seconds,
        found.placeholder,
        found.colour,
        made.sha256,
        variants,
        picture.hashes,
        work.now,
    )
    return msgspec.structs.replace(found, url=media_url(found.id))


async def claim(work: Work, media: list[str]) -> None:
    """Refuses `media_not_yours` unless every id is a ready upload of the actor."""
    if not media:
        return
    mine = await work.db.fetchval(
        "select count(*) from media where id = any($1) and owner = $2 and state = 'ready'", media, work.actor.me
    )
    if mine != len(set(media)):
        raise MEDIA_NOT_YOURS()


async def variants_of(look: Look, media: str) -> list[StoredVariant]:
    """The stored files of a visible upload; refuses `not_found` otherwise."""
    found = await look.db.fetchval("select variants from media where id = $1 and state = 'ready'", media)
    if found is None:
        raise NOT_FOUND()
    return msgspec.convert(found, list[StoredVariant])


async def load(look: Look, media: list[str]) -> dict[str, Media]:
    """Uploads by id; hidden and unknown ones are left out."""
    rows = await look.db.fetch(
        "select id, kind, width, height, placeholder, colour, seconds from media"
        " where id = any($1) and state = 'ready'",
        media,
    )
    return {row["id"]: Media(url=media_url(row["id"]), **row) for row in rows}


async def set_hidden(work: Work, media: list[str], hidden: bool) -> None:
    """Hide uploads from every reader, or show them again; for moderation."""
    await work.db.execute(
        "update media set state = $2 where id = any($1) and state = $3",
        media,
        "hidden" if hidden else "ready",
        "ready" if hidden else "hidden",
    )


async def export_for(look: Look, member: str) -> dict[str, object]:
    """What a member uploaded, for the export of their data."""
    rows = await look.db.fetch("select id, kind, created_at from media where owner = $1 order by id", member)
    return {"media": [dict(row) for row in rows]}


async def scrub(work: Work, member: str) -> None:
    """Take a leaving member's uploads away, and queue the files that no other upload uses for deletion."""
    rows = await work.db.fetch(
        "update media set state = 'gone', placeholder = '', hashes = '{}', variants = '[]'"
        " from (select id, variants as old from media where owner = $1 for update) as before"
        " where media.id = before.id returning before.old",
        member,
    )
    keys = {variant["key"] for row in rows for variant in row["old"]}
    used = await work.db.fetch(
        "select distinct variant ->> 'key' as key from media, jsonb_array_elements(variants) as variant"
        " where variant ->> 'key' = any($1)",
        list(keys),
    )
    await jobs.enqueue(work, DELETE_FILES, FilesToDelete(sorted(keys - {row["key"] for row in used})))


class FilesToDelete(msgspec.Struct, frozen=True):
    """The payload of job `media.delete_files`."""

    keys: list[str]


async def delete_files(store: Store, payload: bytes) -> None:
    """The job: delete stored files; deleting what is gone is fine, so it may run twice."""
    for key in msgspec.json.decode(payload, type=FilesToDelete).keys:
        await store.delete(key)
