/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { useService } from "@web/core/utils/hooks";
import { _t } from "@web/core/l10n/translation";

import { CommandItems } from "../commands/command_menu";
import { useEmail } from "../store/email_hook";
import { folderLabel, views } from "../store/roles";

/** Above the list: its name and what it is narrowed to, or what can be done with what is chosen. */
export class ListBar extends Component {
    static template = "crm_mail_sync.ListBar";
    static components = { CommandItems, Dropdown };
    static props = { title: String };

    setup() {
        this.email = useEmail();
        this.ui = useState(useService("ui"));
        this.filters = [
            { key: "unread", label: _t("Unread") },
            { key: "flagged", label: _t("Starred") },
            { key: "files", label: _t("With files") },
        ];
    }

    get commands() {
        return this.env.commands.for(this.email.list.chosen);
    }

    get mainCommands() {
        return this.commands.filter(({ isMain }) => isMain);
    }

    get moreCommands() {
        return this.commands.filter(({ isMain }) => !isMain);
    }

    get folderName() {
        const { folder } = this.email.place;
        return views[folder]?.label.toString() || folderLabel(this.email.folder(folder) || { role: "", name: "" });
    }

    get canBeWithin() {
        return this.email.place.query && this.email.place.folder !== "all";
    }

    toggleAll() {
        const { list } = this.email;
        list.selected.size ? list.unselect() : list.selectAll();
    }

    setOnly(key) {
        this.email.setOnly(this.email.place.only === key ? "" : key);
    }
}
