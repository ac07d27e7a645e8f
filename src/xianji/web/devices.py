"""What a list of sessions calls the place somebody signed in from: "Firefox · Windows"."""

# The order matters: most browsers also claim to be Chrome, Safari or Linux.
_BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = ("iPhone", "iPad", "HarmonyOS", "Android", "Windows", "Mac", "Linux")
_MOST = 60


def device_name(user_agent: str) -> str:
    """Browser and system as people call them; the first words of the header when neither is known."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for name in _SYSTEMS if name in user_agent), "")
    return " · ".join(part for part in (browser, system) if part) or user_agent[:_MOST]
