-- Topics that a member follows: a source of their feed and of their list of what they follow.

create table topic_follows (
    topic  text not null,
    member text not null,
    at     timestamptz not null,
    primary key (topic, member)
);
create index topic_follows_newest on topic_follows (member, at desc, topic desc);
create trigger touch after insert or update or delete on topic_follows for each row execute function touch('member');
