-- Words of thanks can be reported like any others.
alter table cases drop constraint cases_subject_kind_check;
alter table cases add constraint cases_subject_kind_check
    check (subject_kind in ('item', 'note', 'comment', 'member', 'refund', 'thanks'));
