-- Whether a thing may be kept for a deposit is said on its page, which is kept until something it says has changed.
create trigger touch after insert or update or delete on deposit_terms for each row execute function touch('item');
