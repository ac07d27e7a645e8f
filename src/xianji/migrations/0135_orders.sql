-- Prices that are not the public one, changes before payment, carts, and several orders paid at once.

alter table orders add column bundle bigint not null default 0 check (bundle >= 0);    -- taken off by the note's bundle
alter table orders add column lowered bigint not null default 0 check (lowered >= 0);  -- taken off by the seller later
alter table orders add column confirmed boolean not null default true;                 -- the buyer has seen what it costs
alter table orders add column checkout text;
create index orders_of_checkout on orders (checkout) where checkout is not null;

alter table order_lines add column off bigint not null default 0 check (off >= 0);     -- this line's share of the bundle
alter table order_lines drop constraint order_lines_sum;
alter table order_lines add constraint order_lines_sum check (amount = price * quantity - off);

create table checkouts (
    id        text primary key,
    buyer     text not null,
    placed_at timestamptz not null,
    constraint xfk_checkouts_buyer foreign key (buyer) references members (id)
);
create index checkouts_of_buyer on checkouts (buyer, id desc);

create table cart_lines (
    member   text not null,
    item     text not null,
    quantity integer not null check (quantity > 0),
    added_at timestamptz not null,
    primary key (member, item),
    constraint xfk_cart_lines_member foreign key (member) references members (id)
);
