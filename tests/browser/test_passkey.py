"""A passkey from an authenticator inside the browser: made on the security page, it opens the door again."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import Street, member_of, opened
from tests.browser.test_story import sign_in

pytestmark = pytest.mark.browser

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


async def test_a_passkey_is_made_and_opens_the_door(street: Street, chromium: Browser, shots: Path | None) -> None:
    context, tab = await opened(chromium, street.address, 390, "passkey", shots)
    page = tab.page
    devices = await context.new_cdp_session(page)
    await devices.send("WebAuthn.enable")
    made = await devices.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    await sign_in(tab)
    await page.goto("/settings/security")
    await page.get_by_label("给这把密钥起个名字").fill("口袋里的手机")
    await page.get_by_role("button", name="加一把通行密钥").click()
    await page.wait_for_url("**/settings/security?ok=passkey")
    await expect(page.get_by_text("口袋里的手机")).to_be_visible()
    await tab.shot("01-made")
    kept = await devices.send("WebAuthn.getCredentials", {"authenticatorId": made["authenticatorId"]})
    assert [key["rpId"] for key in kept["credentials"]] == ["localhost"]
    name = await page.goto("/me") and await page.locator("h1").inner_text()
    await page.locator(".page").get_by_role("button", name="退出登录").click()
    await page.wait_for_url(street.address + "/")
    await page.goto("/sign-in?to=/me")
    await page.get_by_role("button", name="用通行密钥登录").click()
    await page.wait_for_url(street.address + "/me")
    assert await page.locator("h1").inner_text() == name
    await tab.shot("02-in-again")
    assert tab.wrong == []
    async with street.database.look(await member_of(tab)) as look:
        ways = await look.db.fetch("select way from sessions where member = $1 order by created_at", look.actor.me)
    assert [row["way"] for row in ways] == ["passkey"]
    await context.close()
