-- Visits: times at which a seller lets people come and choose, and who comes. Everything hangs on the slot.

create table visit_slots (
    id             text primary key,
    seller         text not null,
    begins_at      timestamptz not null,
    ends_at        timestamptz not null check (ends_at > begins_at),
    capacity       integer not null check (capacity > 0),
    address_sealed text,                    -- the seller's door; forgotten when the slot is called off
    called_off_at  timestamptz,
    made_at        timestamptz not null,
    constraint xfk_visit_slots_seller foreign key (seller) references members (id)
);
create index visit_slots_of_seller on visit_slots (seller, ends_at) where called_off_at is null;

create table visits (
    slot     text not null references visit_slots (id),
    member   text not null,
    taken_at timestamptz not null,
    left_at  timestamptz,
    primary key (slot, member),
    constraint xfk_visits_member foreign key (member) references members (id)
);
create index visits_of_member on visits (member) where left_at is null;
