/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";

/** Odoo's templates for what the letter is about. */
export class TemplateMenu extends Component {
    static template = "crm_mail_sync.ComposerTemplates";
    static components = { Dropdown, DropdownItem };
    static props = { letter: Object, onChosen: Function };

    setup() {
        this.state = useState({ templates: null });
    }

    async load() {
        this.state.templates = await this.props.letter.templates();
    }
}
