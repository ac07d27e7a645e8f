-- Members: accounts, ways in, standing. Every table but the small uniqueness aggregates carries the member's id in each key.

create table members (
    id                text primary key,
    handle            text not null,
    name              text not null,
    bio               text not null default '',
    city              text not null default '',
    avatar            text,
    language          text not null,
    zone              text not null,
    seller_type       text not null default 'individual',
    badges            text[] not null default '{}',
    phone_sealed      text,
    phone_digest      bytea,
    version           integer not null default 1,
    handle_changed_at timestamptz,
    joined_at         timestamptz not null,
    verified_at       timestamptz,
    scrubbed_at       timestamptz,
    response_minutes  integer,
    sold_count        integer not null default 0,
    items_live        integer not null default 0,
    followers_count   integer not null default 0,
    following_count   integer not null default 0
);

-- Uniqueness across members: small aggregates keyed by the value itself. A value is claimed before the member is
-- written, so that a twin who lost the race has nothing to take back; hence the deferred keys.
create table phones (
    digest bytea primary key,
    member text not null,
    constraint xfk_phones_member foreign key (member) references members (id) deferrable initially deferred
);

create table handles (
    handle text primary key,
    member text not null,
    constraint xfk_handles_member foreign key (member) references members (id) deferrable initially deferred
);
create index handles_member on handles (member);

-- One code in flight for a phone and a purpose; the code itself is kept only as a keyed hash.
create table phone_codes (
    phone      bytea not null,
    purpose    text not null,
    code       bytea not null,
    tries      integer not null default 0,
    sent_at    timestamptz not null,
    expires_at timestamptz not null,
    primary key (phone, purpose)
);
create index phone_codes_expiry on phone_codes (expires_at);

create table sessions (
    member     text not null references members (id),
    id         text not null,
    digest     bytea not null,
    device     text not null,
    way        text not null,
    created_at timestamptz not null,
    seen_at    timestamptz not null,
    expires_at timestamptz not null,
    totp_at    timestamptz,
    primary key (member, id),
    unique (member, digest)
);
create index sessions_expiry on sessions (expires_at);

create table passwords (
    member     text primary key references members (id),
    hash       text not null,
    one_time   boolean not null default false,
    expires_at timestamptz,
    set_at     timestamptz not null
);

create table passkeys (
    member     text not null references members (id),
    credential bytea not null,
    public_key bytea not null,
    sign_count bigint not null,
    name       text not null,
    created_at timestamptz not null,
    used_at    timestamptz,
    primary key (member, credential)
);

create table passkey_challenges (
    id         text primary key,
    purpose    text not null,
    member     text,
    challenge  bytea not null,
    expires_at timestamptz not null
);
create index passkey_challenges_expiry on passkey_challenges (expires_at);

create table totp_secrets (
    member       text primary key references members (id),
    sealed       text not null,
    last_step    bigint not null default 0,
    created_at   timestamptz not null,
    confirmed_at timestamptz
);

create table recovery_codes (
    member text not null references members (id),
    digest bytea not null,
    primary key (member, digest)
);

create table member_roles (
    member     text not null references members (id),
    role       text not null,
    granted_by text,
    granted_at timestamptz not null,
    primary key (member, role)
);

create table restrictions (
    member    text not null references members (id),
    id        text not null,
    kind      text not null,
    rule      text not null,
    reason    text not null,
    evidence  jsonb not null,
    since     timestamptz not null,
    until     timestamptz not null,
    set_by    text,
    appeal    text not null default 'none',
    lifted_at timestamptz,
    lifted_by text,
    primary key (member, id)
);

-- One row on each side: what a member follows or blocks, and by whom the member is followed or blocked.
create table ties (
    member text not null references members (id),
    kind   text not null,
    other  text not null,
    at     timestamptz not null,
    primary key (member, kind, other),
    constraint xfk_ties_other foreign key (other) references members (id)
);
create index ties_newest on ties (member, kind, at desc, other desc);

create table addresses (
    member     text not null references members (id),
    id         text not null,
    country    text not null,
    sealed     text not null,
    is_default boolean not null default false,
    created_at timestamptz not null,
    changed_at timestamptz not null,
    primary key (member, id)
);

create table verifications (
    member      text primary key references members (id),
    request     text not null,
    state       text not null,
    id_digest   bytea not null,
    name_sealed text not null,
    asked_at    timestamptz not null,
    decided_at  timestamptz
);

-- Which members one identity number has verified, keyed by the number's hash.
create table identity_numbers (
    digest  bytea primary key,
    members text[] not null
);
