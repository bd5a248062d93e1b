/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { _t } from "@web/core/l10n/translation";

const ONE = {
    archive: _t("Archived."),
    delete: _t("Moved to the trash."),
    spam: _t("Marked as spam."),
    not_spam: _t("Not spam: moved to the inbox."),
    read: _t("Marked as read."),
    unread: _t("Marked as unread."),
    star: _t("Starred."),
    unstar: _t("Star removed."),
};

/**
 * What was done, in a few words.
 *
 * @param {Boolean} isForGood what is deleted lay in the trash
 */
export function doneText(action, count, folderName, isForGood) {
    if (action === "delete" && isForGood) {
        return count === 1 ? _t("Deleted for good.") : _t("%(count)s conversations deleted for good.", { count });
    }
    if (action === "move") {
        return count === 1
            ? _t("Moved to %(folder)s.", { folder: folderName })
            : _t("%(count)s conversations moved to %(folder)s.", { count, folder: folderName });
    }
    if (count === 1) {
        return ONE[action].toString();
    }
    return {
        archive: _t("%(count)s conversations archived.", { count }),
        delete: _t("%(count)s conversations moved to the trash.", { count }),
        spam: _t("%(count)s conversations marked as spam.", { count }),
        not_spam: _t("%(count)s conversations moved to the inbox.", { count }),
        read: _t("%(count)s conversations marked as read.", { count }),
        unread: _t("%(count)s conversations marked as unread.", { count }),
        star: _t("%(count)s conversations starred.", { count }),
        unstar: _t("Stars of %(count)s conversations removed.", { count }),
    }[action];
}
