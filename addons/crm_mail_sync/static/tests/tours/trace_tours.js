/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { registry } from "@web/core/registry";

const find = (text) => [
    { trigger: "#mail_sync_trace_text", run: `edit ${text}` },
    { trigger: ".o_mail_sync_trace_form button[type=submit]", run: "click" },
];
const fileIt = [
    { trigger: ".o_mail_sync_file_now", run: "click" },
    { content: "It waits for the scan", trigger: ".o_mail_sync_filing:contains(It is being fetched)" },
];

registry.category("web_tour.tours").add("mail_sync_trace_skipped", {
    url: "/odoo/where-is-my-letter",
    steps: () => [
        ...find("OFFER hall"),
        { content: "The only hit is open", trigger: ".o_mail_sync_hit.active:contains(Offer for the hall):contains(Skipped)" },
        { trigger: ".o_mail_sync_trail:contains(Arrived in the directory INBOX)" },
        { trigger: ".o_mail_sync_trail:contains('nobody@else.example: no customer, contact or lead')" },
        { trigger: ".o_mail_sync_details .alert:contains(You can file it all the same)" },
        { content: "Assign it at once", trigger: ".o_mail_sync_target:first input", run: "edit Lindqvist AB" },
        { trigger: ".o-autocomplete--dropdown-item:contains(Lindqvist AB):first a", run: "click" },
        { trigger: ".o_mail_sync_target .o_tag:contains(Lindqvist AB)" },
        ...fileIt,
    ],
});

registry.category("web_tour.tours").add("mail_sync_trace_server", {
    url: "/odoo/where-is-my-letter",
    steps: () => [
        ...find("roses"),
        { trigger: ".alert:contains(Nothing was found)" },
        { content: "Where was looked", trigger: ".o_mail_sync_place:contains(INBOX)" },
        { trigger: ".o_mail_sync_place summary:contains(2 directories are not scanned)", run: "click" },
        { content: "Pick one", trigger: ".o_mail_sync_pick:contains(Sent)", run: "click" },
        { trigger: ".o_notification:contains(Sent is scanned from now on)" },
        { trigger: ".o_mail_sync_ask", run: "click" },
        { trigger: ".o_mail_sync_found:contains(Roses for Köln):contains(this directory is not scanned)", run: "click" },
        { trigger: ".o_mail_sync_details:contains(The server has it in the directory)" },
        ...fileIt,
    ],
});
