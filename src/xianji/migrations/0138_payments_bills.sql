-- The provider's bill of a day beside what we know: every line is kept, every difference is a row.

create table bill_days (
    provider    text not null,
    day         date not null,
    state       text not null check (state in ('asked', 'clean', 'differs', 'failed')),
    lines       integer not null default 0,
    differences integer not null default 0,
    code        text not null default '',   -- why it failed
    try_at      timestamptz,                -- when it is asked for again
    at          timestamptz not null,
    primary key (provider, day)
);
create index bill_days_due on bill_days (try_at) where try_at is not null;

create table bill_lines (
    provider     text not null,
    day          date not null,
    number       integer not null,
    at           timestamptz not null,
    kind         text not null,
    out_no       text not null,
    part         text not null,
    request_no   text not null,
    payee        text not null,
    amount       bigint not null,
    currency     text not null,
    provider_ref text not null,
    primary key (provider, day, number)
);
create index bill_lines_request on bill_lines (provider, out_no);

create table bill_differences (
    provider   text not null,
    day        date not null,
    number     integer not null,
    what       text not null check (what in ('missing_here', 'missing_there', 'amount', 'books')),
    kind       text not null,
    out_no     text not null,
    request_no text not null,
    ours       bigint not null,             -- minor units; 0 when we know nothing of it
    theirs     bigint not null,
    currency   text not null,
    primary key (provider, day, number)
);
