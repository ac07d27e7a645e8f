"""Before payment the seller may come down or change the postage; the buyer looks again before paying."""

from xianji.domains import items, payments
from xianji.domains.orders import deposits, rules, store
from xianji.domains.orders.events import OrderReconfirmed, OrderRepriced
from xianji.domains.orders.model import (
    NOTHING_SENT,
    ORDER_CHANGED,
    PRICE_NOT_LOWER,
    SAME_PRICE,
    ChangePrice,
    Order,
    Reconfirm,
)
from xianji.kernel.errors import MOVE_NOT_OPEN
from xianji.kernel.money import Money
from xianji.kernel.work import Work

from .moving import move


async def change_price(work: Work, id: str, ask: ChangePrice) -> None:
    """The seller asks less for the goods, or another postage. The page opened for the old amount is closed.

    The buyer has the whole time to pay again. Refuses `not_found`, `move_not_open`, `order_changed` (somebody was
    quicker), `price_not_lower`, `nothing_sent`, `shipping_over_cap`, `same_price`, `wrong_currency`.
    """
    order = await store.lock_for(work, id)
    role = order.role_of(work.actor.me)
    rules.MACHINE.decide(order.state, "change_price", role)
    _need_version(order, ask.version)
    goods = _amount(order, ask.goods, order.goods, "goods")
    shipping = _amount(order, ask.shipping, order.shipping, "shipping")
    if not 0 < goods <= order.goods:
        raise PRICE_NOT_LOWER()
    if order.terms.deposit is not None and not deposits.amount_of(order.terms.deposit, goods):
        raise PRICE_NOT_LOWER()
    if shipping and order.handover != "ship":
        raise NOTHING_SENT()
    most = work.config.get(items.SHIPPING_MOST)
    if shipping > max(most, order.shipping):
        raise items.SHIPPING_OVER_CAP(cap=most, currency=order.currency)
    if (goods, shipping) == (order.goods, order.shipping):
        raise SAME_PRICE()
    before, after = order.total, goods + shipping
    await move(work, order, "change_price", role, goods=goods, shipping=shipping, before=before, after=after)
    await store.set_price(work, order, goods, shipping)
    await payments.close_open(work, order.id)
    work.tell(OrderRepriced(order.id, order.buyer, order.seller, before, after, order.currency))


def _amount(order: Order, money: Money | None, now: int, field: str) -> int:
    if money is None:
        return now
    if money.currency != order.currency:
        raise items.WRONG_CURRENCY(currency=order.currency, field=field)
    return money.amount


async def reconfirm(work: Work, id: str, ask: Reconfirm) -> None:
    """The buyer has seen what it costs now. Refuses `not_found`, `move_not_open` and `order_changed`."""
    order = await store.lock_for(work, id)
    role = order.role_of(work.actor.me)
    rules.MACHINE.decide(order.state, "reconfirm", role)
    if order.confirmed:
        raise MOVE_NOT_OPEN(state=order.state, verb="reconfirm")
    _need_version(order, ask.version)
    await move(work, order, "reconfirm", role)
    await store.set_confirmed(work, order.id)
    work.tell(OrderReconfirmed(order.id, order.buyer, order.seller, order.total, order.currency))


def _need_version(order: Order, seen: int) -> None:
    if order.version != seen:
        raise ORDER_CHANGED(version=order.version)
