/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("crm_mail_sync_report", {
    steps: () => [
        {
            content: "the list says to whom each letter belongs",
            trigger: ".o_data_row:contains('Crane offer') .o_tag:contains('Astrid Lindqvist')",
        },
        { trigger: ".o_searchview_facet:contains('Last 3 months')" },
        {
            content: "the same letters as figures",
            trigger: ".o_switch_view.o_pivot",
            run: "click",
        },
        { trigger: ".o_pivot_view th:contains('Total')" },
        {
            content: "and as bars",
            trigger: ".o_switch_view.o_graph",
            run: "click",
        },
        { trigger: ".o_graph_view canvas" },
        { trigger: ".o_switch_view.o_pivot", run: "click" },
        {
            content: "a cell opens its letters",
            trigger: ".o_pivot_view td.o_pivot_cell_value:not(.o_empty):first",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row:contains('Crane offer') td[name='subject']", run: "click" },
        { trigger: ".o_crm_mail_letter_form h1:contains('Crane offer')" },
    ],
});

registry.category("web_tour.tours").add("crm_mail_sync_by_customer", {
    steps: () => [
        { trigger: ".o_searchview_dropdown_toggler", run: "click" },
        { trigger: ".o_group_by_menu .o_menu_item:contains('Customer')", run: "click" },
        { trigger: ".o_group_header:contains('Astrid Lindqvist (2)')", run: "click" },
        { trigger: ".o_data_row:contains('Crane offer')" },
    ],
});

registry.category("web_tour.tours").add("crm_mail_sync_not_archived", {
    steps: () => [
        { trigger: "button:contains('Not archived')", run: "click" },
        { trigger: ".o_data_row:contains('exclude rule')" },
        {
            content: "what was set aside can be tried again",
            trigger: ".o_data_row:contains('does not hand it out') button[name='action_retry']",
            run: "click",
        },
        { trigger: ".o_list_view:not(:has(.o_data_row:contains('does not hand it out')))" },
    ],
});

registry.category("web_tour.tours").add("crm_mail_sync_waiting", {
    steps: () => [
        { trigger: ".o_searchview_dropdown_toggler", run: "click" },
        { trigger: ".o_filter_menu .o_menu_item:contains('Waits for an answer')", run: "click" },
        { trigger: ".o_list_view:not(:has(.o_data_row:contains('Answered AB')))" },
        { trigger: ".o_data_row:contains('Astrid Lindqvist') td[name='complete_name']", run: "click" },
        { trigger: ".o_form_view [name='letter_pulse']:contains('Waits for an answer since')" },
    ],
});
