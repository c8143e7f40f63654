/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * EaModemManager: what ModemManager has to do with a modem of ours. It is never started from here, and its absence is
 * no error. One that does not answer counts as absent, and is asked again until it does.
 *
 * Signals:
 *   "changed" ()        an object came or went, or changed its ports, its messaging or its bearers
 *   "ports-changed" ()  ModemManager came, went, or is known to be absent; a port came, went, or changed
 */

#define EA_MODEM_MANAGER_NO_OBJECT "/"

#define EA_TYPE_MODEM_MANAGER (ea_modem_manager_get_type ())
G_DECLARE_FINAL_TYPE (EaModemManager, ea_modem_manager, EA, MODEM_MANAGER, GObject)

/* @connection: the bus where ModemManager is or may come */
EaModemManager *ea_modem_manager_new (GDBusConnection *connection);

/**
 * ea_modem_manager_find:
 * @path: of a device node, for instance /dev/cdc-wdm0
 * @acknowledges_sms: (out) (optional): ModemManager's messaging works on this modem, so that it
 *   acknowledges every short message that comes to the host
 *
 * Returns: (transfer full): path of ModemManager's object that has this port, or
 * %EA_MODEM_MANAGER_NO_OBJECT
 */
char *ea_modem_manager_find (EaModemManager *self, const char *path, gboolean *acknowledges_sms);

typedef enum
{
  EA_MODEM_MANAGER_UNKNOWN, /* the bus has not answered yet */
  EA_MODEM_MANAGER_ABSENT,
  EA_MODEM_MANAGER_PRESENT,
} EaModemManagerPresence;

EaModemManagerPresence ea_modem_manager_get_presence (EaModemManager *self);

typedef enum
{
  EA_MODEM_MANAGER_PORT_UNLISTED, /* or listed as one that it ignores */
  EA_MODEM_MANAGER_PORT_QMI,
  EA_MODEM_MANAGER_PORT_OTHER,
} EaModemManagerPort;

/**
 * ea_modem_manager_look_up_port:
 * @device: (out) (transfer full) (nullable): the physical device of a port that is listed, as ModemManager has it
 */
EaModemManagerPort ea_modem_manager_look_up_port (EaModemManager *self, const char *path,
                                                  char **device);

/* (transfer full) (element-type filename): paths of the QMI ports that it lists */
GPtrArray *ea_modem_manager_list_qmi_ports (EaModemManager *self);

G_END_DECLS
