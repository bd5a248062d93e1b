# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from . import crm_mail_app_email
from . import crm_mail_assignment
from . import crm_mail_email
from . import crm_mail_email_projects
from . import crm_mail_link
from . import crm_mail_mailbox
from . import project_project
from . import project_task
