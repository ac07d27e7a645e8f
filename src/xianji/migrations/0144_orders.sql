-- Deposits: a part of the price is held first, the rest is paid until a moment; both payments belong to one order.
create table deposit_terms (
    item    text primary key,
    kind    text not null check (kind in ('refundable', 'earnest')),
    percent integer not null check (percent between 1 and 49),
    hours   integer not null check (hours > 0),
    silent  text not null check (silent in ('refund', 'forfeit', 'extend')),
    set_at  timestamptz not null,
    constraint xfk_deposit_terms_item foreign key (item) references items (id)
);

alter table orders add column deposit bigint not null default 0 check (deposit >= 0);  -- of `paid`, what came first
alter table orders add column deposit_payment text;
alter table orders drop constraint orders_state_check;
alter table orders add constraint orders_state_check check (state in ('awaiting_payment', 'awaiting_balance',
    'awaiting_shipment', 'awaiting_meeting', 'shipped', 'delivered', 'completed', 'closed', 'refunded', 'forfeited'));
