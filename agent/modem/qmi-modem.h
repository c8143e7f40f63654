/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "modem/modem.h"

G_BEGIN_DECLS

/* EaModem over a QMI device, through libqmi; directly or through qmi-proxy. */

#define EA_TYPE_QMI_MODEM (ea_qmi_modem_get_type ())
G_DECLARE_FINAL_TYPE (EaQmiModem, ea_qmi_modem, EA, QMI_MODEM, EaModem)

/**
 * EaQmiModemOptions:
 * @path: device node, for instance /dev/cdc-wdm0, or "qrtr://NODE"
 * @proxy: see EaQmiOpenOptions
 * @proxy_path: (nullable): the same
 * @role: wanted role
 * @slot: card slot, 1 to 5
 * @is_managed: ModemManager has the modem, and completes refreshes
 * @is_messaging_shared: somebody else (ModemManager) acknowledges short messages, so that the modem has to
 *   acknowledge those of class 2 itself
 * @terminal_profile: (nullable): what the card should know of the terminal (data of a TERMINAL PROFILE, at
 *   most 255 bytes) where the agent is the terminal; %NULL leaves the modem's own
 * @needed_profile: (nullable): bits of it without which the modem's own profile is replaced
 */
typedef struct
{
  const char *path;
  EaModemProxy proxy;
  const char *proxy_path;
  EaModemRole role;
  guint slot;
  gboolean is_managed;
  gboolean is_messaging_shared;
  GBytes *terminal_profile;
  GBytes *needed_profile;
} EaQmiModemOptions;

/* ModemManager has taken the modem, or let go of it. */
void ea_qmi_modem_set_managed (EaQmiModem *self, gboolean is_managed);

/* Somebody else began or ceased to acknowledge short messages: the route of class 2 follows. */
void ea_qmi_modem_set_messaging_shared (EaQmiModem *self, gboolean is_shared);

/* @record: (nullable): what an earlier run saved last with EaModemSaveFunc */
EaModem *ea_qmi_modem_new (const EaQmiModemOptions *options, GBytes *record);

G_END_DECLS
