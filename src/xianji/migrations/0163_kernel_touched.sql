-- Kernel: what is written about many new things at once is noted once for each statement, not once for each row. Notes
-- of a thing that has just been made name nothing else: no board shows it yet.

create function touch_new_items() returns trigger language plpgsql as $$
begin
    insert into touched (id) select 'items' where exists (select from fresh)
    union select id from fresh union select seller from fresh;
    return null;
end $$;

create function touch_items_of_new() returns trigger language plpgsql as $$
begin
    insert into touched (id) select distinct item from fresh;
    return null;
end $$;

drop trigger touch on items;
drop trigger touch on item_prices;
drop trigger touch on item_moves;
create trigger touch after update or delete on items for each row execute function touch_item();
create trigger touch after update or delete on item_prices for each row execute function touch('item');
create trigger touch after update or delete on item_moves for each row execute function touch('item');
create trigger touch_new after insert on items
    referencing new table as fresh for each statement execute function touch_new_items();
create trigger touch_new after insert on item_prices
    referencing new table as fresh for each statement execute function touch_items_of_new();
create trigger touch_new after insert on item_moves
    referencing new table as fresh for each statement execute function touch_items_of_new();
