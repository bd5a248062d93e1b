/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component } from "@odoo/owl";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";

/** The items of a menu of commands, a line between two groups. */
export class CommandItems extends Component {
    static template = "crm_mail_sync.CommandItems";
    static components = { DropdownItem };
    static props = { commands: Array };

    get items() {
        return this.props.commands.map((command, index, all) => ({
            ...command,
            isFirst: index > 0 && all[index - 1].group !== command.group,
        }));
    }
}
