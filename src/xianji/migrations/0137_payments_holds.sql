-- Licensed providers: whose share goes to which account, until when a provider holds, and that we warned in time.

create table payment_accounts (
    provider text not null,
    member   text not null,
    account  text not null,
    set_at   timestamptz not null,
    primary key (provider, member),
    constraint xfk_payment_accounts_account unique (provider, account)
);

alter table payments
    add column hold_until timestamptz,
    add column hold_warned_at timestamptz;
create index payments_hold on payments (hold_until) where hold_until is not null and hold_warned_at is null;
create index payment_calls_id on payment_calls (id);
