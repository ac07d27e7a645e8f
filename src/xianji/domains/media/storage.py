"""Where stored media live: a folder on this machine or any S3-compatible store, behind one door.

Keys name their content (`ab/cd/<sha256>-<width>.avif`), so an object is never changed, a repeated `put`
is harmless, and browsers may keep a copy for ever.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import obstore
from obstore.store import S3Store as _ObstoreS3

CONTENT_TYPES = {"avif": "image/avif", "webp": "image/webp", "mp4": "video/mp4"}
CACHE_FOR_EVER = "public, max-age=31536000, immutable"
_KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{64}-[1-9][0-9]{0,5}\.(?:avif|webp|mp4)")


class MediaMissing(Exception):
    """No object under this key."""


def content_key(data: bytes, width: int, extension: str) -> str:
    """The key of these bytes: `ab/cd/<sha256>-<width>.<extension>`."""
    digest = hashlib.sha256(data).hexdigest()
    return _checked(f"{digest[:2]}/{digest[2:4]}/{digest}-{width}.{extension}")


def _checked(key: str) -> str:
    """Only keys of our own making reach a file system or a bucket; anything else is our bug."""
    if not _KEY.fullmatch(key):
        raise ValueError("not a media key")
    return key


class Store(Protocol):
    """What every store promises. All raise `ValueError` on a foreign key, `OSError` when out of reach."""

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        """Keep `data` whole or not at all; putting the same key again changes nothing."""

    async def get(self, key: str) -> bytes:
        """The whole object; raises `MediaMissing`."""

    async def get_range(self, key: str, start: int, length: int) -> bytes:
        """Bytes from `start`, at most `length`, fewer at the end, none beyond it; raises `MediaMissing`."""

    async def delete(self, key: str) -> None:
        """Remove the object; removing what is not there is fine."""

    def url(self, key: str) -> str:
        """Where a browser fetches the object."""


class LocalStore:
    """Objects as files below `root`, served by our own door under `base_url`."""

    def __init__(self, root: Path, base_url: str) -> None:
        self._root = root
        self._base_url = base_url.rstrip("/")

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        """Write beside the target and rename, so that no reader ever sees half a file."""
        assert content_type == CONTENT_TYPES[key.rsplit(".", 1)[-1]]
        await asyncio.to_thread(self._write, self._path(key), data)

    async def get(self, key: str) -> bytes:
        """The whole object; raises `MediaMissing`."""
        return await asyncio.to_thread(self._read, self._path(key), 0, -1)

    async def get_range(self, key: str, start: int, length: int) -> bytes:
        """At most `length` bytes from `start`; raises `MediaMissing`."""
        _check_range(start, length)
        return await asyncio.to_thread(self._read, self._path(key), start, length)

    async def delete(self, key: str) -> None:
        """Remove the file if it is there."""
        await asyncio.to_thread(self._path(key).unlink, missing_ok=True)

    def url(self, key: str) -> str:
        """`base_url` and the key."""
        return f"{self._base_url}/{_checked(key)}"

    def _path(self, key: str) -> Path:
        return self._root / _checked(key)

    @staticmethod
    def _write(path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
        try:
            with os.fdopen(handle, "wb") as part:
                part.write(data)
                part.flush()
                os.fsync(part.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    @staticmethod
    def _read(path: Path, start: int, length: int) -> bytes:
        try:
            with path.open("rb") as stored:
                stored.seek(start)
                return stored.read(length)
        except FileNotFoundError as missing:
            raise MediaMissing(path.name) from missing


class S3Store:
    """Objects in a bucket of any S3-compatible service.

    With `public_base_url` (a CDN or a public bucket) `url` is stable; without it `url` is a link signed
    for `link_seconds`.
    """

    def __init__(
        self,
        bucket: str,
        endpoint: str,
        region: str,
        access_key: str,
        secret_key: str,
        *,
        public_base_url: str | None = None,
        link_seconds: int = 3600,
    ) -> None:
        self._public_base_url = public_base_url.rstrip("/") if public_base_url else None
        self._link_time = timedelta(seconds=link_seconds)
        self._bucket = _ObstoreS3(
            bucket,
            endpoint=endpoint,
            region=region,
            access_key_id=access_key,
            secret_access_key=secret_key,
            # Path style works everywhere; bucket-in-host-name needs DNS that a home server has not.
            virtual_hosted_style_request=False,
            # A page waits on this; the default of three minutes is for batch jobs.
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=20)},
            client_options={"allow_http": endpoint.startswith("http://")},
        )

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        """One whole-object write with its type and an immutable cache rule."""
        attributes = {"Content-Type": content_type, "Cache-Control": CACHE_FOR_EVER}
        try:
            await obstore.put_async(self._bucket, _checked(key), data, attributes=attributes)
        except (FileNotFoundError, obstore.exceptions.BaseError) as failed:
            raise OSError("the object store refused a write") from failed

    async def get(self, key: str) -> bytes:
        """The whole object; raises `MediaMissing`."""
        try:
            found = await obstore.get_async(self._bucket, _checked(key))
            return bytes(await found.bytes_async())
        except FileNotFoundError as missing:
            raise MediaMissing(key) from missing
        except obstore.exceptions.BaseError as failed:
            raise OSError("the object store refused a read") from failed

    async def get_range(self, key: str, start: int, length: int) -> bytes:
        """At most `length` bytes from `start`; raises `MediaMissing`."""
        _check_range(start, length)
        try:
            # S3 answers 416 beyond the end where a file gives nothing, so the size is asked first.
            size = (await obstore.head_async(self._bucket, _checked(key)))["size"]
            length = min(length, size - start)
            if length <= 0:
                return b""
            return bytes(await obstore.get_range_async(self._bucket, key, start=start, length=length))
        except FileNotFoundError as missing:
            raise MediaMissing(key) from missing
        except obstore.exceptions.BaseError as failed:
            raise OSError("the object store refused a read") from failed

    async def delete(self, key: str) -> None:
        """Remove the object if it is there."""
        try:
            await obstore.delete_async(self._bucket, _checked(key))
        except FileNotFoundError:
            return
        except obstore.exceptions.BaseError as failed:
            raise OSError("the object store refused a removal") from failed

    def url(self, key: str) -> str:
        """The public address, or a signed link when the bucket is private."""
        if self._public_base_url:
            return f"{self._public_base_url}/{_checked(key)}"
        return obstore.sign(self._bucket, "GET", _checked(key), self._link_time)


def _check_range(start: int, length: int) -> None:
    if start < 0 or length < 0:
        raise ValueError("a range starts at 0 or later and is not negative")
