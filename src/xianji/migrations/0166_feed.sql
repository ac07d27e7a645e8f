-- What a reader wants less of, and what the feed of a reader without a place is made of.

-- Subjects: "c:cameras" a category, "t:相机" a topic, "m:mbr_…" an author, "n:nte_…" one note, which is not shown at all.
create table feed_less (
    member  text not null,
    subject text not null,
    at      timestamptz not null,
    until   timestamptz not null check (until > at),
    primary key (member, subject)
);
create index feed_less_ending on feed_less (until);
create trigger touch after insert or update or delete on feed_less for each row execute function touch('member');

-- Owed and often opened notes of all areas, for whoever says of none where they are.
create index feed_reaches_owed_anywhere on feed_reaches (shown, subject) where floor_until is not null;
create index feed_reaches_warm_anywhere on feed_reaches (heat desc) where heat > 0 and subject like 'nte%';
