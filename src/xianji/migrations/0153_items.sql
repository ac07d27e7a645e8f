-- Things that members keep in mind. `alerts`: whether this member wants to hear when its price falls.

create table item_saves (
    item   text not null references items (id) on delete cascade,
    member text not null,
    alerts boolean not null default true,
    at     timestamptz not null,
    primary key (item, member),
    constraint xfk_item_saves_member foreign key (member) references members (id)
);
create index item_saves_member on item_saves (member, at desc, item desc);

create trigger touch after insert or update or delete on item_saves for each row execute function touch('item', 'member');
