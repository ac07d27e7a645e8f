-- Media: what was uploaded, by whom, and the stored files made of it. The bytes live in the media store.

create table media (
    id          text primary key,
    owner       text not null,
    kind        text not null check (kind in ('picture', 'video')),
    state       text not null check (state in ('ready', 'hidden', 'gone')),
    width       integer not null,
    height      integer not null,
    seconds     real,
    placeholder text not null,
    colour      text not null,
    sha256      text not null,
    variants    jsonb not null,   -- [{width, height, format, key}]
    hashes      jsonb not null,   -- name -> 64-bit hash of the picture (or of the poster)
    created_at  timestamptz not null
);
create index media_by_owner on media (owner, id);
create index media_by_digest on media (sha256);
