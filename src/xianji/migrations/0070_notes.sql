-- Notes: posts that carry things, their comments, boards, likes and topics. Every table but the topics' carries the note's id.

create table notes (
    id           text primary key,
    author       text not null,
    kind         text not null,
    state        text not null,
    version      integer not null default 1,
    title        text not null,
    body         text not null,
    segments     jsonb not null,   -- the body in pieces: [{kind, text, target}], whose texts joined are the body
    circle       text,
    cell         bigint,           -- grid cell only; the point is never stored
    place_label  text,
    guest_stalls text not null,
    from_note    text,             -- the note whose 求同款 button made this one
    wanted       jsonb,            -- what a wanted note asks for: {budget, category}
    likes        integer not null default 0 check (likes >= 0),
    saves        integer not null default 0 check (saves >= 0),
    comments     integer not null default 0 check (comments >= 0),
    created_at   timestamptz not null,
    published_at timestamptz,
    changed_at   timestamptz not null,
    constraint xfk_notes_author foreign key (author) references members (id),
    constraint xfk_notes_circle foreign key (circle) references circles (id)
) with (fillfactor = 85);
create index notes_new on notes (published_at desc, id desc) where state = 'live';
create index notes_new_of_kind on notes (kind, published_at desc, id desc) where state = 'live';
create index notes_of_circle on notes (circle, published_at desc, id desc) where state = 'live' and circle is not null;
create index notes_of_author on notes (author, published_at desc, id desc) where state = 'live';
create index notes_near on notes (cell, published_at desc, id desc) where state = 'live' and cell is not null;
create index notes_by_author on notes (author, created_at desc, id desc);

create table note_media (
    note  text not null references notes (id) on delete cascade,
    place integer not null,
    media text not null,
    primary key (note, place)
);
create index note_media_media on note_media (media);

create table comments (
    note       text not null references notes (id) on delete cascade,
    id         text not null,
    parent     text,
    author     text not null,
    state      text not null,
    version    integer not null default 1,
    body       text not null,
    segments   jsonb not null,
    media      text[] not null default '{}',
    item       text,
    likes      integer not null default 0 check (likes >= 0),
    replies    integer not null default 0 check (replies >= 0),
    created_at timestamptz not null,
    primary key (note, id),
    foreign key (note, parent) references comments (note, id),
    constraint xfk_comments_author foreign key (author) references members (id)
) with (fillfactor = 85);
create index comments_by_id on comments (id);
create index comments_threads on comments (note, parent, id);
create index comments_by_author on comments (author, created_at desc);

-- The board: every thing a note carries. `way` says how it came: with the note, as a guest's stall, or as a link.
create table note_items (
    note     text not null references notes (id) on delete cascade,
    item     text not null,
    comment  text,
    owner    text not null,
    way      text not null check (way in ('note', 'stall', 'link')),
    state    text not null check (state in ('waiting', 'shown', 'refused')),
    hidden   boolean not null default false,  -- while the comment that brought it is hidden
    place    integer not null,
    added_at timestamptz not null,
    primary key (note, item),
    constraint xfk_note_items_item foreign key (item) references items (id)
);
create index note_items_item on note_items (item);
create index note_items_owner on note_items (owner, added_at desc);

create table note_topics (
    note  text not null references notes (id) on delete cascade,
    topic text not null,
    at    timestamptz not null,
    primary key (note, topic)
);
create index note_topics_topic on note_topics (topic, at desc, note desc);

-- A topic is a small aggregate of its own, keyed by its folded name; `notes` counts the live ones.
create table topics (
    name  text primary key,
    shown text not null,
    notes integer not null default 0 check (notes >= 0)
);
create index topics_largest on topics (notes desc, name);

create table note_mentions (
    note    text not null references notes (id) on delete cascade,
    comment text not null default '',
    member  text not null,
    primary key (note, comment, member)
);
create index note_mentions_member on note_mentions (member);

create table note_likes (
    note   text not null references notes (id) on delete cascade,
    member text not null,
    at     timestamptz not null,
    primary key (note, member)
);
create index note_likes_member on note_likes (member, at desc);

create table note_saves (
    note   text not null references notes (id) on delete cascade,
    member text not null,
    at     timestamptz not null,
    primary key (note, member)
);
create index note_saves_member on note_saves (member, at desc, note desc);

create table comment_likes (
    note    text not null,
    comment text not null,
    member  text not null,
    at      timestamptz not null,
    primary key (note, comment, member),
    foreign key (note, comment) references comments (note, id) on delete cascade
);
create index comment_likes_member on comment_likes (member);

-- What happened to a note's or a comment's state, one row a move; comment is '' for the note itself.
create table note_moves (
    note       text not null references notes (id) on delete cascade,
    comment    text not null default '',
    version    integer not null,
    verb       text not null,
    from_state text not null,
    to_state   text not null,
    role       text not null,
    actor      text,
    reason     text not null,
    at         timestamptz not null,
    primary key (note, comment, version)
);

-- One line of a list of notes: cover, author and what the board offers. Feeds join it with the ids they picked.
create view note_cards as
select n.id, n.kind, n.title, left(n.body, 120) as excerpt, n.state, n.author, n.circle, n.cell, n.place_label,
       n.likes, n.saves, n.comments, n.created_at, n.published_at,
       m.handle, m.name, m.avatar, m.city, m.verified_at, m.seller_type, m.response_minutes, m.sold_count,
       cover.id as cover, cover.kind as cover_kind, cover.width as cover_width, cover.height as cover_height,
       cover.placeholder as cover_placeholder, cover.colour as cover_colour,
       board.things, board.unsold, board.low, board.high, board.currency, board.first_title
from notes n
join members m on m.id = n.author
left join lateral (
    select d.id, d.kind, d.width, d.height, d.placeholder, d.colour
    from (select 0 as turn, p.place, p.media from note_media p where p.note = n.id
          union all
          select 1, b.place, q.media from note_items b join item_media q on q.item = b.item and q.place = 0
          where b.note = n.id and b.state = 'shown' and not b.hidden) as picture
    join media d on d.id = picture.media and d.state = 'ready'
    order by picture.turn, picture.place limit 1
) cover on true
left join lateral (
    select count(*)::integer as things,
           count(*) filter (where i.state = 'live' and i.stock > i.sold + i.reserved)::integer as unsold,
           min(i.price) filter (where i.state = 'live') as low,
           max(i.price) filter (where i.state = 'live') as high,
           min(i.currency) as currency,
           (array_agg(i.title order by b.place))[1] as first_title
    from note_items b join items i on i.id = b.item
    where b.note = n.id and b.state = 'shown' and not b.hidden and i.state in ('live', 'paused', 'sold', 'expired')
) board on true;
