"""The provider's checks that need no books: the shape of a payment's parts and of a release's lines."""

import hashlib
from datetime import datetime
from typing import TypeVar

import msgspec

from xianji.sandbox.model import (
    Limits,
    Part,
    Payment,
    PaymentRequest,
    Refund,
    Release,
    ReleaseRequest,
    SandboxRefused,
    SplitReturn,
)

Record = TypeVar("Record", Payment, Release, Refund, SplitReturn)


def fingerprint(ask: msgspec.Struct, *more: str) -> str:
    """A digest of a request's meaning; equal for equal requests however their JSON was spaced."""
    return hashlib.sha256(msgspec.json.encode([ask, *more])).hexdigest()


def same(known: Record, mark: str) -> Record:
    """Answer a repeated number with its record; refuses out_no_conflict when the body differs."""
    if known.fingerprint != mark:
        raise SandboxRefused("out_no_conflict")
    return known


def check_payment(ask: PaymentRequest, limits: Limits, now: datetime) -> None:
    """Refuses bad_request, too_many_parts, parts_repeat, amount_mismatch, already_expired."""
    if ask.expires_at.tzinfo is None:
        raise SandboxRefused("bad_request", 400)
    if len(ask.parts) > limits.max_parts:
        raise SandboxRefused("too_many_parts")
    if len({p.part for p in ask.parts}) != len(ask.parts):
        raise SandboxRefused("parts_repeat")
    if sum(p.amount for p in ask.parts) != ask.amount:
        raise SandboxRefused("amount_mismatch")
    if ask.expires_at <= now:
        raise SandboxRefused("already_expired")


def check_lines(ask: ReleaseRequest, part: Part, fee_so_far: int, limits: Limits) -> None:
    """Refuses too_many_lines, lines_repeat, wrong_payee, not_enough_held, fee_share_over_limit."""
    if len(ask.lines) > limits.max_lines:
        raise SandboxRefused("too_many_lines")
    if len({(x.payee, x.kind) for x in ask.lines}) != len(ask.lines):
        raise SandboxRefused("lines_repeat")
    if any(x.kind == "seller" and x.payee != part.payee for x in ask.lines):
        raise SandboxRefused("wrong_payee")
    if sum(x.amount for x in ask.lines) > part.held - part.moving:
        raise SandboxRefused("not_enough_held")
    fee = fee_so_far + sum(x.amount for x in ask.lines if x.kind == "fee")
    if fee * 10000 > part.amount * limits.fee_share_bp:
        raise SandboxRefused("fee_share_over_limit")
