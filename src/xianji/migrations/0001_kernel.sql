-- Kernel: outbox, idempotency, configuration, audit. Local tables of the coordinator (never distributed).

create table outbox (
    sequence    bigint generated always as identity,
    transaction bigint not null default pg_current_xact_id()::text::bigint,
    id          text not null,
    kind        text not null,
    body        bytea not null,
    at          timestamptz not null,
    primary key (transaction, sequence)
);

create table outbox_cursors (
    consumer    text primary key,
    transaction bigint not null,
    sequence    bigint not null
);

create table outbox_reactions (
    event_id text not null,
    reaction text not null,
    done_at  timestamptz not null,
    primary key (event_id, reaction)
);
create index outbox_reactions_age on outbox_reactions (done_at);

create table outbox_parked (
    event_id text not null,
    reaction text not null,
    kind     text not null,
    body     bytea not null,
    why      text not null,
    at       timestamptz not null,
    primary key (event_id, reaction)
);

create table idempotency (
    owner    text not null,
    key      text not null,
    digest   bytea not null,
    status   integer not null,
    location text not null,
    body     bytea not null,
    at       timestamptz not null,
    primary key (owner, key)
);
create index idempotency_age on idempotency (at);

create table config_versions (
    number     bigint generated always as identity primary key,
    name       text not null,
    scope      text not null default '',
    value      jsonb not null,
    valid_from timestamptz not null,
    reason     text not null,
    set_by     text,
    set_at     timestamptz not null
);

-- Fixed windows for rate limits; a row per (what, whom) and window.
create table rate_windows (
    what   text not null,
    whom   text not null,
    starts timestamptz not null,
    count  integer not null,
    primary key (what, whom, starts)
);
create index rate_windows_age on rate_windows (starts);

-- What operators did, append-only, each row chained to the one before by digest.
create table audit (
    number   bigint generated always as identity primary key,
    at       timestamptz not null,
    actor    text,
    verb     text not null,
    subject  text not null,
    facts    jsonb not null,
    reason   text not null,
    digest   bytea not null
);
