"""The address of an S3-compatible bucket, as the environment says it, and whether it answers."""

from collections.abc import Mapping
from datetime import timedelta

import msgspec
import obstore
from obstore.store import S3Store

_NAMES = ("XIANJI_S3_ENDPOINT", "XIANJI_S3_BUCKET", "XIANJI_S3_KEY", "XIANJI_S3_SECRET")
_PROBE = {"max_retries": 0, "retry_timeout": timedelta(seconds=5)}


class BucketNotNamed(Exception):
    """Some variables of the bucket are set and others are missing; it names the missing ones."""


class Bucket(msgspec.Struct, frozen=True):
    """Where it is and what opens it. Printing it shows neither key nor secret."""

    endpoint: str
    name: str
    region: str
    key: str
    secret: str

    def __repr__(self) -> str:
        return f"Bucket({self.name!r} at {self.endpoint!r})"


def read(environment: Mapping[str, str]) -> Bucket | None:
    """The bucket that the XIANJI_S3_ variables name; None when none is set. Raises `BucketNotNamed`."""
    endpoint, name, key, secret = (environment.get(one, "") for one in _NAMES)
    if not (endpoint or name or key or secret):
        return None
    missing = [one for one in _NAMES if not environment.get(one)]
    if missing:
        raise BucketNotNamed(", ".join(missing))
    return Bucket(endpoint.rstrip("/"), name, environment.get("XIANJI_S3_REGION") or "us-east-1", key, secret)


def trouble(bucket: Bucket) -> str:
    """What keeps us out of the bucket, in the store's short words; "" when it answers."""
    store = S3Store(
        bucket.name,
        endpoint=bucket.endpoint,
        region=bucket.region,
        access_key_id=bucket.key,
        secret_access_key=bucket.secret,
        virtual_hosted_style_request=False,
        retry_config=_PROBE,  # type: ignore[arg-type]
        client_options={"allow_http": bucket.endpoint.startswith("http://"), "timeout": timedelta(seconds=5)},
    )
    try:
        next(iter(obstore.list(store, chunk_size=1)), None)
    except (FileNotFoundError, PermissionError, obstore.exceptions.BaseError) as failed:
        return type(failed).__name__
    return ""
