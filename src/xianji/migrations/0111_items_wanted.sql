-- Wanted posts near by; `hidden` is a post whose note is out of sight or asks for nothing any more.
create index wanted_posts_near on wanted_posts (cell, created_at desc, id desc) where state = 'open' and cell is not null;
-- Drafts that stand alone: those of a draft note are edited with it.
create index items_lone_drafts on items (seller, created_at desc, id desc) where state = 'draft' and note is null;
