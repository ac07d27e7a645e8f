"""Pictures in a bucket: uploaded and served by the same routes as from a folder; a real server stands in for S3."""

import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from PIL import Image

from tests.web.conftest import signed_in
from xianji import app
from xianji.domains.media import DecoderPool, LocalStore, S3Store
from xianji.domains.members import DevIdentityProvider
from xianji.host.doctor import examine
from xianji.kernel.bucket import BucketNotNamed, read
from xianji.kernel.db import Database
from xianji.ports import LoggedSms, Ports, open_files, passkeys_of, site_of
from xianji.settings import Settings
from xianji.settings import read as read_settings
from xianji.web.house import House


@pytest.fixture(scope="module")
def bucket() -> Iterator[dict[str, str]]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{host}:{port}",
        region_name="us-east-1",
        aws_access_key_id="the-key",
        aws_secret_access_key="the-secret",
    )
    client.create_bucket(Bucket="pictures")
    client.close()
    yield {
        "XIANJI_S3_ENDPOINT": f"http://{host}:{port}",
        "XIANJI_S3_BUCKET": "pictures",
        "XIANJI_S3_KEY": "the-key",
        "XIANJI_S3_SECRET": "the-secret",
    }
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
async def stored(
    request: Any,
    tmp_path: Path,
    settings: Settings,
    database: Database,
    bucket: dict[str, str],
    rooms: Any,
    templates: Any,
) -> AsyncIterator[Any]:
    environment = {"XIANJI_HOME": str(tmp_path), **(bucket if request.param == "bucket" else {})}
    files = open_files(read_settings(environment))
    assert isinstance(files, S3Store if request.param == "bucket" else LocalStore)
    decoder = DecoderPool(size=1)
    ports = Ports(files, decoder, LoggedSms(), DevIdentityProvider(), passkeys_of(settings), None, site_of(settings))
    yield app.enter(rooms, House(settings, database, templates, ports)), request.param
    await ports.close()


def a_picture() -> bytes:
    data = io.BytesIO()
    Image.radial_gradient("L").resize((900, 700)).convert("RGB").save(data, "JPEG")
    return data.getvalue()


async def test_a_picture_is_uploaded_and_served(stored: Any, tmp_path: Path) -> None:
    site, where = stored
    member, _ = await signed_in(site)
    sent = await member.post("/api/v1/media", files={"file": ("one.jpg", a_picture(), "image/jpeg")})
    assert sent.status_code == 201, sent.text
    address = f"/media/{sent.json()['id']}/640.webp"
    got = await member.get(address)
    assert (got.status_code, got.headers["content-type"]) == (200, "image/webp")
    with Image.open(io.BytesIO(got.content)) as picture:
        assert picture.size == (640, 498)
    part = await member.get(address, headers={"range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"RIFF")
    same = await member.get(address, headers={"if-none-match": got.headers["etag"]})
    assert same.status_code == 304
    kept = [one for one in (tmp_path / "media").rglob("*") if one.is_file()] if (tmp_path / "media").exists() else []
    assert bool(kept) == (where == "folder")
    await member.aclose()


def test_nobody_reads_the_secret(bucket: dict[str, str]) -> None:
    settings = read_settings(bucket)
    assert "the-secret" not in f"{settings!r} {settings.bucket} {settings.bucket!r}"
    assert "the-key" not in repr(settings)
    with pytest.raises(BucketNotNamed, match="XIANJI_S3_SECRET"):
        read({name: value for name, value in bucket.items() if name != "XIANJI_S3_SECRET"})


@pytest.mark.parametrize(
    ("change", "state", "says"),
    [
        ({}, "ok", "The bucket pictures answers"),
        ({"XIANJI_S3_BUCKET": "nowhere"}, "fail", "The bucket nowhere does not open: GenericError"),
        ({"XIANJI_S3_KEY": ""}, "fail", "The bucket lacks XIANJI_S3_KEY"),
        ({"XIANJI_S3_ENDPOINT": "http://127.0.0.1:9"}, "fail", "The bucket pictures does not open: GenericError"),
    ],
)
def test_the_doctor_looks_at_the_bucket(
    bucket: dict[str, str], tmp_path: Path, change: dict[str, str], state: str, says: str
) -> None:
    environment = {"XIANJI_HOME": str(tmp_path), "XIANJI_STATE": str(tmp_path), **bucket, **change}
    [found] = [finding for finding in examine(environment) if finding.name == "bucket"]
    assert (found.state, found.en) == (state, says)
    assert "the-secret" not in repr(found)
