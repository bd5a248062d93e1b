# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "CRM Mail Sync: Privacy Lookup",
    "summary": "Find a person in archived emails, and erase what is found",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "website": "https://github.com/crm-mail-sync/crm-mail-sync",
    "author": "CRM Mail Sync contributors",
    "license": "LGPL-3",
    "depends": ["crm_mail_sync", "privacy_lookup"],
    "auto_install": True,
}
