-- A part may stand in several payments one after the other: what is paid or open for an order is found by its part.
create index payment_parts_part on payment_parts (part);
