/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { LinksField } from "@crm_mail_sync/letter_fields/links_field";
import { patch } from "@web/core/utils/patch";

patch(LinksField.prototype, {
    get targetIcons() {
        return { ...super.targetIcons, project_id: "fa-folder-o" };
    },
});
