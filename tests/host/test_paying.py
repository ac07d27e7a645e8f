"""How this house takes payment is chosen by name and judged before anything starts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.host.conftest import GATEWAYS

from xianji.host import paying
from xianji.host.doctor import examine
from xianji.host.home import resolve_home
from xianji.host.refusal import HostRefusal

SOURCE = Path(__file__).parent.parent.parent / "src"


@pytest.fixture
def env(tmp_path):
    return {"XIANJI_HOME": str(tmp_path / "home"), "XIANJI_STATE": str(tmp_path / "state")}


def put(env, name, *files, mode=0o600):
    place = paying.folder({**env, paying.PROVIDER: name}, Path(env["XIANJI_HOME"]))
    for file in files:
        path = place / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
        path.chmod(mode)
    return place


def troubles(env):
    return [one.en for one in paying.troubles(env, resolve_home(env))]


def test_silence_chooses_nothing_but_demonstration_takes_the_sandbox(env):
    assert paying.chosen(env) == ""
    assert troubles(env) == [
        "No way of paying is chosen. A real site needs a licensed provider, or must say offline:"
        " nothing is held then, and neither side is protected."
    ]
    assert troubles({**env, "XIANJI_DEMO": "1"}) == []


def test_the_sandbox_is_for_demonstration_only(env):
    assert "moves no real money" in troubles({**env, paying.PROVIDER: "sandbox"})[0]
    assert troubles({**env, paying.PROVIDER: "sandbox", "XIANJI_DEMO": "1"}) == []


def test_offline_has_to_be_asked_for(env):
    assert troubles({**env, paying.PROVIDER: "offline"}) == []


def test_a_provider_nobody_knows_is_refused(env):
    assert "There is no provider paypal" in troubles({**env, paying.PROVIDER: "paypal"})[0]


@pytest.mark.parametrize("name", ["wechat", "alipay", "stripe"])
def test_every_missing_credential_is_named_and_files_others_can_read_are_refused(env, name):
    env = {**env, paying.PROVIDER: name}
    wanted = paying.CREDENTIALS[name]
    assert len(troubles(env)) == len(wanted)
    files = [file if not file.endswith("/") else file + "PUB_KEY_ID_1.pem" for file in wanted]
    place = put(env, name, *files)
    assert troubles(env) == []
    (place / "account.json").chmod(0o640)
    assert troubles(env) == [f"Others can read {place / 'account.json'}."]
    (place / files[-1]).unlink()
    assert len(troubles(env)) == 2
    with pytest.raises(HostRefusal) as refused:
        paying.judge(env, resolve_home(env))
    assert "lacks credentials" in refused.value.en
    assert refused.value.mend == f"chmod 600 {place / 'account.json'}"


def test_the_doctor_names_what_is_missing(env):
    def found(**more):
        return [(one.state, one.en) for one in examine({**env, **more}) if one.name == "payment"]

    assert found()[0][0] == "warn"
    assert [state for state, _ in found(XIANJI_PAYMENT_PROVIDER="stripe")] == ["fail"] * 3
    assert found(XIANJI_DEMO="1") == [("ok", "Payment goes by sandbox")]
    assert found(XIANJI_PAYMENT_PROVIDER="offline") == [("warn", "Offline: no payment, nobody is protected")]


@pytest.mark.parametrize("command", ["run", "web", "worker"])
def test_a_real_site_does_not_start_without_a_licensed_provider(env, command):
    clean = {key: value for key, value in os.environ.items() if not key.startswith("XIANJI_")}
    answer = subprocess.run(
        [sys.executable, "-m", "xianji.cli", command],
        env={**clean, **env, **GATEWAYS, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 2, answer.stderr
    assert "还没有选支付方式" in answer.stderr
    assert "XIANJI_PAYMENT_PROVIDER=wechat|alipay|stripe|offline" in answer.stderr
