/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Attachment } from "@mail/core/common/attachment_model";
import { patch } from "@web/core/utils/patch";

/** A letter's file is archived with it. */
patch(Attachment.prototype, {
    get isDeletable() {
        return !this.message?.letter && super.isDeletable;
    },
});
