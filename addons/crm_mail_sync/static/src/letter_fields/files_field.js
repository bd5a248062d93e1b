/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { registry } from "@web/core/registry";
import { FileModel } from "@web/core/file_viewer/file_model";
import { useFileViewer } from "@web/core/file_viewer/file_viewer_hook";
import { formatFloat } from "@web/core/utils/numbers";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component } from "@odoo/owl";

// What the server sends as itself and not as a download (letter_files.py).
const SHOWN = /^(image\/(bmp|gif|jpeg|png|tiff|webp|x-icon)|application\/pdf|text\/plain|audio\/mpeg|video\/.*)$/;

function shownSize(bytes) {
    return `${formatFloat(bytes, { humanReadable: true, decimals: bytes < 1000 ? 0 : 1 })}B`;
}

class LetterFile extends FileModel {
    get isViewable() {
        return SHOWN.test(this.mimetype) && super.isViewable;
    }
}

/** Files of a letter: a click shows what can be shown and downloads the rest. */
export class FilesField extends Component {
    static template = "crm_mail_sync.FilesField";
    static props = { ...standardFieldProps };

    setup() {
        this.viewer = useFileViewer();
    }

    get files() {
        return this.props.record.data[this.props.name].records.map(({ resId, data }) =>
            Object.assign(new LetterFile(), {
                id: resId,
                name: data.name,
                mimetype: data.mimetype,
                checksum: data.checksum,
                size: shownSize(data.file_size),
            })
        );
    }

    open(ev, file) {
        if (file.isViewable) {
            ev.preventDefault();
            this.viewer.open(file, this.files.filter((f) => f.isViewable && f.id !== file.id).concat(file));
        }
    }
}

registry.category("fields").add("crm_mail_files", {
    component: FilesField,
    supportedTypes: ["many2many"],
    relatedFields: [
        { name: "name", type: "char" },
        { name: "mimetype", type: "char" },
        { name: "checksum", type: "char" },
        { name: "file_size", type: "integer" },
    ],
});
