-- Payments: what we ask of the provider (a payment and its calls) and what the provider verifiably told us (facts).

create table payments (
    id          text primary key,           -- also our number at the provider
    subject     text not null,              -- what is paid for: an order
    payer       text not null,
    provider    text not null,
    amount      bigint not null check (amount > 0),
    currency    text not null,
    description text not null,
    state       text not null check (state in ('created', 'requested', 'paid', 'closed', 'failed')),
    provider_no text,
    pay_url     text,
    code        text,
    expires_at  timestamptz not null,
    created_at  timestamptz not null,
    paid_at     timestamptz,
    ended_at    timestamptz
);
create index payments_subject on payments (subject, id);
create index payments_payer on payments (payer);

create table payment_parts (
    payment text not null references payments (id),
    part    text not null,
    payee   text not null,
    amount  bigint not null check (amount > 0),
    name    text not null,                  -- the payee as the payer reads it
    primary key (payment, part)
);
create index payment_parts_payee on payment_parts (payee);

-- A call we owe to the provider: written as an intent, made outside any transaction, its outcome recorded afterwards.
create table payment_calls (
    payment    text not null references payments (id),
    id         text not null,               -- our number of this call at the provider
    kind       text not null check (kind in ('open', 'close', 'release', 'refund')),
    part       text,
    amount     bigint not null default 0,
    splits     jsonb not null default '[]',
    reason     text not null default '',
    state      text not null check (state in ('waiting', 'sent', 'done', 'partial', 'failed')),
    uncertain  boolean not null default false,
    tries      integer not null default 0,
    generation integer not null default 0,  -- how many failed calls this one replaces
    try_at     timestamptz,
    code       text,
    created_at timestamptz not null,
    done_at    timestamptz,
    primary key (payment, id)
);
create index payment_calls_due on payment_calls (try_at) where state in ('waiting', 'sent');

-- Keyed by the provider's event id: a statement is kept once, whoever brings it how often.
create table provider_facts (
    provider    text not null,
    event_id    text not null,
    payment     text not null,
    kind        text not null,
    body        jsonb not null,
    occurred_at timestamptz not null,
    stored_at   timestamptz not null,
    booked_at   timestamptz,
    primary key (provider, event_id)
);
create index provider_facts_payment on provider_facts (payment);
create index provider_facts_unbooked on provider_facts (stored_at) where booked_at is null;

-- Properly signed, but not what we asked for. Kept for an operator; no money is booked on them.
create table refused_facts (
    provider text not null,
    event_id text not null,
    digest   bytea not null,
    why      text not null,
    body     jsonb not null,
    at       timestamptz not null,
    primary key (provider, event_id, digest)
);
create index refused_facts_age on refused_facts (at);
