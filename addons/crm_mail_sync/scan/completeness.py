# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Holds what a server has against what is known of it, and mends what differs (ADR 0050).

A scan trusts bookmarks: what one of them has passed over nobody would ever notice. So a folder is gone over by its ids
now and then. What came while they were counted is told by the scan that follows, and only then are they compared; what
still differs is asked for by its id, so that neither new mail nor a list that shifts makes a false alarm.
"""

import json
import logging
import time

from odoo import fields
from odoo.tools import SQL

from ..mailsync.errors import CursorExpired, FolderError, MailSyncError, Paced, StorageUnavailable
from ..models import error_texts
from .bulk import execute

_logger = logging.getLogger(__name__)

# Differences that are looked at with one question and settled with one commit.
_AT_ONCE = 100
# Differences that one comparison brings; where there are more, it is made again.
_MOST = 5_000
# Ids from which on the comparison is a join of whole tables. PostgreSQL takes what it cannot look into for few.
_MANY = 10_000
_TRIES = 3


class Completeness:
    """The check of one mailbox, which may take several sessions: each part and each difference is a commit."""

    def __init__(self, mailbox, lister, tally):
        self.env = mailbox.env
        self.mailbox = mailbox
        self.lister = lister
        self.unit = lister.unit
        self.tally = tally
        # folder id → what is known of its check
        self._going_on = {}

    def begin(self, folders):
        """Take up the check that is going on, or begin one if it is due."""
        self.unit.run(self._begin, [folder.id for folder in folders])

    def count(self, provider, folders, deadline):
        """Count what the server holds; True if all of it was counted."""
        for folder in folders:
            check = self._going_on.get(folder.id)
            if check and check["phase"] == "count" and not self._count_folder(provider, folder, deadline):
                return False
        return any(check["phase"] == "compare" for check in self._going_on.values())

    def compare(self, provider, folders, deadline):
        """Settle the differences of all folders that were counted before the last listing; False if time is over."""
        for folder in folders:
            check = self._going_on.get(folder.id)
            if check and check["phase"] == "compare" and not self._compare_folder(provider, folder, deadline):
                return False
        return True

    def _begin(self, folder_ids):
        self.lister.lease.renew(self.mailbox.id)
        records = self.env["crm.mail.folder"].browse(folder_ids)
        if self.mailbox._is_check_due():
            records._begin_check()
            self.mailbox._plan_check()
        self._going_on = {f.id: json.loads(f.check_place) for f in records if f.check_place}

    def _count_folder(self, provider, folder, deadline):
        """True if the folder is counted, or cannot be."""
        failure = None
        for _try in range(_TRIES):
            try:
                return self._count_on(provider, folder, deadline)
            except CursorExpired as error:
                # Numbered anew, or looked at too seldom: from the beginning.
                failure = error
                self._going_on[folder.id] = self.unit.run(self._restart, folder)
            except FolderError as error:
                failure = error
                break
            except (Paced, StorageUnavailable):
                raise
            except MailSyncError as error:
                self._give_up(error)
                return False
        self.unit.run(self._leave_out, folder, failure)
        del self._going_on[folder.id]
        return True

    def _count_on(self, provider, folder, deadline):
        while (check := self._going_on[folder.id])["phase"] == "count":
            part = provider.inventory(folder.remote_id, check["place"])
            self._going_on[folder.id] = self.unit.run(self._store_part, folder, check, part)
            if part.following and time.monotonic() > deadline:
                return False
        return True

    def _store_part(self, folder, check, part):
        self.lister.lease.renew(self.mailbox.id)
        self._add_ids(folder, part.remote_ids)
        phase = "count" if part.following else "compare"
        counted = check["counted"] + len(part.remote_ids)
        return self._store(folder, {**check, "place": part.following, "phase": phase, "counted": counted})

    def _store(self, folder, check):
        self.env["crm.mail.folder"].browse(folder.id).check_place = json.dumps(check)
        return check

    def _restart(self, folder):
        self.lister.lease.renew(self.mailbox.id)
        record = self.env["crm.mail.folder"].browse(folder.id)
        record._begin_check()
        return json.loads(record.check_place)

    def _leave_out(self, folder, error):
        """This folder cannot be checked, the others can."""
        self.lister.lease.renew(self.mailbox.id)
        sentence = error_texts.explain(self.env, error, self.mailbox)
        self.env["crm.mail.folder"].browse(folder.id)._end_check({"check_error": sentence})

    def _give_up(self, error):
        """The scan itself went well: a mailbox is in no trouble for a question that its server does not like."""
        _logger.info("mailbox %s: its completeness cannot be checked: %s", self.mailbox.id, error.code)
        self.unit.run(self._drop, error)
        self._going_on = {}

    def _drop(self, error):
        self.lister.lease.renew(self.mailbox.id)
        sentence = error_texts.explain(self.env, error, self.mailbox)
        self.env["crm.mail.folder"].browse(list(self._going_on))._end_check({"check_error": sentence})
        self.mailbox._plan_check(days=1)

    def _compare_folder(self, provider, folder, deadline):
        for find, settle in ((self._find_missing, self._settle_missing), (self._find_surplus, self._settle_surplus)):
            while found := self.unit.run(find, folder, self._going_on[folder.id]):
                for start in range(0, len(found), _AT_ONCE):
                    if not self._settle(provider, folder, settle, found[start : start + _AT_ONCE]):
                        return False
                    if time.monotonic() > deadline:
                        return False
        self.unit.run(self._finish, folder, self._going_on[folder.id])
        del self._going_on[folder.id]
        return True

    def _settle(self, provider, folder, settle, remote_ids):
        """Ask the server for these, and store what it says; False if it does not answer."""
        try:
            there = list(provider.listings(folder.remote_id, remote_ids))
        except (Paced, StorageUnavailable):
            raise
        except MailSyncError as error:
            self._give_up(error)
            return False
        listed, check = self.unit.run(settle, provider, folder, self._going_on[folder.id], remote_ids, there)
        self._going_on[folder.id] = check
        self.tally.seen += listed
        return True

    def _ask(self, check, question):
        """The rows of a question about all that the server named."""
        if check["counted"] > _MANY:
            execute(self.env, SQL("SET LOCAL enable_nestloop = off"))
            execute(self.env, SQL("SET LOCAL work_mem = '64MB'"))
        return execute(self.env, question).fetchall()

    def _find_missing(self, folder, check):
        """Some of the ids that the server has, and we have not, or think to be gone."""
        question = SQL(
            """
            WITH %s
            SELECT s.remote_id FROM seen s
              LEFT JOIN crm_mail_copy c ON c.mailbox_id = %s AND c.remote_id = s.remote_id
             WHERE c.id IS NULL OR c.state = 'gone' OR c.is_removed
             LIMIT %s
            """,
            _seen(folder),
            self.mailbox.id,
            _MOST,
        )
        return [remote_id for (remote_id,) in self._ask(check, question)]

    def _settle_missing(self, provider, folder, check, remote_ids, there):
        dealt_with = self._dealt_with(remote_ids)
        listed = self.lister.add(folder, there, provider.stable_ids)
        found = {listing.remote_id for listing in there}
        # What is gone by now, or lies elsewhere, is no difference.
        self._drop_ids(folder, set(remote_ids) - found)
        returned = len(found & dealt_with)
        numbers = {
            "missing": check["missing"] + len(found) - returned,
            "returned": check["returned"] + returned,
        }
        return listed.seen, self._store(folder, {**check, **numbers})

    def _dealt_with(self, remote_ids):
        """Those of these that were only thought to have left the folder."""
        question = SQL(
            "SELECT remote_id FROM crm_mail_copy WHERE mailbox_id = %s AND remote_id = ANY(%s) AND state != 'gone'",
            self.mailbox.id,
            remote_ids,
        )
        return {remote_id for (remote_id,) in execute(self.env, question).fetchall()}

    def _find_surplus(self, folder, check):
        """Some of the copies that should lie here, and that the server did not name."""
        question = SQL(
            """
            WITH %s
            SELECT c.remote_id FROM crm_mail_copy c
             WHERE c.folder_id = %s AND NOT COALESCE(c.is_removed, FALSE) AND c.state != 'gone'
               AND NOT EXISTS (SELECT FROM seen s WHERE s.remote_id = c.remote_id)
             LIMIT %s
            """,
            _seen(folder),
            folder.id,
            _MOST,
        )
        return [remote_id for (remote_id,) in self._ask(check, question)]

    def _settle_surplus(self, _provider, folder, check, remote_ids, there):
        self.lister.lease.renew(self.mailbox.id)
        # Those that are there came, or came back, after they would have been counted.
        found = {listing.remote_id for listing in there}
        self._add_ids(folder, found)
        gone = set(remote_ids) - found
        self.lister.remove(folder, gone)
        return 0, self._store(folder, {**check, "surplus": check["surplus"] + len(gone)})

    def _add_ids(self, folder, remote_ids):
        statement = "INSERT INTO crm_mail_folder_part (folder_id, remote_ids) VALUES (%s, %s::text[])"
        execute(self.env, SQL(statement, folder.id, list(remote_ids)))

    def _drop_ids(self, folder, remote_ids):
        if not remote_ids:
            return
        statement = SQL(
            """
            UPDATE crm_mail_folder_part
               SET remote_ids = ARRAY(SELECT unnest(remote_ids) EXCEPT SELECT unnest(%(ids)s::text[]))
             WHERE folder_id = %(folder)s AND remote_ids && %(ids)s::text[]
            """,
            ids=list(remote_ids),
            folder=folder.id,
        )
        execute(self.env, statement)

    def _finish(self, folder, check):
        self.lister.lease.renew(self.mailbox.id)
        differences = {name: check[name] for name in ("missing", "returned", "surplus")}
        record = self.env["crm.mail.folder"].browse(folder.id)
        was_different = record._differs()
        record._end_check(
            {
                "check_result": {**differences, **self._states(folder, check)},
                "checked_at": fields.Datetime.now(),
                "check_error": False,
            }
        )
        if record._differs() and not was_different:
            # Whether that has set it right is worth another look; some servers list what they do not have.
            self.mailbox._plan_check(hours=1)

    def _states(self, folder, check):
        """What became of all that the server holds."""
        question = SQL(
            """
            WITH %s
            SELECT c.state, CASE WHEN c.state = 'skipped' THEN COALESCE(c.reason, '') END, count(*)
              FROM seen s JOIN crm_mail_copy c ON c.mailbox_id = %s AND c.remote_id = s.remote_id
             GROUP BY 1, 2
            """,
            _seen(folder),
            self.mailbox.id,
        )
        rows = self._ask(check, question)
        return {
            **{state: count for state, _reason, count in rows if state != "skipped"},
            "skipped": {reason: count for state, reason, count in rows if state == "skipped"},
            "server": sum(count for _state, _reason, count in rows),
        }


def _seen(folder):
    """The ids that the server named, each once."""
    return SQL(
        "seen AS MATERIALIZED (SELECT DISTINCT unnest(remote_ids) AS remote_id FROM crm_mail_folder_part "
        "WHERE folder_id = %s)",
        folder.id,
    )
