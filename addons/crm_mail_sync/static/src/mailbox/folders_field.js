/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const ICONS = {
    inbox: "fa-inbox",
    sent: "fa-paper-plane",
    drafts: "fa-pencil",
    junk: "fa-ban",
    trash: "fa-trash",
    archive: "fa-archive",
    all: "fa-envelope",
    flagged: "fa-star",
};
const NEVER_ROLES = ["junk", "trash"];
// From so many on a field to look for a name is worth its place.
const MANY = 12;

/** The server's directories as a tree, to pick those that are scanned. */
export class FoldersField extends Component {
    static template = "crm_mail_sync.FoldersField";
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ search: "" });
    }

    get records() {
        const bySequence = (a, b) => a.data.sequence - b.data.sequence;
        return [...this.props.record.data[this.props.name].records].sort(bySequence);
    }

    get isSearchable() {
        return this.records.length > MANY;
    }

    /** While searched the names stand with their paths, as their parents may be left out. */
    get folders() {
        const search = this.state.search.trim().toLocaleLowerCase();
        return this.records
            .filter((r) => r.data.complete_name.toLocaleLowerCase().includes(search))
            .map((record) => ({
                record,
                name: search ? record.data.complete_name : record.data.name,
                indent: search ? 0 : record.data.level,
                icon: ICONS[record.data.role] || "fa-folder-o",
                note: this.noteOf(record.data),
                isReadonly: this.props.readonly || !record.data.can_pick || record.data.is_gone,
            }));
    }

    get pickedText() {
        const picked = this.records.filter((r) => r.data.selected && !r.data.is_gone);
        return _t("%(picked)s of %(all)s picked", {
            picked: picked.length,
            all: this.records.filter((r) => r.data.can_pick).length,
        });
    }

    noteOf({ role, selectable, is_gone }) {
        if (is_gone) {
            return _t("no longer on the server");
        }
        if (NEVER_ROLES.includes(role)) {
            return _t("never scanned");
        }
        return selectable ? "" : _t("holds directories only");
    }

    toggle(record) {
        return record.update({ selected: !record.data.selected });
    }
}

registry.category("fields").add("mail_sync_folders", {
    component: FoldersField,
    displayName: _t("Directories of a mailbox"),
    supportedTypes: ["one2many"],
    useSubView: true,
});
