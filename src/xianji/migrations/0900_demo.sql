-- Demo: what the loader of the demo town has made already, so that a load that was cut short goes on where it stood.

create table demo_made (
    name text primary key,   -- what it is in the town: "member linxi_packs", "note 12", "like 12 oldgu"
    id   text not null       -- the id it got; empty for what has none
);
