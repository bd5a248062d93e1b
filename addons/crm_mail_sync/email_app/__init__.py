# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from . import crm_mail_item
from . import crm_mail_item_content
from . import crm_mail_image_sender
from . import crm_mail_mailbox_index
from . import app_email
from . import app_lists
from . import app_body
from . import app_acting
from . import app_sender
from . import crm_mail_draft
from . import draft_files
from . import draft_message
from . import draft_keeping
from . import draft_beginning
from . import draft_recipients
from . import draft_templates
from . import draft_sending
from . import draft_filing
from . import writing_from_records
