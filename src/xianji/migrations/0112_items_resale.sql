-- The gift that a thing on sale looks like, when its seller was given one shortly before: a hint for people.
alter table items add column resale_of text;
