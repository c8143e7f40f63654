/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "modem/bearer.h"
#include "modem/modem-manager.h"
#include "modem/modem.h"

G_BEGIN_DECLS

/*
 * EaBearers: the packet data bearers of one modem. ModemManager connects them where it has the modem. Where it
 * has not, somebody else does, and the modem's network interface is used as it is.
 */

/*
 * EaBearerRecord: the bearers of one modem that were connected for us, for the next life of the agent to delete
 * when this one could not.
 */
#define EA_TYPE_BEARER_RECORD (ea_bearer_record_get_type ())
G_DECLARE_FINAL_TYPE (EaBearerRecord, ea_bearer_record, EA, BEARER_RECORD, GObject)

/* @saved: (nullable): what an earlier life has stored; lines that are damaged are not believed */
EaBearerRecord *ea_bearer_record_new (GBytes *saved);

/* No bearer is connected that @func could not record. It is called until another is set, perhaps %NULL. */
void ea_bearer_record_set_save_func (EaBearerRecord *self, EaModemSaveFunc func,
                                     gpointer user_data);

/**
 * EaBearerUse:
 * @EA_BEARER_USE_EXISTING: a connected bearer of the access point name; none is connected
 * @EA_BEARER_USE_CONNECT: the same; where there is none, one is connected
 * @EA_BEARER_USE_ANY: a connected bearer, of the access point name if possible; where there is none, one is
 *   connected
 *
 * The order is that of the words of Bearer= in the configuration.
 */
typedef enum
{
  EA_BEARER_USE_EXISTING,
  EA_BEARER_USE_CONNECT,
  EA_BEARER_USE_ANY,
} EaBearerUse;

/**
 * EaBearersOptions:
 * @apn: what takes the place of an empty access point name; "" for the modem's own default
 * @interface: (nullable): of every bearer; then ModemManager is not asked
 * @path: of the modem's port, such as /dev/cdc-wdm0
 * @sysfs: (nullable): where the kernel shows its devices, %NULL for /sys
 * @address_timeout_ms: how long the network interface of a connected bearer may take to get an address, which
 *   ModemManager leaves to whoever configures the gateway's interfaces; 0 for 10 s
 * @record: (nullable): where bearers that are connected are recorded; %NULL: nowhere
 */
typedef struct
{
  EaBearerUse use;
  const char *apn;
  const char *interface;
  const char *path;
  const char *sysfs;
  guint address_timeout_ms;
  EaBearerRecord *record;
} EaBearersOptions;

#define EA_TYPE_BEARERS (ea_bearers_get_type ())
G_DECLARE_FINAL_TYPE (EaBearers, ea_bearers, EA, BEARERS, GObject)

/* @options: copied. Deletes what an earlier life has left as soon as ModemManager has the modem. */
EaBearers *ea_bearers_new (EaModemManager *modem_manager, const EaBearersOptions *options);

/**
 * EaBearerRequest:
 * @apn: "" for the default: the configured one, else that of the initial bearer, else any that is connected
 * @user: (nullable): login name; @password: (nullable): what goes with it
 * @wants_ipv4: @wants_ipv6: both or none: whatever the network gives
 */
typedef struct
{
  const char *apn;
  const char *user;
  const char *password;
  gboolean wants_ipv4;
  gboolean wants_ipv6;
} EaBearerRequest;

/**
 * ea_bearers_acquire_async:
 * @request: copied
 *
 * Looks for a bearer in use, then for a connected one, then connects one, as far as the options allow. Requests
 * that come while the same bearer is being connected share it. It may be lost soon after: whoever keeps it
 * looks at ea_bearer_is_lost() when "lost" is connected.
 *
 * Errors: EA_BEARER_ERROR, G_IO_ERROR_CANCELLED.
 */
void ea_bearers_acquire_async (EaBearers *self, const EaBearerRequest *request,
                               GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer user_data);

/**
 * ea_bearers_acquire_finish:
 * @cause: (out) (optional): with EA_BEARER_ERROR_NETWORK the network's cause, an SM cause of TS 24.008
 *   §10.5.6.6 or an ESM cause of TS 24.301 §9.9.4.4 where it is known; else 0
 *
 * Returns: (transfer full) (nullable)
 */
EaBearer *ea_bearers_acquire_finish (EaBearers *self, GAsyncResult *result, guint8 *cause,
                                     GError **error);

G_END_DECLS
