-- The same cards with less work: a note's own first picture or the first of its things', each found by itself.
-- Before, the pictures of all things were fetched to sort them: with ten things ten look-ups for one picture.
create index note_items_in_order on note_items (note, place);

create or replace view note_cards as
select n.id, n.kind, n.title, left(n.body, 120) as excerpt, n.state, n.author, n.circle, n.cell, n.place_label,
       n.likes, n.saves, n.comments, n.created_at, n.published_at,
       m.handle, m.name, m.avatar, m.city, m.verified_at, m.seller_type, m.response_minutes, m.sold_count,
       cover.id as cover, cover.kind as cover_kind, cover.width as cover_width, cover.height as cover_height,
       cover.placeholder as cover_placeholder, cover.colour as cover_colour,
       board.things, board.unsold, board.low, board.high, board.currency, board.first_title
from notes n
join members m on m.id = n.author
left join lateral (
    select picture.*
    from ((select 0 as turn, d.id, d.kind, d.width, d.height, d.placeholder, d.colour
           from note_media p join media d on d.id = p.media and d.state = 'ready'
           where p.note = n.id order by p.place limit 1)
          union all
          (select 1, d.id, d.kind, d.width, d.height, d.placeholder, d.colour
           from note_items b join item_media q on q.item = b.item and q.place = 0
           join media d on d.id = q.media and d.state = 'ready'
           where b.note = n.id and b.state = 'shown' and not b.hidden order by b.place limit 1)) as picture
    order by picture.turn limit 1
) cover on true
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
