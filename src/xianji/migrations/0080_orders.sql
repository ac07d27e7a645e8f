-- Orders: one buyer, one seller, lines frozen when the order was made. Every table but waybills carries the order's id.

create table orders (
    id             text primary key,
    buyer          text not null,
    seller         text not null,
    state          text not null check (state in ('awaiting_payment', 'awaiting_shipment', 'awaiting_meeting',
                       'shipped', 'delivered', 'completed', 'closed', 'refunded')),
    handover       text not null check (handover in ('ship', 'meet', 'digital')),
    currency       text not null,
    goods          bigint not null check (goods >= 0),
    shipping       bigint not null check (shipping >= 0),
    total          bigint not null,
    paid           bigint not null default 0,
    payment        text,                    -- the payment that paid it
    terms          jsonb not null,          -- the rules in force when it was made: times, fee policy, versions
    address_sealed text,
    meeting_sealed text,
    note           text not null default '',
    version        integer not null default 1,
    extensions     integer not null default 0,  -- used in the present state
    due_at         timestamptz,
    paused_at      timestamptz,
    placed_at      timestamptz not null,
    changed_at     timestamptz not null,
    constraint orders_two_people check (buyer <> seller),
    constraint orders_sum check (total = goods + shipping),
    constraint xfk_orders_buyer foreign key (buyer) references members (id),
    constraint xfk_orders_seller foreign key (seller) references members (id)
);
create index orders_of_buyer on orders (buyer, id desc);
create index orders_of_seller on orders (seller, id desc);
create index orders_due on orders (due_at) where due_at is not null and paused_at is null;

create table order_lines (
    order_id text not null references orders (id),
    number   integer not null,
    item     text not null,
    quantity integer not null check (quantity > 0),
    price    bigint not null,
    amount   bigint not null,
    version  integer not null,
    snapshot jsonb not null,
    digest   bytea not null,
    primary key (order_id, number),
    constraint order_lines_sum check (amount = price * quantity)
);
create index order_lines_item on order_lines (item);

create function order_lines_are_frozen() returns trigger language plpgsql as $$
begin
    raise exception 'an order line is frozen when the order is made';
end
$$;
create trigger order_lines_frozen before update on order_lines
    for each row execute function order_lines_are_frozen();

create table order_moves (
    order_id   text not null references orders (id),
    version    integer not null,
    verb       text not null,
    from_state text not null,
    to_state   text not null,
    role       text not null,
    actor      text,
    facts      jsonb not null,
    at         timestamptz not null,
    primary key (order_id, version)
);

-- The meeting code itself is never stored: it follows from the nonce, our key and the time.
create table handover_codes (
    order_id     text primary key references orders (id),
    nonce        text not null,
    tries        integer not null default 0,
    locked_until timestamptz,
    redeemed_at  timestamptz
);

create table shipments (
    order_id    text primary key references orders (id),
    carrier     text,
    waybill     text,
    note_sealed text,
    shipped_at  timestamptz not null,
    constraint shipments_one_way check ((carrier is null) = (waybill is null))
);

-- A waybill belongs to one pair of people; keyed by the number itself so that it cannot be used for another sale.
create table waybills (
    carrier text not null,
    waybill text not null,
    seller  text not null,
    buyer   text not null,
    primary key (carrier, waybill)
);
