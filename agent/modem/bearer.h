/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * EaBearer: a network interface that carries packet data for one access point name, while it is in use. It
 * comes from EaBearers (modem/bearers.h); who uses it holds a reference, and several may.
 *
 * Dropping the last reference disconnects a bearer that was connected for us, without waiting. One that was
 * there before stays as it is.
 *
 * Signal "lost" (const GError *error): the bearer carries nothing any more. At most once, from the main loop;
 * EA_BEARER_ERROR_FAILED.
 */

#define EA_BEARER_ERROR (ea_bearer_error_quark ())
GQuark ea_bearer_error_quark (void);

/**
 * EaBearerError:
 * @EA_BEARER_ERROR_FAILED: something else; the message has the words of the system or ModemManager
 * @EA_BEARER_ERROR_NO_BEARER: there is none, and none may or can be connected
 * @EA_BEARER_ERROR_NO_SERVICE: the modem is not registered, or off
 * @EA_BEARER_ERROR_BUSY_ON_CALL: not during a voice call
 * @EA_BEARER_ERROR_NETWORK: the network refused
 */
typedef enum
{
  EA_BEARER_ERROR_FAILED,
  EA_BEARER_ERROR_NO_BEARER,
  EA_BEARER_ERROR_NO_SERVICE,
  EA_BEARER_ERROR_BUSY_ON_CALL,
  EA_BEARER_ERROR_NETWORK,
} EaBearerError;

#define EA_TYPE_BEARER (ea_bearer_get_type ())
G_DECLARE_FINAL_TYPE (EaBearer, ea_bearer, EA, BEARER, GObject)

/* Name of the network interface. */
const char *ea_bearer_get_interface (EaBearer *self);

/* The access point name that the bearer has, as far as it is known; else "". */
const char *ea_bearer_get_apn (EaBearer *self);

/* (transfer none) (element-type GInetAddress): the network's name servers for this bearer, perhaps none. */
GPtrArray *ea_bearer_get_dns_servers (EaBearer *self);

/* TRUE after "lost". */
gboolean ea_bearer_is_lost (EaBearer *self);

G_END_DECLS
