"""What adapters ask us about our own numbers, answered from our rows."""

from xianji.kernel.db import Database
from xianji.kernel.work import SYSTEM

from . import store
from .provider import ProviderRefused
from .providers.wire import AskedPayment, AskedRequest


class OurRecords:
    """Implements `Records` for one provider. The platform's own account is that of the fee payee."""

    def __init__(self, database: Database, provider: str) -> None:
        self._database = database
        self._provider = provider

    async def payment(self, out_no: str) -> AskedPayment:
        """See the protocol."""
        async with self._database.look(SYSTEM) as look:
            found = await store.payment(look, out_no)
        if found is None:
            raise ProviderRefused("not_found")
        return AskedPayment(
            out_no=out_no, currency=found.currency, parts=found.parts, provider_no=found.provider_no or ""
        )

    async def request(self, number: str) -> AskedRequest:
        """See the protocol."""
        async with self._database.look(SYSTEM) as look:
            payment = await store.payment_of_call(look, number)
            found = await store.call(look, payment, number) if payment else None
        if found is None:
            raise ProviderRefused("not_found")
        return AskedRequest(
            number=number, out_no=found.payment, part=found.part or "", amount=found.amount, splits=found.splits
        )

    async def account_of(self, payee: str) -> str:
        """See the protocol."""
        async with self._database.look(SYSTEM) as look:
            found = await store.account_of(look, self._provider, payee)
        if found is None:
            raise ProviderRefused("payee_without_account")
        return found
