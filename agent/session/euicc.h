/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "host/config.h"
#include "host/hooks.h"
#include "host/inhibitor.h"
#include "host/store.h"
#include "modem/modem-manager.h"
#include "session/channel.h"
#include "session/history.h"
#include "session/key-ring.h"
#include "session/session.h"

G_BEGIN_DECLS

/* Its path on the bus, with its number */
#define EA_EUICC_OBJECT_FORMAT "/org/euicc/Agent1/Euicc/%u"

/*
 * EaEuicc: one eUICC and the modem in front of it; what the bus shows as org.euicc.Agent1.Euicc. It belongs
 * to a physical modem and outlives its coming and going.
 *
 * GObject properties, all readable, notified on change, named as on the bus: "eid" "iccid"
 * "previous-iccid" "intended-iccid" "switch-reason" "atr" (ay) "slot" "modem" "device" "device-id"
 * "imei" "role" "role-reason" "state" "state-reason" "capabilities" (GStrv) "cat-mode"
 * "events" (GStrv) "key-sets" (GStrv) "counters" (a{st}) "last-activity" "last-error" ((ss)).
 *
 * Signals:
 *   "profile-changed" (const char *old_iccid, const char *new_iccid, const char *reason)  after the new one was
 *                                                                                     read back
 *   "channel-opened"  (EaChannel *channel)
 *   "channel-closed"  (EaChannel *channel)
 *   "session-added"   (EaSession *session)
 *   "session-removed" (EaSession *session)  some time after it was closed
 */

/* How long the end waits for what is on its way between network and card. */
#define EA_EUICC_DRAIN_LIMIT_MS 3000

#define EA_TYPE_EUICC (ea_euicc_get_type ())
G_DECLARE_FINAL_TYPE (EaEuicc, ea_euicc, EA, EUICC, GObject)

/**
 * ea_euicc_new:
 * @number: of its object on the bus
 * @store: borrowed for the life of the process
 * @history: gets what happens to it
 * @hooks: are run after a switch of the profile
 */
EaEuicc *ea_euicc_new (const char *device_id, guint number, EaStore *store, EaKeyRing *keys,
                       EaInhibitor *inhibitor, EaHistory *history, EaHooks *hooks);

/* The modem is there: opens it, with what @config says of @path, again and again until it
 * succeeds. */
void ea_euicc_attach (EaEuicc *self, const char *path, const EaConfig *config,
                      EaModemManager *modem_manager);

/* What takes effect while a modem is there: the addresses that channels may reach. */
void ea_euicc_reload (EaEuicc *self, const EaConfig *config);

/* The modem is gone. */
void ea_euicc_detach (EaEuicc *self);

/* What ModemManager has to do with the modem may have changed. */
void ea_euicc_look_beside (EaEuicc *self, EaModemManager *modem_manager);

/* Puts back what was changed in the modem, releases it, and stays closed. */
void ea_euicc_close_async (EaEuicc *self, GAsyncReadyCallback callback, gpointer user_data);
void ea_euicc_close_finish (EaEuicc *self, GAsyncResult *result);

/**
 * ea_euicc_open_session:
 * @transport: "auto", "https" or "cat-tp"
 * @options: a{sv}: of "host" s, "port" q, "cat-tp-port" q, "uri" s, "interface" s, "timeout" u (seconds), which take the
 *   place of what the configuration says
 *
 * Returns: (transfer none) (nullable): a session that "session-added" has told of, and that begins when its turn comes
 *
 * Errors: EA_SESSION_ERROR.
 */
EaSession *ea_euicc_open_session (EaEuicc *self, const char *transport, GVariant *options,
                                  GError **error);

/**
 * ea_euicc_rescan:
 *
 * Has the modem probed anew and the card read again, as the bus's method of that name tells. What is under way is not
 * broken off.
 *
 * Errors: EA_MODEM_ERROR_CARD_ABSENT: no modem is there; EA_MODEM_ERROR_BUSY.
 */
gboolean ea_euicc_rescan (EaEuicc *self, GError **error);

const char *ea_euicc_get_device_id (EaEuicc *self);
gboolean ea_euicc_is_attached (EaEuicc *self);

G_END_DECLS
