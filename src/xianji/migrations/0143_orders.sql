-- A short word of thanks after a completed order, one from each side; it stays with the history of what was sold.
create table order_thanks (
    order_id text not null references orders (id),
    member   text not null,
    id       text not null,
    words    text not null,
    named    boolean not null,   -- whether the writer's name is shown with it
    state    text not null check (state in ('live', 'hidden')),
    at       timestamptz not null,
    primary key (order_id, member),
    constraint xfk_order_thanks_member foreign key (member) references members (id)
);
create index order_thanks_id on order_thanks (id);
create index order_thanks_member on order_thanks (member);
