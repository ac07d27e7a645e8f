-- A case may also be opened by a rule of screening, or by an operator's own hand.

alter table cases add column held text[] not null default '{}';          -- the rules of screening that want a person to look
alter table cases add column waits boolean not null default false;       -- whether the subject is out of sight until decided
