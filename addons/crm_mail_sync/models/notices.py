# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Telling people what they have to do. Nobody else gets to see it."""

from markupsafe import Markup


def tell(users, subject, text, path):
    """A notification for each of these users in his own language, in his inbox or by email as he prefers.

    :param subject: function of an environment, gives the subject; ``text`` likewise.
    :param path: of the page to go to, within this Odoo.
    """
    for user in users:
        env = user.with_context(lang=user.lang).env
        link = Markup('<a href="%s">%s</a>') % (user.get_base_url() + path, env._("Open"))
        env["mail.thread"].sudo().message_notify(
            author_id=env.ref("base.partner_root").id,
            partner_ids=user.partner_id.ids,
            subject=subject(env),
            body=Markup("<p>%s</p><p>%s</p>") % (text(env), link),
            email_layout_xmlid="mail.mail_notification_light",
        )
