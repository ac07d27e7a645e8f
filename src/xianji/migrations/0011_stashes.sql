-- Forms of ended sessions, sealed, for a day; opened only with the browser's own secret.
create table stashes (
    id text primary key,
    path text not null,
    fields text not null,
    secret bytea not null,
    at timestamptz not null
);
create index stashes_by_time on stashes (at);
