-- Which rows of a seller's tables have become things, so that an import that was cut short makes nothing twice.
create table item_imports (
    seller      text not null,
    fingerprint bytea not null,  -- of the row's own key, or of all it says
    item        text not null,
    at          timestamptz not null,
    primary key (seller, fingerprint),
    constraint xfk_item_imports_seller foreign key (seller) references members (id),
    constraint xfk_item_imports_item foreign key (item) references items (id)
);
