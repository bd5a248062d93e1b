# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from . import assign_wizard
from . import base_partner_merge
from . import handover
from . import mailbox_removal
from . import base_partner_merge_domains
from . import mailbox_wizard
