/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { humanSize } from "@web/core/utils/binary";
import { Mutex } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";

/**
 * Brings files to the server, one request each; ``list`` is what is on its way, ``count`` also what waits for that.
 *
 * One after the other: each answer tells of all files of the letter, and the last one is what is shown.
 */
export function useUploads(letter) {
    const fileUpload = useService("file_upload");
    const uploads = useState(fileUpload.uploads);
    const state = useState({ count: 0 });
    const mutex = new Mutex();
    const route = `/crm_mail_sync/draft/${letter.id}/upload`;

    function tooLarge(files) {
        const bytes = letter.bytes + files.reduce((sum, file) => sum + file.size, 0);
        return (
            bytes > letter.mostBytes &&
            _t(
                "The files are too large to be sent: %(size)s together, and your mailbox takes %(room)s. " +
                    "Remove some, or send a link.",
                { size: humanSize(bytes), room: humanSize(letter.mostBytes) }
            )
        );
    }

    async function bring(file) {
        const upload = await fileUpload.upload(route, [file], {
            buildFormData: (data) => data.append("draft_id", letter.id),
            displayErrorNotification: false,
        });
        const answer = await new Promise((resolve) => {
            upload.xhr.addEventListener("load", () => resolve(read(upload.xhr)));
            upload.xhr.addEventListener("error", () => resolve({ refused: unreachable(file) }));
            upload.xhr.addEventListener("abort", () => resolve({}));
        });
        if (answer.files) {
            letter.files = answer.files;
            letter.note("files");
        } else if (answer.refused) {
            letter.error = answer.refused;
        }
    }

    function read(xhr) {
        return xhr.status === 200
            ? JSON.parse(xhr.responseText)
            : { refused: _t("The file could not be attached. Reload the page and try again.") };
    }

    function unreachable(file) {
        return _t("%s could not be attached: the server could not be reached.", file.name);
    }

    return {
        get count() {
            return state.count;
        },
        get list() {
            return Object.values(uploads).filter((upload) => upload.xhr && isOurs(upload));
        },
        async add(files) {
            const chosen = [...files];
            letter.error = tooLarge(chosen) || "";
            if (!letter.error) {
                state.count += chosen.length;
                await Promise.all(chosen.map((file) => mutex.exec(() => bring(file).finally(() => state.count--))));
            }
        },
    };

    function isOurs(upload) {
        return upload.data.get("draft_id") === String(letter.id);
    }
}
