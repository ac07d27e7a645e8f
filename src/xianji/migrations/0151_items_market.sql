-- What is on sale for one reader, narrowed as asked (null is no wish); a thing that names no handover is open to all.
create function on_market(
    reader text, of_category text, at_least bigint, at_most bigint, conditions text[], by_handover text, only_free boolean
) returns setof items language sql stable as $$
select i.* from items i
where i.state = 'live'
  and (of_category is null or i.category = of_category)
  and (at_least is null or i.price >= at_least)
  and (at_most is null or i.price <= at_most)
  and (conditions is null or i.condition = any (conditions))
  and (by_handover is null or i.handover = '{}' or i.handover @> array[by_handover])
  and (not only_free or i.kind = 'giveaway')
  and not exists (select from apart where member = reader and other = i.seller)
$$;
