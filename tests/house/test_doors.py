"""Only a domain's door is public, and inside a domain the flow is one way."""

from .source import SOURCE, domain_of, imports, modules

# Adapters of a port are chosen by name in the one file that opens ports.
_ADAPTERS = {f"xianji.domains.{name}.providers" for name in ("members", "parcels", "payments")}


def test_outsiders_come_in_by_the_door_only() -> None:
    trespassers = []
    for name, tree in modules().items():
        for target in imports(name, tree):
            other = domain_of(target)
            if other is None or other == domain_of(name) or any(target.startswith(one) for one in _ADAPTERS):
                continue
            inner = target.split(".")[3:]
            if inner and (_is_module(other, inner[0])):
                trespassers.append(f"{name} imports {target}")
    assert trespassers == []


def _is_module(domain: str, name: str) -> bool:
    place = SOURCE / "domains" / domain / name
    return place.with_suffix(".py").exists() or place.is_dir()


def test_rules_are_pure() -> None:
    """Rules decide with values: they import no SQL, no verbs, no views, and know no clock."""
    impure = []
    for name, tree in modules().items():
        if domain_of(name) is None or not name.endswith(".rules"):
            continue
        for target in imports(name, tree):
            if {"store", "actions", "views", "outside", "asyncpg"} & set(target.split(".")):
                impure.append(f"{name} imports {target}")
    assert impure == []


def test_stores_do_not_call_verbs_or_views() -> None:
    wrong = []
    for name, tree in modules().items():
        parts = name.split(".")
        if domain_of(name) is None or parts[3:4] != ["store"]:
            continue
        for target in imports(name, tree):
            if domain_of(target) == domain_of(name) and {"actions", "views", "outside"} & set(target.split(".")[3:]):
                wrong.append(f"{name} imports {target}")
    assert wrong == []


def test_every_domain_says_what_it_promises_and_lists_its_door() -> None:
    for name, tree in modules().items():
        if domain_of(name) and name.split(".")[3:] == ["__init__"]:
            text = tree.body[0]
            assert getattr(getattr(text, "value", None), "value", None), f"{name} has no paragraph"
            assert "__all__" in {
                t.id for n in tree.body if hasattr(n, "targets") for t in n.targets if hasattr(t, "id")
            }, name
