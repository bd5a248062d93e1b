# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The index's tables beside the ORM's own, and what keeps them true.

``crm_mail_item_folder``: which folders hold a message, with what a folder's list is walked and filtered by, so that a
page is one walk along an index.
``crm_mail_folder_count``: how many messages a folder holds, kept by every change and never counted.
``crm_mail_item_thread``: Message-IDs of conversations, for servers that know no conversations themselves.
``crm_mail_item_content``: messages that were just opened and are not archived, for a day.
"""

from odoo.tools import SQL

_TABLES = """
ALTER TABLE crm_mail_item ADD COLUMN IF NOT EXISTS conversation bigint NOT NULL DEFAULT 0;
ALTER TABLE crm_mail_item ADD COLUMN IF NOT EXISTS same_key bigint NOT NULL DEFAULT 0;
ALTER TABLE crm_mail_item ADD COLUMN IF NOT EXISTS fts tsvector;
CREATE TABLE IF NOT EXISTS crm_mail_item_folder (
    folder_id integer NOT NULL REFERENCES crm_mail_folder ON DELETE CASCADE,
    item_id integer NOT NULL REFERENCES crm_mail_item ON DELETE CASCADE,
    received timestamp NOT NULL,
    conversation bigint NOT NULL,
    is_seen boolean NOT NULL,
    is_flagged boolean NOT NULL,
    has_files boolean NOT NULL,
    is_stale boolean NOT NULL DEFAULT FALSE,
    PRIMARY KEY (folder_id, item_id)
);
CREATE TABLE IF NOT EXISTS crm_mail_folder_count (
    folder_id integer PRIMARY KEY REFERENCES crm_mail_folder ON DELETE CASCADE,
    total integer NOT NULL,
    unread integer NOT NULL
);
CREATE TABLE IF NOT EXISTS crm_mail_item_thread (
    mailbox_id integer NOT NULL REFERENCES crm_mail_mailbox ON DELETE CASCADE,
    key bigint NOT NULL,
    conversation bigint NOT NULL,
    PRIMARY KEY (mailbox_id, key)
);
CREATE TABLE IF NOT EXISTS crm_mail_item_content (
    item_id integer PRIMARY KEY REFERENCES crm_mail_item ON DELETE CASCADE,
    fetched timestamp NOT NULL,
    content bytea NOT NULL
);
"""

# Newest first everywhere; the same order with each filter that a list offers.
_ORDER = "received DESC, {id} DESC"
_FILTERS = {"unread": "NOT is_seen", "flagged": "is_flagged", "files": "has_files"}


def _indexes():
    lists = [("crm_mail_item", "mailbox_id", "id", "is_here"), ("crm_mail_item_folder", "folder_id", "item_id", "TRUE")]
    for table, place, number, there in lists:
        order = _ORDER.format(id=number)
        yield f"{table}_list_idx ON {table} ({place}, {order}) INCLUDE (conversation) WHERE {there}"
        yield f"{table}_conversation_idx ON {table} ({place}, conversation, {order}) WHERE {there}"
        for name, condition in _FILTERS.items():
            yield (
                f"{table}_{name}_idx ON {table} ({place}, {order}) INCLUDE (conversation) WHERE {there} AND {condition}"
            )
    yield "crm_mail_item_fts_idx ON crm_mail_item USING gin (fts)"
    yield "crm_mail_item_folder_item_idx ON crm_mail_item_folder (item_id)"
    yield "crm_mail_item_folder_stale_idx ON crm_mail_item_folder (folder_id) WHERE is_stale"
    yield "crm_mail_item_thread_conversation_idx ON crm_mail_item_thread (mailbox_id, conversation)"


# A change of a message shows in each folder that holds it. Why rows are compared as sets: see models/pulse.py.
_SPREAD = """
CREATE OR REPLACE FUNCTION crm_mail_item_spread() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE crm_mail_item_folder f
       SET received = n.received, conversation = n.conversation, is_seen = n.is_seen, is_flagged = n.is_flagged,
           has_files = n.has_files
      FROM (SELECT id, received, conversation, is_seen, is_flagged, has_files FROM new_rows EXCEPT
            SELECT id, received, conversation, is_seen, is_flagged, has_files FROM old_rows) n
     WHERE f.item_id = n.id;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER crm_mail_item_spread AFTER UPDATE ON crm_mail_item
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION crm_mail_item_spread();
"""

# Folders in one order everywhere: two that count at once wait for each other, and never both. What only spam or trash
# holds is not here.
_COUNTS = """
CREATE OR REPLACE FUNCTION crm_mail_item_enter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crm_mail_folder_count AS c (folder_id, total, unread)
    SELECT folder_id, count(*), count(*) FILTER (WHERE NOT is_seen) FROM new_rows GROUP BY folder_id ORDER BY folder_id
        ON CONFLICT (folder_id) DO UPDATE
           SET total = c.total + EXCLUDED.total, unread = c.unread + EXCLUDED.unread;
    UPDATE crm_mail_item i SET is_here = TRUE FROM new_rows n JOIN crm_mail_folder d ON d.id = n.folder_id
     WHERE i.id = n.item_id AND NOT i.is_here AND COALESCE(d.role, '') NOT IN ('junk', 'trash');
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION crm_mail_item_leave() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE crm_mail_folder_count c SET total = c.total - g.total, unread = c.unread - g.unread
      FROM (SELECT folder_id, count(*) AS total, count(*) FILTER (WHERE NOT is_seen) AS unread
              FROM old_rows GROUP BY folder_id ORDER BY folder_id) AS g
     WHERE c.folder_id = g.folder_id;
    UPDATE crm_mail_item i SET is_here = FALSE FROM old_rows o
     WHERE i.id = o.item_id AND i.is_here
       AND NOT EXISTS (SELECT FROM crm_mail_item_folder f JOIN crm_mail_folder d ON d.id = f.folder_id
                        WHERE f.item_id = i.id AND COALESCE(d.role, '') NOT IN ('junk', 'trash'));
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION crm_mail_item_recount() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE crm_mail_folder_count c SET unread = c.unread + g.unread
      FROM (SELECT folder_id, sum(change) AS unread
              FROM (SELECT folder_id, 1 AS change FROM new_rows WHERE NOT is_seen
                     UNION ALL SELECT folder_id, -1 FROM old_rows WHERE NOT is_seen) AS changes
             GROUP BY folder_id HAVING sum(change) != 0 ORDER BY folder_id) AS g
     WHERE c.folder_id = g.folder_id;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER crm_mail_item_enter AFTER INSERT ON crm_mail_item_folder
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION crm_mail_item_enter();
CREATE OR REPLACE TRIGGER crm_mail_item_leave AFTER DELETE ON crm_mail_item_folder
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION crm_mail_item_leave();
CREATE OR REPLACE TRIGGER crm_mail_item_recount AFTER UPDATE ON crm_mail_item_folder
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION crm_mail_item_recount();
"""


def install(cr):
    """Make the tables, and their indexes while they are empty; once more changes nothing."""
    cr.execute(_TABLES)
    for index in _indexes():
        cr.execute(SQL("CREATE INDEX IF NOT EXISTS %s", SQL(index)))
    cr.execute(_SPREAD)
    cr.execute(_COUNTS)


def uninstall(cr):
    """Drop what does not go with the models."""
    cr.execute(
        "DROP TABLE IF EXISTS crm_mail_item_content, crm_mail_item_thread, crm_mail_folder_count, crm_mail_item_folder"
    )
    for function in ("spread", "enter", "leave", "recount"):
        cr.execute(SQL("DROP FUNCTION IF EXISTS %s CASCADE", SQL.identifier(f"crm_mail_item_{function}")))
