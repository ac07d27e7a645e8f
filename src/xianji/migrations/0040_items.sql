-- Items: things offered. Every table but the serials' carries the item's id; serials are a small aggregate of their own.

create table items (
    id                text primary key,
    seller            text not null,
    kind              text not null,
    state             text not null,
    version           integer not null default 1,
    title             text not null,
    description       text not null default '',
    price             bigint not null,
    original_price    bigint,
    currency          text not null,
    stock             integer not null,
    reserved          integer not null default 0,
    sold              integer not null default 0,
    condition         text,
    category          text,
    attributes        jsonb not null default '{}',
    handover          text[] not null default '{}',
    cell              bigint,
    place_label       text,
    bargain           boolean not null,
    way               text,
    deadline          timestamptz,
    serial_kind       text,
    serial_digest     bytea,
    serial_state      text,
    serial_checked_at timestamptz,
    note              text,
    relisted_from     text,
    created_at        timestamptz not null,
    listed_at         timestamptz,
    changed_at        timestamptz not null,
    constraint xfk_items_seller foreign key (seller) references members (id),
    constraint items_price check (price >= 0 and (price > 0 or kind = 'giveaway')),
    constraint items_stock check (stock >= 1 and reserved >= 0 and sold >= 0 and reserved + sold <= stock)
);
create index items_new on items (listed_at desc, id desc) where state = 'live';
create index items_new_in_category on items (category, listed_at desc, id desc) where state = 'live';
create index items_near on items (cell, listed_at desc, id desc) where state = 'live';
create index items_of_seller on items (seller, created_at desc, id desc);
create index items_deadline on items (deadline) where deadline is not null and state in ('live', 'paused');
create index items_of_note on items (note) where note is not null;

create table item_media (
    item  text not null references items (id) on delete cascade,
    place integer not null,
    media text not null,
    primary key (item, place)
);
create index item_media_media on item_media (media);

-- What happened to an item's state, one row a move; `version` is the version the move made.
create table item_moves (
    item       text not null references items (id) on delete cascade,
    version    integer not null,
    verb       text not null,
    from_state text not null,
    to_state   text not null,
    role       text not null,
    actor      text,
    reason     text not null,
    at         timestamptz not null,
    primary key (item, version)
);

create table item_prices (
    item    text not null references items (id) on delete cascade,
    version integer not null,
    price   bigint not null,
    why     text not null,
    at      timestamptz not null,
    primary key (item, version)
);

-- Price steps that are still to come; a row goes when its moment has been handled.
create table item_price_steps (
    item  text not null references items (id) on delete cascade,
    at    timestamptz not null,
    price bigint not null,
    primary key (item, at)
);
create index item_price_steps_due on item_price_steps (at);

-- Which item a serial number is on sale as, keyed by the number's hash: a serial is on sale once.
create table item_serials (
    digest bytea primary key,
    item   text not null,
    constraint xfk_item_serials_item foreign key (item) references items (id)
);

create table item_requests (
    item     text not null references items (id) on delete cascade,
    member   text not null,
    reason   text not null,
    state    text not null,
    asked_at timestamptz not null,
    moved_at timestamptz not null,
    primary key (item, member),
    constraint xfk_item_requests_member foreign key (member) references members (id)
);
create index item_requests_member on item_requests (member, asked_at desc);

create table wanted_posts (
    id          text primary key,
    note        text,
    from_note   text,
    member      text not null,
    title       text not null,
    budget      bigint,
    currency    text not null,
    category    text,
    cell        bigint,
    place_label text,
    state       text not null,
    created_at  timestamptz not null,
    closed_at   timestamptz,
    constraint xfk_wanted_posts_member foreign key (member) references members (id)
);
create index wanted_posts_open on wanted_posts (created_at desc, id desc) where state = 'open';
create index wanted_posts_member on wanted_posts (member, created_at desc);
create index wanted_posts_note on wanted_posts (note) where note is not null;

create table wanted_answers (
    wanted text not null references wanted_posts (id) on delete cascade,
    item   text not null,
    member text not null,
    at     timestamptz not null,
    primary key (wanted, item),
    constraint xfk_wanted_answers_item foreign key (item) references items (id)
);
create index wanted_answers_member on wanted_answers (member);
