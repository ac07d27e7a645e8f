-- Saved searches: what a member looks for again and again, and what was found for it.

create table saved_searches (
    id        text primary key,
    member    text not null,
    name      text not null,
    ask       jsonb not null,
    frequency text not null check (frequency in ('instant', 'daily', 'never')),
    made_at   timestamptz not null,
    constraint xfk_saved_searches_member foreign key (member) references members (id)
);
create index saved_searches_member on saved_searches (member, made_at, id);
create index saved_searches_heard on saved_searches (id) where frequency <> 'never';

-- A thing is told once for a search; without `told_at` it waits for the digest of the day.
create table saved_search_finds (
    search  text not null references saved_searches (id) on delete cascade,
    item    text not null,
    at      timestamptz not null,
    told_at timestamptz,
    primary key (search, item)
);
create index saved_search_finds_waiting on saved_search_finds (at) where told_at is null;
create index saved_search_finds_old on saved_search_finds (told_at) where told_at is not null;
