-- The nightly proof of the books: one row a night, with the first of what does not fit.

create table book_proofs (
    night  date primary key,
    state  text not null check (state in ('asked', 'holds', 'broken')),
    orders bigint not null default 0,    -- how many there were
    off    integer not null default 0,   -- accounts, orders and currencies that do not fit
    wrong  text[] not null default '{}', -- the first of them
    try_at timestamptz,                  -- when it is asked for again
    at     timestamptz not null
);
