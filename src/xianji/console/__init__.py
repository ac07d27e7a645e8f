"""The operators' screens. They own no rules and call the same verbs with an operator as actor."""

from litestar.types import ControllerRouterHandler

from . import cases, disputes, feeding, gate, machine, money, price_trades


def routes() -> list[ControllerRouterHandler]:
    """Every screen of the console."""
    return [
        *gate.ROUTES,
        *cases.ROUTES,
        *disputes.ROUTES,
        *feeding.ROUTES,
        *machine.ROUTES,
        *money.ROUTES,
        *price_trades.ROUTES,
    ]
