"""What the list of sessions calls a device."""

import pytest

from xianji.web.devices import device_name

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0 Safari/604.1"


@pytest.mark.parametrize(
    ("header", "name"), [(WINDOWS, "Firefox · Windows"), (PHONE, "WeChat · iPhone"), ("", ""), ("x" * 80, "x" * 60)]
)
def test_a_device_is_named_as_people_would(header: str, name: str) -> None:
    assert device_name(header) == name
