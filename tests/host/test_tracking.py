"""Who is asked where parcels are is chosen by name and judged before anything starts."""

import pytest

from xianji.host import tracking
from xianji.host.doctor import examine
from xianji.host.home import resolve_home
from xianji.host.refusal import HostRefusal


@pytest.fixture
def env(tmp_path):
    return {"XIANJI_HOME": str(tmp_path)}


def troubles(env):
    return [one.en for one in tracking.troubles(env, resolve_home(env))]


def test_nobody_is_asked_unless_it_is_chosen_and_demonstration_takes_the_sandbox(env):
    assert troubles(env) == []
    assert troubles({**env, "XIANJI_DEMO": "1"}) == []
    assert troubles({**env, "XIANJI_TRACKING": "sandbox"}) == ["The sandbox's parcels are not real."]
    assert troubles({**env, "XIANJI_TRACKING": "pigeon"}) == ["There is no tracking service pigeon."]


def test_the_account_must_be_there_and_ours_alone(env, tmp_path):
    env = {**env, "XIANJI_TRACKING": "kuaidi100"}
    file = tmp_path / "keys" / "kuaidi100" / "account.json"
    assert troubles(env) == [f"kuaidi100 lacks credentials: {file}"]
    file.parent.mkdir(parents=True)
    file.write_text("{}")
    file.chmod(0o644)
    with pytest.raises(HostRefusal) as refused:
        tracking.judge(env, resolve_home(env))
    assert refused.value.mend == f"chmod 600 {file}"
    file.chmod(0o600)
    assert troubles(env) == []


def test_the_doctor_says_who_is_asked(env):
    def found(**more):
        return [(one.state, one.en) for one in examine({**env, **more}) if one.name == "tracking"]

    assert found() == [("warn", "Nobody is asked where parcels are")]
    assert found(XIANJI_DEMO="1") == [("ok", "Parcels are followed by sandbox")]
    assert [state for state, _ in found(XIANJI_TRACKING="kuaidi100")] == ["fail"]
