# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "CRM Mail Sync",
    "summary": "Archive the letters of customers and leads from users' own mailboxes",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "website": "https://github.com/crm-mail-sync/crm-mail-sync",
    "author": "CRM Mail Sync contributors",
    "license": "LGPL-3",
    "application": True,
    "depends": ["mail", "crm", "contacts", "iap"],
    "external_dependencies": {
        "python": [
            "cryptography",
            "google-api-python-client",
            "google-auth",
            "imapclient",
            "lxml",
            "msal",
            "nh3",
            "pybase64",
            "pyjwt",
            "requests",
            "urllib3",
        ],
    },
    "data": [
        "security/ir.model.access.csv",
        "security/crm_mail_sync_security.xml",
        "data/ir_cron_data.xml",
        "views/crm_mail_copy_views.xml",
        "views/crm_mail_email_views.xml",
        "views/crm_mail_email_report_views.xml",
        "views/crm_mail_target_views.xml",
        "views/crm_mail_target_pulse_views.xml",
        "views/crm_mail_run_views.xml",
        "views/crm_mail_mailbox_views.xml",
        "views/mailbox_wizard_views.xml",
        "views/mailbox_removal_views.xml",
        "views/handover_views.xml",
        "views/oauth_templates.xml",
        "views/res_users_views.xml",
        "views/res_config_settings_views.xml",
        "views/menus.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "crm_mail_sync/static/src/**/*",
        ],
        "web.assets_tests": [
            "crm_mail_sync/static/tests/tours/**/*",
        ],
        "web.assets_unit_tests": [
            "crm_mail_sync/static/tests/**/*.test.js",
        ],
    },
    "demo": [
        "demo/res_partner_demo.xml",
        "demo/crm_lead_demo.xml",
    ],
    "uninstall_hook": "uninstall_hook",
}
