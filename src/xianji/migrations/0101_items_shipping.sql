-- What the seller asks for sending one item, minor units of its currency; null when it is in the price.
alter table items add column shipping bigint check (shipping > 0);
