# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The promises of the archive, each with a test that tries to break it."""

import sys
import threading
from collections import Counter
from concurrent.futures import Future
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from odoo import SUPERUSER_ID, api
from odoo.tests import tagged

from ..mailsync import reader_process
from ..mailsync.errors import ConnectionLost
from ..mailsync.providers.memory import MemoryProvider
from ..mailsync.reader_process import ReaderProcess
from ..scan import archiver, fetching, lister
from ..scan.runner import Runner
from .killed_workers import Killed, KilledWorkers
from .scan_case import ScanCase, letter

DEADLY_READER = """#!{python}
import os, sys
from multiprocessing.connection import Connection
from mailsync import reader_process

def read(content, received, read=reader_process.read):
    if {poison} in content:
        open("{folder}/deaths", "a").write("x")
        os.kill(os.getpid(), 9)
    return read(content, received)

reader_process.read = read
requests, answers = map(int, sys.argv[-2:])
reader_process._serve(Connection(requests, writable=False), Connection(answers, readable=False))
"""


def deadly_reader(folder, poison):
    """A Python for reader processes in which one dies of a message that holds ``poison``."""
    program = folder / "python"
    program.write_text(DEADLY_READER.format(python=sys.executable, folder=folder, poison=poison))
    program.chmod(0o755)
    return str(program)


@tagged("post_install", "-at_install")
class TestScanInvariants(KilledWorkers, ScanCase):
    def deliver(self, count, **fields):
        for number in range(count):
            self.server.deliver(
                letter(
                    "info@acme-scan.test" if number % 2 else "nobody@else-scan.test",
                    "owner@scan-own.test",
                    number=number,
                    subject=f"No {number}",
                    **fields,
                )  # fmt: skip
            )

    def assert_complete(self, count):
        """Every message is accounted for, none lost, none doubled."""
        self.assertEqual(len(self.copies()), count)
        self.assertFalse(self.copies("pending"))
        subjects = Counter(self.letters().mapped("subject"))
        self.assertEqual(subjects, {f"No {n}": 1 for n in range(count) if n % 2})
        self.assertEqual(len(self.links_of(self.acme)), count // 2)
        self.assertEqual(len(self.letters().content_ids), count // 2)
        self.assertEqual(self.env["mail.message"].search_count([("model", "=", "crm.mail.email")]), count // 2)

    def test_a_worker_killed_at_any_commit_loses_and_doubles_nothing(self):
        """Before and after every commit of a scan, the worker dies; others finish its work."""
        self.deliver(8)
        step = 0
        with patch.object(lister, "PAGE", 3), patch.object(archiver, "BATCH_COUNT", 2):
            while self.dies_at(step):
                self.free_lease()
                self.scan()
                self.assert_complete(8)
                self._forget()
                step += 1
        self.assert_complete(8)
        self.assertGreater(step, 20)

    def _forget(self):
        """As if nothing had ever been scanned."""
        self.letters().unlink()
        self.copies().unlink()
        self.mailbox.folder_ids.write({"cursor": False, "remaining": 0})
        self.cr.commit()

    def test_a_connection_lost_at_any_message_loses_and_doubles_nothing(self):
        self.deliver(8)
        for after in range(8):
            self.server.fail_next(ConnectionLost(), "fetch", after)
            self.scan()
        self.scan()
        self.assertEqual(self.mailbox.state, "up_to_date")
        self.assert_complete(8)

    def test_a_message_that_breaks_every_connection_does_not_hold_up_the_mailbox(self):
        self.deliver(8)
        bad = self.server.deliver(letter("info@acme-scan.test", "owner@scan-own.test", subject="Bad", number=50))
        fetch = MemoryProvider.fetch

        def breaking(provider, folder, remote_ids):
            for fetched in fetch(provider, folder, remote_ids):
                if fetched.remote_id == bad:
                    raise ConnectionLost()
                yield fetched

        with patch.object(MemoryProvider, "fetch", breaking):
            for _scan in range(5):
                self.scan()
        self.assertEqual(self.copies("failed").subject, "Bad")
        self.assertEqual(len(self.letters()), 4)
        self.assertEqual(self.mailbox.state, "partly_failed")

    def test_many_workers_at_once_file_every_message_once(self):
        self.deliver(60)
        others = [
            self._mailbox(
                self.env["res.users"].create({"name": f"U{n}", "login": f"scan.{n}"}),
                f"user{n}@scan-own.test",
            )
            for n in range(3)
        ]
        for mailbox in others:
            for remote_id in self.server.remote_ids():
                self.servers[mailbox.address].deliver(self.server.content(remote_id))
        self.cr.commit()
        failures = []
        with patch.object(archiver, "BATCH_COUNT", 7):
            threads = [threading.Thread(target=self._work, args=(failures,)) for _n in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.env.invalidate_all()
        self.cr.rollback()
        self.assertFalse(failures)
        self.assertEqual((self.mailbox | others[0] | others[1] | others[2]).mapped("state"), ["up_to_date"] * 4)
        self.assert_complete(60)
        for found in self.letters():
            self.assertEqual(len(found.owner_ids), 4)

    def _work(self, failures):
        try:
            with self.registry.cursor() as cr:
                Runner(api.Environment(cr, SUPERUSER_ID, {})).work()
        except Exception as error:  # pylint: disable=broad-except
            # A thread's exception would be lost: it is handed to the test.
            failures.append(error)

    def test_a_mailbox_is_never_scanned_twice_at_once(self):
        self.deliver(2)
        first, second = Runner(self.env), None
        self.assertEqual(first.unit.run(first.lease.take), self.mailbox.id)
        with self.registry.cursor() as cr:
            second = Runner(api.Environment(cr, SUPERUSER_ID, {}))
            self.assertIsNone(second.unit.run(second.lease.take))

    def test_a_worker_that_lost_its_lease_writes_nothing_more(self):
        self.deliver(6)
        slow = Runner(self.env)
        slow.unit.run(slow.lease.take)
        with self.registry.cursor() as cr:
            cr.execute("UPDATE crm_mail_mailbox SET lease_owner = 'somebody else'")
        slow.scan(self.mailbox.id, float("inf"))
        self.assertFalse(self.copies())

    def test_a_mailbox_deleted_in_the_middle_of_its_scan_ends_the_scan_quietly(self):
        self.deliver(6)
        runner = Runner(self.env)
        runner.unit.run(runner.lease.take)
        with self.registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})["crm.mail.mailbox"].browse(self.mailbox.id).unlink()
        runner.scan(self.mailbox.id, float("inf"))
        self.assertFalse(self.mailbox.exists())

    def test_a_defect_in_one_mailbox_shows_in_its_state_and_does_not_stop_the_others(self):
        other = self._mailbox(
            self.env["res.users"].create({"name": "Other", "login": "scan.other"}), "other@scan-own.test"
        )
        self.servers[other.address].deliver(letter("info@acme-scan.test", "other@scan-own.test"))
        self.deliver(2)
        self.cr.commit()
        changes = MemoryProvider.changes
        address = self.acme.email

        def defective(provider, folder, *args):
            if provider._mailbox is self.server:
                raise ZeroDivisionError(address)
            return changes(provider, folder, *args)

        with (
            patch.object(MemoryProvider, "changes", defective),
            self.assertLogs("odoo.addons.crm_mail_sync", "ERROR") as logs,
        ):
            Runner(self.env).work()
        self.assertNotIn("acme-scan.test", "".join(logs.output))
        self.assertEqual(self.mailbox.state, "waiting")
        self.assertEqual(other.state, "up_to_date")
        self.assertEqual(len(self.letters()), 1)

    def test_no_transaction_is_open_while_the_network_is_waited_for(self):
        self.deliver(6)
        waits = Counter()

        def watched(owner, name):
            original = getattr(owner, name)

            def call(*args, **kwargs):
                # What goes on beside the database's work is waited for by its future.
                if threading.current_thread() is threading.main_thread():
                    status = self.cr._cnx.get_transaction_status()
                    waits[name, status == TRANSACTION_STATUS_IDLE] += 1
                return original(*args, **kwargs)

            return patch.object(owner, name, call)

        with (
            watched(MemoryProvider, "__init__"),
            watched(MemoryProvider, "changed"),
            watched(MemoryProvider, "changes"),
            watched(Future, "result"),
        ):
            self.scan()
            self.scan()
        self.assertEqual(set(waits), {(name, True) for name in ("__init__", "changed", "changes", "result")})
        self.assert_complete(6)

    def test_a_message_on_which_workers_die_is_set_aside_and_its_neighbours_go_on(self):
        self.deliver(8)
        poison = letter("info@acme-scan.test", "owner@scan-own.test", subject="Poison", number=99)
        self.server.deliver(poison)
        read = reader_process.read

        def deadly(content, *args):
            if content == poison:
                raise Killed()
            return read(content, *args)

        with (
            patch.object(reader_process, "read", deadly),
            patch.object(ReaderProcess, "_start", side_effect=OSError),
            patch.object(archiver.Archiver, "_unclaim", lambda *_args: None),
        ):
            for _death in range(20):
                self.free_lease()
                try:
                    self.scan()
                    break
                except Killed:
                    self.cr.rollback()
        failed = self.copies("failed")
        self.assertEqual((failed.subject, failed.reason), ("Poison", "interrupted"))
        self.assertEqual(len(self.letters()), 4)
        self.assertEqual(self.mailbox.state, "partly_failed")

    def test_a_message_on_which_its_reader_dies_is_set_aside_and_the_scan_goes_on(self):
        self.deliver(8)
        poison = letter("info@acme-scan.test", "owner@scan-own.test", subject="Poison", number=99)
        self.server.deliver(poison)
        with (
            TemporaryDirectory() as folder,
            patch.object(sys, "executable", deadly_reader(Path(folder), b"Poison")),
            patch.object(fetching, "MANY", 2),
        ):
            self.scan()
            self.assertEqual((Path(folder) / "deaths").read_text(), "x" * 3)
        failed = self.copies("failed")
        self.assertEqual((failed.subject, failed.reason), ("Poison", "interrupted"))
        self.assertEqual(len(self.letters()), 4)
        self.assertEqual(self.mailbox.state, "partly_failed")

    def test_an_import_goes_on_where_its_slice_ended(self):
        self.deliver(30)
        with patch.object(archiver, "BATCH_COUNT", 4), patch.object(lister, "PAGE", 5):
            self.scan(seconds=0)
            self.assertEqual(self.mailbox.state, "importing")
            for _slice in range(60):
                if self.mailbox.state == "up_to_date":
                    break
                self.scan(seconds=0)
        self.assert_complete(30)
