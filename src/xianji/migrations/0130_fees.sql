-- What a seller sold, by calendar month of the installation's zone: some fee policies charge more above a sum.
create table fee_months (
    seller   text not null,
    currency text not null,
    month    date not null,
    orders   integer not null,
    total    bigint not null,
    primary key (seller, currency, month),
    constraint xfk_fee_months_seller foreign key (seller) references members (id)
);

-- The fee policy that binds a thing is the one in force when its seller last confirmed it.
alter table items add column confirmed_at timestamptz;
update items set confirmed_at = coalesce(listed_at, created_at);
alter table items alter column confirmed_at set not null;

-- `refunded` is what went back to the buyer out of what was paid; `charge` is the fee once it is decided.
alter table orders add column refunded bigint not null default 0;
alter table orders add column charge jsonb;
alter table orders add constraint orders_refunds check (refunded between 0 and paid);
update orders set refunded = paid where state = 'refunded';
