"""Both stores keep the same promises; S3 is spoken to a real server on this machine."""

import asyncio
import urllib.request

import boto3
import pytest
from moto.server import ThreadedMotoServer

from xianji.domains.media.storage import LocalStore, MediaMissing, S3Store, content_key

DATA = bytes(range(256)) * 8
KEY = content_key(DATA, 320, "webp")


@pytest.fixture(scope="module")
def s3_endpoint():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    client = boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    client.create_bucket(Bucket="media")
    client.close()
    yield endpoint
    server.stop()


@pytest.fixture(params=["local", "s3"])
def store(request, tmp_path):
    if request.param == "local":
        return LocalStore(tmp_path, "/media/")
    return S3Store("media", request.getfixturevalue("s3_endpoint"), "us-east-1", "a", "b")


class TestEveryStore:
    async def test_gives_back_what_was_put(self, store):
        await store.put(KEY, DATA, "image/webp")
        await store.put(KEY, DATA, "image/webp")
        assert await store.get(KEY) == DATA

    @pytest.mark.parametrize(
        ("start", "length", "expected"),
        [(0, 4, DATA[:4]), (250, 10, DATA[250:260]), (2040, 100, DATA[2040:]), (2048, 5, b""), (9, 0, b"")],
    )
    async def test_reads_ranges(self, store, start, length, expected):
        await store.put(KEY, DATA, "image/webp")
        assert await store.get_range(KEY, start, length) == expected

    async def test_says_what_is_missing(self, store):
        missing = content_key(b"never stored", 1, "avif")
        with pytest.raises(MediaMissing):
            await store.get(missing)
        with pytest.raises(MediaMissing):
            await store.get_range(missing, 0, 1)

    async def test_deletes_once_and_twice_and_nothing_else(self, store):
        other = content_key(b"other", 5, "mp4")
        await store.put(KEY, DATA, "image/webp")
        await store.put(other, b"other", "video/mp4")
        await store.delete(KEY)
        await store.delete(KEY)
        with pytest.raises(MediaMissing):
            await store.get(KEY)
        assert await store.get(other) == b"other"

    @pytest.mark.parametrize(
        "key",
        ["../../etc/passwd", "/etc/passwd", "ab/cd/x.webp", KEY + "\n", KEY + "/..", KEY[:-4] + "html", ""],
    )
    async def test_refuses_foreign_keys(self, store, key):
        for verb in (store.get(key), store.delete(key), store.get_range(key, 0, 1)):
            with pytest.raises(ValueError, match="not a media key"):
                await verb
        with pytest.raises(ValueError, match="not a media key"):
            store.url(key)

    async def test_parallel_writers_of_one_key_agree(self, store):
        await asyncio.gather(*(store.put(KEY, DATA, "image/webp") for _ in range(8)))
        assert await store.get(KEY) == DATA


def test_keys_name_their_content():
    assert f"{KEY[6:8]}/{KEY[8:10]}/{KEY[6:70]}-320.webp" == KEY
    assert content_key(DATA, 640, "webp") != KEY


async def test_local_store_leaves_no_parts_behind(tmp_path):
    store = LocalStore(tmp_path, "/media")
    await store.put(KEY, DATA, "image/webp")
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == [KEY]
    assert store.url(KEY) == f"/media/{KEY}"


async def test_s3_links_work_and_carry_the_type(s3_endpoint):
    store = S3Store("media", s3_endpoint, "us-east-1", "a", "b")
    await store.put(KEY, DATA, "image/webp")

    def fetch():
        with urllib.request.urlopen(store.url(KEY), timeout=10) as answer:
            return answer.read(), answer.headers["Content-Type"], answer.headers["Cache-Control"]

    body, kind, cache = await asyncio.to_thread(fetch)
    assert (body, kind, cache) == (DATA, "image/webp", "public, max-age=31536000, immutable")
    public = S3Store("media", s3_endpoint, "us-east-1", "a", "b", public_base_url="https://cdn.example/m/")
    assert public.url(KEY) == f"https://cdn.example/m/{KEY}"


async def test_an_unreachable_bucket_is_an_os_error(s3_endpoint):
    store = S3Store("nobody", s3_endpoint, "us-east-1", "a", "b")
    with pytest.raises(OSError, match="refused a write"):
        await store.put(KEY, DATA, "image/webp")
