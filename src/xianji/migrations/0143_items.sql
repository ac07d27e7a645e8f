-- Where the seller of a thing bought it here; only the order itself can say so.
alter table items add column bought_in text;   -- the order
alter table items add column bought_as text;   -- the thing it was then
create index items_bought_in on items (bought_in, bought_as) where bought_in is not null;
