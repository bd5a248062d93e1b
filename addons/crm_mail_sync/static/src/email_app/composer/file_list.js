/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { humanSize } from "@web/core/utils/binary";

/** What is attached, and what is on its way to the server. */
export class FileList extends Component {
    static template = "crm_mail_sync.ComposerFiles";
    static props = {
        files: Array,
        uploads: Array,
        onRemove: Function,
    };

    get labels() {
        return {
            remove: ({ name }) => _t("Remove %s", name),
            uploading: ({ title }) => _t("Uploading %s", title),
            stop: ({ title }) => _t("Stop uploading %s", title),
        };
    }

    size(bytes) {
        return humanSize(bytes);
    }

    url(file) {
        return `/web/content/${file.id}?download=1`;
    }

    percent(upload) {
        return Math.round((upload.progress || 0) * 100);
    }
}
