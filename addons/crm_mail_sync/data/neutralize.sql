-- A copy of a database must not read anybody's mail: no scan is due, and no secret is left to sign in with.
UPDATE crm_mail_mailbox
   SET scan_active = FALSE,
       state = CASE WHEN state = 'draft' THEN 'draft' ELSE 'paused' END,
       next_run = NULL,
       password_encrypted = NULL,
       smtp_password_encrypted = NULL,
       tokens_encrypted = NULL,
       other_grant_encrypted = NULL,
       other_account = NULL,
       account_address = NULL,
       is_paced = FALSE,
       tested_settings = NULL,
       tested_smtp = NULL,
       lease_owner = NULL,
       lease_until = NULL;

-- What waits to be sent is sent by the original.
UPDATE crm_mail_draft SET state = 'writing', send_at = NULL WHERE state IN ('queued', 'sending');

DELETE FROM ir_config_parameter
 WHERE key IN (
       'crm_mail_sync.google_client_secret',
       'crm_mail_sync.google_service_account',
       'crm_mail_sync.microsoft_client_secret',
       'crm_mail_sync.microsoft_certificate',
       'crm_mail_sync.google_trouble',
       'crm_mail_sync.google_trouble_for_all',
       'crm_mail_sync.microsoft_trouble',
       'crm_mail_sync.microsoft_trouble_for_all'
       );
