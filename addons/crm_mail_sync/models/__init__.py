# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from . import crm_mail_app
from . import crm_mail_mailbox
from . import crm_mail_mailbox_connection
from . import crm_mail_mailbox_tokens
from . import crm_mail_mailbox_oauth
from . import crm_mail_mailbox_readers
from . import crm_mail_mailbox_state
from . import crm_mail_mailbox_scan
from . import crm_mail_mailbox_status
from . import crm_mail_folder
from . import crm_mail_copy
from . import crm_mail_email
from . import crm_mail_email_head
from . import crm_mail_email_reading
from . import crm_mail_head
from . import crm_mail_content
from . import crm_mail_participant
from . import crm_mail_link
from . import crm_mail_email_odoo
from . import crm_mail_run
from . import crm_mail_rematch
from . import crm_mail_mailbox_rematch
from . import crm_mail_mailbox_handover
from . import crm_mail_removal
from . import crm_mail_target_mixin
from . import crm_mail_target_search
from . import crm_lead
from . import crm_lead_search
from . import res_partner
from . import res_partner_search
from . import mail_message
from . import ir_binary
from . import res_users
from . import res_config_settings
from . import res_config_settings_apps
