/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { registry } from "@web/core/registry";

const PASSWORD = "tulip-07-bulb";
const SUBMIT = "button[name=action_submit]";
const folder = (name) => `.o_mail_sync_folder:contains(${name})`;

function typePassword(password) {
    return { trigger: "[name=password] input", run: `edit ${password}` };
}

function test() {
    return { content: "Test the connection", trigger: "button[name=action_test_connection]:enabled", run: "click" };
}

function passed() {
    return { content: "The connection works", trigger: ".o_mail_sync_passed" };
}

/** With what "New mailbox" opens, in a dialog or on a page: from the password to Submit. */
function connect() {
    return [
        typePassword(PASSWORD),
        test(),
        passed(),
        { trigger: SUBMIT, run: "click" },
        { trigger: ".o_notification:contains(is connected)" },
    ];
}

registry.category("web_tour.tours").add("mail_sync_connect", {
    url: "/odoo/my-mailboxes",
    steps: () => [
        { content: "Nothing yet, and what to do", trigger: ".o_view_nocontent:contains(Connect your mailbox)" },
        { trigger: ".o_list_button_add", run: "click" },
        { trigger: "[name=address] input", run: "edit anna@tulips.example" },
        typePassword("wrong"),
        { content: "No Submit before the test", trigger: `.o_form_view:not(:has(${SUBMIT}))` },
        test(),
        { trigger: ".o_mail_sync_test .alert-danger:contains(does not accept this user name and password)" },
        { content: "No Submit after a failure", trigger: `.o_form_view:not(:has(${SUBMIT}))` },
        {
            content: "The password is stored and not shown",
            trigger: "[name=password] input[type=password]:value()[placeholder*='Stored']",
        },
        typePassword(PASSWORD),
        test(),
        passed(),
        { content: "Inbox is picked", trigger: `${folder("INBOX")} input:checked` },
        { content: "Sent is picked", trigger: `${folder("Sent")} input:checked` },
        { content: "Junk cannot be picked", trigger: `${folder("Junk")} input:disabled` },
        { content: "A mere container neither", trigger: `${folder("Kunden")} input:disabled` },
        { content: "A name in another script", trigger: `${folder("顧客")} input`, run: "click" },
        { trigger: SUBMIT },
        { content: "A changed setting", trigger: "[name=username] input", run: "edit somebody" },
        { trigger: "[name=host] input", run: "click" },
        { content: "hides Submit, unsaved already", trigger: `.o_form_view:not(:has(${SUBMIT}))` },
        { content: "and back", trigger: "[name=username] input", run: "clear" },
        { trigger: "[name=host] input", run: "click" },
        { trigger: SUBMIT, run: "click" },
        { trigger: ".o_notification:contains(is connected)" },
        { trigger: ".o_mail_sync_status[data-state=importing]" },
        { content: "Connected, there is nothing to submit", trigger: `.o_form_view:not(:has(${SUBMIT}))` },
    ],
});

registry.category("web_tour.tours").add("mail_sync_scan", {
    url: "/odoo/my-mailboxes",
    steps: () => [
        { trigger: ".o_data_row .badge[data-state=up_to_date]" },
        { trigger: ".o_data_row .o_data_cell[name=address]", run: "click" },
        { trigger: ".o_mail_sync_status[data-state=up_to_date]:contains(Last scan)" },
        { content: "The run log", trigger: ".o_field_widget[name=run_ids] .o_data_row [name=seen]:contains(3)" },
        { trigger: "button[name=action_scan_now]", run: "click" },
        { trigger: ".o_mail_sync_status[data-state=importing]" },
        { content: "Pause", trigger: "[name=scan_active] input", run: "click" },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: ".o_mail_sync_status[data-state=paused]:contains(Email scan active)" },
        { content: "No scan while paused", trigger: ".o_form_view:not(:has(button[name=action_scan_now]))" },
        { content: "Resume", trigger: "[name=scan_active] input", run: "click" },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: ".o_mail_sync_status[data-state=importing]" },
        { content: "Delete", trigger: ".o_cp_action_menus .fa-cog", run: "click" },
        { trigger: ".o-dropdown-item:contains(Delete)", run: "click" },
        {
            content: "What goes and what stays",
            trigger: ".modal:contains(Keep the archived emails) .btn-primary:contains(Delete mailbox)",
            run: "click",
        },
        { trigger: ".o_view_nocontent:contains(Connect your mailbox)" },
    ],
});

registry.category("web_tour.tours").add("mail_sync_preferences", {
    url: "/odoo/my-mailboxes",
    steps: () => [
        { trigger: ".o_user_menu button", run: "click" },
        { trigger: "[data-menu=preferences]", run: "click" },
        { trigger: ".modal .nav-link[name=mail_sync]", run: "click" },
        { trigger: ".modal button[name=action_new_mailbox]", run: "click" },
        { content: "The user's own address", trigger: ".modal [name=address] input:value(anna@tulips.example)" },
        ...connect(),
        { trigger: "body:not(:has(.modal))" },
        { trigger: ".o_user_menu button", run: "click" },
        { trigger: "[data-menu=preferences]", run: "click" },
        { trigger: ".modal .nav-link[name=mail_sync]", run: "click" },
        { trigger: ".modal .o_data_row:contains(anna@tulips.example) .badge[data-state=importing]" },
        { content: "Opens on its own page", trigger: ".modal .o_data_row .o_data_cell[name=address]", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_form_view .o_mail_sync_status[data-state=importing]" },
    ],
});

registry.category("web_tour.tours").add("mail_sync_for_another_user", {
    url: "/odoo/users",
    steps: () => [
        { trigger: ".o_data_row:contains(mailbox_boris) .o_data_cell[name=name]", run: "click" },
        { trigger: ".o_form_view .nav-link[name=mail_sync]", run: "click" },
        { trigger: ".o_form_view p:contains(No mailbox yet)" },
        { trigger: "button[name=action_new_mailbox]", run: "click" },
        { trigger: ".modal [name=address] input:value(boris@tulips.example)" },
        { content: "It is the other user's", trigger: ".modal [name=user_id] input:value(Boris)" },
        ...connect(),
        { trigger: "body:not(:has(.modal)) .o_data_row:contains(boris@tulips.example) .badge[data-state=importing]" },
    ],
});

registry.category("web_tour.tours").add("mail_sync_main", {
    url: "/odoo/my-mailboxes",
    steps: () => [
        { trigger: ".o_data_row:contains(first@tulips.example) button[name=action_open]:contains(Main)" },
        { trigger: ".o_data_row:contains(second@tulips.example) button[name=action_make_main]", run: "click" },
        { trigger: ".o_data_row:contains(second@tulips.example) button[name=action_open]:contains(Main)" },
        { content: "There is one only", trigger: ".o_data_row:contains(first@tulips.example) button[name=action_make_main]" },
    ],
});

registry.category("web_tour.tours").add("mail_sync_settings", {
    url: "/odoo/settings",
    steps: () => [
        { trigger: ".settings_tab [data-key=crm_mail_sync]", run: "click" },
        { trigger: "#mail_sync_scan_all input[type=checkbox]", run: "click" },
        { trigger: "[name=mail_sync_allowed_hosts] input", run: "edit mail.intranet" },
        { content: "Saving reloads the page", trigger: ".o_form_button_save", run: "click", expectUnloadPage: true },
        { trigger: ".settings_tab [data-key=crm_mail_sync]", run: "click" },
        { trigger: "#mail_sync_mailboxes button:contains(All mailboxes)", run: "click" },
        { trigger: ".o_list_view .o_data_row:contains(Anna):contains(anna@tulips.example)" },
    ],
});
