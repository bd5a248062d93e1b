/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { onMounted, onWillDestroy, status, useComponent } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { router, routerBus } from "@web/core/browser/router";
import { effect } from "@web/core/utils/reactive";
import { useSetupAction } from "@web/search/action_hook";

import { placeFromUrl, placeToUrl } from "./place";

// Milliseconds without a key after which a search is one.
const TYPING = 1000;

// One app is on the screen at a time; another one that opens beside it was asked for by a menu, not by an address.
let isShown = false;

/** Where to begin: where one left the app, else what the address says, else at home. */
export function firstPlace({ state, action }) {
    if (state?.place) {
        return state.place;
    }
    const isMeant = router.current.action === (action.path || action.id) && !isShown;
    return placeFromUrl(isMeant ? router.current : {});
}

/**
 * The address follows the place, and the place the browser's buttons back and forward.
 *
 * Odoo's own way back is to build the action anew, which would lose what is listed and chosen.
 */
export function usePlaceInAddress(email) {
    const component = useComponent();
    const { props } = component;
    const path = props.action.path || props.action.id;
    let timer;
    let searched = email.place.query;
    props.updateActionState?.(placeToUrl(email.place));

    /** Of a search that is being typed, only what one stops at is a place to come back to. */
    function follow(place) {
        browser.clearTimeout(timer);
        const update = () => {
            searched = place.query;
            if (status(component) === "mounted") {
                props.updateActionState?.(placeToUrl(place));
            }
        };
        if (place.query && place.query !== searched && !place.letter) {
            timer = browser.setTimeout(update, TYPING);
        } else {
            update();
        }
    }

    async function onPopState(ev) {
        if (!isShown || !ev.state || ev.state.skipRouteChange) {
            return;
        }
        if (router.current.action === path) {
            await email.goTo(placeFromUrl(router.current));
        } else {
            routerBus.trigger("ROUTE_CHANGE");
        }
        router.skipLoad = isShown;
    }

    onMounted(() => {
        isShown = true;
        router.skipLoad = true;
        browser.addEventListener("popstate", onPopState);
        effect(({ place }) => follow({ ...place }), [email]);
    });
    onWillDestroy(() => {
        isShown = false;
        browser.clearTimeout(timer);
        router.skipLoad = false;
        browser.removeEventListener("popstate", onPopState);
    });
    useSetupAction({ getLocalState: () => ({ place: { ...email.place } }) });
}
