# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Looks for secrets wherever they must not be: in all that is logged, and in every table."""

import logging


class Recorder(logging.Handler):
    """All that is logged, at whatever level, as it would be written."""

    def __init__(self):
        super().__init__(logging.NOTSET)
        self.setFormatter(logging.Formatter())
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))


class TraceSearch:
    """Mixin: all that happens in a test is logged, at whatever level."""

    LOGGERS = (
        *("", "odoo", "odoo.service.model", "odoo.sql_db", "odoo.addons.crm_mail_sync", "werkzeug"),
        *("imapclient", "google", "googleapiclient", "msal", "urllib3", "requests_oauthlib"),
    )

    def setUp(self):
        super().setUp()
        self.recorder = Recorder()
        self.addCleanup(logging.disable, logging.root.manager.disable)
        logging.disable(logging.NOTSET)
        for name in self.LOGGERS:
            logger = logging.getLogger(name)
            self.addCleanup(logger.setLevel, logger.level)
            logger.setLevel(logging.DEBUG)
        logging.getLogger().addHandler(self.recorder)
        self.addCleanup(logging.getLogger().removeHandler, self.recorder)

    def log(self):
        return "\n".join(self.recorder.lines)

    def tables_with(self, text):
        """Tables that hold the text in any column of any row."""
        self.env.flush_all()
        found = []
        for table in self._tables():
            self.env.cr.execute(  # pylint: disable=sql-injection
                f'SELECT EXISTS (SELECT 1 FROM "{table}" t WHERE t::text LIKE %s)', [f"%{text}%"]
            )
            if self.env.cr.fetchone()[0]:
                found.append(table)
        return found

    def _tables(self):
        self.env.cr.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY table_name"
        )
        return [row[0] for row in self.env.cr.fetchall()]
