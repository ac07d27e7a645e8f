-- Kernel: which ids were written about, so that what was read of them may be kept until then (decision 0013).
-- A local table of the coordinator, like the outbox; rows live for an hour or two.

create table touched (
    transaction bigint not null default pg_current_xact_id()::text::bigint,
    number      bigint generated always as identity,
    id          text not null,
    at          timestamptz not null default now(),
    primary key (transaction, number)
);

-- The columns named as arguments hold the ids that the row speaks of.
create function touch() returns trigger language plpgsql as $$
begin
    insert into touched (id)
    select distinct row.body ->> name from (values (to_jsonb(old)), (to_jsonb(new))) as row (body), unnest(tg_argv) as name
    where row.body ->> name is not null;
    return null;
end $$;

-- A list that may hold other rows now; the argument is its name.
create function touch_list() returns trigger language plpgsql as $$
begin
    insert into touched (id) values (tg_argv[0]);
    return null;
end $$;

-- A thing, its seller, the market, and the notes whose boards show it without naming it. One statement, for every sale.
create function touch_item() returns trigger language plpgsql as $$
begin
    insert into touched (id) select * from unnest(array['items', coalesce(new.id, old.id), coalesce(new.seller, old.seller)])
    union select b.note from note_items b where b.item = coalesce(new.id, old.id);
    return null;
end $$;

create function touch_item_media() returns trigger language plpgsql as $$
begin
    insert into touched (id) select coalesce(new.item, old.item)
    union select b.note from note_items b where b.item = coalesce(new.item, old.item);
    return null;
end $$;

-- What waits under a note is counted for its author, what is asked for as a gift for its giver.
create function touch_host() returns trigger language plpgsql as $$
begin
    insert into touched (id) select n.author from notes n where n.id in (old.note, new.note);
    return null;
end $$;

create function touch_giver() returns trigger language plpgsql as $$
begin
    insert into touched (id) select i.seller from items i where i.id in (old.item, new.item);
    return null;
end $$;

-- A picture that becomes ready was shown nowhere before.
create function touch_shown() returns trigger language plpgsql as $$
begin
    insert into touched (id)
    select p.item from item_media p where p.media = new.id
    union select b.note from item_media p join note_items b on b.item = p.item where p.media = new.id
    union select p.note from note_media p where p.media = new.id;
    return null;
end $$;

create trigger touch after insert or update or delete on members for each row execute function touch('id');
create trigger touch after insert or update or delete on sessions for each row execute function touch('member');
create trigger touch after insert or update or delete on member_roles for each row execute function touch('member');
create trigger touch after insert or update or delete on restrictions for each row execute function touch('member');
create trigger touch after insert or update or delete on ties for each row execute function touch('member');
create trigger touch after insert or update or delete on media for each row execute function touch('id', 'owner');
create trigger touch_shown after update of state on media for each row execute function touch_shown();
create trigger touch after insert or update or delete on circles for each row execute function touch('id');

create trigger touch after insert or update or delete on items for each row execute function touch_item();
create trigger touch after insert or update or delete on item_media for each row execute function touch_item_media();
create trigger touch after insert or update or delete on item_prices for each row execute function touch('item');
create trigger touch after insert or update or delete on item_price_steps for each row execute function touch('item');
create trigger touch after insert or update or delete on item_moves for each row execute function touch('item');
create trigger touch after insert or update or delete on item_requests for each row execute function touch('item', 'member');
create trigger touch_giver after insert or update or delete on item_requests for each row execute function touch_giver();
create trigger touch after insert or update or delete on wanted_posts for each row execute function touch('note');

create trigger touch after insert or update or delete on notes for each row execute function touch('id', 'author');
create trigger touch_list after insert or delete or update of state, kind, author, circle, cell, published_at on notes
    for each statement execute function touch_list('notes');
create trigger touch_list after insert or update or delete on note_topics for each statement execute function touch_list('notes');
create trigger touch after insert or update or delete on note_media for each row execute function touch('note');
create trigger touch after insert or update or delete on note_items for each row execute function touch('note', 'item', 'owner');
create trigger touch_host after insert or update or delete on note_items for each row execute function touch_host();
create trigger touch after insert or update or delete on note_likes for each row execute function touch('note', 'member');
create trigger touch after insert or update or delete on note_saves for each row execute function touch('note', 'member');
create trigger touch after insert or update or delete on note_moves for each row execute function touch('note');
create trigger touch after insert or update or delete on note_bundles for each row execute function touch('note');
create trigger touch after insert or update or delete on comments for each row execute function touch('note', 'author');
create trigger touch after insert or update or delete on comment_likes for each row execute function touch('note', 'member');

create trigger touch after insert or update or delete on offers for each row execute function touch('buyer', 'seller');
create trigger touch after insert or update or delete on offer_pairs for each row execute function touch('buyer');
create trigger touch after insert or update or delete on orders for each row execute function touch('buyer', 'seller');
create trigger touch after insert or update or delete on refunds for each row execute function touch('buyer', 'seller');
create trigger touch after insert or update or delete on cases for each row execute function touch('owner');
create trigger touch after insert or update or delete on sanctions for each row execute function touch('member');
