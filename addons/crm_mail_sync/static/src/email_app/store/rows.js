/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */

/** Whether a conversation has one of these messages. */
export const shares = (row, ids) => row.item_ids.some((id) => ids.has(id));
