-- Circles: interest and place communities. One aggregate per circle; its members are keyed by it.

create table circles (
    id          text primary key,
    slug        text not null unique,
    kind        text not null check (kind in ('place', 'campus', 'interest', 'fandom')),
    name        text not null,
    name_en     text not null,
    description text not null,
    city        text not null default '',
    cover       text,
    members     integer not null default 0 check (members >= 0),
    version     integer not null default 1,
    created_by  text not null,
    created_at  timestamptz not null
);

create table circle_members (
    circle    text not null references circles (id),
    member    text not null,
    role      text not null check (role in ('member', 'host')),
    joined_at timestamptz not null,
    primary key (circle, member)
);
create index circle_members_by_member on circle_members (member, joined_at desc);
