-- Ledger: a double-entry mirror of what the provider holds and of what people may claim from each other.
-- A balance is credits minus debits. `side` 1 accounts are what we owe and never fall below zero, `side` -1
-- accounts are what is owed to us and never rise above it.

create table ledger_accounts (
    key      text primary key,
    kind     text not null,
    owner    text not null,
    currency text not null,
    side     smallint not null check (side in (1, -1)),
    balance  bigint not null default 0,
    constraint ledger_accounts_never_overdrawn check (balance * side >= 0)
);
create index ledger_accounts_owner on ledger_accounts (owner, kind);

create table ledger_transfers (
    reference text not null,
    id        text not null,
    kind      text not null,
    debit     text not null,
    credit    text not null,
    amount    bigint not null check (amount > 0),
    currency  text not null,
    at        timestamptz not null,
    primary key (reference, id),
    check (debit <> credit)
);
create index ledger_transfers_debit on ledger_transfers (debit, at, reference, id);
create index ledger_transfers_credit on ledger_transfers (credit, at, reference, id);

create function ledger_transfers_are_final() returns trigger language plpgsql as $$
begin
    raise exception 'a ledger transfer is never edited; post a new one';
end
$$;
create trigger ledger_transfers_final before update or delete on ledger_transfers
    for each row execute function ledger_transfers_are_final();
create trigger ledger_transfers_kept before truncate on ledger_transfers
    for each statement execute function ledger_transfers_are_final();

-- The terms of paid + receivable = released + refunded + fee + held, per order. Everything but `held` comes from the
-- transfers, `held` from the balance, so that the equation can fail.
create view ledger_order_sums as
select t.reference,
       t.currency,
       coalesce(sum(t.amount) filter (where t.kind = 'paid'), 0)::bigint as paid,
       coalesce(sum(t.amount) filter (where t.kind in ('fee_owed', 'refund_owed')), 0)::bigint as receivable,
       coalesce(sum(t.amount) filter (where t.kind = 'released'), 0)::bigint as released,
       coalesce(sum(t.amount) filter (where t.kind in ('refunded', 'refund_owed')), 0)::bigint as refunded,
       coalesce(sum(t.amount) filter (where t.kind in ('fee', 'fee_owed')), 0)::bigint as fee,
       coalesce(max(a.balance), 0)::bigint as held
from ledger_transfers t
left join ledger_accounts a on a.kind = 'order_held' and a.owner = t.reference and a.currency = t.currency
group by t.reference, t.currency;
