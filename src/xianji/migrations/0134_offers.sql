-- Offers: prices that two people agree on before there is an order. An offer is one round: an amount and at most one counter.

create table offers (
    id         text primary key,
    item       text not null,
    buyer      text not null,
    seller     text not null,
    state      text not null check (state in ('open', 'countered', 'accepted', 'declined', 'expired', 'withdrawn',
                   'used')),
    asking     bigint not null,             -- the public price when the offer was made
    amount     bigint not null check (amount > 0),
    counter    bigint check (counter > amount),
    agreed     bigint,                      -- the price both said yes to
    currency   text not null,
    message    text not null default '',
    answer     text not null default '',    -- the seller's words with a counter or a decline
    order_id   text,                        -- the order that used it
    version    integer not null default 1,
    due_at     timestamptz,                 -- when time acts: no answer, or not ordered although agreed
    made_at    timestamptz not null,
    changed_at timestamptz not null,
    constraint offers_two_people check (buyer <> seller),
    constraint offers_agreed check ((agreed is not null) or state not in ('accepted', 'used')),
    constraint xfk_offers_item foreign key (item) references items (id),
    constraint xfk_offers_buyer foreign key (buyer) references members (id)
);
create index offers_of_buyer on offers (buyer, id desc);
create index offers_of_seller on offers (seller, id desc);
create index offers_of_item on offers (item, id desc);
create index offers_waiting_for_seller on offers (seller) where state = 'open';
create index offers_waiting_for_buyer on offers (buyer) where state in ('countered', 'accepted');
create index offers_due on offers (due_at) where due_at is not null;

create table offer_moves (
    offer      text not null references offers (id),
    version    integer not null,
    verb       text not null,
    from_state text not null,
    to_state   text not null,
    role       text not null,
    actor      text,
    amount     bigint not null,
    at         timestamptz not null,
    primary key (offer, version)
);

-- One row for each buyer and thing, and its lock is the turn of the two: which offer is alive, and how often it was tried.
create table offer_pairs (
    item       text not null,
    buyer      text not null,
    offer      text,
    tries      integer not null default 0,
    tries_from timestamptz not null,
    primary key (item, buyer)
);
create index offer_pairs_buyer on offer_pairs (buyer) where offer is not null;

-- The seller's secret: from this price on the answer is yes, below it is no.
create table offer_floors (
    item   text primary key,
    seller text not null,
    floor  bigint not null check (floor > 0),
    set_at timestamptz not null
);
create index offer_floors_seller on offer_floors (seller);

create table private_links (
    id         text primary key,
    item       text not null,
    seller     text not null,
    buyer      text not null,
    price      bigint not null check (price > 0),
    currency   text not null,
    state      text not null check (state in ('open', 'used', 'revoked', 'expired')),
    order_id   text,
    version    integer not null default 1,
    due_at     timestamptz,
    made_at    timestamptz not null,
    changed_at timestamptz not null,
    constraint private_links_two_people check (buyer <> seller),
    constraint xfk_private_links_item foreign key (item) references items (id),
    constraint xfk_private_links_buyer foreign key (buyer) references members (id)
);
create index private_links_of_item on private_links (item, id desc);
create index private_links_of_seller on private_links (seller);
create index private_links_of_buyer on private_links (buyer);
create index private_links_due on private_links (due_at) where due_at is not null;

-- "Any 3, -10 %" of one note, for the things of the member who set it.
create table note_bundles (
    note    text primary key,
    seller  text not null,
    count   integer not null check (count > 1),
    percent integer not null check (percent between 1 and 99),
    set_at  timestamptz not null
);
create index note_bundles_seller on note_bundles (seller);
