/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { targets } from "@crm_mail_sync/targets";
import { patch } from "@web/core/utils/patch";

patch(targets, {
    get icons() {
        return { ...super.icons, "project.project": "fa-folder-o" };
    },
});
