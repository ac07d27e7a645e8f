-- Disputed refunds are cases too; they have two sides, and either may ask for another look at the ruling.
alter table cases drop constraint cases_subject_kind_check;
alter table cases add constraint cases_subject_kind_check
    check (subject_kind in ('item', 'note', 'comment', 'member', 'refund'));
alter table cases add column other text;
alter table cases add constraint xfk_cases_other foreign key (other) references members (id);
create index cases_other on cases (other, opened_at desc, id desc) where other is not null;
