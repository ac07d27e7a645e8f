-- The cover of a note is its own first picture, else that of its first thing, which is only looked for then.
create or replace view note_cards as
select n.id, n.kind, n.title, left(n.body, 120) as excerpt, n.state, n.author, n.circle, n.cell, n.place_label,
       n.likes, n.saves, n.comments, n.created_at, n.published_at,
       m.handle, m.name, m.avatar, m.city, m.verified_at, m.seller_type, m.response_minutes, m.sold_count,
       coalesce(own.id, theirs.id) as cover, coalesce(own.kind, theirs.kind) as cover_kind,
       coalesce(own.width, theirs.width) as cover_width, coalesce(own.height, theirs.height) as cover_height,
       coalesce(own.placeholder, theirs.placeholder) as cover_placeholder,
       coalesce(own.colour, theirs.colour) as cover_colour,
       board.things, board.unsold, board.low, board.high, board.currency, board.first_title
from notes n
join members m on m.id = n.author
left join lateral (
    select d.id, d.kind, d.width, d.height, d.placeholder, d.colour
    from note_media p join media d on d.id = p.media and d.state = 'ready'
    where p.note = n.id order by p.place limit 1
) own on true
left join lateral (
    select d.id, d.kind, d.width, d.height, d.placeholder, d.colour
    from note_items b join item_media q on q.item = b.item and q.place = 0
    join media d on d.id = q.media and d.state = 'ready'
    where own.id is null and b.note = n.id and b.state = 'shown' and not b.hidden order by b.place limit 1
) theirs on true
left join lateral (
    select count(*)::integer as things,
           count(*) filter (where i.state = 'live' and i.stock > i.sold + i.reserved)::integer as unsold,
           min(i.price) filter (where i.state = 'live') as low,
           max(i.price) filter (where i.state = 'live') as high,
           min(i.currency) as currency,
           (array_agg(i.title order by b.place))[1] as first_title
    from note_items b join items i on i.id = b.item
    where b.note = n.id and b.state = 'shown' and not b.hidden and i.state in ('live', 'paused', 'sold', 'expired')
) board on true;

-- One line of a list of things: what it costs, its first picture, its seller.
create view item_cards as
select i.id, i.title, i.price, i.currency, i.original_price, i.condition, i.category, i.state, i.stock, i.reserved,
       i.sold, i.kind, i.place_label, i.cell, i.bargain, i.handover, i.deadline, i.created_at, i.listed_at, i.note,
       i.seller, m.handle, m.name, m.avatar, m.city, m.verified_at, m.seller_type, m.response_minutes, m.sold_count,
       coalesce(first.pictures, 0) as pictures, first.id as picture, first.kind as picture_kind,
       first.width as picture_width, first.height as picture_height,
       first.placeholder as picture_placeholder, first.colour as picture_colour
from items i
join members m on m.id = i.seller
left join lateral (
    select count(*) over () as pictures, d.id, d.kind, d.width, d.height, d.placeholder, d.colour
    from item_media p join media d on d.id = p.media and d.state = 'ready'
    where p.item = i.id order by p.place limit 1
) first on true;
