-- Notices: one row for one member about one thing that happened. As long as it is unread, the same again joins it.

create table notices (
    member  text not null,
    id      text not null,
    kind    text not null,
    subject text not null,      -- what it is about: the same kind about the same subject is one unread row
    person  text,               -- who did it last
    item    text,               -- the thing and the note it shows
    note    text,
    facts   jsonb not null,
    link    text not null,
    at      timestamptz not null,
    read_at timestamptz,
    primary key (member, id),
    constraint xfk_notices_member foreign key (member) references members (id)
);
create unique index notices_unread on notices (member, kind, subject) where read_at is null;
create index notices_latest on notices (member, at desc, id desc);
create index notices_unread_of on notices (kind, subject) where read_at is null;
create index notices_old on notices (at);
create index notices_person on notices (person) where person is not null;

-- Everybody who did what an unread notice tells; they are counted when it is read.
create table notice_people (
    member text not null,
    notice text not null,
    person text not null,
    at     timestamptz not null,
    primary key (member, notice, person),
    foreign key (member, notice) references notices (member, id) on delete cascade
);
create index notice_people_person on notice_people (person);

-- Which groups of notices a member does not want; without a row they want all.
create table notice_choices (
    member text primary key,
    off    text[] not null,
    constraint xfk_notice_choices_member foreign key (member) references members (id)
);

-- Prices a member was told of, so that nobody hears of the same price twice.
create table notice_prices (
    member text not null,
    item   text not null,
    price  bigint not null,
    at     timestamptz not null,
    primary key (member, item, price),
    constraint xfk_notice_prices_member foreign key (member) references members (id)
);
create index notice_prices_old on notice_prices (at);

create trigger touch after insert or update or delete on notices for each row execute function touch('member');
