-- Parcels on their way: what carriers say of a waybill, and what hangs on it. Keyed by "carrier:waybill".

create table parcels (
    id          text primary key,
    carrier     text not null,
    waybill     text not null,
    phone_sealed text,                          -- last digits of the receiver's number, where the carrier asks for them
    followed_at timestamptz,                    -- since when the carrier tells us by itself
    look_at     timestamptz,                    -- when it is asked again; null when nobody waits for it any more
    failures    integer not null default 0,     -- questions in a row without an answer
    answered_at timestamptz,                    -- the last answer, by our clock
    unseen_at   timestamptz not null,           -- no scan by then is an alarm
    unseen_told boolean not null default false,
    signed_at   timestamptz,                    -- when we learned that it was signed for, by our clock
    watch_until timestamptz not null
);
create index parcels_look on parcels (look_at) where look_at is not null;

-- The orders and refunds that wait for a parcel.
create table parcel_subjects (
    parcel   text not null references parcels (id),
    subject  text not null,
    ended_at timestamptz,
    primary key (parcel, subject)
);
create index parcel_subjects_of on parcel_subjects (subject);

-- One row a scan, however often it is told. `at` is the carrier's word, `heard_at` our clock.
create table parcel_scans (
    parcel   text not null references parcels (id),
    at       timestamptz not null,
    words    text not null,
    kind     text not null check (kind in ('announced', 'collected', 'in_transit', 'out_for_delivery', 'at_station',
                 'signed', 'refused', 'returning', 'problem')),
    heard_at timestamptz not null,
    primary key (parcel, at, words)
);
