"""Pictures this installation has drawn itself, such as those of the demo town.

Their pixels never came from outside, so no child process stands guard; everything else is as for an upload: the same
encoders, placeholder, colour and hashes, and never a byte of metadata.
"""

import hashlib
from typing import TYPE_CHECKING

import msgspec

from xianji.kernel.work import Work

from .model import PictureLimits, ProcessedPicture, SizeRecipe
from .storage import Store
from .uploads import StoredVariant, keep_files, record

if TYPE_CHECKING:
    from PIL import Image


# A drawing is hardly wider than a telephone and there may be a thousand of them, so it is encoded twice only: the
# feed's size and its own.
DRAWN_SIZES = (SizeRecipe(320, "webp", 78), SizeRecipe(1080, "webp", 78))


class Kept(msgspec.Struct, frozen=True):
    """A drawing whose files are in the store; it may become the upload of several members."""

    picture: ProcessedPicture
    variants: list[StoredVariant]


async def keep_drawn(drawn: "Image.Image", store: Store) -> Kept:
    """Encode an RGB picture and put its files into the store; no row is written."""
    from .picture import picture_of

    digest = hashlib.sha256(drawn.tobytes()).hexdigest()
    made = picture_of(drawn, drawn.size, PictureLimits(sizes=DRAWN_SIZES), digest)
    variants = await keep_files(made, store)
    return Kept(msgspec.structs.replace(made, variants=()), variants)


async def record_drawn(work: Work, kept: Kept) -> str:
    """Make a kept drawing an upload of the actor; returns its id."""
    return (await record(work, kept.picture, kept.variants)).id
