/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { registry } from "@web/core/registry";
import { FileModel } from "@web/core/file_viewer/file_model";
import { useFileViewer } from "@web/core/file_viewer/file_viewer_hook";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component } from "@odoo/owl";

import { isShown, shownSize } from "./shown_files";

class LetterFile extends FileModel {
    get isViewable() {
        return isShown(this.mimetype) && super.isViewable;
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
