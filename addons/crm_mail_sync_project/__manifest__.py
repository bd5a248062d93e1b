# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "CRM Mail Sync: Projects",
    "summary": "Letters of projects: in their chatters, and tasks made of them",
    "version": "19.0.1.0.0",
    "category": "Services/Project",
    "website": "https://github.com/crm-mail-sync/crm-mail-sync",
    "author": "CRM Mail Sync contributors",
    "license": "LGPL-3",
    "depends": ["crm_mail_sync", "project"],
    "data": [
        "security/ir.model.access.csv",
        "security/crm_mail_sync_project_security.xml",
        "wizards/assign_wizard_views.xml",
        "wizards/task_wizard_views.xml",
        "views/crm_mail_email_views.xml",
        "views/crm_mail_mailbox_views.xml",
        "views/project_project_views.xml",
        "views/project_task_views.xml",
        "views/letter_export_views.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "crm_mail_sync_project/static/src/**/*",
        ],
    },
    "auto_install": True,
    "uninstall_hook": "uninstall_hook",
}
