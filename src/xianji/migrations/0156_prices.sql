-- Prices: what things were really sold for. A trade is keyed by its order; what is shown is keyed by its subject.

create table price_trades (
    order_id  text not null,
    number    integer not null,          -- the line of the order
    item      text not null,
    category  text,
    model     text,                      -- the code of the product, when it is known
    variant   text not null default '',
    condition text,
    price     bigint not null check (price > 0),  -- of one unit, after every reduction, without postage
    currency  text not null,
    quantity  integer not null,
    seller    text not null,
    buyer     text not null,
    lineage   text not null,             -- the first order in which this very thing was sold here
    serial    bytea,
    demo      boolean not null default false,
    day       date not null,             -- in the zone of the house
    traded_at timestamptz not null,
    excluded  text,                      -- why it does not count; null: it does
    outlier   boolean not null default false,
    primary key (order_id, number)
);
create index price_trades_of_model on price_trades (model, day desc) where model is not null;
create index price_trades_of_category on price_trades (category, day desc) where category is not null;
create index price_trades_of_seller on price_trades (seller, traded_at desc);
create index price_trades_of_buyer on price_trades (buyer, traded_at desc);
create index price_trades_of_lineage on price_trades (lineage);
create index price_trades_of_serial on price_trades (serial) where serial is not null;

-- What is summed up: a model or a category. `stale_from` is the first day whose sums are no longer true.
create table price_subjects (
    id         text primary key,
    kind       text not null check (kind in ('model', 'category')),
    code       text not null,
    stale_from date,
    rolled_on  date,
    rolled_at  timestamptz
);
create index price_subjects_due on price_subjects (rolled_on, stale_from);

-- The sums as they stand, for all trades (cut '') and for parts of them: fresh, worn, or a variant. Prices are null where
-- too few people traded; `change` is in thousandths and only there when it means something.
create table price_boards (
    id       text not null references price_subjects (id),
    cut      text not null,
    kind     text not null,
    code     text not null,
    trades   integer not null,
    sellers  integer not null,
    low      bigint,
    middle   bigint,
    high     bigint,
    currency text not null,
    change   integer,
    demo     boolean not null,
    day      date not null,
    primary key (id, cut)
);
create index price_boards_of_kind on price_boards (kind, trades desc) where cut = '';

-- The same for each day of the past, for the chart. `traded` is what was sold on that day alone.
create table price_days (
    id     text not null references price_subjects (id),
    day    date not null,
    traded integer not null,
    trades integer not null,
    low    bigint not null,
    middle bigint not null,
    high   bigint not null,
    primary key (id, day)
);

create trigger touch after insert or update or delete on price_boards for each row execute function touch('id');
create trigger touch_list after insert or update or delete on price_boards
    for each statement execute function touch_list('prices');
create trigger touch_list after insert or update or delete on price_days
    for each statement execute function touch_list('prices');
