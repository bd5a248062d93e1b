/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { loadBundle } from "@web/core/assets";
import { registry } from "@web/core/registry";

const COMPOSER = "crm_mail_sync.assets_composer";

/**
 * Windows in which emails are written, over whatever page is shown. What they are made of is fetched with the first.
 */
export const composerService = {
    dependencies: ["bus_service", "dialog", "file_upload", "notification", "orm"],
    start(env) {
        let dock;
        const fetchDock = async () => {
            await loadBundle(COMPOSER);
            return registry.category("crm_mail_composer").get("makeDock")(env);
        };
        const getDock = () => (dock ??= fetchDock());
        env.services.bus_service.subscribe("crm_mail_sync.draft", async (fate) => {
            if (fate.state === "writing") {
                (await getDock()).tellNotSent(fate);
            }
        });
        return {
            /**
             * @param {Object} options
             * @param {"new"|"reply"|"reply_all"|"forward"|"draft"} options.kind
             * @param {number} [options.itemId] a message in the app Email
             * @param {number} [options.emailId] an archived letter
             * @param {string[]} [options.to]
             * @param {string} [options.model] with resId: the record that it is written from
             * @param {number} [options.resId]
             * @param {number} [options.draftId] a draft that is known already
             */
            async open(options) {
                return (await getDock()).open(options);
            },
        };
    },
};
registry.category("services").add("crm_mail_sync.composer", composerService);

/** @param {Object} env with the services; see the service for the options */
export function openComposer(env, options) {
    return env.services["crm_mail_sync.composer"].open(options);
}
