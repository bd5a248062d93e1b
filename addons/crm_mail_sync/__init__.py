# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from . import log_filter
from . import models
from . import email_app
from . import controllers
from . import wizards
from .hooks import post_init_hook, uninstall_hook
