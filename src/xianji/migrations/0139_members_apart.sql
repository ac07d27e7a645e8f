-- Two members between whom one blocks the other: neither sees what the other shows.
create view apart as
select member, other from ties where kind in ('blocks', 'blocked_by');
