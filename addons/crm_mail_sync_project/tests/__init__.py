# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from . import test_access
from . import test_assigning
from . import test_chatter
from . import test_install
from . import test_scan
from . import test_task
