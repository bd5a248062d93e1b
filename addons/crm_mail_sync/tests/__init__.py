# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from . import test_access_http
from . import test_access_indirect
from . import test_access_matrix
from . import test_access_writes
from . import test_chatter
from . import test_gateway
from . import test_later_contact
from . import test_letter_view
from . import test_life_cycle_mailboxes
from . import test_life_cycle_records
from . import test_life_cycle_users
from . import test_mailbox_access
from . import test_mailbox_causes
from . import test_mailbox_settings
from . import test_mailbox_ui
from . import test_neutralize
from . import test_oauth_linking
from . import test_oauth_other_account
from . import test_oauth_outlook
from . import test_oauth_settings
from . import test_oauth_state
from . import test_oauth_ui
from . import test_pulse
from . import test_readers
from . import test_scan
from . import test_scan_graph
from . import test_scan_gmail
from . import test_scan_invariants
from . import test_scan_limits
from . import test_scan_pace
from . import test_scan_review
from . import test_scan_tokens
from . import test_scan_unsteady
from . import test_secrets
from . import test_secrets_sign_in
