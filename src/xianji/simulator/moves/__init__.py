"""What people, the provider and time do in a simulation, each with how often. Most is sensible, some is not allowed.

A move raises `Refusal` when the house says no, which is an outcome like any other. What is not a refusal is a mistake
of ours and ends the run.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from xianji.simulator.world import World

from . import bargaining, gathering, giving, refunding, trading


@dataclass(frozen=True, slots=True)
class Kind:
    """A move and its weight. `races`: it may be made by two at once."""

    do: Callable[[World], Awaitable[None]]
    weight: int
    races: bool = False


MOVES = (
    Kind(trading.publish, 10),
    Kind(trading.place, 14, races=True),
    Kind(trading.go_to_pay, 14, races=True),
    Kind(trading.answer_at_provider, 16),
    Kind(trading.come_back, 5, races=True),
    Kind(trading.call_off, 2, races=True),
    Kind(trading.send, 9, races=True),
    Kind(trading.correct, 2, races=True),
    Kind(trading.carry, 5),
    Kind(trading.confirm, 5, races=True),
    Kind(trading.meet, 8, races=True),
    Kind(trading.take_time, 6),
    Kind(trading.change_item, 2, races=True),
    Kind(trading.work_a_little, 18, races=True),
    Kind(trading.let_time_pass, 6),
    Kind(trading.upset_the_provider, 2),
    Kind(trading.shorten_holds, 1),
    Kind(trading.announce_fees, 1),
    Kind(trading.die_soon, 2),
    Kind(bargaining.bargain, 7, races=True),
    Kind(bargaining.answer_offer, 9, races=True),
    Kind(bargaining.keep_secret, 2),
    Kind(bargaining.give_link, 2),
    Kind(bargaining.use_link, 4, races=True),
    Kind(bargaining.bundle, 2),
    Kind(gathering.fill_cart, 8),
    Kind(gathering.check_out, 3, races=True),
    Kind(gathering.pay_together, 5, races=True),
    Kind(gathering.reprice, 2, races=True),
    Kind(gathering.look_again, 3, races=True),
    Kind(giving.ask_for_gift, 3, races=True),
    Kind(giving.choose, 3, races=True),
    Kind(giving.order_gift, 2, races=True),
    Kind(refunding.ask_back, 14, races=True),
    Kind(refunding.answer_back, 12, races=True),
    Kind(refunding.go_on_asking, 10, races=True),
    Kind(refunding.carry_back, 2, races=True),
    Kind(refunding.rule, 7, races=True),
    Kind(refunding.appeal, 2),
    Kind(refunding.pass_on, 1, races=True),
)
