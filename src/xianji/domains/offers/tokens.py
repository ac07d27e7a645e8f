"""The token of a private link: its id and our signature, so that nobody can make one up or try ids."""

from xianji.kernel.crypto import Keys
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.ids import is_id

from .model import LINK_SIGN


def write(keys: Keys, link: str) -> str:
    """`lnk_….<signature>`, safe in an address."""
    return f"{link}.{keys.sign(LINK_SIGN, link)}"


def read(keys: Keys, token: str) -> str:
    """The link's id when the token is ours. Refuses `not_found` for everything else."""
    link, _, signature = token.partition(".")
    if not is_id("lnk", link) or not signature.isascii() or not keys.signed_by_us(LINK_SIGN, link, signature):
        raise NOT_FOUND()
    return link
