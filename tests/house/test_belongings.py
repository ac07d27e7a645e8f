"""Nothing kept about a member is forgotten when the member asks for it."""

import importlib
import pkgutil

import xianji.domains
from xianji.web.belongings import EXPORTS


def test_every_door_that_can_export_is_asked() -> None:
    doors = {
        found.name: importlib.import_module(f"xianji.domains.{found.name}")
        for found in pkgutil.iter_modules(xianji.domains.__path__)
    }
    able = {name: door.export_for for name, door in doors.items() if hasattr(door, "export_for")}
    assert able == EXPORTS
