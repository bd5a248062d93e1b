# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Encryption of secrets at rest, with a key that a database dump does not hold.

The key comes from the environment (CRM_MAIL_SYNC_KEY), from odoo.conf (crm_mail_sync_key), or from a key file in
Odoo's data folder that is made on first use. Several keys, parted by commas, allow for rotation: the first
encrypts, all decrypt. With several machines the key must be the same on each.
"""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from odoo import _
from odoo.exceptions import UserError
from odoo.tools import config

from .mailsync.errors import SignInFailed


class SecretUnreadable(SignInFailed):
    """The stored secret was encrypted with another key."""

    code = "secret_unreadable"


def encrypt(secret):
    """Text in, text out; never the same twice. Raises UserError if the key is none."""
    try:
        box = _box()
    except ValueError as error:
        # No environment is at hand here.  pylint: disable=prefer-env-translation
        raise UserError(_("The key for secrets is not usable: an administrator has to set it right.")) from error
    return box.encrypt(secret.encode()).decode()


def decrypt(token):
    """The secret again; raises SecretUnreadable if the key has changed or is none, or the text is damaged."""
    try:
        return _box().decrypt((token or "").encode()).decode()
    except (InvalidToken, ValueError) as error:
        raise SecretUnreadable() from error


def _box():
    keys = os.environ.get("CRM_MAIL_SYNC_KEY") or config.get("crm_mail_sync_key") or _key_file()
    return MultiFernet([Fernet(key.strip()) for key in keys.split(",")])


def _key_file():
    path = Path(config["data_dir"]) / "crm_mail_sync.key"
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        return _make_key_file(path)


def _make_key_file(path):
    """Written aside and linked into place, so that of two first users one wins and none reads half a key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Readable for its owner only from the start.
    descriptor, draft = tempfile.mkstemp(prefix=path.name, dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(Fernet.generate_key().decode())
            stream.flush()
            # What is encrypted with it will be in the database for good, so must the key be on the disk.
            os.fsync(stream.fileno())
        # If another one was first, its key is the key.
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()
    return path.read_text(encoding="ascii")
