"""Uploaded pictures and short videos: judged before decoding, re-encoded in a bounded child process, stored without
metadata. The package promises that no byte of an original is ever kept or shown, and that nobody can use another
member's upload."""

from .drawn import Kept, keep_drawn, record_drawn
from .process import DecoderPool
from .storage import LocalStore, MediaMissing, S3Store, Store
from .uploads import (
    DELETE_FILES,
    Media,
    StoredVariant,
    claim,
    delete_files,
    export_for,
    load,
    media_url,
    scrub,
    set_hidden,
    upload,
    variants_of,
)

__all__ = [
    "DELETE_FILES",
    "DecoderPool",
    "Kept",
    "LocalStore",
    "Media",
    "MediaMissing",
    "S3Store",
    "Store",
    "StoredVariant",
    "claim",
    "delete_files",
    "export_for",
    "keep_drawn",
    "load",
    "media_url",
    "record_drawn",
    "scrub",
    "set_hidden",
    "upload",
    "variants_of",
]
