-- Released money may be taken back into the hold: one more kind of call.
alter table payment_calls drop constraint payment_calls_kind_check;
alter table payment_calls add constraint payment_calls_kind_check
    check (kind in ('open', 'close', 'release', 'refund', 'split_return'));
