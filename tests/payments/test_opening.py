"""Adapters are made from the folder their institution's credentials lie in, and from nothing else."""

import json
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from xianji.domains.payments.providers import open_licensed

from .conformance import KeyBox, Memory

WECHAT = {"mchid": "1900000109", "appid": "wx1", "serial": "5157F09EFDC096DE"}
ALIPAY = {"app_id": "2021000000000001", "fee_account": "2088000000000001"}


def opened(name: str, folder: Path) -> str:
    made = open_licensed(name, folder, Memory({}), "https://x.example/hooks", now=lambda: None, nonce=lambda: "n")  # type: ignore[arg-type,return-value]
    return type(made).__name__


@pytest.fixture
def folder(tmp_path: Path, key_box: KeyBox) -> Path:
    private = key_box.ours.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key_box.theirs.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "private.pem").write_bytes(private)
    (tmp_path / "alipay_public.pem").write_bytes(public)
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / "PUB_KEY_ID_1.pem").write_bytes(public)
    (tmp_path / "apiv3.key").write_text("0" * 32 + "\n")
    (tmp_path / "secret.key").write_text("sk_test_1\n")
    (tmp_path / "webhook.key").write_text("whsec_1\n")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "about", "made"),
    [
        ("wechat", WECHAT, "WechatProvider"),
        ("alipay", ALIPAY, "AlipayProvider"),
        ("stripe", {"live": False}, "StripeProvider"),
    ],
)
async def test_each_is_made_from_its_folder(folder: Path, name: str, about: dict[str, object], made: str) -> None:
    (folder / "account.json").write_text(json.dumps(about))
    assert opened(name, folder) == made
    (folder / "account.json").write_text(json.dumps(about | {"unknown": 1}))
    with pytest.raises(msgspec.ValidationError):
        opened(name, folder)
    (folder / "account.json").unlink()
    with pytest.raises(FileNotFoundError):
        opened(name, folder)


async def test_keys_that_cannot_be_right_are_refused(folder: Path) -> None:
    (folder / "account.json").write_text(json.dumps(WECHAT))
    (folder / "apiv3.key").write_text("short")
    with pytest.raises(ValueError, match="32 characters"):
        opened("wechat", folder)
    (folder / "apiv3.key").write_text("0" * 32)
    (folder / "public" / "PUB_KEY_ID_1.pem").unlink()
    with pytest.raises(ValueError, match="no public key"):
        opened("wechat", folder)
    with pytest.raises(ValueError, match="no licensed provider"):
        opened("paypal", folder)
