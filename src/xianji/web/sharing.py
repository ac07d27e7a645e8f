"""What a page says of itself elsewhere: an address, a QR code, Open Graph."""

import io
from typing import Any

import segno

from xianji.domains.items import ShareText
from xianji.domains.media import media_url

from .visit import Reader

SUMMARY_LONGEST = 120


def share_panel(reader: Reader, share: ShareText) -> dict[str, Any]:
    """For `share.share_panel`: the full address, words to paste, where the QR code is drawn."""
    address = reader.house.settings.base_url + share.path
    words = share.zh if reader.language == "zh" else share.en
    return {
        "address": address,
        "title": words.partition("\n")[0],
        "words": f"{words}\n{address}",
        "qr": f"/qr/{share.path.rpartition('/')[2]}",
        "card_href": "",
        "chat_href": "",
    }


def qr(address: str) -> bytes:
    """The QR code of an address as an SVG picture without script or style."""
    out = io.BytesIO()
    code = segno.make(address, error="m")
    code.save(out, kind="svg", xmldecl=False, svgns=True, border=2, omitsize=True, svgclass=None, lineclass=None)
    return out.getvalue()


def open_graph(reader: Reader, share: ShareText, body: str, media: Any) -> dict[str, str]:
    """Title, words, picture and address for other sites' cards."""
    base = reader.house.settings.base_url
    words = share.zh if reader.language == "zh" else share.en
    title, _, facts = words.partition("\n")
    return {
        "title": title,
        "description": " · ".join(part for part in (facts, " ".join(body.split())[:SUMMARY_LONGEST]) if part),
        "image": f"{base}{media_url(media.id, 1080)}" if media else "",
        "address": base + share.path,
    }
