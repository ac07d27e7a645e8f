-- What one side of an order owes the other and no provider can move (a broken earnest, a claim after the hold ran out, a
-- refund that was ruled wrong) is one thing now, amends: a debt of the one, due to the other, passed on by finance.
alter table ledger_transfers disable trigger ledger_transfers_final;
update ledger_transfers set id = 'amends:' || reference, credit = replace(credit, 'penalty_due:', 'amends_due:')
 where kind = 'penalty_owed';
update ledger_transfers set id = 'amends_paid:' || reference, kind = 'amends_paid',
       debit = replace(debit, 'penalty_due:', 'amends_due:')
 where kind = 'penalty_paid';
alter table ledger_transfers enable trigger ledger_transfers_final;
update ledger_accounts set key = replace(key, 'penalty_due:', 'amends_due:'), kind = 'amends_due' where kind = 'penalty_due';

create or replace view ledger_order_sums as
select t.reference,
       t.currency,
       coalesce(sum(t.amount) filter (where t.kind = 'paid'), 0)::bigint as paid,
       coalesce(sum(t.amount) filter (where t.kind in
           ('fee_owed', 'refund_owed', 'refund_due', 'penalty_owed', 'claim_owed', 'repay_owed')), 0)::bigint as receivable,
       coalesce(sum(t.amount) filter (where t.kind = 'released'), 0)::bigint as released,
       coalesce(sum(t.amount) filter (where t.kind in
           ('refunded', 'refund_owed', 'refund_due', 'fee_back', 'claim_owed')), 0)::bigint as refunded,
       (coalesce(sum(t.amount) filter (where t.kind in ('fee', 'fee_owed')), 0)
           - coalesce(sum(t.amount) filter (where t.kind = 'fee_back'), 0))::bigint as fee,
       coalesce(max(a.balance), 0)::bigint as held,
       coalesce(sum(t.amount) filter (where t.kind = 'penalty_owed'), 0)::bigint as penalty,
       coalesce(sum(t.amount) filter (where t.kind = 'amends_paid' and t.id = 'amends_paid:' || t.reference), 0)::bigint
           as penalty_paid,
       coalesce(sum(t.amount) filter (where t.kind = 'repay_owed'), 0)::bigint as repaid
from ledger_transfers t
left join ledger_accounts a on a.kind = 'order_held' and a.owner = t.reference and a.currency = t.currency
group by t.reference, t.currency;

-- A dispute that an appeal opened again, beside the refund whose ruling was found wrong.
alter table refunds add column again_of text;
