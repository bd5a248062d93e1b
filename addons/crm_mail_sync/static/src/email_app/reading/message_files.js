/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component } from "@odoo/owl";
import { isShown, shownSize } from "@crm_mail_sync/letter_fields/shown_files";
import { FileModel } from "@web/core/file_viewer/file_model";
import { useFileViewer } from "@web/core/file_viewer/file_viewer_hook";

/** A file of a message, as Odoo's viewer wants it. */
class MessageFile extends FileModel {
    get urlRoute() {
        return this.preview_url || this.url;
    }

    get urlQueryParams() {
        return {};
    }

    get downloadUrl() {
        return `${this.url}?download=1`;
    }

    get isViewable() {
        return Boolean(this.preview_url) && isShown(this.mimetype) && super.isViewable;
    }
}

/** Files of a message: a click shows what can be shown and downloads the rest. */
export class MessageFiles extends Component {
    static template = "crm_mail_sync.MessageFiles";
    static props = { files: Array };

    setup() {
        this.viewer = useFileViewer();
    }

    get files() {
        return this.props.files.map((file) =>
            Object.assign(new MessageFile(), file, { id: file.key, sizeText: shownSize(file.size) })
        );
    }

    open(ev, file) {
        if (file.isViewable) {
            ev.preventDefault();
            const { files } = this;
            this.viewer.open(
                files.find(({ id }) => id === file.id),
                files
            );
        }
    }
}
