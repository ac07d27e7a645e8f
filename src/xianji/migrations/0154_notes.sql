-- Notes and things of a place, the newest first: the feed asks for a few areas at a time.

-- The H3 cell of resolution 6 (about 36 km²) around a cell of ours: an index over a place is walked by a few of these.
-- The bits are those of the H3 index: the resolution, and the digits below it set to "none".
create function area_of(cell bigint) returns bigint language sql immutable strict parallel safe as
$$ select (cell & ~(15::bigint << 52)) | (6::bigint << 52) | (63::bigint << 21) $$;

create index notes_of_area on notes (area_of(cell), published_at desc, id desc) where state = 'live' and cell is not null;
create index items_of_area on items (area_of(cell), category, listed_at desc)
    where state = 'live' and cell is not null and note is not null;

-- A note that carries all of these topics stands under `topic` too: one tag is another name for it, several are what it
-- is made of. Written once into note_topics, so no list needs to know.
create table topic_gathers (
    topic   text not null,
    tags    text[] not null check (cardinality(tags) between 1 and 5),
    made_at timestamptz not null,
    primary key (topic, tags)
);
