-- Who broke an earnest deposit owes the buyer as much again. The platform pays it out when it has it; until then it is a
-- claim on both sides of an order's equation.
create or replace view ledger_order_sums as
select t.reference,
       t.currency,
       coalesce(sum(t.amount) filter (where t.kind = 'paid'), 0)::bigint as paid,
       coalesce(sum(t.amount) filter (where t.kind in ('fee_owed', 'refund_owed', 'refund_due', 'penalty_owed')), 0)::bigint
           as receivable,
       coalesce(sum(t.amount) filter (where t.kind = 'released'), 0)::bigint as released,
       coalesce(sum(t.amount) filter (where t.kind in ('refunded', 'refund_owed', 'refund_due', 'fee_back')), 0)::bigint
           as refunded,
       (coalesce(sum(t.amount) filter (where t.kind in ('fee', 'fee_owed')), 0)
           - coalesce(sum(t.amount) filter (where t.kind = 'fee_back'), 0))::bigint as fee,
       coalesce(max(a.balance), 0)::bigint as held,
       coalesce(sum(t.amount) filter (where t.kind = 'penalty_owed'), 0)::bigint as penalty,
       coalesce(sum(t.amount) filter (where t.kind = 'penalty_paid'), 0)::bigint as penalty_paid
from ledger_transfers t
left join ledger_accounts a on a.kind = 'order_held' and a.owner = t.reference and a.currency = t.currency
group by t.reference, t.currency;
