-- Refunds: what a buyer asks back of an order, how the seller answers, and how it ended. At most one of an order is open.

create table refunds (
    id             text primary key,
    order_id       text not null,
    buyer          text not null,
    seller         text not null,
    kind           text not null check (kind in ('unshipped', 'not_received', 'keep_goods', 'return', 'partial',
                       'exchange')),
    state          text not null check (state in ('waiting_seller', 'waiting_buyer', 'waiting_return', 'returning',
                       'waiting_replacement', 'refused', 'disputed', 'refunded', 'exchanged', 'closed')),
    reason         text not null,
    asked          bigint not null check (asked >= 0),  -- what the buyer asked for at first
    amount         bigint not null check (amount >= 0), -- what is on the table now
    currency       text not null,
    after_sale     boolean not null,                    -- asked when the order was already completed
    counter_kind   text,
    counter_amount bigint,
    address_sealed text,                                -- where the goods go back to
    carrier        text,
    waybill        text,
    signed_at      timestamptz,                         -- when the returned parcel was signed for
    short          bigint not null default 0,           -- of the refund, what the provider could not take back yet
    retry_at       timestamptz,
    version        integer not null default 1,
    due_at         timestamptz,
    opened_at      timestamptz not null,
    ended_at       timestamptz,
    constraint xfk_refunds_order foreign key (order_id) references orders (id),
    constraint refunds_counter check ((counter_kind is null) = (counter_amount is null))
);
create index refunds_of_order on refunds (order_id, id desc);
create index refunds_of_buyer on refunds (buyer, opened_at desc);
create index refunds_of_seller on refunds (seller, opened_at desc);
create index refunds_disputed on refunds (id) where state = 'disputed';
create index refunds_due on refunds (due_at) where due_at is not null;
create index refunds_retry on refunds (retry_at) where retry_at is not null;

-- Which refund of an order is open, keyed by the order.
create table open_refunds (
    order_id text primary key,
    refund   text not null,
    constraint xfk_open_refunds_refund foreign key (refund) references refunds (id)
);

create table refund_moves (
    refund     text not null references refunds (id),
    version    integer not null,
    verb       text not null,
    from_state text not null,
    to_state   text not null,
    role       text not null,
    actor      text,
    words      text not null default '',
    evidence   text[] not null default '{}',
    facts      jsonb not null default '{}',
    at         timestamptz not null,
    primary key (refund, version)
);
