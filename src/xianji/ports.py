"""What we ask of the outside world, behind narrow doors: files, decoding, messages, identity, payment, parcels."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_urlsafe
from urllib.parse import urlsplit

import structlog

from .domains.media import DecoderPool, LocalStore, S3Store, Store
from .domains.members import DevIdentityProvider, IdentityProvider, SmsSender, TextMessage
from .domains.members import Site as PasskeySite
from .domains.members.providers.gateway import HttpGateway, HttpIdentity, HttpSms
from .domains.parcels import Tracking
from .domains.parcels.providers import Kuaidi100, Kuaidi100Account
from .domains.parcels.providers.kuaidi100 import LIVE
from .domains.payments import OurRecords, PaymentProvider, Site
from .domains.payments.providers import open_licensed
from .domains.payments.providers.sandbox import SandboxKeys, SandboxProvider
from .kernel import payment_choice, tracking_choice
from .kernel.db import Database
from .kernel.gateway import GatewayNotSet
from .settings import Settings


@dataclass(slots=True)
class Ports:
    """The outside world of one process. Tests build it with fakes."""

    files: Store
    decoder: DecoderPool
    sms: SmsSender
    identity: IdentityProvider
    passkeys: PasskeySite
    payment: PaymentProvider | None
    site: Site
    gateways: Sequence[HttpGateway] = ()
    tracking: Tracking | None = None
    parcel_calls: str = ""

    async def close(self) -> None:
        """End child processes and connections."""
        await self.decoder.close()
        for port in (self.payment, self.tracking):
            close = getattr(port, "aclose", None)  # adapters hold connections, tests' fakes need not
            if close is not None:
                await close()
        for gateway in self.gateways:
            await gateway.aclose()


class LoggedSms:
    """Until a real sender is configured: says that a message was due, never to whom or what it held."""

    async def send(self, message: TextMessage) -> None:
        """Log the kind of what would have been sent."""
        structlog.get_logger().warning("sms_not_configured", kind=message.kind)


def open_ports(settings: Settings, database: Database) -> Ports:
    """The ports that the settings name. A licensed provider's adapter asks `database` about our own numbers.

    Raises `GatewayNotSet` when a real site would run with what is for demos.
    """
    sms = HttpGateway(settings.sms, _now) if settings.sms else None
    identity = HttpGateway(settings.identity, _now) if settings.identity else None
    if not settings.demo and (sms is None or identity is None):
        raise GatewayNotSet("XIANJI_SMS_URL, XIANJI_SMS_SECRET, XIANJI_IDENTITY_URL, XIANJI_IDENTITY_SECRET")
    return Ports(
        files=open_files(settings),
        decoder=DecoderPool(),
        sms=HttpSms(sms) if sms else LoggedSms(),
        identity=HttpIdentity(identity) if identity else DevIdentityProvider(),
        passkeys=passkeys_of(settings),
        payment=_payment(settings, database),
        site=site_of(settings),
        gateways=[one for one in (sms, identity) if one],
        tracking=_tracking(settings),
        parcel_calls=f"{settings.base_url}/hooks/parcels/{settings.tracking}",
    )


def open_files(settings: Settings) -> Store:
    """The bucket that is configured, else the folder in the home."""
    bucket = settings.bucket
    if bucket is None:
        return LocalStore(settings.media_folder, "/files")
    return S3Store(bucket.name, bucket.endpoint, bucket.region, bucket.key, bucket.secret)


def passkeys_of(settings: Settings) -> PasskeySite:
    """Where passkeys belong: the host and the full origin that members see in the address bar."""
    return PasskeySite(rp_id=urlsplit(settings.base_url).hostname or "localhost", origin=settings.base_url)


def site_of(settings: Settings) -> Site:
    """Where the provider reports to, and where it sends the buyer back to."""
    return Site(
        notify_url=f"{settings.base_url}/hooks/payments/{settings.payment_provider}",
        return_url=settings.base_url + "/orders/{subject}/paid",
        provider=settings.payment_provider,
    )


def _tracking(settings: Settings) -> Tracking | None:
    """The service that is asked about parcels. Its account must be there: ports that open half are found too late."""
    if settings.tracking == tracking_choice.KUAIDI100:
        return Kuaidi100(Kuaidi100Account.load(settings.tracking_account), LIVE)
    if settings.tracking == tracking_choice.SANDBOX and settings.payment_url:
        return Kuaidi100(Kuaidi100Account.load(settings.tracking_account), settings.payment_url)
    return None


def _now() -> datetime:
    return datetime.now(UTC)


def _payment(settings: Settings, database: Database) -> PaymentProvider | None:
    if settings.payment_provider in payment_choice.CREDENTIALS:
        records = OurRecords(database, settings.payment_provider)
        return open_licensed(
            settings.payment_provider,
            settings.payment_keys,
            records,
            site_of(settings).notify_url,
            now=_now,
            nonce=lambda: token_urlsafe(16),
        )
    if settings.payment_provider != payment_choice.SANDBOX or not settings.payment_url:
        return None
    keys = SandboxKeys.load(settings.sandbox_keys)
    return SandboxProvider(settings.payment_url, keys, now=_now, nonce=lambda: token_urlsafe(16))
