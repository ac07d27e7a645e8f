-- A restriction whose time is over is written down as ended, once, so that its member can be told.

alter table restrictions add column ended_at timestamptz;
create index restrictions_running on restrictions (until) where lifted_at is null and ended_at is null;
