"""The public contract is valid, and nothing that fits it makes us fail."""

from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator

from xianji.kernel.db import Database
from xianji.web import openapi

from .conftest import browser
from .world import World, a_world

FEW, MANY = 5, 100
# A stream never ends; who has left or ended the session is nobody afterwards.
NOT_ASKED = {"stream_events", "sign_out", "delete_me"}


async def _document(site: Any) -> dict[str, Any]:
    async with browser(site) as client:
        found: dict[str, Any] = (await client.get("/api/v1/openapi.json")).json()
    return found


async def test_the_document_is_valid_openapi_with_short_names(site: Any) -> None:
    document = await _document(site)
    assert document["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document).validate()
    names = set(document["components"]["schemas"])
    assert {"PageOfItemCard", "PageOfOrderCard", "ItemPage", "Problem"} <= names
    assert [name for name in names if not name.isalnum()] == []
    said = {status for path in document["paths"].values() for one in path.values() for status in one["responses"]}
    assert "400" not in said


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("Page_xianji.domains.items.views.things.ItemCard_", "PageOfItemCard"),
        ("Page_Sale_", "PageOfSale"),
        ("ItemCard", "ItemCard"),
    ],
)
def test_short_names_of_components(long: str, short: str) -> None:
    assert openapi.short_name(long) == short


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_the_contract_can_be_read_as_a_page(site: Any, language: str) -> None:
    document = await _document(site)
    async with browser(site) as client:
        page = await client.get("/api/v1", headers={"accept-language": language, "accept": "text/html"})
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    for path in document["paths"]:
        assert f"<code>{path}</code>" in page.text
    for name in document["components"]["schemas"]:
        assert f'id="{name}"' in page.text
    assert ("可能的拒绝" in page.text) == (language == "zh-CN")
    assert "<code>several_sellers</code>" in page.text
    assert "://" not in page.text.replace("http://xianji.test", "").replace("http://www.w3.org", "")


@pytest.mark.parametrize("name", ["redoc", "swagger", "elements", "rapidoc", "openapi.yaml", "nothing"])
async def test_no_page_of_others_is_served_beside_it(site: Any, name: str) -> None:
    async with browser(site) as client:
        answer = await client.get(f"/api/v1/{name}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def _cases(operation: Any, count: int) -> list[Any]:
    """So many requests that fit the operation, the same ones on every run."""
    found: list[Any] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy())
    def collect(case: Any) -> None:
        found.append(case)

    collect()
    return found


async def _holds(world: World, document: dict[str, Any], count: int) -> list[str]:
    """Send them as a verified seller; every other one is about things that exist."""
    broken = []
    schema = schemathesis.openapi.from_dict(document)
    async with world.visitor("seller") as client:
        for found in schema.get_all_operations():
            operation = found.ok()
            if operation.definition.raw["operationId"] in NOT_ASKED:
                continue
            for number, case in enumerate(_cases(operation, count)):
                if number % 2 == 0:
                    mine = {name: world.ids[name] for name in case.path_parameters if name in world.ids}
                    case.path_parameters = {**case.path_parameters, **mine}
                asked = requests.Request(**case.as_transport_kwargs(base_url="http://xianji.test")).prepare()
                headers = {**asked.headers, "authorization": client.headers["authorization"]}
                answer = await client.request(str(asked.method), str(asked.url), headers=headers, content=asked.body)
                if answer.status_code >= 500:
                    broken.append(f"{operation.label}: {answer.status_code} {asked.url} {asked.body!r}")
    return broken


async def _world(site: Any, database: Database) -> World:
    world = await a_world(database, site)
    await world.refresh("{item}{note}{order}{circle}{wanted}{address}")
    return world


async def test_nothing_that_fits_the_contract_makes_us_fail(site: Any, database: Database) -> None:
    assert await _holds(await _world(site, database), await _document(site), FEW) == []


@pytest.mark.soak
async def test_nothing_that_fits_the_contract_makes_us_fail_for_long(site: Any, database: Database) -> None:
    assert await _holds(await _world(site, database), await _document(site), MANY) == []
