-- The market by price: keyset pages need the order to be in an index.
create index items_by_price on items (price, id) where state = 'live';
create index items_by_price_in_category on items (category, price, id) where state = 'live';
