-- Moderation: reports gathered in cases, decisions, sanctions and appeals. Every table but open_cases carries the case's id.

create table cases (
    id           text primary key,
    subject      text not null,
    subject_kind text not null check (subject_kind in ('item', 'note', 'comment', 'member')),
    note         text,             -- the note a reported comment stands under
    owner        text not null,    -- the member who answers for the subject
    state        text not null,
    version      integer not null default 1,
    reports      integer not null default 0,
    reasons      text[] not null default '{}',
    snapshot     jsonb not null,   -- the subject as it was when first reported
    opened_at    timestamptz not null,
    decided_at   timestamptz,
    decided_by   text,
    appeal       text,
    appealed_at  timestamptz,
    closed_at    timestamptz,
    constraint xfk_cases_owner foreign key (owner) references members (id)
);
create index cases_queue on cases (state, opened_at, id);
create index cases_owner on cases (owner, opened_at desc, id desc);

-- Which case is open for a subject, keyed by the subject: several reports gather in one case.
create table open_cases (
    subject text primary key,
    case_id text not null,
    constraint xfk_open_cases_case foreign key (case_id) references cases (id)
);

create table reports (
    case_id  text not null references cases (id),
    reporter text not null,
    id       text not null,
    reason   text not null,
    words    text not null,
    at       timestamptz not null,
    primary key (case_id, reporter)
);
create index reports_reporter on reports (reporter, at desc, case_id desc);

-- What was decided against the owner: always a rule, the evidence, and an end after which it counts no more.
create table sanctions (
    case_id     text not null references cases (id),
    id          text not null,
    member      text not null,
    kind        text not null check (kind in ('hide', 'sell', 'buy', 'speak', 'sign_in')),
    rule        text not null,
    reason      text not null,
    evidence    jsonb not null,
    restriction text,
    hidden      boolean not null default false,
    media       text[] not null default '{}',
    since       timestamptz not null,
    until       timestamptz not null,
    lifted_at   timestamptz,
    primary key (case_id, id)
);
create index sanctions_member on sanctions (member, since desc);

create table case_moves (
    case_id    text not null references cases (id),
    version    integer not null,
    verb       text not null,
    from_state text not null,
    to_state   text not null,
    role       text not null,
    actor      text,
    rule       text not null,
    reason     text not null,
    at         timestamptz not null,
    primary key (case_id, version)
);
create index case_moves_at on case_moves (at);
