-- The feed: who saw what, how far each note got, what a member chose, and what campaigns were promised.
-- A view belongs to its viewer, a reach to its subject (a note or a thing); neither is needed to read the other.

create table feed_views (
    viewer  text not null,               -- a member, or for two days the keyed hash (~) of somebody who is not to be known
    subject text not null,
    day     date not null,
    at      timestamptz not null,
    opened  boolean not null,
    primary key (viewer, subject, day)
);
create index feed_views_of on feed_views (viewer, at desc, subject);
create index feed_views_opened on feed_views (viewer, at desc) where opened;
create index feed_views_old on feed_views (day);
create index feed_views_shaded on feed_views (day) where viewer like '~%';

create table feed_reaches (
    subject     text primary key,
    area        bigint not null,         -- 0 when nobody said where it is
    shown       integer not null default 0 check (shown >= 0),
    placed      integer not null default 0 check (placed >= 0),  -- of those, to people whose place was known
    near        integer not null default 0 check (near >= 0),    -- of those, to people near enough to collect it
    opened      integer not null default 0 check (opened >= 0),
    heat        double precision not null default 0,  -- grows with interest and with the day it began, so it never decays
    began_at    timestamptz not null,
    floor_until timestamptz,             -- until when it is owed its first impressions; null when nothing is owed
    floor_at    timestamptz              -- when it had them
) with (fillfactor = 80);
create index feed_reaches_owed on feed_reaches (area, shown, subject) where floor_until is not null;
create index feed_reaches_ending on feed_reaches (floor_until) where floor_until is not null;
create index feed_reaches_warm on feed_reaches (area, heat desc) where heat > 0;

create table feed_choices (
    member   text primary key,
    personal boolean not null default true,
    history  boolean not null default true
);

-- So many labelled impressions for the notes of a topic. What a process holds to hand out is counted as used already.
create table feed_quotas (
    id         text primary key,
    topic      text not null,
    label      text not null,
    quota      integer not null check (quota > 0),
    used       integer not null default 0,
    starts_at  timestamptz not null,
    ends_at    timestamptz not null check (ends_at > starts_at),
    made_at    timestamptz not null,
    constraint feed_quotas_never_above check (used between 0 and quota)
);
create index feed_quotas_running on feed_quotas (ends_at);

create table feed_boosts (
    quota text not null references feed_quotas (id) on delete cascade,
    note  text not null,
    shown integer not null check (shown > 0),
    primary key (quota, note)
);
create index feed_boosts_note on feed_boosts (note);

-- What a member chose holds from the next answer on (decision 0013).
create trigger touch after insert or update or delete on feed_choices for each row execute function touch('member');
